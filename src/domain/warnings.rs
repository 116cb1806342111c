//! Early warnings before a limit is exceeded (`domain.md` section 5): each percentage is told once, and again
//! only after usage has clearly been below it.

use crate::domain::license::{Used, UserLimit};

/// The percentages that are warned about when nothing else is set.
pub const THRESHOLDS: [u8; 4] = [80, 90, 95, 100];
/// So many percentage points below a threshold usage must have been to be warned about it again.
const FALLS_BACK_BY: u8 = 5;

/// A threshold that usage has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// Percent of the limit.
    pub percent: u8,
}

/// What to keep as warned about from now on, and whether to warn now.
///
/// `before` is what was kept the last time. `allowed` is the limit and what is permitted beyond it: above that
/// there is no early warning, because the overage is told instead, but it counts as given. Without a limit, or
/// with limit 0, there is nothing to warn about, and nothing is kept.
pub fn warned(
    before: Option<u8>,
    used: Used,
    limit: Option<UserLimit>,
    allowed: u64,
    thresholds: &[u8],
) -> (Option<u8>, Option<Warning>) {
    let Some(limit) = limit.filter(|limit| limit.0 > 0) else { return (None, None) };
    let reached = thresholds.iter().copied().filter(|percent| reaches(used, limit, *percent, 0)).max();
    if reached > before {
        let percent = reached.filter(|_| used.0 <= allowed);
        return (reached, percent.map(|percent| Warning { percent }));
    }
    let known = thresholds.iter().copied().chain(before).filter(|percent| Some(*percent) <= before);
    (known.filter(|percent| reaches(used, limit, *percent, FALLS_BACK_BY)).max(), None)
}

/// Usage is at least so many percent of the limit, or at most `points` below.
fn reaches(used: Used, limit: UserLimit, percent: u8, points: u8) -> bool {
    let limit = u128::from(limit.0);
    100 * u128::from(used.0) + limit * u128::from(points) >= limit * u128::from(percent)
}
