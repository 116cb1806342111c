//! The figures of a plan, and the people or rows behind the one that is open: before it is applied, and afterwards as
//! long as the plan is kept.

use super::causes::{CauseRow, causes};
use super::rows::{ROWS, SHOWN, Show, Shown, Table};
use crate::features::imports::commands::Outcome;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{Import, Kind};
use crate::web::format::{counted, grouped_count};
use crate::web::pager::{Pager, query_string, with_query};
use crate::web::viewer::Viewer;

/// A figure that is open.
pub struct Opened {
    /// Which one.
    pub show: Show,
    /// The cause whose refused rows are shown, counted from 1.
    pub cause: Option<usize>,
    /// As typed.
    pub search: String,
    /// The page of rows.
    pub number: u32,
    /// The rows.
    pub shown: Shown,
}

/// What becomes of those who are missing from the file, or became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet: they would be deleted.
    Planned,
    /// They were deleted.
    Deleted,
    /// Their enrolments expired.
    Expired,
    /// They were kept.
    Kept,
}

impl Fate {
    /// When the import was applied.
    pub fn of(outcome: &Outcome, counts: &Counts) -> Fate {
        match (outcome.deleted, outcome.expired) {
            (_, 1..) => Fate::Expired,
            (0, 0) if counts.deleted > 0 => Fate::Kept,
            _ => Fate::Deleted,
        }
    }

    /// It is over.
    pub fn is_done(self) -> bool {
        self != Fate::Planned
    }

    /// What the figure is called.
    fn label(self) -> &'static str {
        match self {
            Fate::Planned | Fate::Deleted => "Deleted",
            Fate::Expired => "Without access",
            Fate::Kept => "Missing, kept",
        }
    }

    /// Of somebody who holds a license.
    pub fn license(self) -> &'static str {
        match self {
            Fate::Planned => "becomes free",
            Fate::Deleted | Fate::Expired => "became free",
            Fate::Kept => "kept",
        }
    }

    /// Of somebody who holds none.
    pub fn no_license(self) -> &'static str {
        if self.is_done() { "held none" } else { "holds none" }
    }

    /// Above the completion records that go with somebody.
    pub fn lost(self) -> Option<&'static str> {
        match self {
            Fate::Planned => Some("What gets lost"),
            Fate::Deleted => Some("What got lost"),
            Fate::Expired | Fate::Kept => None,
        }
    }

    /// Above values before and after.
    pub fn values(self) -> [&'static str; 2] {
        if self.is_done() { ["Before", "After"] } else { ["Now", "After"] }
    }
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
    /// Why it matters.
    pub note: Option<&'static str>,
}

/// All figures.
pub fn figures(address: &str, open: Option<Show>, counts: &Counts, fate: Fate) -> Vec<Figure> {
    SHOWN
        .iter()
        .map(|(show, code)| Figure {
            label: match show {
                Show::People(Kind::Delete) => fate.label(),
                Show::People(Kind::Change) => "Changed",
                Show::People(Kind::Create) => "Added",
                Show::People(Kind::Protect) => "Protected",
                Show::People(Kind::Unchanged) => "Unchanged",
                Show::Refused => "Refused rows",
            },
            count: grouped_count(show.count(counts)),
            address: with_query(address, [("show", code)]),
            current: open == Some(*show),
            note: match show {
                Show::Refused if counts.refused > 0 => Some(if fate.is_done() { "left out" } else { "to correct" }),
                _ => None,
            },
        })
        .collect()
}

/// The people or rows behind the figure that is open.
pub struct Panel {
    /// The import's page.
    pub address: String,
    /// The figure, by its name in addresses.
    pub show: &'static str,
    /// The rows can be searched.
    pub searchable: bool,
    /// As typed.
    pub search: String,
    /// The search, or a cause, narrows the rows down.
    pub narrowed: bool,
    /// Refused rows by cause, where these are opened.
    pub causes: Vec<CauseRow>,
    /// What becomes of those who are missing.
    pub fate: Fate,
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
}

impl Panel {
    /// Of a figure of this import.
    pub fn new(viewer: &Viewer, import: &Import, counts: &Counts, opened: Opened, fate: Fate) -> Panel {
        let address = format!("/imports/{}", import.id);
        let pager = pager(&address, &opened, counts);
        let Opened { show, cause, search, shown, .. } = opened;
        Panel {
            show: show.code(),
            searchable: show != Show::Refused,
            narrowed: !search.is_empty() || cause.is_some(),
            causes: if show == Show::Refused { causes(&address, counts, cause) } else { Vec::new() },
            nobody: shown.is_empty(),
            caption: caption(&shown, &pager),
            table: Table::new(show, shown, import.created_by_id == Some(viewer.id)),
            refused_file: (counts.refused > 0).then(|| format!("{address}/refused.csv")),
            search,
            fate,
            pager,
            address,
        }
    }
}

/// Whoever stays as they are is not counted when searched for: then only the next page tells its end.
fn pager(address: &str, opened: &Opened, counts: &Counts) -> Pager {
    let Opened { show, cause, search, number, shown } = opened;
    let cause = cause.map(|cause| cause.to_string()).unwrap_or_default();
    let query = query_string([("show", show.code()), ("q", search.as_str()), ("cause", cause.as_str())]);
    let counted = shown.total().or_else(|| search.is_empty().then(|| show.count(counts)));
    if let Some(total) = counted {
        return Pager::new(address, &query, *number, ROWS, total);
    }
    let to = |number: u32| format!("{address}?{query}&page={number}");
    let first = u64::from(number - 1) * u64::from(ROWS) + 1;
    let full = shown.len() == ROWS as usize;
    Pager {
        range: match (shown.len() as u64, *number > 1 || full) {
            (rows, true) if rows > 0 => {
                format!("{} to {}", grouped_count(first), grouped_count(first + rows - 1))
            }
            _ => String::new(),
        },
        previous: (*number > 1).then(|| to(number - 1)),
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
