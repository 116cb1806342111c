//! License arithmetic of the User License Report (`domain.md` section 3). Integers throughout:
//! a percentage is rounded once, for showing, and never compared.

/// How many active users an organisation's subtree may have at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserLimit(pub u32);

/// How many users of a subtree are active on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used(pub u64);

/// `User Limit - Used`; negative when over, so that sums stay right.
pub fn remaining(limit: UserLimit, used: Used) -> i64 {
    i64::from(limit.0) - i64::try_from(used.0).unwrap_or(i64::MAX)
}

/// How many users are active beyond the limit, when any are.
pub fn over_by(limit: UserLimit, used: Used) -> Option<u64> {
    used.0.checked_sub(u64::from(limit.0)).filter(|over| *over > 0)
}

/// What the column "Percentage Used" says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Percentage {
    /// Tenths of a percent: `862` is 86.2 %.
    Tenths(u64),
    /// Somebody is active where the limit is 0: no percentage can be given.
    Over,
}

/// `100 * used / limit`, one decimal, rounded half up; below 100.0 % as long as used < limit.
pub fn percentage(limit: UserLimit, used: Used) -> Percentage {
    let (limit, used) = (u128::from(limit.0), u128::from(used.0));
    if limit == 0 {
        return if used == 0 { Percentage::Tenths(0) } else { Percentage::Over };
    }
    // half up: add half a tenth (limit / 2000 of a unit) before cutting off
    let tenths = (2000 * used + limit) / (2 * limit);
    let shown = if used < limit { tenths.min(999) } else { tenths };
    Percentage::Tenths(u64::try_from(shown).unwrap_or(u64::MAX))
}

impl std::fmt::Display for Percentage {
    /// As a plain number with one decimal (`86.2`), or `over`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Percentage::Tenths(tenths) => write!(f, "{}.{}", tenths / 10, tenths % 10),
            Percentage::Over => f.write_str("over"),
        }
    }
}
