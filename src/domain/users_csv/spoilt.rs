//! Values that a spreadsheet has spoilt: what they were cannot be told any more.

/// What is wrong with a text that a spreadsheet made, as the end of a sentence.
pub(super) fn by_spreadsheet(text: &str) -> Option<&'static str> {
    if is_error(text) {
        Some("is an error of the spreadsheet, not a value; correct the cell and export again")
    } else if is_shortened(text) {
        Some("is a long number that a spreadsheet has shortened; format the column as text, enter it again and export")
    } else {
        None
    }
}

/// `#REF!`, `#NAME?`, `#N/A` and the like, in any language; `####`, which a narrow column shows; `Err:502`.
fn is_error(text: &str) -> bool {
    if let Some(number) = text.strip_prefix("Err:") {
        return number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    }
    let Some(name) = text.strip_prefix('#') else { return false };
    let shouted = !name.is_empty()
        && name.chars().all(|char| char.is_uppercase() || matches!(char, '0'..='9' | '/' | '_' | '!' | '?'));
    let marked = name.ends_with(['!', '?']) && name.len() > 2;
    shouted && (marked || matches!(name, "N/A" | "N/D" | "NV" | "GETTING_DATA" | "BUSY!"))
        || name.len() >= 2 && name.bytes().all(|byte| byte == b'#')
}

/// `1.2E+11`, `1,2E+11`
fn is_shortened(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let number = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    // with its sign: somebody may be called 1e5
    number && exponent.strip_prefix(['+', '-']).is_some_and(digits)
}
