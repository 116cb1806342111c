//! Text cells that no spreadsheet takes for a formula (`quality.md` section 2, number 8).

use std::borrow::Cow;

/// Begins a formula, or would be eaten by a spreadsheet together with what follows.
fn is_trigger(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0')
}

/// Would the text, written as it is, run as a formula or be mistaken for an escaped one?
fn needs_escape(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('\'') => chars.next().is_some_and(|second| second == '\'' || is_trigger(second)),
        Some(first) => is_trigger(first),
        None => false,
    }
}

/// The text as it is written into a CSV file: with one `'` before it where needed.
pub fn escape(text: &str) -> Cow<'_, str> {
    if needs_escape(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that a cell of a CSV file stands for: exactly one such `'` taken off.
pub fn unescape(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_escape(rest) => rest,
        _ => cell,
    }
}
