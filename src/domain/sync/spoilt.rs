//! What a spreadsheet has done to a value on its way, as far as the value before tells.

/// A spreadsheet took a username for a number.
pub(super) fn lost_zeros(was: &str, becomes: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    was != becomes
        && was.starts_with('0')
        && digits(was)
        && digits(becomes)
        && was.trim_start_matches('0') == becomes.trim_start_matches('0')
}

/// A letter that a code page does not have becomes a question mark.
pub(super) fn lost_letters(was: &str, becomes: &str) -> bool {
    let marks = |text: &str| text.matches('?').count();
    marks(becomes) > marks(was)
}
