//! Enrol users as it is shown.

use std::collections::HashMap;

use askama::Template;
use chrono::NaiveDate;

use crate::domain::activity::Activity;
use crate::error::AppError;
use crate::features::enrolments::change::Dates;
use crate::features::enrolments::queries::{EnrolPlan, Header};
use crate::features::enrolments::words;
use crate::features::organisations::queries::Offered;
use crate::features::users::queries::{ListQuery, Listed, PAGE_SIZE, STATUSES, filter_pairs};
use crate::ids::UserId;
use crate::people::gone::without_the_deleted;
use crate::web::form::{Choice, Field, Problems};
use crate::web::format::{self, counted};
use crate::web::list::{self, Paging, Pairs, Picked, Total};
use crate::web::page::{Chrome, Section};
use crate::web::pager::with_query;
use crate::web::selection::Selection;
use crate::web::viewer::Viewer;

/// Who can be picked.
pub struct Picking {
    /// The learning experience.
    pub header: Header,
    /// The list's query.
    pub list: ListQuery,
    /// Who is ticked.
    pub selection: Selection,
    /// How many match.
    pub total: Total,
    /// The rows of the page.
    pub rows: Vec<Listed>,
    /// Who of them is enrolled already.
    pub enrolled: HashMap<UserId, Option<NaiveDate>>,
    /// Organisations to choose from.
    pub organisations: Vec<Offered>,
}

/// GET `/experiences/{experience_id}/enrol`.
#[derive(Template)]
#[template(path = "enrolments/pick.html")]
pub struct PickPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The learning experience's title.
    pub title: String,
    /// Its page.
    pub address: String,
    /// The next step.
    pub check: String,
    /// Nobody can be enrolled any more.
    pub archived: bool,
    /// As typed.
    pub search: String,
    /// The filters.
    pub filters: Vec<Choice>,
    /// Something narrows the list down.
    pub narrowed: bool,
    /// Hidden fields that keep the rows that are ticked on other pages.
    pub kept: Pairs,
    /// The rows.
    pub rows: Vec<Row>,
    /// Other pages.
    pub paging: Paging,
    /// What is selected.
    pub picked: Picked,
}

/// A user who can be picked.
pub struct Row {
    /// The unique ID.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// Username and organisation.
    pub who: String,
    /// The badge: words and style.
    pub badge: (&'static str, &'static str),
    /// Why the person is active or not.
    pub why: String,
    /// Enrolled already.
    pub enrolled: Option<&'static str>,
    /// The row is ticked.
    pub ticked: bool,
}

impl PickPage {
    /// The page for a person.
    pub fn new(picking: Picking, viewer: &Viewer) -> PickPage {
        let Picking { header, list, selection, total, rows, enrolled, organisations } = picking;
        let address = format!("/experiences/{}", header.id);
        let path = format!("{address}/enrol");
        let filter = list.filter();
        let pairs = list.pairs();
        let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        let chosen = filter.organisation.map(|id| id.to_string()).unwrap_or_default();
        let all = (String::new(), "All that you look after".to_owned());
        let offered = organisations.iter().map(|place| (place.id.to_string(), place.path.clone()));
        let status = STATUSES.iter().find(|(status, _, _)| Some(*status) == filter.status);
        let statuses = STATUSES.iter().map(|(_, name, words)| (*name, *words));
        PickPage {
            chrome: Chrome::new(&format!("Enrol users: {}", header.title), viewer, Section::Experiences),
            paging: Paging::new(
                &path,
                &pairs,
                list.page().number,
                PAGE_SIZE,
                total,
                list::Shown::new(&ids),
                &selection,
            ),
            picked: Picked::new(&path, &pairs, &selection, total, &ids),
            kept: Pairs(selection.elsewhere(&ids)),
            filters: vec![
                Choice::new("organisation", "Organisation and below", std::iter::once(all).chain(offered), &chosen),
                Choice::new(
                    "status",
                    "Status",
                    std::iter::once(("", "Any")).chain(statuses),
                    status.map_or("", |(_, name, _)| name),
                ),
            ],
            narrowed: !filter_pairs(&filter).is_empty(),
            search: filter.search,
            rows: rows
                .into_iter()
                .map(|row| {
                    let activity = Activity::of(&row.facts, row.today);
                    Row {
                        ticked: selection.has(row.id.0),
                        enrolled: enrolled.get(&row.id).map(|last| match last {
                            Some(last) if *last < header.today => "yes, expired",
                            _ => "yes",
                        }),
                        id: row.id.to_string(),
                        name: row.name,
                        who: match row.organisation {
                            Some((_, organisation)) => format!("{}, {organisation}", row.username),
                            None => row.username,
                        },
                        badge: activity.badge(),
                        why: activity.why(),
                    }
                })
                .collect(),
            title: header.title,
            archived: header.archived,
            check: format!("{path}/check"),
            address,
        }
    }
}

