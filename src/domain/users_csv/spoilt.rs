//! Values that a spreadsheet has spoilt: what they were cannot be told any more, or not by a program alone.

use super::refusal::clip;

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

/// What is wrong with a text whose letters are not those that it was written with, as the end of a sentence.
pub(super) fn by_encoding(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        let reason = "has lost a letter where the � is; export again, and save the file as CSV UTF-8";
        return Some(reason.to_owned());
    }
    let mut was = read_again(text)?;
    // opened and saved like this more than once
    while let Some(before) = read_again(&was) {
        was = before;
    }
    Some(format!(
        "is “{}” read in a wrong encoding. Open the export as UTF-8 (Excel: Data > From Text/CSV, file origin 65001; \
         LibreOffice: character set UTF-8) and make your changes again there",
        clip(&was)
    ))
}

/// What Windows-1252 has where Latin-1 has control characters; bytes that stand for nothing are those.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text that was written in UTF-8 and read as Windows-1252 or Latin-1: `TraorÃ©` was `Traoré`. None where the bytes
/// are no UTF-8, as those of nearly all words with a special letter: a byte of these hardly ever comes alone in UTF-8,
/// and in words hardly ever not alone.
fn read_again(text: &str) -> Option<String> {
    let byte = |char: char| match char {
        '\0'..='\u{ff}' => u8::try_from(char).ok(),
        _ => HIGH.iter().position(|high| *high == char).and_then(|at| u8::try_from(0x80 + at).ok()),
    };
    let bytes = text.chars().map(byte).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok().filter(|was| was != text)
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
