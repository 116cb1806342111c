//! A plan, before anything changes.

use askama::Template;
use chrono::{DateTime, Utc};

use super::causes::{CauseRow, causes};
use super::confirm::ConfirmPart;
use super::rows::{ROWS, SHOWN, Show, Shown, Table};
use super::told::{Alert, Told};
use super::words::Objection;
use crate::domain::users_csv::COLUMNS;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{Import, Kind, Limits, Reading};
use crate::web::form::Problems;
use crate::web::format::{self, counted, grouped_count};
use crate::web::page::{Chrome, Section};
use crate::web::pager::{Pager, query_string, with_query};
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
    /// The figure that is opened.
    pub show: Show,
    /// The cause whose refused rows are shown, counted from 1.
    pub cause: Option<usize>,
    /// As typed.
    pub search: String,
    /// The page of rows.
    pub number: u32,
    /// The rows.
    pub shown: Shown,
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
    /// Licenses that get free and records that get lost, when somebody goes.
    pub totals: Vec<(&'static str, String)>,
    /// The forecast with the import and without it.
    pub what_if: Option<WhatIfView>,
    /// Why nobody is deleted.
    pub objections: Vec<Objection>,
    /// This page.
    pub address: String,
    /// The figure that is opened, by its name in addresses.
    pub show: &'static str,
    /// The rows can be searched.
    pub searchable: bool,
    /// As typed.
    pub search: String,
    /// The search narrows the rows down.
    pub narrowed: bool,
    /// Refused rows by cause, where these are opened.
    pub causes: Vec<CauseRow>,
    /// The rows.
    pub table: Table,
    /// There are no rows.
    pub nobody: bool,
    /// "1 to 20 of 214", or how many.
    pub caption: String,
    /// More of them.
    pub pager: Pager,
    /// The refused rows as a file, if there are any.
    pub refused_file: Option<String>,
    /// The answer; none when there is nothing to do.
    pub confirm: Option<ConfirmPart>,
    /// Who else can answer, when the reader cannot.
    pub whose: Option<String>,
    /// Where the button "Cancel" leads.
    pub cancel: String,
}

/// A figure, which opens the people behind it.
pub struct Figure {
    /// What it counts.
    pub label: &'static str,
    /// How many.
    pub count: String,
    /// Opens them.
    pub address: String,
    /// They are open.
    pub current: bool,
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
        let Planned { import, counts, show, cause, search, number, shown, what_if, .. } = planned;
        let address = format!("/imports/{}", import.id);
        let pager = pager(&address, show, cause, &search, number, &shown, &counts);
        let reading = import.reading();
        PreviewPage {
            chrome: Chrome::new(&told.title("Check before anything changes"), viewer, Section::Users),
            alert: told.alert(Some(&counts)).or_else(|| overtaken(&import)),
            lede: lede(&reading),
            facts: facts(viewer, &import),
            columns: columns(&reading),
            ignored: reading.ignored.join(", "),
            figures: figures(&address, show, &counts),
            totals: totals(&counts),
            what_if,
            objections: counts.objections.iter().map(|why| Objection::new(*why, &import, &counts)).collect(),
            show: show.code(),
            searchable: show != Show::Refused,
            narrowed: !search.is_empty() || cause.is_some(),
            causes: if show == Show::Refused { causes(&address, &counts, cause) } else { Vec::new() },
            nobody: shown.is_empty(),
            caption: caption(&shown, &pager),
            table: Table::new(show, shown),
            refused_file: (counts.refused > 0).then(|| format!("{address}/refused.csv")),
            cancel: format!("{address}/cancel"),
            file: import.file_name,
            search,
            pager,
            address,
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

fn figures(address: &str, open: Show, counts: &Counts) -> Vec<Figure> {
    SHOWN
        .iter()
        .map(|(show, code)| Figure {
            label: match show {
                Show::People(Kind::Delete) => "Deleted",
                Show::People(Kind::Change) => "Changed",
                Show::People(Kind::Create) => "Added",
                Show::People(Kind::Protect) => "Protected",
                Show::People(Kind::Unchanged) => "Unchanged",
                Show::Refused => "Refused rows",
            },
            count: grouped_count(show.count(counts)),
            address: with_query(address, [("show", code)]),
            current: *show == open,
        })
        .collect()
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

/// Whoever stays as they are is not counted when searched for: then only the next page tells its end.
fn pager(
    address: &str,
    show: Show,
    cause: Option<usize>,
    search: &str,
    number: u32,
    shown: &Shown,
    counts: &Counts,
) -> Pager {
    let cause = cause.map(|cause| cause.to_string()).unwrap_or_default();
    let query = query_string([("show", show.code()), ("q", search), ("cause", cause.as_str())]);
    let counted = shown.total().or_else(|| search.is_empty().then(|| show.count(counts)));
    if let Some(total) = counted {
        return Pager::new(address, &query, number, ROWS, total);
    }
    let to = |number: u32| format!("{address}?{query}&page={number}");
    let first = u64::from(number - 1) * u64::from(ROWS) + 1;
    let full = shown.len() == ROWS as usize;
    Pager {
        range: match (shown.len() as u64, number > 1 || full) {
            (rows, true) if rows > 0 => {
                format!("{} to {}", grouped_count(first), grouped_count(first + rows - 1))
            }
            _ => String::new(),
        },
        previous: (number > 1).then(|| to(number - 1)),
        next: full.then(|| to(number + 1)),
    }
}

fn caption(shown: &Shown, pager: &Pager) -> String {
    let rows = shown.total().unwrap_or(shown.len() as u64);
    match (pager.range.as_str(), shown) {
        ("", Shown::People(..)) => counted(rows, "person", "people"),
        ("", Shown::Refused(_)) => counted(rows, "reason", "reasons"),
        (range, _) => range.to_owned(),
    }
}
