//! Values as people read them.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

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

/// `31,200.00`; below zero with a real minus sign.
pub fn amount(amount: Decimal) -> String {
    let cents = format!("{:.2}", amount.abs());
    let (whole, cents) = cents.split_once('.').unwrap_or((&cents, "00"));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let sign = if amount.is_sign_negative() && !amount.is_zero() { "\u{2212}" } else { "" };
    format!("{sign}{whole}.{cents}")
}

/// `GBP 31,200.00`.
pub fn money(sum: Decimal, currency: &str) -> String {
    format!("{currency} {}", amount(sum))
}

/// `24 Nov 2026`.
pub fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `24 Nov 2026, 14:05 GMT`.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y, %H:%M %Z").to_string()
}

/// `24 Nov 2026, 14:05:09`, where the zone is said elsewhere.
pub fn second(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y, %H:%M:%S").to_string()
}

/// `87.50` as `87.5`, `90.00` as `90`.
pub fn score(score: &str) -> &str {
    if score.contains('.') { score.trim_end_matches('0').trim_end_matches('.') } else { score }
}

/// How long ago: `just now`, `5 min ago`, `2 hours ago`, `yesterday`, `61 days ago`; a date from
/// three months on.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let day_of = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let minutes = (now - at).num_minutes();
    match (day_of(now) - day_of(at)).num_days() {
        ..=0 if minutes < 1 => "just now".to_owned(),
        _ if minutes < 60 => format!("{minutes} min ago"),
        ..=0 if minutes < 120 => "1 hour ago".to_owned(),
        ..=0 => format!("{} hours ago", minutes / 60),
        1 => "yesterday".to_owned(),
        days @ 2..=90 => format!("{days} days ago"),
        _ => day(day_of(at)),
    }
}
