//! The limits of a page of children as they are typed.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::queries::{Child, Parent};
use crate::ids::OrganisationId;
use crate::web::form;
use crate::web::format::grouped;

/// The fields as they are sent: of each child its id, the limit that was shown, and the limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LimitsForm {
    id: Vec<String>,
    was: Vec<String>,
    limit: Vec<String>,
}

/// The limits that somebody wants to change.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Which child.
    pub child: OrganisationId,
    /// The limit that was shown.
    pub was: Option<i32>,
    /// The limit that is wanted; none: it shares.
    pub limit: Option<i32>,
}

/// What was typed, by child.
#[derive(Debug, Clone, Default)]
pub struct Typed(pub HashMap<OrganisationId, TypedLimit>);

/// A limit that somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedLimit {
    /// The one that was shown.
    pub was: String,
    /// The one that is wanted.
    pub limit: String,
}

/// What is wrong, by child.
#[derive(Debug, Clone, Default)]
pub struct Wrong(pub HashMap<OrganisationId, String>);

impl LimitsForm {
    /// What was typed, so that it is still there when something is wrong. What stands as it was shown was not typed.
    pub fn typed(&self) -> Typed {
        let is_unknown = !self.tells_what_was_shown();
        let was = self.was.iter().cloned().chain(std::iter::repeat(String::new()));
        let typed = self.id.iter().zip(was).zip(&self.limit).filter_map(|((id, was), limit)| {
            let is_typed = is_unknown || form::count(&was) != form::count(limit);
            let limit = limit.clone();
            is_typed.then_some((id.parse().ok()?, TypedLimit { was, limit }))
        });
        Typed(typed.collect())
    }

    /// Of each child the limit that was shown is there.
    pub fn tells_what_was_shown(&self) -> bool {
        self.was.len() == self.id.len() && self.was.iter().all(|was| form::count(was).is_ok())
    }

    /// What differs from what was shown, for children of the page; else what is wrong. `at_most`: what the person
    /// may not exceed.
    pub fn changes(&self, children: &[Child], at_most: Option<i32>) -> Result<Vec<Change>, Wrong> {
        let mut wrong = Wrong::default();
        let mut changes = Vec::new();
        let mut seen = HashSet::new();
        for ((id, was), limit) in self.id.iter().zip(&self.was).zip(&self.limit) {
            let Some(child) = children.iter().find(|child| child.id.to_string() == *id) else { continue };
            if !seen.insert(child.id) {
                // which of them is meant, nobody can say
                wrong.0.insert(child.id, format!("{}: its limit was sent twice.", child.name));
                continue;
            }
            match (form::count(was), form::count(limit)) {
                (Ok(was), Ok(limit)) if was == limit => {}
                (_, Ok(Some(limit))) if at_most.is_some_and(|most| limit > most) => {
                    let most = grouped(i64::from(at_most.unwrap_or_default()));
                    wrong.0.insert(child.id, format!("{}: at most {most}, the limit above it.", child.name));
                }
                (Ok(was), Ok(limit)) => changes.push(Change { child: child.id, was, limit }),
                (_, Err(problem)) => {
                    wrong.0.insert(child.id, format!("{}: {problem}", child.name));
                }
                (Err(_), Ok(limit)) => changes.push(Change { child: child.id, was: child.user_limit, limit }),
            }
        }
        if wrong.0.is_empty() { Ok(changes) } else { Err(wrong) }
    }
}

/// The limit that somebody who does not run the whole instance may not exceed.
pub fn at_most(parent: &Parent, is_everything: bool) -> Option<i32> {
    parent.nearest_limit.filter(|_| !is_everything)
}
