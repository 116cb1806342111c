//! What the forecast means for the limit, in words.

use chrono::NaiveDate;

use super::queries_history::History;
use crate::web::format::counted;

/// A count among signed numbers.
pub fn amount(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// "On 12 Jan 2027, 14 more people will be active than the limit allows." None without a limit.
pub fn limit_outlook(history: &History, day: impl Fn(NaiveDate) -> String) -> Option<String> {
    let allowed = history.allowed_on(history.today)?;
    let used = amount(history.used.0);
    if let Some(crossing) = history.crossing() {
        let more = counted(crossing.used.0.saturating_sub(crossing.allowed), "more person", "more people");
        return Some(format!("On {}, {more} will be active than the limit allows.", day(crossing.on)));
    }
    if used <= allowed {
        let until = day(history.last);
        return Some(format!("From what is scheduled today, the limit is not exceeded on any day up to {until}."));
    }
    let within = history
        .coming
        .iter()
        .map(|(day, _)| *day)
        .find(|day| history.allowed_on(*day).is_some_and(|allowed| amount(history.used_on(*day).0) <= allowed));
    let more = counted((used - allowed).unsigned_abs(), "more person is", "more people are");
    Some(match within {
        Some(on) => format!(
            "{more} active today than the limit allows. From what is scheduled, it is kept again on {}.",
            day(on)
        ),
        None => format!(
            "{more} active today than the limit allows, and from what is scheduled, that stays so up to {}.",
            day(history.last)
        ),
    })
}
