//! What usage was at each moment since the last check, from what is recorded (`domain.md` section 5: a check that
//! was missed is made up, with the dates it should have had).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::Calendar;
use super::license::Used;

/// Something changed how many users are active today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// By how many.
    pub delta: i64,
}

/// What is known since a check.
#[derive(Debug, Clone)]
pub struct Recorded<'r> {
    /// When that was.
    pub checked_until: DateTime<Utc>,
    /// Active users then.
    pub used_then: Used,
    /// The changes that it has not seen. One that was recorded earlier, by a transaction that ended later,
    /// counts as made right after it.
    pub changes: &'r [Change],
    /// The closing figures of the days after that of the check, as far as they are not like that of the day before.
    pub closings: &'r BTreeMap<NaiveDate, u64>,
    /// Active users now.
    pub used_now: Used,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The moments after the check at which usage changed, in order, with the new figure. Between two midnights it is
/// the recorded changes; at a midnight, what was scheduled for that day. The last figure is what is used now.
pub fn usage(recorded: &Recorded<'_>, calendar: &Calendar) -> Vec<(DateTime<Utc>, Used)> {
    let first = recorded.checked_until + TimeDelta::microseconds(1);
    let mut by_day: BTreeMap<NaiveDate, Vec<Change>> = BTreeMap::new();
    for change in recorded.changes {
        let at = change.at.clamp(first, recorded.now.max(first));
        by_day.entry(calendar.day_of(at)).or_default().push(Change { at, ..*change });
    }
    let (begins, today) = (calendar.day_of(recorded.checked_until), calendar.day_of(recorded.now));
    let mut figures = Vec::new();
    let mut used = figure(recorded.used_then.0);
    let mut tell = |at: DateTime<Utc>, used: i128| figures.push((at, Used(u64::try_from(used).unwrap_or(0))));
    for day in begins.iter_days().take_while(|day| *day <= today) {
        let mut changes = by_day.remove(&day).unwrap_or_default();
        changes.sort_by_key(|change| change.at);
        if day > begins {
            // a day begins with its closing figure less all that changed during it
            let closing = if day == today { Some(recorded.used_now.0) } else { recorded.closings.get(&day).copied() };
            let during: i128 = changes.iter().map(|change| i128::from(change.delta)).sum();
            used = closing.map_or(used, figure) - during;
            tell(calendar.start_of(day), used);
        }
        for change in &changes {
            used += i128::from(change.delta);
            tell(change.at, used);
        }
    }
    if used != figure(recorded.used_now.0) {
        tell(recorded.now, figure(recorded.used_now.0));
    }
    figures
}

fn figure(used: u64) -> i128 {
    i128::from(used)
}
