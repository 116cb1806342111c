//! Earlier imports.

use askama::Template;
use chrono_tz::Tz;

use super::words;
use crate::features::imports::queries::{LISTED, Listed, State};
use crate::web::format::{self, grouped_count};
use crate::web::page::{Chrome, Section};
use crate::web::pager::Pager;
use crate::web::viewer::Viewer;

/// GET `/imports`.
#[derive(Template)]
#[template(path = "imports/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// How many there are.
    pub lede: String,
    /// The imports.
    pub rows: Vec<Row>,
    /// More of them.
    pub pager: Pager,
}

/// An import in the list.
pub struct Row {
    /// Its page.
    pub address: String,
    /// The file's name.
    pub file: String,
    /// The organisation's name.
    pub organisation: String,
    /// When.
    pub uploaded: String,
    /// By whom; empty when they are gone.
    pub by: String,
    /// "Applied", and the badge's style.
    pub badge: (&'static str, &'static str),
    /// What it did, or would do.
    pub counts: String,
    /// Whoever is missing was to be deleted.
    pub synchronize: bool,
}

impl ListPage {
    /// A page of them.
    pub fn new(viewer: &Viewer, imports: &[Listed], number: u32) -> ListPage {
        let total = imports.first().map_or(0, |first| first.total.unsigned_abs());
        ListPage {
            chrome: Chrome::new("Imports", viewer, Section::Users),
            lede: format::counted(total, "import of users", "imports of users"),
            rows: imports.iter().map(|import| Row::new(import, viewer.time_zone)).collect(),
            pager: Pager::new("/imports", "", number, LISTED, total),
        }
    }
}

impl Row {
    fn new(import: &Listed, zone: Tz) -> Row {
        let state = State::from_code(&import.state_code);
        Row {
            address: format!("/imports/{}", import.id),
            file: import.file_name.clone(),
            organisation: import.organisation.clone(),
            uploaded: format::moment(import.created_at, zone),
            by: import.created_by.as_ref().map(|by| format!("by {by}")).unwrap_or_default(),
            badge: match (import.failed, state, import.counts()) {
                (true, _, _) => ("Failed", "warn"),
                // nobody has to answer that
                (_, State::Planned, Some(counts)) if counts.is_nothing() => ("Nothing to do", "off"),
                _ => badge(state),
            },
            counts: counts(import, state),
            synchronize: import.synchronize,
        }
    }
}

fn badge(state: State) -> (&'static str, &'static str) {
    match state {
        State::Reading => ("Being read", "off"),
        State::Refused => ("Cannot be read", "warn"),
        State::Planned => ("Waits for an answer", "warn"),
        State::Applying => ("Being applied", "off"),
        State::Applied => ("Applied", "ok"),
        State::Cancelled => ("Cancelled", "off"),
    }
}

fn counts(import: &Listed, state: State) -> String {
    match (state, import.outcome(), import.counts()) {
        (State::Applied, Some(outcome), _) => words::done(&outcome),
        (State::Planned | State::Applying, _, Some(counts)) => {
            let all = [
                (counts.deleted, "to delete"),
                (counts.changed, "to change"),
                (counts.created, "to add"),
                (counts.refused, if counts.refused == 1 { "row refused" } else { "rows refused" }),
            ];
            let parts = all.into_iter().filter(|(count, _)| *count > 0);
            let parts: Vec<String> = parts.map(|(count, words)| format!("{} {words}", grouped_count(count))).collect();
            if parts.is_empty() { "No changes".to_owned() } else { parts.join(", ") }
        }
        _ => String::new(),
    }
}
