//! Slowing down whoever guesses passwords (`quality.md` section 2, number 4): a few free
//! attempts, then a growing pause, never a lasting lock-out.
//!
//! Who guesses at an account waits long, and who does not wait as told waits with every account.
//! Whoever comes from elsewhere is not kept waiting by that: all guesses at an account together
//! delay its owner by [`LONGEST_PAUSE_OF_ALL`] only.

use chrono::{DateTime, Duration, Utc};

/// What failed sign-ins are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Attempts at one account from one address.
    AccountFromAddress,
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

/// The longest pause of whoever has failed, and of those with the same address.
pub const LONGEST_PAUSE: Duration = Duration::seconds(60);

/// The longest pause that those bring about who guess at an account from many addresses. They delay
/// its owner by this much.
pub const LONGEST_PAUSE_OF_ALL: Duration = Duration::seconds(2);

/// After this much quiet, the count starts again at nothing.
pub const FORGOTTEN_AFTER: Duration = Duration::minutes(15);

/// What many people bring about has one failure forgotten for each of these.
const ONE_FORGOTTEN_EVERY: Duration = Duration::seconds(5);

impl Counted {
    fn free_attempts(self) -> u32 {
        match self {
            Counted::AccountFromAddress => 5,
            Counted::Account => 50,
            Counted::Address => 30,
        }
    }

    fn longest_pause(self) -> Duration {
        match self {
            Counted::AccountFromAddress | Counted::Address => LONGEST_PAUSE,
            Counted::Account => LONGEST_PAUSE_OF_ALL,
        }
    }
}

/// How long the next attempt has to wait; `None` when it may be made now.
pub fn pause(counted: Counted, failures: Option<Failures>, now: DateTime<Utc>) -> Option<Duration> {
    let failures = failures?;
    let beyond = remembered(counted, failures, now).checked_sub(counted.free_attempts())?;
    let pause = counted.longest_pause().min(Duration::seconds(1 << beyond.min(10)));
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
        Counted::AccountFromAddress => failures.count,
        Counted::Account | Counted::Address => {
            let forgotten = quiet.num_seconds() / ONE_FORGOTTEN_EVERY.num_seconds();
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

/// The count after an attempt that had to wait and was not looked at; `None` when it stays. Only
/// the address counts it, and not while it has to wait itself: however often somebody asks, that
/// pause does not become longer.
pub fn after_refusal(counted: Counted, failures: Option<Failures>, now: DateTime<Utc>) -> Option<Failures> {
    let counts = counted == Counted::Address && pause(counted, failures, now).is_none();
    counts.then(|| after_failure(counted, failures, now))
}
