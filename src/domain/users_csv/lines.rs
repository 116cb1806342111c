//! Bytes into rows of cells, as RFC 4180 says.
//!
//! Not the csv crate, which is lenient about quotes: a quote that is missing can swallow the people
//! on the lines up to the next quote without a word, and who is missing from a file is deleted by a
//! synchronization. Here a quote that never closes refuses the file and names the line where it
//! opened, and text after a closing quote refuses the row. The crate does not count the lines of CR
//! files, and reads a cell to its end however long it is. What it writes is read alike (tested).

use std::io::Read;

use csv::{ByteRecord, StringRecord};

use super::delimiter::Delimiter;
use super::limits::{MAX_CELL_BREAKS, MAX_CELL_BYTES, MAX_ROW_BYTES, MAX_ROW_CELLS};
use super::line_count::LineCount;
use super::refusal::FileRefusal;
use super::text::Text;

/// A row of the table, before anything is made of it. Kept and filled again for speed.
#[derive(Debug, Default)]
pub(super) struct RawRow {
    /// The line on which it begins.
    pub line: u64,
    /// There is text after a closing quote.
    pub broken: bool,
    /// The file ends in it, without a line end.
    pub unended: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl RawRow {
    pub fn begin(&mut self, line: u64) {
        self.line = line;
        self.broken = false;
        self.unended = false;
        self.bytes.clear();
        self.ends.clear();
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn end_cell(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// How many cells have ended.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn cell(&self, position: usize) -> Option<&[u8]> {
        let end = *self.ends.get(position)?;
        Some(&self.bytes[position.checked_sub(1).map_or(0, |before| self.ends[before])..end])
    }

    /// Nothing but spaces.
    pub fn is_blank(&self) -> bool {
        // most rows are not, and say so with their first letter
        self.bytes.first().is_none_or(|byte| !byte.is_ascii_graphic())
            && std::str::from_utf8(&self.bytes).is_ok_and(|text| text.trim().is_empty())
    }

    /// Something besides delimiters, whichever they are.
    pub fn has_words(&self) -> bool {
        self.bytes.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
    }

    /// The line `sep=;` that tells Excel the delimiter.
    pub fn is_sep(&self) -> bool {
        let rest_is_empty = self.ends.first() == self.ends.last();
        rest_is_empty
            && self.bytes.len() <= 5
            && self.bytes.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep="))
    }

    /// The cells as text; `None` when they are not UTF-8.
    pub fn cells(&self) -> Option<StringRecord> {
        let mut record = ByteRecord::with_capacity(self.bytes.len(), self.ends.len());
        let mut start = 0;
        for end in &self.ends {
            record.push_field(&self.bytes[start..*end]);
            start = *end;
        }
        StringRecord::from_byte_record(record).ok()
    }

    /// The cells as text, whatever they are.
    pub fn cells_lossy(&self) -> StringRecord {
        (0..self.len()).map(|at| String::from_utf8_lossy(self.cell(at).unwrap_or_default()).into_owned()).collect()
    }

    fn cell_length(&self) -> usize {
        self.bytes.len() - self.ends.last().copied().unwrap_or(0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a row.
    RowStart,
    /// Before the first byte of another cell.
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: its end, or half of a doubled one.
    Quote,
    /// Between the closing quote and the end of the cell.
    Closed,
}

/// The rows of a file.
pub(super) struct Lines<R> {
    text: Text<R>,
    delimiter: u8,
    piece: Vec<u8>,
    at: usize,
    count: LineCount,
    /// Where the current quoted cell began.
    opened: LineCount,
    state: State,
}

impl<R: Read> Lines<R> {
    pub fn new(text: Text<R>, delimiter: Delimiter) -> Lines<R> {
        let count = LineCount::default();
        Lines {
            text,
            delimiter: delimiter.byte(),
            piece: Vec::new(),
            at: 0,
            count,
            opened: count,
            state: State::RowStart,
        }
    }

    /// What is behind it, after the last row.
    pub fn into_text(self) -> Text<R> {
        self.text
    }

    /// The next row that is not an empty line; `false` at the end.
    pub fn next(&mut self, row: &mut RawRow) -> Result<bool, FileRefusal> {
        row.begin(self.count.line());
        self.state = State::RowStart;
        loop {
            if self.at == self.piece.len() {
                let piece = self.text.piece()?;
                self.piece.clear();
                self.piece.extend_from_slice(piece);
                self.at = 0;
                if self.piece.is_empty() {
                    return self.end(row);
                }
            }
            if self.step(row)? {
                return Ok(true);
            }
        }
    }

    fn end(&self, row: &mut RawRow) -> Result<bool, FileRefusal> {
        match self.state {
            State::RowStart => Ok(false),
            State::Quoted => Err(unclosed(self.opened)),
            State::CellStart | State::Plain | State::Quote | State::Closed => {
                row.end_cell();
                row.unended = true;
                Ok(true)
            }
        }
    }

    /// Reads on within the piece; `true` when the row has ended.
    fn step(&mut self, row: &mut RawRow) -> Result<bool, FileRefusal> {
        let rest = &self.piece[self.at..];
        let byte = rest[0];
        let is_end = byte == b'\r' || byte == b'\n';
        match self.state {
            State::RowStart if is_end => {
                self.pass(1);
                row.line = self.count.line();
            }
            State::RowStart | State::CellStart if byte == b'"' => {
                self.opened = self.count;
                self.pass(1);
                self.state = State::Quoted;
            }
            State::RowStart | State::CellStart => self.state = State::Plain,
            State::Quoted => {
                let length = memchr::memchr(b'"', rest).unwrap_or(rest.len());
                row.push(&rest[..length]);
                let closes = length < rest.len();
                self.pass(length + usize::from(closes));
                if closes {
                    self.state = State::Quote;
                }
                self.check_quoted(row)?;
            }
            State::Quote if byte == b'"' => {
                row.push(b"\"");
                self.pass(1);
                self.state = State::Quoted;
            }
            State::Quote | State::Closed if byte == b' ' => {
                self.pass(1);
                self.state = State::Closed;
            }
            State::Quote | State::Closed => {
                row.broken |= !is_end && byte != self.delimiter;
                self.state = State::Plain;
            }
            State::Plain => return self.plain(row),
        }
        Ok(false)
    }

    /// Reads cells without quotes, as many as follow each other.
    fn plain(&mut self, row: &mut RawRow) -> Result<bool, FileRefusal> {
        loop {
            let rest = &self.piece[self.at..];
            let found = memchr::memchr3(self.delimiter, b'\r', b'\n', rest);
            let length = found.unwrap_or(rest.len());
            row.push(&rest[..length]);
            let Some(end) = found.map(|at| rest[at]) else {
                self.count.pass_plain(length);
                self.at += length;
                self.check_size(row)?;
                return Ok(false);
            };
            self.count.pass_plain(length);
            self.at += length;
            self.pass(1);
            self.check_size(row)?;
            row.end_cell();
            if end != self.delimiter {
                return Ok(true);
            }
            match self.piece.get(self.at) {
                Some(next) if *next != b'"' => {}
                _ => {
                    self.state = State::CellStart;
                    return Ok(false);
                }
            }
        }
    }

    fn pass(&mut self, length: usize) {
        self.count.pass(&self.piece[self.at..self.at + length]);
        self.at += length;
    }

    fn check_quoted(&self, row: &RawRow) -> Result<(), FileRefusal> {
        let breaks = self.count.breaks() - self.opened.breaks();
        if breaks > MAX_CELL_BREAKS || row.cell_length() > MAX_CELL_BYTES {
            return Err(unclosed(self.opened));
        }
        self.check_size(row)
    }

    fn check_size(&self, row: &RawRow) -> Result<(), FileRefusal> {
        let reason = if row.cell_length() > MAX_CELL_BYTES {
            "A value on this line is far too long."
        } else if row.bytes.len() > MAX_ROW_BYTES || row.ends.len() >= MAX_ROW_CELLS {
            "This line is far too long."
        } else {
            return Ok(());
        };
        let advice = "Check that it is a file of users, and that a row is a line.";
        Err(FileRefusal::new(reason, advice).on(row.line))
    }
}

fn unclosed(opened: LineCount) -> FileRefusal {
    FileRefusal::new(
        "A quote opens on this line and is not closed, so that the lines after it would be read as one value.",
        "Close the quote or remove it; a quote inside a value is written twice (\"\").",
    )
    .on(opened.line())
}
