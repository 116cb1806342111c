//! What an import did, and how it is undone.

use askama::Template;
use chrono::{DateTime, Utc};

use super::panel::{Fate, Figure, Opened, Panel, figures};
use super::rows::{ROWS, Table};
use super::told::{Alert, Told};
use super::words;
use crate::features::imports::commands::Outcome;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{Import, Restorable};
use crate::ids::EntryId;
use crate::web::format::{self, counted, grouped_count};
use crate::web::list::{Paging, Pairs, Turn};
use crate::web::notice::Notice;
use crate::web::page::{Chrome, Section};
use crate::web::pager::with_query;
use crate::web::selection::Selection;
use crate::web::viewer::Viewer;

/// What the page shows.
pub struct Applied {
    /// The import.
    pub import: Import,
    /// What it did.
    pub outcome: Outcome,
    /// What the plan was, as long as it is kept.
    pub counts: Option<Counts>,
    /// The figure that is open.
    pub opened: Option<Opened>,
    /// The entry of the audit log.
    pub entry: Option<EntryId>,
    /// People who can be restored.
    pub rows: Vec<Restorable>,
    /// How many can be, whatever is searched for.
    pub left: u64,
    /// As typed.
    pub search: String,
    /// The page of rows.
    pub number: u32,
    /// People who are ticked.
    pub ticked: Selection,
}

/// GET `/imports/{import_id}` when it was applied.
#[derive(Template)]
#[template(path = "imports/result.html")]
pub struct ResultPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done.
    pub notice: Option<Notice>,
    /// Why something was not done.
    pub alert: Option<Alert>,
    /// The file's name.
    pub file: String,
    /// What it did, in a few words.
    pub heading: String,
    /// When, by whom, for whom.
    pub lede: String,
    /// What came of it.
    pub lines: Vec<String>,
    /// The figures, which open who is behind them; none when that is not kept any more.
    pub figures: Vec<Figure>,
    /// The figures, when they open nothing.
    pub totals: Vec<(&'static str, String)>,
    /// The people or rows behind the figure that is open.
    pub panel: Option<Panel>,
    /// What there is to know besides.
    pub facts: Vec<(&'static str, String)>,
    /// Entries of the audit log: address and words.
    pub entries: Vec<(String, &'static str)>,
    /// The refused rows as a file, if there were any.
    pub refused_file: Option<String>,
    /// The entry whose expiry dates can be taken back.
    pub undo: Option<String>,
    /// Who can be restored.
    pub restore: Option<RestorePart>,
}

/// People who can be restored.
pub struct RestorePart {
    /// Where the buttons lead.
    pub action: String,
    /// This page.
    pub address: String,
    /// "Restore all 214 users".
    pub everybody: String,
    /// Until when.
    pub until: String,
    /// As typed.
    pub search: String,
    /// The search narrows the rows down.
    pub narrowed: bool,
    /// The rows.
    pub rows: Vec<Row>,
    /// Hidden fields that keep ticks on other pages.
    pub kept: Pairs,
    /// How many are ticked.
    pub ticked: String,
    /// "1 to 20 of 214", or how many.
    pub caption: String,
    /// Other pages.
    pub paging: Paging,
}

/// Somebody who can be restored.
pub struct Row {
    /// The unique ID.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// The username.
    pub username: String,
    /// The row is ticked.
    pub ticked: bool,
}

impl ResultPage {
    /// The page for a reader.
    pub fn new(viewer: &Viewer, mut applied: Applied, told: &Told, now: DateTime<Utc>) -> ResultPage {
        let opened = applied.opened.take();
        let applied = &applied;
        let heading = words::done(&applied.outcome);
        let zone = viewer.time_zone;
        let by = applied.import.applied_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let at = applied.import.applied_at.map(|at| format::moment(at, zone)).unwrap_or_default();
        let address = format!("/imports/{}", applied.import.id);
        let outcome = &applied.outcome;
        ResultPage {
            chrome: Chrome::new(&told.title(&heading), viewer, Section::Users),
            notice: told.notice(),
            alert: told.alert(None),
            file: applied.import.file_name.clone(),
            lede: format!("Imported {at}{by}, for {}.", applied.import.organisation),
            lines: lines(viewer, applied, now),
            figures: applied.counts.as_ref().map_or_else(Vec::new, |counts| {
                figures(&address, opened.as_ref().map(|opened| opened.show), counts, Fate::of(outcome, counts))
            }),
            totals: if applied.counts.is_some() { Vec::new() } else { totals(outcome) },
            panel: applied
                .counts
                .as_ref()
                .zip(opened)
                .map(|(counts, opened)| Panel::new(viewer, &applied.import, counts, opened, Fate::of(outcome, counts))),
            facts: vec![
                ("Synchronize Users", if applied.import.synchronize { "yes" } else { "no" }.to_owned()),
                ("Uploaded", format::moment(applied.import.created_at, zone)),
                ("Took", took(outcome.took_ms)),
            ],
            entries: applied
                .entry
                .map(|entry| (entry, "The import in the audit log"))
                .into_iter()
                .chain(applied.import.deletion_entry_id.map(|entry| (entry, "The deletion in the audit log")))
                .map(|(entry, words)| (format!("/audit/{entry}"), words))
                .collect(),
            refused_file: (outcome.refused > 0 && applied.counts.is_some()).then(|| format!("{address}/refused.csv")),
            undo: outcome.expiry_entry.map(|entry| entry.to_string()),
            restore: (applied.left > 0).then(|| RestorePart::new(viewer, applied, address)),
            heading,
        }
    }
}

fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => "less than a second".to_owned(),
        1_000..60_000 => counted(milliseconds / 1_000, "second", "seconds"),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1_000 % 60),
    }
}

