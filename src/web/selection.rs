//! Which rows of a list a bulk action is for: those that were ticked, or all that match the list's
//! filters. Both travel in the address, so that a selection survives paging, and can be shared.

use serde::Deserialize;
use uuid::Uuid;

use crate::error::AppError;

/// How many rows may be ticked one by one. More than fit into an address are better chosen by filters.
pub const MOST_TICKED: usize = 1_000;

/// The part of a list's query that says what is selected.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SelectionQuery {
    /// Ids of ticked rows.
    #[serde(default)]
    pub ids: Vec<String>,
    /// All that match the filters.
    #[serde(default)]
    pub all: String,
}

/// What is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These rows, in the order of their ids, each once.
    Ticked(Vec<Uuid>),
    /// Every row that matches the filters.
    All,
}

/// Whether a field says yes or no; none when it says something else.
pub fn says_yes(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "yes" => Some(true),
        "" | "0" | "false" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// A filter that is given and not understood, in words for the person. In a list it counts as not given, so that an old
/// bookmark still opens it; where all that match are changed, many more things would be than somebody means.
pub fn unknown(what: &str, value: &str, is_known: bool, known: &str) -> Option<String> {
    (!value.is_empty() && !is_known).then(|| format!("\u{201c}{value}\u{201d} is not {what}. Use {known}."))
}

/// Refuses all that match where a filter is [`unknown`]; what is ticked does not go by them.
pub fn understood(all: &str, unknown: impl IntoIterator<Item = Option<String>>) -> Result<(), AppError> {
    match (says_yes(all), unknown.into_iter().flatten().next()) {
        (None, _) => refused(&format!("\u{201c}all\u{201d} is 1 or left out, not {all}.")),
        (Some(true), Some(unknown)) => refused(&unknown),
        (Some(_), _) => Ok(()),
    }
}

fn refused(why: &str) -> Result<(), AppError> {
    Err(AppError::Unusable(format!("{why} Nothing was changed.")))
}

impl Selection {
    /// As the query says; an id that is no id is somebody's mistake, and nothing is done.
    pub fn parse(query: &SelectionQuery) -> Result<Selection, AppError> {
        if says_yes(&query.all) == Some(true) {
            return Ok(Selection::All);
        }
        let ids: Result<Vec<Uuid>, _> = query.ids.iter().map(|id| id.parse()).collect();
        let mut ids = ids.map_err(|_| AppError::NotFound)?;
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > MOST_TICKED {
            return Err(AppError::Unusable(format!(
                "More than {MOST_TICKED} rows are ticked. Narrow the list by its filters and select all that match."
            )));
        }
        Ok(Selection::Ticked(ids))
    }

    /// Nothing is ticked.
    pub fn is_empty(&self) -> bool {
        matches!(self, Selection::Ticked(ids) if ids.is_empty())
    }

    /// The row is selected.
    pub fn has(&self, id: Uuid) -> bool {
        match self {
            Selection::Ticked(ids) => ids.binary_search(&id).is_ok(),
            Selection::All => true,
        }
    }

    /// The pairs of an address that keep what is ticked on other pages than the one with these rows.
    pub fn elsewhere(&self, shown: &[Uuid]) -> Vec<(&'static str, String)> {
        match self {
            Selection::Ticked(ids) => {
                ids.iter().filter(|id| !shown.contains(id)).map(|id| ("ids", id.to_string())).collect()
            }
            Selection::All => Vec::new(),
        }
    }

    /// The pairs of an address that select the same.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        match self {
            Selection::Ticked(ids) => ids.iter().map(|id| ("ids", id.to_string())).collect(),
            Selection::All => vec![("all", "1".to_owned())],
        }
    }
}
