//! Which bytes stand for which characters: found out, and said to the person.
//!
//! A byte-order mark or the NULs of UTF-16 decide; else bytes that are valid UTF-8 are UTF-8, since text in
//! another encoding hardly ever is by chance; else `chardetng`, the detector of Firefox, guesses. Names in a
//! Western language have few special letters, too few for a guess, so a text that reads as Western
//! in Windows-1252 (what Excel writes there) is taken for that. What Excel calls “CSV (Macintosh)” is known
//! by its line ends, CR alone.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::line_count::LineCount;
use super::refusal::FileRefusal;

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8 {
        /// The file begins with the mark.
        mark: bool,
    },
    /// UTF-16, which Excel calls Unicode text.
    Utf16 {
        /// The more significant byte comes first.
        big_endian: bool,
        /// The file begins with a byte-order mark.
        mark: bool,
    },
    /// One of the encodings before Unicode, most often Windows-1252.
    #[serde(with = "by_name")]
    Other(&'static encoding_rs::Encoding),
}

/// An encoding by the name that standards give it.
mod by_name {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(encoding: &&'static encoding_rs::Encoding, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(encoding.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static encoding_rs::Encoding, D::Error> {
        let name = String::deserialize(from)?;
        encoding_rs::Encoding::for_label(name.as_bytes()).ok_or_else(|| serde::de::Error::custom("an unknown encoding"))
    }
}

impl Encoding {
    /// Its name for the person.
    pub fn label(self) -> String {
        let (name, mark) = match self {
            Encoding::Utf8 { mark } => ("UTF-8", mark),
            Encoding::Utf16 { big_endian: false, mark } => ("UTF-16, little-endian,", mark),
            Encoding::Utf16 { big_endian: true, mark } => ("UTF-16, big-endian,", mark),
            Encoding::Other(encoding) if encoding == WINDOWS_1252 => ("Windows-1252 (Western European)", false),
            Encoding::Other(encoding) if encoding == MACINTOSH => ("Mac OS Roman", false),
            Encoding::Other(encoding) => return capital(encoding.name()),
        };
        let label = if mark { format!("{name} with byte-order mark") } else { name.to_owned() };
        label.trim_end_matches(',').to_owned()
    }

    pub(super) fn decoder(self) -> Decoder {
        match self {
            Encoding::Utf8 { .. } => UTF_8.new_decoder_with_bom_removal(),
            Encoding::Utf16 { big_endian: false, .. } => UTF_16LE.new_decoder_with_bom_removal(),
            Encoding::Utf16 { big_endian: true, .. } => UTF_16BE.new_decoder_with_bom_removal(),
            Encoding::Other(encoding) => encoding.new_decoder_without_bom_handling(),
        }
    }
}

/// `windows-1250` as people write it.
fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// What the beginning of a file says for certain.
pub(super) fn marked(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xef, 0xbb, 0xbf, ..] => return Some(Encoding::Utf8 { mark: true }),
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16 { big_endian: false, mark: true }),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16 { big_endian: true, mark: true }),
        _ => {}
    }
    // a heading in UTF-16 is ASCII with a NUL before or after each letter
    let (pairs, _) = head[..head.len().min(1024)].as_chunks::<2>();
    let nul = |side: usize| pairs.iter().filter(|pair| pair[side] == 0).count();
    let many = pairs.len().div_ceil(2);
    match (nul(0), nul(1)) {
        (0, low) if low >= many && low > 0 => Some(Encoding::Utf16 { big_endian: false, mark: false }),
        (high, 0) if high >= many && high > 0 => Some(Encoding::Utf16 { big_endian: true, mark: false }),
        _ => None,
    }
}

/// Watches bytes that have ASCII in them, and says in the end what the rest is.
pub(super) struct EncodingCheck {
    mark: bool,
    /// The beginning of a character whose rest is in the next piece.
    pending: Vec<u8>,
    characters: u64,
    invalid: u64,
    first_invalid: Option<u64>,
    detector: EncodingDetector,
    sampled: usize,
    western: Western,
    has_lf: bool,
    has_cr: bool,
}

/// How many bytes with special letters in them the detector gets to see.
const SAMPLE: usize = 2 * 1024 * 1024;

impl EncodingCheck {
    pub fn new(mark: bool) -> EncodingCheck {
        EncodingCheck {
            mark,
            pending: Vec::new(),
            characters: 0,
            invalid: 0,
            first_invalid: None,
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            sampled: 0,
            western: Western::default(),
            has_lf: false,
            has_cr: false,
        }
    }