/// All figures, when nobody can say any more who is behind them.
fn totals(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let gone = if outcome.expired > 0 { ("Without access", outcome.expired) } else { ("Deleted", outcome.deleted) };
    let others = [
        ("Changed", outcome.changed),
        ("Added", outcome.created),
        ("Protected", outcome.protected),
        ("Refused rows", outcome.refused),
        ("Licenses freed", outcome.licenses_freed),
    ];
    std::iter::once(gone).chain(others).map(|(what, count)| (what, grouped_count(count))).collect()
}

fn lines(viewer: &Viewer, applied: &Applied, now: DateTime<Utc>) -> Vec<String> {
    let (outcome, left) = (&applied.outcome, applied.left);
    let mut lines = Vec::new();
    if outcome.deleted > 0 {
        let lost = counted(outcome.records_lost, "completion record", "completion records");
        let freed = counted(outcome.licenses_freed, "license", "licenses");
        match (outcome.records_lost, outcome.licenses_freed) {
            (0, 0) => {}
            (0, _) => lines.push(format!("Deleting them freed {freed}.")),
            (_, 0) => lines.push(format!("With those who were deleted went {lost}.")),
            (_, _) => lines.push(format!("With those who were deleted went {lost}. That freed {freed}.")),
        }
        lines.push(match outcome.restorable_until {
            None => "Deleted users are gone for good here: this cannot be undone.".to_owned(),
            Some(until) if until <= now => {
                format!(
                    "They could be restored until {}, and are gone for good.",
                    format::moment(until, viewer.time_zone)
                )
            }
            Some(_) if left == 0 => "All of them that can be are restored.".to_owned(),
            Some(until) if left < outcome.deleted => format!(
                "{} left to be restored until {}, below.",
                counted(left, "of them is", "of them are"),
                format::moment(until, viewer.time_zone)
            ),
            Some(until) => {
                format!("They can be restored until {}, below.", format::moment(until, viewer.time_zone))
            }
        });
    }
    if outcome.expired > 0 {
        let freed = match outcome.licenses_freed {
            0 => String::new(),
            freed => format!(", which freed {}", counted(freed, "license", "licenses")),
        };
        lines.push(format!("All their enrolments have expired{freed}. Accounts and completion records stay."));
    }
    if applied.counts.is_none() {
        lines.push("Who is behind the figures is not kept any longer: that goes with the time to restore.".to_owned());
    }
    if outcome.created > 0 {
        lines.push("Whoever is new sets a password by “Forgot your password?” on the sign-in page.".to_owned());
    }
    lines
}

impl RestorePart {
    fn new(viewer: &Viewer, applied: &Applied, address: String) -> RestorePart {
        let shown: Vec<_> = applied.rows.iter().map(|row| row.user_id.0).collect();
        let total = applied.rows.first().map_or(0, |row| row.total.unsigned_abs());
        let paging = paging(applied, &address, total);
        RestorePart {
            action: format!("{address}/restore"),
            everybody: match applied.left {
                1 => "Restore 1 user".to_owned(),
                left => format!("Restore all {} users", grouped_count(left)),
            },
            until: applied.outcome.restorable_until.map(|at| format::moment(at, viewer.time_zone)).unwrap_or_default(),
            narrowed: !applied.search.is_empty(),
            search: applied.search.clone(),
            rows: applied
                .rows
                .iter()
                .map(|row| Row {
                    id: row.user_id.to_string(),
                    name: row.name.clone(),
                    username: row.username.clone(),
                    ticked: applied.ticked.has(row.user_id.0),
                })
                .collect(),
            kept: Pairs(applied.ticked.elsewhere(&shown)),
            ticked: grouped_count(applied.ticked.pairs().len() as u64),
            caption: if paging.range.is_empty() { counted(total, "person", "people") } else { paging.range.clone() },
            paging,
            address,
        }
    }
}

/// Turning pages is done by buttons, so that ticks go along.
fn paging(applied: &Applied, address: &str, total: u64) -> Paging {
    let size = u64::from(ROWS);
    let first = u64::from(applied.number - 1) * size + 1;
    let last = total.min(first + size - 1);
    let turn = |number: u32| {
        let page = number.to_string();
        let pairs = [("q", applied.search.clone()), ("page", page.clone())];
        Turn { address: with_query(address, pairs.into_iter().chain(applied.ticked.pairs())), page }
    };
    Paging {
        range: match total > size {
            true => format!("{} to {} of {}", grouped_count(first), grouped_count(last), grouped_count(total)),
            false => String::new(),
        },
        by_links: false,
        first: None,
        previous: (applied.number > 1).then(|| turn(applied.number - 1)),
        next: (last < total).then(|| turn(applied.number + 1)),
        last: None,
    }
}
