//! The list of notices as it is shown.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::queries::{Filter, Listed, Page};
use super::words::{OnScreen, Reader, Told, told};
use crate::domain::calendar::Calendar;
use crate::domain::news::{News, Topic};
use crate::domain::overage::Standing;
use crate::web::form::Choice;
use crate::web::format;
use crate::web::page::{Chrome, Section};
use crate::web::pager::with_query;
use crate::web::standing;
use crate::web::viewer::Viewer;

/// What the list shows.
pub struct Shown {
    /// Narrowed down to.
    pub filter: Filter,
    /// The notices.
    pub page: Page,
    /// No business days.
    pub days_off: BTreeSet<NaiveDate>,
    /// The newest notices.
    pub is_first: bool,
}

/// GET `/notices`.
#[derive(Template)]
#[template(path = "notices/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The zone of all times.
    pub zone: String,
    /// Part of a name, as typed.
    pub search: String,
    /// What they are about.
    pub kind: Choice,
    /// Something narrows the list down.
    pub narrowed: bool,
    /// The notices.
    pub rows: Vec<Row>,
    /// The first page, when this is another.
    pub newest: Option<String>,
    /// The next page.
    pub older: Option<String>,
}

/// A notice.
pub struct Row {
    /// When.
    pub at: String,
    /// Which root.
    pub organisation: String,
    /// Its report.
    pub address: String,
    /// The overage that it belongs to, by now: "open: minor overage, due until …", "closed on 24 Nov 2026".
    pub overage: Option<String>,
    /// That overage is open.
    pub open: bool,
    /// What it says.
    pub told: Told,
}

impl ListPage {
    /// The page for somebody.
    pub fn new(viewer: &Viewer, shown: Shown) -> ListPage {
        let Shown { filter, page, days_off, is_first } = shown;
        let topic = filter.topic.map_or("", Topic::code);
        let pairs = [("q", filter.name.clone()), ("kind", topic.to_owned())];
        let narrowed_to = || pairs.iter().map(|(name, value)| (*name, value.clone()));
        let kinds = [("", "Anything"), ("overage", "Overages"), ("warning", "Warnings"), ("upgrade", "Upgrades")];
        ListPage {
            chrome: Chrome::new("Notices", viewer, Section::Notices),
            zone: viewer.time_zone.name().to_owned(),
            kind: Choice::new("kind", "About", kinds, topic),
            narrowed: !filter.name.is_empty() || filter.topic.is_some(),
            newest: (!is_first).then(|| with_query("/notices", narrowed_to())),
            older: page.next.map(|next| with_query("/notices", narrowed_to().chain([("after", next.to_string())]))),
            rows: page.rows.into_iter().map(|row| Row::new(row, viewer, &days_off)).collect(),
            search: filter.name,
        }
    }
}

impl Row {
    fn new(notice: Listed, viewer: &Viewer, days_off: &BTreeSet<NaiveDate>) -> Row {
        let root = notice.organisation_id;
        Row {
            at: format::moment(notice.at, viewer.time_zone),
            address: format!("/organisations/{root}/licenses"),
            overage: overage(&notice, viewer.time_zone, days_off),
            open: notice.stage.is_some() && notice.closed_at.is_none(),
            told: words(&notice, viewer),
            organisation: notice.organisation_name,
        }
    }
}

/// A notice that cannot be read any more is told by its kind.
fn words(notice: &Listed, viewer: &Viewer) -> Told {
    let (root, name) = (notice.organisation_id, &notice.organisation_name);
    let reader =
        Reader { frees_licenses: viewer.frees_licenses_of(root), sees_agreement: viewer.sees_agreement_of(root) };
    match serde_json::from_value::<News>(notice.facts.clone()) {
        Ok(news) => told(&news, root, name, &OnScreen(viewer.time_zone), reader),
        Err(_) => Told {
            heading: format!("{name}: {}", notice.kind.replace('_', " ")),
            paragraphs: vec!["What this notice said cannot be shown any more.".to_owned()],
            links: vec![("User License Report", format!("/organisations/{root}/licenses"))],
        },
    }
}

fn overage(notice: &Listed, zone: Tz, days_off: &BTreeSet<NaiveDate>) -> Option<String> {
    let (stage, notice_on) = (notice.stage.as_deref()?, notice.notice_on?);
    if let Some(closed_at) = notice.closed_at {
        let by = if notice.closed_by.as_deref() == Some("upgrade") { " by an upgrade" } else { "" };
        return Some(format!("Closed on {}{by}", format::day(closed_at.with_timezone(&zone).date_naive())));
    }
    let calendar = Calendar::new(notice.time_zone.parse().unwrap_or(Tz::UTC), days_off.clone());
    let stands = Standing::of(stage, notice_on, notice.major_due_at, &calendar);
    Some(format!("Open: {}", standing::words(stands, zone)))
}