    /// The next piece, which begins where `count` is.
    pub fn look(&mut self, piece: &[u8], count: LineCount) {
        if !self.has_lf {
            self.has_lf = piece.contains(&b'\n');
            self.has_cr |= piece.contains(&b'\r');
        }
        if piece.is_ascii() && self.pending.is_empty() {
            return;
        }
        if self.sampled < SAMPLE {
            self.sampled += piece.len();
            self.detector.feed(piece, false);
            self.western.look(piece, count);
        }
        let ends = piece.is_empty();
        let joined = [std::mem::take(&mut self.pending).as_slice(), piece].concat();
        let mut rest = joined.as_slice();
        while let Err(error) = std::str::from_utf8(rest) {
            let (valid, other) = rest.split_at(error.valid_up_to());
            self.characters += special(valid);
            let Some(length) = error.error_len().or(ends.then_some(other.len())) else {
                self.pending = other.to_vec();
                return;
            };
            self.invalid += 1;
            if self.first_invalid.is_none() {
                self.first_invalid = Some(count.line_after(&joined[..joined.len() - other.len()]));
            }
            rest = &other[length..];
        }
        self.characters += special(rest);
    }

    /// What the bytes were.
    pub fn decide(self) -> Result<Encoding, FileRefusal> {
        let Some(line) = self.first_invalid else { return Ok(Encoding::Utf8 { mark: self.mark }) };
        let guess = self.detector.guess(None, Utf8Detection::Deny);
        // two files in different encodings that were joined, or one that was cut in a character
        if self.mark || (guess.is_single_byte() && self.characters >= self.invalid) {
            return Err(unfit("UTF-8", line));
        }
        if self.has_cr && !self.has_lf && self.western.low * 2 > self.western.special {
            return Ok(Encoding::Other(MACINTOSH));
        }
        let encoding = if self.western.outweighs(guess) { WINDOWS_1252 } else { guess };
        match self.western.undefined {
            Some(line) if encoding == WINDOWS_1252 => Err(unfit("Windows-1252", line)),
            _ => Ok(Encoding::Other(encoding)),
        }
    }
}

/// Characters beyond ASCII.
fn special(valid: &[u8]) -> u64 {
    valid.iter().filter(|byte| **byte >= 0xc0).count() as u64
}

/// How far a text looks like a Western one in Windows-1252.
#[derive(Default)]
struct Western {
    special: u64,
    /// Special bytes with ASCII on both sides, as in Western words.
    alone: u64,
    /// Special bytes that are no letters or marks of a Western language.
    foreign: u64,
    /// Special bytes where Mac OS has its letters, and Windows-1252 marks.
    low: u64,
    /// The line of the first byte that stands for nothing.
    undefined: Option<u64>,
}

impl Western {
    fn look(&mut self, piece: &[u8], count: LineCount) {
        for (at, byte) in piece.iter().enumerate().filter(|(_, byte)| !byte.is_ascii()) {
            let near = |at: Option<usize>| at.and_then(|at| piece.get(at)).is_none_or(u8::is_ascii);
            self.special += 1;
            self.low += u64::from(*byte < 0xa0);
            self.alone += u64::from(near(at.checked_sub(1)) && near(Some(at + 1)));
            match byte {
                0x81 | 0x8d | 0x8f | 0x90 | 0x9d => {
                    self.foreign += 1;
                    self.undefined = self.undefined.or_else(|| Some(count.line_after(&piece[..at])));
                }
                // Š Œ Ž š œ ž Ÿ, quotes and dashes, space, § ª « ­ ° º ´ · », letters without × and ÷
                0x8a | 0x8c | 0x8e | 0x9a | 0x9c | 0x9e | 0x9f | 0x80 | 0x85 | 0x91..=0x97 => {}
                0xa0 | 0xa7 | 0xaa | 0xab | 0xad | 0xb0 | 0xb4 | 0xb7 | 0xba | 0xbb => {}
                0xd7 | 0xf7 => self.foreign += 1,
                0xc0..=0xff => {}
                _ => self.foreign += 1,
            }
        }
    }

    fn outweighs(&self, guess: &'static encoding_rs::Encoding) -> bool {
        const FEW: u64 = 16;
        let western = self.foreign == 0 && self.alone * 10 >= self.special * 8;
        let latin = ["windows-1250", "windows-1254", "windows-1257", "windows-1258", "ISO-8859-2", "ISO-8859-4"];
        western && (self.special < FEW || !latin.contains(&guess.name()))
    }
}

/// Bytes that fit no encoding, or not the one of the others.
pub(super) fn unfit(encoding: &str, line: u64) -> FileRefusal {
    FileRefusal::new(
        format!("The text is {encoding}, except on this line, where there are bytes that stand for no character."),
        "Open the file in your spreadsheet, correct the line, and save it as “CSV UTF-8”.",
    )
    .on(line)
}

/// NULs.
pub(super) fn not_text(line: u64) -> FileRefusal {
    FileRefusal::new(
        "The file is not a text file: it has NUL bytes in it.",
        "Save it as “CSV UTF-8” or as an Excel workbook (.xlsx), and upload that.",
    )
    .on(line)
}
