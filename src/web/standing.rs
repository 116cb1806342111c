//! How a root stands to its limit, in words: above every page, on the list of notices, on the desk.

use chrono_tz::Tz;

use crate::domain::overage::{Left, Standing};
use crate::web::format::{self, counted};

/// "minor overage, due until the end of 8 Dec 2026"; moments in a zone.
pub fn words(standing: Standing, zone: Tz) -> String {
    match standing {
        Standing::Within => "within the limit".to_owned(),
        Standing::Minor { due_on } => format!("minor overage, due until the end of {}", format::day(due_on)),
        Standing::Overdue { major_on } => {
            format!("minor overage, overdue; major from {} on", format::day(major_on))
        }
        Standing::Major { due_at } => format!("major overage, upgrade on {}", format::moment(due_at, zone)),
        Standing::NoHigherTier => "major overage, and there is no higher tier".to_owned(),
    }
}

/// "10 business days left"; before a major overage or an upgrade, how soon that is.
pub fn left(left: Left) -> String {
    match left {
        Left::BusinessDays(0) => "no business day left after today".to_owned(),
        Left::BusinessDays(days) => format!("{} left", counted(u64::from(days), "business day", "business days")),
        Left::Hours(0) => "the time is up".to_owned(),
        Left::Hours(hours) => format!("{} left", counted(u64::from(hours), "hour", "hours")),
    }
}

/// With a capital letter.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
