//! Whom a file of users is to hold.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::AppError;
use crate::features::users::queries::{Filter, ListQuery, filter_pairs};
use crate::web::selection::Selection;

/// Those who are ticked in the list, whatever it is narrowed down to; else all who match its filters.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// These.
    Ticked(Vec<Uuid>),
    /// All who match.
    Matching(Filter),
}

impl Wanted {
    /// As the query of the list says.
    pub fn of(list: &ListQuery) -> Result<Wanted, AppError> {
        Ok(match list.selection()? {
            Selection::Ticked(ids) if !ids.is_empty() => Wanted::Ticked(ids),
            Selection::Ticked(_) | Selection::All => Wanted::Matching(list.filter()),
        })
    }

    /// The filter; none narrows down those who are ticked.
    pub fn filter(&self) -> Filter {
        match self {
            Wanted::Ticked(_) => Filter::default(),
            Wanted::Matching(filter) => filter.clone(),
        }
    }

    /// Everybody of an organisation, or of all that somebody looks after.
    pub fn is_whole(&self) -> bool {
        match self {
            Wanted::Ticked(_) => false,
            Wanted::Matching(filter) => *filter == Filter { organisation: filter.organisation, ..Filter::default() },
        }
    }

    /// The names of what narrows it down.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Wanted::Ticked(_) => vec!["ids"],
            Wanted::Matching(filter) => filter_pairs(filter).into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// For the record. That there was a search is kept, what for is not: names and addresses are
    /// personal data.
    pub fn recorded(&self) -> Value {
        match self {
            Wanted::Ticked(ids) => json!({ "ticked": ids.len() }),
            Wanted::Matching(filter) => {
                let pairs = filter_pairs(filter).into_iter();
                let kept =
                    pairs.map(|(name, value)| (name.to_owned(), if name == "q" { json!(true) } else { json!(value) }));
                Value::Object(kept.collect::<Map<String, Value>>())
            }
        }
    }
}
