//! When a root has to be looked at although nothing is written to it, and until when what was found before held on.
//! Whatever is written is in the log, and is looked at because of that.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::load::Root;
use crate::domain::forecast::DAYS_AHEAD;
use crate::domain::overage::{Account, Terms, next_deadline};

/// The least that times differ by.
const MOMENT: TimeDelta = TimeDelta::microseconds(1);

/// Something falls due, or a day begins for which something is scheduled or agreed on, or on which a day comes into
/// view that may exceed the limit. Nothing else makes a difference between one day and the next.
pub(super) fn due_at(root: &Root, account: &Account, terms: &Terms, now: DateTime<Utc>) -> DateTime<Utc> {
    let (row, today) = (&root.row, root.calendar.day_of(now));
    let ahead = Days::new(DAYS_AHEAD);
    let comes_into_view = |day: NaiveDate| day.checked_sub_days(ahead);
    let usage = root.scheduled.iter().filter(|(_, delta)| *delta != 0).map(|(day, _)| *day).min();
    let agreed = [row.next_holders_on, row.ends_on.and_then(|day| day.succ_opt()), row.next_year_on];
    let less_is_allowed = terms.permitted.iter().filter_map(|one| one.until.succ_opt()).chain(row.next_year_on);
    let in_view = less_is_allowed.chain(row.scheduled_beyond).filter_map(comes_into_view);
    let days = agreed.into_iter().chain([usage, today.checked_add_days(ahead)]).flatten().chain(in_view);
    let begins =
        days.filter(|day| *day > today).min().map_or(DateTime::<Utc>::MAX_UTC, |day| root.calendar.start_of(day));
    let due = next_deadline(account, terms, &root.calendar).map_or(begins, |deadline| deadline.min(begins));
    due.max(now + MOMENT)
}

/// Until right before the first moment that was due or at which something was written. What is agreed on now must not
/// be applied to days before that, on which it may have been something else.
pub(super) fn held_until(root: &Root, checked_until: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let written = root.changes.iter().map(|change| change.at).chain(root.limits.iter().map(|(at, _)| *at));
    let first = written.chain(root.row.due_at).min();
    first.map_or(checked_until, |at| checked_until.max(at.min(now) - MOMENT))
}