/// The dates as typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// First day of access.
    pub starts_on: String,
    /// Last day of access.
    pub expires_on: String,
    /// When it is due.
    pub due_on: String,
}

/// An enrolment of many that is proposed.
pub struct Proposed {
    /// The learning experience.
    pub header: Header,
    /// The list's query, with the selection.
    pub list: ListQuery,
    /// The dates as typed.
    pub typed: Typed,
    /// What is wrong with them.
    pub problems: Problems,
    /// The dates that the effect is for.
    pub dates: Dates,
    /// Who, and what it does.
    pub plan: EnrolPlan,
    /// The names of some who would be enrolled.
    pub sample: Vec<String>,
    /// The page is shown again because another effect was shown before.
    pub recheck: bool,
    /// How many who were ticked are deleted.
    pub gone: u64,
    /// How many are enrolled already and have no access any more.
    pub expired: u64,
}

/// GET `/experiences/{experience_id}/enrol/check`.
#[derive(Template)]
#[template(path = "enrolments/check.html")]
pub struct CheckPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The learning experience's title.
    pub title: String,
    /// Its page.
    pub address: String,
    /// "12 people on Fire safety".
    pub lede: String,
    /// Nobody is selected.
    pub nothing: bool,
    /// The list, with the selection.
    pub back: String,
    /// Hidden fields.
    pub kept: Pairs,
    /// A fingerprint of what is shown.
    pub seen: String,
    /// The dates whose effect is shown.
    pub previewed: String,
    /// Others match now, or the licenses have changed, since the person looked.
    pub moved: bool,
    /// The dates are others than those whose effect was shown, so nobody was enrolled yet.
    pub recheck: bool,
    /// The dates.
    pub fields: Vec<Field>,
    /// What is wrong.
    pub problems: Problems,
    /// Some of the people.
    pub sample: Vec<String>,
    /// How many more there are.
    pub more: Option<String>,
    /// What it does.
    pub effects: Vec<String>,
    /// Limits that would be exceeded.
    pub exceeded: Vec<String>,
    /// The button that does it; none when all of them are enrolled already.
    pub button: Option<String>,
}

impl CheckPage {
    /// The page for a person.
    pub fn new(proposed: Proposed, viewer: &Viewer, moved: bool) -> Result<CheckPage, AppError> {
        let Proposed { header, list, typed, problems, dates, plan, sample, recheck, gone, expired } = proposed;
        let address = format!("/experiences/{}", header.id);
        let kept = [list.pairs(), list.selection()?.pairs()].concat();
        let total = plan.people.len() as u64;
        let new = plan.effect.people();
        let later = dates.starts_on > header.today;
        let mut effects = words::would(&plan.effect, later.then_some(dates.starts_on));
        if total > new {
            let already =
                counted(total - new, "person is enrolled already and stays", "people are enrolled already and stay");
            effects.push(format!("{already} as before."));
            if expired > 0 {
                let of_them = counted(expired, "of these enrolments has", "of these enrolments have");
                effects.push(format!("{of_them} expired: SET EXPIRY DATE gives access again."));
            }
        }
        if dates.expires_on.is_some_and(|last| last < header.today) {
            effects.push("Check the dates: the last day of access is over.".to_owned());
        }
        if dates.due_on.is_some_and(|due| due < header.today.max(dates.starts_on)) {
            effects.push("Check the due date: it is over before there is access.".to_owned());
        }
        // what the dates do that are not wrong would be taken for what the wrong ones do
        let effects = if problems.is_empty() { effects } else { Vec::new() };
        Ok(CheckPage {
            chrome: Chrome::new(&problems.title("Enrol users"), viewer, Section::Experiences),
            lede: without_the_deleted(format!("{} on {}", counted(new, "person", "people"), header.title), gone),
            nothing: total == 0,
            back: with_query(&format!("{address}/enrol"), kept.iter().map(|(name, value)| (*name, value))),
            kept: Pairs(kept),
            seen: plan.seen,
            previewed: typed.previewed(),
            moved,
            recheck,
            fields: vec![
                Field::new("starts_on", "First day of access", &typed.starts_on)
                    .kind("date")
                    .required()
                    .hint("Before today: there is access at once.")
                    .with(&problems),
                Field::new("expires_on", "Last day of access", &typed.expires_on)
                    .kind("date")
                    .hint("Empty: no end, and a license for as long.")
                    .with(&problems),
                Field::new("due_on", "Due date", &typed.due_on)
                    .kind("date")
                    .hint("When it should be completed. Access does not depend on it.")
                    .with(&problems),
            ],
            more: (new > sample.len() as u64)
                .then(|| format!("and {} more", format::grouped_count(new - sample.len() as u64))),
            sample,
            effects,
            exceeded: if problems.is_empty() { words::exceeded(&plan.exceeded, "would be") } else { Vec::new() },
            button: (new > 0).then(|| format!("Enrol {}", counted(new, "user", "users"))),
            problems,
            title: header.title,
            address,
        })
    }
}
