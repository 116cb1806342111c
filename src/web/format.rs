//! Values as people read them.

use chrono::NaiveDate;

/// `12,345`; below zero with a real minus sign: `−34`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if number < 0 {
        text.push('\u{2212}');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// [`grouped`] for counts.
pub fn grouped_count(number: u64) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// `1 user`, `1,340 users`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped_count(number), if number == 1 { one } else { many })
}

/// `24 Nov 2026`.
pub fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}
