//! Counts lines as an editor does: LF, CRLF and CR each end one.

/// Line breaks in text that passes by in pieces.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineCount {
    breaks: u64,
    after_cr: bool,
}

impl LineCount {
    /// The line on which the next byte is; the first is 1.
    pub fn line(self) -> u64 {
        self.breaks + 1
    }

    /// How many lines have ended.
    pub fn breaks(self) -> u64 {
        self.breaks
    }

    /// Goes past these bytes.
    pub fn pass(&mut self, bytes: &[u8]) {
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return };
        let mut breaks = memchr::memchr_iter(b'\n', bytes).count();
        // CRLF is one break: its LF counts, so its CR does not
        breaks += memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
        breaks -= usize::from(self.after_cr && *first == b'\n');
        self.breaks += breaks as u64;
        self.after_cr = *last == b'\r';
    }

    /// Goes past bytes without line breaks.
    pub fn pass_plain(&mut self, length: usize) {
        self.after_cr &= length == 0;
    }

    /// The line after these bytes, without going there.
    pub fn line_after(mut self, bytes: &[u8]) -> u64 {
        self.pass(bytes);
        self.line()
    }
}
