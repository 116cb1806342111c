//! The license year and fair use of licenses within it (`domain.md` section 4). Reported and warned about; it
//! never blocks anyone.

use chrono::{Days, Months, NaiveDate};

use crate::domain::license::UserLimit;

/// A year of a license agreement, from its first day to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LicenseYear {
    starts_on: NaiveDate,
    ends_on: NaiveDate,
}

impl LicenseYear {
    /// Lasts until the day before the same date of the next year. Where there is no such date, the next year
    /// begins on the last day of the month: one that begins on 29 February ends on 27 February, and those
    /// after it begin on 28 February.
    pub fn beginning(starts_on: NaiveDate) -> LicenseYear {
        let ends_on =
            starts_on.checked_add_months(Months::new(12)).and_then(|next| next.checked_sub_days(Days::new(1)));
        LicenseYear { starts_on, ends_on: ends_on.unwrap_or(NaiveDate::MAX) }
    }

    /// The first day.
    pub fn starts_on(&self) -> NaiveDate {
        self.starts_on
    }

    /// The last day.
    pub fn ends_on(&self) -> NaiveDate {
        self.ends_on
    }

    /// Whether a day is in it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && day <= self.ends_on
    }

    /// The year that begins on the day after.
    pub fn next(&self) -> LicenseYear {
        LicenseYear::beginning(self.ends_on.succ_opt().unwrap_or(self.ends_on))
    }

    /// How many days it has: 365 or 366.
    pub fn days(&self) -> u32 {
        days_between(self.starts_on, self.ends_on)
    }

    /// How many days there are from a day of the year to its end, both included.
    pub fn days_from(&self, day: NaiveDate) -> Option<u32> {
        self.contains(day).then(|| days_between(day, self.ends_on))
    }
}

fn days_between(first: NaiveDate, last: NaiveDate) -> u32 {
    u32::try_from((last - first).num_days() + 1).unwrap_or(0)
}

/// How many distinct people the highest limit of the year allows to have held a license in it.
pub fn capacity(highest_limit: UserLimit, reuses_per_license: u32) -> u64 {
    u64::from(highest_limit.0) + reuses(highest_limit, reuses_per_license)
}

/// How many re-uses the highest limit of the year allows.
pub fn reuses(highest_limit: UserLimit, reuses_per_license: u32) -> u64 {
    u64::from(highest_limit.0) * u64::from(reuses_per_license)
}

/// How many re-uses that many license holders make: the first use of each license is none.
pub fn reuses_used(holders: u64, highest_limit: UserLimit) -> u64 {
    holders.saturating_sub(u64::from(highest_limit.0))
}
