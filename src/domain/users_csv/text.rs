//! The bytes of a file, piece by piece: as they are while the file is surveyed, and as UTF-8
//! when it is read. Lengths and NULs are watched in both.

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult};

use super::encoding::{self, Encoding, EncodingCheck};
use super::limits::MAX_BYTES;
use super::line_count::LineCount;
use super::refusal::FileRefusal;

const PIECE: usize = 64 * 1024;
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file whose pieces come out one after the other.
pub(super) struct Text<R> {
    source: R,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    count: LineCount,
    bytes: u64,
    first: bool,
    ended: bool,
    way: Way,
}

enum Way {
    /// Handed on, and looked at to find out what they are.
    Surveyed(Box<EncodingCheck>),
    /// Handed on: the encoding is UTF-8.
    Plain,
    Decoded(Box<Decoder>),
}

impl<R: Read> Text<R> {
    /// A file in UTF-16, or in an encoding that has ASCII in it and is yet to be found out.
    pub fn surveyed(source: R, marked: Option<Encoding>) -> Text<R> {
        match marked {
            Some(encoding @ Encoding::Utf16 { .. }) => Text::decoded(source, encoding),
            _ => Text::new(source, Way::Surveyed(Box::new(EncodingCheck::new(marked.is_some())))),
        }
    }

    /// A file in this encoding.
    pub fn decoded(source: R, encoding: Encoding) -> Text<R> {
        let way = match encoding {
            Encoding::Utf8 { .. } => Way::Plain,
            other => Way::Decoded(Box::new(other.decoder())),
        };
        Text::new(source, way)
    }

    fn new(source: R, way: Way) -> Text<R> {
        let raw = vec![0; PIECE];
        let count = LineCount::default();
        Text { source, raw, decoded: Vec::new(), count, bytes: 0, first: true, ended: false, way }
    }

    /// The next piece; an empty one is the end.
    pub fn piece(&mut self) -> Result<&[u8], FileRefusal> {
        while !self.ended {
            let length = self.fill()?;
            self.ended = length == 0;
            let mark = usize::from(self.first && self.raw[..length].starts_with(UTF8_MARK)) * UTF8_MARK.len();
            self.first = false;
            let raw = &self.raw[mark..length];
            let piece = match &mut self.way {
                Way::Plain => raw,
                Way::Surveyed(check) => {
                    check.look(raw, self.count);
                    raw
                }
                Way::Decoded(decoder) => {
                    decode(decoder, raw, self.ended, &mut self.decoded, self.count)?;
                    &self.decoded
                }
            };
            if let Some(at) = memchr::memchr(0, piece) {
                return Err(encoding::not_text(self.count.line_after(&piece[..at])));
            }
            self.count.pass(piece);
            if !piece.is_empty() {
                // borrowed again, because a borrow that is returned from a loop lasts too long
                return Ok(match &self.way {
                    Way::Decoded(_) => &self.decoded,
                    _ => &self.raw[mark..length],
                });
            }
        }
        Ok(&[])
    }

    /// What the bytes were, after the last piece; `None` when that was known before.
    pub fn found(self) -> Option<Result<Encoding, FileRefusal>> {
        match self.way {
            Way::Surveyed(check) => Some(check.decide()),
            _ => None,
        }
    }

    /// Fills `raw`, whatever the portions in which the source gives.
    fn fill(&mut self) -> Result<usize, FileRefusal> {
        let mut length = 0;
        while length < self.raw.len() {
            match self.source.read(&mut self.raw[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(FileRefusal::unreadable(&error)),
            }
        }
        self.bytes += length as u64;
        if self.bytes > MAX_BYTES {
            return Err(FileRefusal::new(
                format!("The file is longer than {} MiB.", MAX_BYTES / 1024 / 1024),
                "Split it into several files, each with the heading.",
            ));
        }
        Ok(length)
    }
}

fn decode(
    decoder: &mut Decoder,
    raw: &[u8],
    last: bool,
    into: &mut Vec<u8>,
    count: LineCount,
) -> Result<(), FileRefusal> {
    let room = decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(raw.len() * 4 + 16);
    into.resize(room, 0);
    let (result, _, written) = decoder.decode_to_utf8_without_replacement(raw, into, last);
    into.truncate(written);
    match result {
        DecoderResult::InputEmpty => Ok(()),
        DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
            Err(encoding::unfit(decoder.encoding().name(), count.line_after(into)))
        }
    }
}
