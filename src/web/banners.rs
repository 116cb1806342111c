//! What stands above every page of those who may see notices: the open overages of their organisations.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::domain::calendar::Calendar;
use crate::domain::overage::Standing;
use crate::ids::OrganisationId;
use crate::web::format::grouped_count;
use crate::web::standing;
use crate::web::viewer::Viewer;

/// The open overages that somebody may see: how many, and the most urgent of them.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OpenOverages {
    count: usize,
    shown: Vec<OpenOverage>,
    holidays: BTreeSet<NaiveDate>,
}

/// One of them, with the figures of this moment.
#[derive(Debug, Clone, Deserialize)]
struct OpenOverage {
    id: OrganisationId,
    name: String,
    time_zone: String,
    stage: String,
    notice_on: NaiveDate,
    major_due_at: Option<DateTime<Utc>>,
    used: i64,
    /// None: the limit was taken away since.
    allowed: Option<i64>,
}

/// The overages above a page.
#[derive(Debug, Default)]
pub struct Banners {
    /// At most three, the most urgent first.
    pub rows: Vec<Banner>,
    /// "and 4 more".
    pub more: Option<String>,
}

/// An open overage in words.
#[derive(Debug)]
pub struct Banner {
    /// "Acme Group is over its limit by 34".
    pub heading: String,
    /// "minor overage, due until the end of 8 Dec 2026".
    pub standing: String,
    /// Where to look, and where to do something.
    pub links: Vec<(&'static str, String)>,
}

impl Banners {
    /// What a person is to see.
    pub fn of(viewer: &Viewer) -> Banners {
        let open = &viewer.overages;
        let rows = open.shown.iter().filter_map(|overage| overage.banner(viewer, &open.holidays)).collect();
        let more = open.count.saturating_sub(open.shown.len());
        Banners { rows, more: (more > 0).then(|| format!("and {} more", grouped_count(more as u64))) }
    }

    /// There is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.more.is_none()
    }
}

impl OpenOverage {
    /// None when it is over by now, which the next check of limits finds out.
    fn banner(&self, viewer: &Viewer, holidays: &BTreeSet<NaiveDate>) -> Option<Banner> {
        let over = self.used - self.allowed?;
        let zone: Tz = self.time_zone.parse().unwrap_or(Tz::UTC);
        let calendar = Calendar::new(zone, holidays.clone());
        let stage = Standing::of(&self.stage, self.notice_on, self.major_due_at, &calendar);
        let mut links = vec![("User License Report", format!("/organisations/{}/licenses", self.id))];
        if viewer.frees_licenses_of(self.id) {
            links.push(("Free up licenses", "/free-up".to_owned()));
        }
        if viewer.sees_agreement_of(self.id) {
            links.push(("Upgrade", format!("/organisations/{}/upgrade", self.id)));
        }
        (over > 0).then(|| Banner {
            heading: format!("{} is over its limit by {}", self.name, grouped_count(over.unsigned_abs())),
            standing: standing::words(stage, viewer.time_zone),
            links,
        })
    }
}
