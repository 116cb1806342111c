//! Which character is between two cells.

use std::io::Cursor;

use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::encoding::Encoding;
use super::lines::{Lines, RawRow};
use super::text::Text;

/// What separates the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, which spreadsheets write where the comma is in numbers.
    Semicolon,
    /// The tab of “Unicode text” and of what is copied from a spreadsheet.
    Tab,
}

impl Delimiter {
    /// Every delimiter, the most usual first.
    pub const ALL: [Delimiter; 3] = [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab];

    /// Its name for the person.
    pub fn label(self) -> &'static str {
        match self {
            Delimiter::Comma => "comma",
            Delimiter::Semicolon => "semicolon",
            Delimiter::Tab => "tab",
        }
    }

    /// The character.
    pub fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
            Delimiter::Tab => b'\t',
        }
    }

    /// The delimiter that gives the most known headings, or that a line `sep=;` names. `head` is the beginning
    /// of the file in UTF-8 or in what has ASCII in it.
    pub(super) fn of(head: &[u8]) -> Delimiter {
        if let Some(named) = named(head) {
            return named;
        }
        let known = |delimiter: &Delimiter| heading(head, *delimiter).map_or(0, |heading| Columns::known_in(&heading));
        // of equals the last would be taken
        Delimiter::ALL.into_iter().rev().max_by_key(known).unwrap_or(Delimiter::Comma)
    }
}

/// The delimiter of a first line like `sep=;`.
fn named(head: &[u8]) -> Option<Delimiter> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.trim_ascii().is_empty())?;
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (start, rest) = line.split_at_checked(4)?;
    let rest = rest.strip_suffix(b"\"").unwrap_or(rest);
    let byte = match rest {
        [byte] if start.eq_ignore_ascii_case(b"sep=") => *byte,
        _ => return None,
    };
    Delimiter::ALL.into_iter().find(|delimiter| delimiter.byte() == byte)
}

fn heading(head: &[u8], delimiter: Delimiter) -> Option<csv::StringRecord> {
    let text = Text::decoded(Cursor::new(head), Encoding::Utf8 { mark: false });
    let mut lines = Lines::new(text, delimiter);
    let mut row = RawRow::default();
    while lines.next(&mut row).ok()? {
        if row.has_words() {
            return Some(row.cells_lossy());
        }
    }
    None
}
