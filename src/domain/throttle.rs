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
    let failures = failures.filter(|failures| now - failures.last < FORGOTTEN_AFTER)?;
    let beyond = failures.count.checked_sub(counted.free_attempts())?;
    let pause = LONGEST_PAUSE.min(Duration::seconds(1 << beyond.min(10)));
    let left = failures.last + pause - now;
    (left > Duration::zero()).then_some(left)
}

/// The count after one more failure.
pub fn after_failure(failures: Option<Failures>, now: DateTime<Utc>) -> Failures {
    let before = failures.filter(|failures| now - failures.last < FORGOTTEN_AFTER).map_or(0, |failures| failures.count);
    Failures { count: before.saturating_add(1), last: now }
}
