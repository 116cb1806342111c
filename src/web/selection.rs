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
