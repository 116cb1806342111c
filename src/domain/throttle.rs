//! Slowing down whoever guesses passwords (`quality.md` section 2, number 4): a few free
//! attempts, then a growing pause, never a lasting lock-out.

use chrono::{DateTime, Duration, Utc};

/// What failed sign-ins are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// All attempts at one account, from wherever.
    Account,
    /// All attempts from one address, at whatever account. A whole office may share one.
    Address,
}

/// Failed sign-ins so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many in a row.
    pub count: u32,
    /// When the last one was.
    pub last: DateTime<Utc>,
}

/// The longest pause. An attacker who keeps an account throttled delays its owner by this much.
pub const LONGEST_PAUSE: Duration = Duration::seconds(60);

/// After this much quiet, the count starts again at nothing.
pub const FORGOTTEN_AFTER: Duration = Duration::minutes(15);

/// An address, which many people may share, has one failure forgotten for each of these.
const ADDRESS_FORGETS_ONE_EVERY: Duration = Duration::seconds(5);

impl Counted {
    fn free_attempts(self) -> u32 {
        match self {
            Counted::Account => 5,
            Counted::Address => 30,
        }
    }
}

/// How long the next attempt has to wait; `None` when it may be made now.
pub fn pause(counted: Counted, failures: Option<Failures>, now: DateTime<Utc>) -> Option<Duration> {
    let failures = failures?;
    let beyond = remembered(counted, failures, now).checked_sub(counted.free_attempts())?;
    let pause = LONGEST_PAUSE.min(Duration::seconds(1 << beyond.min(10)));
    let left = failures.last + pause - now;
    (left > Duration::zero()).then_some(left)
}

/// How many failures still count.
fn remembered(counted: Counted, failures: Failures, now: DateTime<Utc>) -> u32 {
    let quiet = (now - failures.last).max(Duration::zero());
    if quiet >= FORGOTTEN_AFTER {
        return 0;
    }
    match counted {
        Counted::Account => failures.count,
        Counted::Address => {
            let forgotten = quiet.num_seconds() / ADDRESS_FORGETS_ONE_EVERY.num_seconds();
            failures.count.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX))
        }
    }
}

/// The count after one more failure. An attempt counts as failed until it has succeeded, so that
/// many at once do not all pass.
pub fn after_failure(counted: Counted, failures: Option<Failures>, now: DateTime<Utc>) -> Failures {
    let before = failures.map_or(0, |failures| remembered(counted, failures, now));
    Failures { count: before.saturating_add(1), last: now }
}
