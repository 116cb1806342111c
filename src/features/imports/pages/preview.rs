//! A plan, before anything changes.

use askama::Template;
use chrono::{DateTime, Utc};

use super::confirm::ConfirmPart;
use super::panel::{Fate, Figure, Opened, Panel, figures};
use super::rows::Table;
use super::told::{Alert, Told};
use super::words::Objection;
use crate::domain::users_csv::COLUMNS;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{Import, Limits, Reading};
use crate::web::form::Problems;
use crate::web::format::{self, counted, grouped_count};
use crate::web::page::{Chrome, Section};
use crate::web::viewer::Viewer;
use crate::web::what_if::WhatIfView;

/// What the page shows.
pub struct Planned {
    /// The settings.
    pub limits: Limits,
    /// The import.
    pub import: Import,
    /// How many of each kind.
    pub counts: Counts,
    /// The figure that is open; none when all are 0.
    pub opened: Option<Opened>,
    /// Some of those who go.
    pub sample: Vec<String>,
    /// The forecast with the import and without it.
    pub what_if: Option<WhatIfView>,
}

/// GET `/imports/{import_id}` while it waits for an answer.
#[derive(Template)]
#[template(path = "imports/preview.html")]
pub struct PreviewPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong with the answer.
    pub problems: Problems,
    /// Why nothing was done.
    pub alert: Option<Alert>,
    /// The file's name.
    pub file: String,
    /// The file in a sentence.
    pub lede: String,
    /// What there is to know of the file.
    pub facts: Vec<(&'static str, String)>,
    /// The columns that mean something.
    pub columns: String,
    /// Columns that mean nothing; may be empty.
    pub ignored: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Licenses that become free and records that get lost, when somebody goes.
    pub totals: Vec<(&'static str, String)>,
    /// The forecast with the import and without it.
    pub what_if: Option<WhatIfView>,
    /// Why nobody is deleted.
    pub objections: Vec<Objection>,
    /// The people or rows behind the figure that is open.
    pub panel: Option<Panel>,
    /// Rows are refused.
    pub refused: bool,
    /// The file has no row but its header.
    pub empty: bool,
    /// The answer; none when there is nothing to do.
    pub confirm: Option<ConfirmPart>,
    /// Who else can answer, when the reader cannot.
    pub whose: Option<String>,
    /// Where the button "Cancel" leads.
    pub cancel: String,
}

impl PreviewPage {
    /// The page for a reader.
    pub fn new(viewer: &Viewer, planned: Planned, told: &Told, now: DateTime<Utc>) -> PreviewPage {
        let problems = match told {
            Told::TypeFirst { count, .. } => Problems::one(
                "typed",
                format!("Enter the number of users that are to be deleted: {}.", grouped_count(*count)),
            ),
            _ => Problems::default(),
        };
        let confirm = ConfirmPart::new(viewer, &planned, told, &problems, now);
        let whose = whose(viewer, &planned.import, confirm.is_some());
        let confirm = confirm.filter(|_| whose.is_none());
        let Planned { import, counts, opened, what_if, .. } = planned;
        let address = format!("/imports/{}", import.id);
        let reading = import.reading();
        PreviewPage {
            chrome: Chrome::new(&told.title("Check before anything changes"), viewer, Section::Users),
            alert: told.alert(Some(&counts)).or_else(|| overtaken(&import)),
            lede: lede(&reading),
            facts: facts(viewer, &import),
            columns: columns(&reading),
            ignored: reading.ignored.join(", "),
            figures: figures(&address, opened.as_ref().map(|opened| opened.show), &counts, Fate::Planned),
            totals: totals(&counts),
            what_if,
            objections: counts.objections.iter().map(|why| Objection::new(*why, &import, &counts)).collect(),
            refused: counts.refused > 0,
            empty: reading.rows == 0,
            cancel: format!("{address}/cancel"),
            panel: opened.map(|opened| Panel::new(viewer, &import, &counts, opened, Fate::Planned)),
            file: import.file_name,
            confirm,
            whose,
            problems,
        }
    }
}

/// A plan shows and does what its uploader may see and do, so nobody else confirms it.
fn whose(viewer: &Viewer, import: &Import, is_something: bool) -> Option<String> {
    let theirs = is_something && import.created_by_id != Some(viewer.id);
    let who = import.created_by.as_deref().unwrap_or("Somebody who is gone");
    theirs.then(|| {
        format!("{who} uploaded the file, and nobody else can confirm it. You can call it off, or upload it yourself.")
    })
}

/// It was confirmed, and when its turn came it was not what had been confirmed any more.
fn overtaken(import: &Import) -> Option<Alert> {
    let lines = |reason: Option<&str>| {
        let below = "Below is what it would do now. Check it again.";
        reason.into_iter().chain([below]).map(str::to_owned).collect()
    };
    import.confirmed.then(|| match import.job_reason.as_deref() {
        Some(reason) => Alert { heading: "It could not be applied. Nothing was done.", lines: lines(Some(reason)) },
        None => {
            Alert { heading: "The people changed before it could be applied. Nothing was done.", lines: lines(None) }
        }
    })
}

fn lede(reading: &Reading) -> String {
    let rows = counted(reading.rows, "row", "rows");
    match reading.format.as_slice() {
        [] => format!("{rows}. Nothing has changed yet."),
        format => format!("{rows}, read as {}. Nothing has changed yet.", format.join(", ")),
    }
}

fn facts(viewer: &Viewer, import: &Import) -> Vec<(&'static str, String)> {
    let by = import.created_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    vec![
        ("For", import.organisation.clone()),
        ("Synchronize Users", if import.synchronize { "yes" } else { "no" }.to_owned()),
        ("Uploaded", format!("{}{by}", format::moment(import.created_at, viewer.time_zone))),
    ]
}

/// The columns that mean something, in the order of an export, with their headings where these are other words.
fn columns(reading: &Reading) -> String {
    let columns = COLUMNS.into_iter().filter_map(|name| {
        let heading = reading.columns.get(name)?.trim();
        let own = heading.is_empty() || heading == name;
        Some(if own { name.to_owned() } else { format!("{name} (“{heading}”)") })
    });
    columns.collect::<Vec<_>>().join(", ")
}

fn totals(counts: &Counts) -> Vec<(&'static str, String)> {
    if counts.deleted == 0 {
        return Vec::new();
    }
    vec![
        ("Licenses freed", grouped_count(counts.licenses_freed)),
        ("Completion records lost", grouped_count(counts.records_lost)),
        ("Users there now", grouped_count(counts.in_scope)),
    ]
}
