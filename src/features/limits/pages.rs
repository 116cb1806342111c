//! The limits as they are shown.

use askama::Template;

use super::forms::{Typed, TypedLimit, Wrong, at_most};
use super::queries::{Child, PAGE_SIZE, Parent};
use crate::web::format::grouped;
use crate::web::page::Chrome;
use crate::web::pager::Pager;

/// What happened to the form.
#[derive(Debug, Clone)]
pub enum State {
    /// Nothing yet.
    Fresh,
    /// It was just saved.
    Saved,
    /// Something is wrong with it.
    Wrong(Wrong),
    /// Somebody else changed a limit meanwhile.
    Outdated,
}

/// GET and POST `/organisations/{organisation_id}/limits`.
#[derive(Template)]
#[template(path = "limits/edit.html")]
pub struct LimitsPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The organisation's name.
    pub name: String,
    /// Its report.
    pub report: String,
    /// Where the form goes.
    pub action: String,
    /// The limits were just saved.
    pub saved: bool,
    /// Somebody else changed one meanwhile.
    pub outdated: bool,
    /// What is wrong: field and text.
    pub problems: Vec<(String, String)>,
    /// The organisation's own limit.
    pub own_limit: String,
    /// Active users.
    pub used: String,
    /// The sum of the limits of all children.
    pub sum: String,
    /// By how much the sum exceeds the own limit.
    pub exceeds_by: Option<String>,
    /// What a limit may not exceed.
    pub at_most: Option<String>,
    /// The agreement, for whoever may change it.
    pub agreement: Option<String>,
    /// The children.
    pub rows: Vec<Row>,
    /// Other pages.
    pub pager: Pager,
}

/// A child.
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its report.
    pub address: String,
    /// The limit that is shown; empty: shared.
    pub was: String,
    /// The limit that is stored, where another one was typed before somebody else set limits.
    pub now: Option<String>,
    /// As typed.
    pub limit: String,
    /// Active users.
    pub used: String,
    /// "over by 3".
    pub over: Option<String>,
    /// What is wrong.
    pub problem: Option<String>,
}

impl LimitsPage {
    /// The page.
    pub fn new(
        chrome: Chrome,
        parent: &Parent,
        children: &[Child],
        number: u32,
        typed: &Typed,
        state: &State,
        is_everything: bool,
    ) -> LimitsPage {
        let address = format!("/organisations/{}/limits", parent.id);
        let wrong = if let State::Wrong(wrong) = state { wrong.clone() } else { Wrong::default() };
        let is_outdated = matches!(state, State::Outdated);
        let row = |child| Row::new(child, typed.0.get(&child.id), &wrong, is_outdated);
        let rows: Vec<Row> = children.iter().map(row).collect();
        let exceeds = parent.user_limit.map(|limit| parent.sum - i64::from(limit)).filter(|by| *by > 0);
        LimitsPage {
            chrome,
            name: parent.name.clone(),
            report: format!("/organisations/{}/licenses", parent.id),
            action: if number > 1 { format!("{address}?page={number}") } else { address.clone() },
            saved: matches!(state, State::Saved),
            outdated: is_outdated,
            problems: rows.iter().filter_map(|row| Some((format!("limit-{}", row.id), row.problem.clone()?))).collect(),
            own_limit: parent.user_limit.map_or_else(|| "shared".to_owned(), |limit| grouped(i64::from(limit))),
            used: grouped(parent.used),
            sum: grouped(parent.sum),
            exceeds_by: exceeds.map(grouped),
            at_most: at_most(parent, is_everything).map(|most| grouped(i64::from(most))),
            agreement: (is_everything && parent.is_root).then(|| format!("/organisations/{}/agreement", parent.id)),
            pager: Pager::new(&address, "", number, PAGE_SIZE, parent.children.unsigned_abs()),
            rows,
        }
    }
}

impl Row {
    /// Where somebody else set limits meanwhile, those that are stored stand beside what was typed. Otherwise what was
    /// shown stays what it was, so that it is noticed if somebody else did.
    fn new(child: &Child, typed: Option<&TypedLimit>, wrong: &Wrong, is_outdated: bool) -> Row {
        let stored = child.user_limit.map(|limit| limit.to_string()).unwrap_or_default();
        let shown = typed.filter(|_| !is_outdated).map_or(&stored, |typed| &typed.was);
        let now = match child.user_limit {
            Some(limit) => format!("stored now: {}", grouped(i64::from(limit))),
            None => "stored now: shared".to_owned(),
        };
        let over = child.user_limit.map(|limit| child.used - i64::from(limit)).filter(|over| *over > 0);
        Row {
            id: child.id.to_string(),
            name: child.name.clone(),
            address: format!("/organisations/{}/licenses", child.id),
            was: shown.clone(),
            now: typed.filter(|typed| is_outdated && typed.limit.trim() != stored).map(|_| now),
            limit: typed.map_or_else(|| stored.clone(), |typed| typed.limit.clone()),
            used: grouped(child.used),
            over: over.map(|over| format!("over by {}", grouped(over))),
            problem: wrong.0.get(&child.id).cloned(),
        }
    }
}
