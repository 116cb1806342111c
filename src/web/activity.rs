//! The words for [`Activity`]: a badge, and the reason beside it.

use crate::domain::activity::Activity;
use crate::web::format::{counted, day, grouped_count};

impl Activity {
    /// What the badge says, and its style.
    pub fn badge(&self) -> (&'static str, &'static str) {
        match self {
            // somebody who has completed everything may give the license back
            Activity::Active { live, completed, .. } if live == completed => ("Active", "warn"),
            Activity::Active { .. } => ("Active", "ok"),
            Activity::AccountExpired { .. } => ("Account expired", "off"),
            Activity::Coming { .. }
            | Activity::ExpiresBefore { .. }
            | Activity::Over { .. }
            | Activity::NeverEnrolled => ("Inactive", "off"),
        }
    }

    /// Why, in a few words.
    pub fn why(&self) -> String {
        match *self {
            Activity::Active { live: 1, completed: 1, .. } => "1 live, completed".to_owned(),
            Activity::Active { live: 2, completed: 2, .. } => "2 live, both completed".to_owned(),
            Activity::Active { live, completed, .. } if live == completed => {
                format!("{} live, all completed", count(live))
            }
            Activity::Active { live, until: Some(last), .. } => format!("{} live, until {}", count(live), day(last)),
            Activity::Active { live, until: None, .. } => format!("{} live, no end", count(live)),
            Activity::AccountExpired { since } => format!("since {}", day(since)),
            Activity::Coming { coming: 1, on } => format!("1 starts on {}", day(on)),
            Activity::Coming { coming, on } => format!("{} to come, the first on {}", count(coming), day(on)),
            Activity::ExpiresBefore { on, .. } => format!("the account expires before the start on {}", day(on)),
            Activity::Over { expired } => format!("{} expired", count(expired)),
            Activity::NeverEnrolled => "no enrolments".to_owned(),
        }
    }

    /// The same with more words, for the person's own page.
    pub fn explanation(&self) -> String {
        let Activity::Active { live, completed, until } = *self else { return self.why() };
        let done = match (live, completed) {
            (1, 1) => ", completed",
            (2, 2) => ", both completed",
            (live, completed) if live == completed => ", all completed",
            _ => "",
        };
        let end = until.map_or("no end".to_owned(), |last| format!("until {}", day(last)));
        format!("{}{done}, {end}", counted(u64::from(live), "live enrolment", "live enrolments"))
    }
}

fn count(number: u32) -> String {
    grouped_count(u64::from(number))
}
