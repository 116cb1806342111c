//! The report as it is shown.

use askama::Template;

use chrono::NaiveDate;

use super::history_page::HistoryView;
use super::order::{Asked, Order, SortBy};
use super::queries::{Figures, NamedOrganisation, PAGE_SIZE, Pool, Report, Source};
use super::queries_history::History;
use crate::domain::license::{self, Used, UserLimit};
use crate::ids::OrganisationId;
use crate::web::format::{counted, day, grouped_count};
use crate::web::meter::Usage;
use crate::web::page::Chrome;
use crate::web::pager::Pager;

/// A heading that sorts.
pub struct Heading {
    /// What it says.
    pub label: &'static str,
    /// Where it leads: this column, or the other way round.
    pub address: String,
    /// `aria-sort` of the sorted column.
    pub sorted: Option<&'static str>,
    /// Its cells are numbers.
    pub numeric: bool,
}

/// A row of the table.
pub struct RowView {
    /// The organisation's name.
    pub name: String,
    /// Its own report.
    pub address: Option<String>,
    /// Limit, used, remaining and the bar.
    pub usage: Usage,
}

/// The children that are over their limits: how many, and the worst of them.
pub struct ChildrenOver {
    /// "2 child organisations are over the limit".
    pub heading: String,
    /// Those furthest over.
    pub worst: Vec<OverLimit>,
    /// "and 2 more", and where they are.
    pub more: Option<(String, String)>,
}

/// A child organisation that is over its limit.
pub struct OverLimit {
    /// Its name.
    pub name: String,
    /// Its report.
    pub address: String,
    /// By how much: "34".
    pub by: String,
}

/// GET `/organisations/{id}/licenses`.
#[derive(Template)]
#[template(path = "licenses/report.html")]
pub struct ReportPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The organisation's name.
    pub name: String,
    /// What the figures cover, and when.
    pub lede: String,
    /// The way back up: names and addresses.
    pub breadcrumb: Vec<(String, String)>,
    /// The CSV with the same order.
    pub export: String,
    /// What else the reader may see and do: addresses and words.
    pub ways: Vec<(String, &'static str)>,
    /// The figures of the whole subtree.
    pub total: Usage,
    /// Users held directly; only when there are children.
    pub direct: Option<RowView>,
    /// The children on this page.
    pub rows: Vec<RowView>,
    /// How many children there are, in words; only when there are some.
    pub children: Option<String>,
    /// The headings.
    pub headings: Vec<Heading>,
    /// Other pages of children.
    pub pager: Pager,
    /// The organisation itself is over its limit: by how much, and what that means.
    pub over: Option<(String, String)>,
    /// The children that are over their limits.
    pub children_over: Option<ChildrenOver>,
    /// Why the figures are of another day than asked for, or of another day than today.
    pub day_note: Option<String>,
    /// The form that asks for another day: the value, and the bounds.
    pub day_form: DayForm,
    /// What was and what is coming; only on the report of today.
    pub history: Option<HistoryView>,
    /// The monthly mail; none where it cannot be had.
    pub subscription: Option<Subscription>,
}

/// The form that asks for the report of another day.
pub struct DayForm {
    /// The report's address.
    pub address: String,
    /// The day that is shown.
    pub value: String,
    /// The first day of which anything is recorded.
    pub first: String,
    /// Another day than today is shown.
    pub is_other: bool,
}

/// The monthly mail of a report.
pub struct Subscription {
    /// Where it is asked for and stopped.
    pub address: String,
    /// It is sent already.
    pub is_on: bool,
    /// It was just asked for (true) or stopped (false).
    pub just: Option<bool>,
}

/// What the page shows beside the figures.
pub struct Extras {
    /// What was and what is coming.
    pub history: Option<History>,
    /// The month of its table that was asked for.
    pub month: Option<NaiveDate>,
    /// The date that was asked for, when it is none: as typed.
    pub unreadable: Option<String>,
    /// The date that was asked for.
    pub asked: Option<NaiveDate>,
    /// The monthly mail.
    pub subscription: Option<Subscription>,
    /// Other pages about the organisation, for whoever may go there: address and words.
    pub ways: Vec<(String, &'static str)>,
}

/// The name of the row of users held directly.
pub fn direct_name(name: &str) -> String {
    format!("directly in {name}")
}

fn address(id: OrganisationId) -> String {
    format!("/organisations/{id}/licenses")
}

/// An address with a query, if there is one.
fn with_query(address: &str, query: &str) -> String {
    if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") }
}

impl ReportPage {
    /// The report on its page `number`, for somebody with this chrome.
    pub fn new(chrome: Chrome, report: Report, order: Order, number: u32, extras: Extras) -> ReportPage {
        let day_note = day_note(&report, &extras);
        let is_now = report.source == Source::Now;
        let asked = Asked { order, on: (!is_now).then_some(report.day) };
        let history = extras.history.map(|history| {
            HistoryView::new(
                &report.total.name,
                &history,
                shared_words(&report),
                extras.month,
                &address(report.total.id),
            )
        });
        let Report {
            day: on,
            time_zone,
            ancestors,
            total,
            directly,
            children,
            rows,
            over,
            furthest_over,
            pool,
            begins_on,
            ..
        } = report;
        let of_day = |id| with_query(&address(id), &Asked { order: Order::default(), on: asked.on }.query());
        let here = address(total.id);
        let share = |limit: Option<UserLimit>, used: Used| Usage::new(limit, used, pool.as_ref().map(Pool::share));
        let view = |figures: Figures| RowView {
            usage: share(figures.limit, figures.used),
            address: Some(of_day(figures.id)),
            name: figures.name,
        };
        let covers = match children {
            0 => total.name.clone(),
            children => format!("{} and its {}", total.name, child_organisations(children)),
        };
        let usage = share(total.limit, total.used);
        ReportPage {
            chrome,
            ways: extras.ways,
            lede: if is_now {
                format!("{covers}, now ({}, {time_zone})", day(on))
            } else {
                format!("{covers}, on {} ({time_zone})", day(on))
            },
            breadcrumb: ancestors.into_iter().map(|NamedOrganisation { id, name }| (name, of_day(id))).collect(),
            export: with_query(&format!("{here}.csv"), &asked.query()),
            direct: (children > 0).then(|| RowView {
                name: direct_name(&total.name),
                address: None,
                usage: share(None, directly),
            }),
            rows: rows.into_iter().map(view).collect(),
            children: (children > 0).then(|| child_organisations(children)),
            headings: headings(&here, asked),
            pager: Pager::new(&here, &asked.query(), number, PAGE_SIZE, children),
            over: usage.over_by.filter(|_| is_now).map(|by| {
                let verb = if total.used.0 == 1 { "is" } else { "are" };
                let people = counted(total.used.0, "person", "people");
                (grouped_count(by), format!("{people} {verb} active, and the limit is {}.", usage.limit))
            }),
            children_over: children_over(over, furthest_over, &here).filter(|_| is_now),
            total: usage,
            name: total.name,
            day_note,
            day_form: DayForm { address: here, value: on.to_string(), first: begins_on.to_string(), is_other: !is_now },
            history,
            subscription: extras.subscription,
        }
    }
}

/// Which day the figures are of and where they come from, unless they are of today.
fn day_note(report: &Report, extras: &Extras) -> Option<String> {
    if let Some(typed) = &extras.unreadable {
        return Some(format!(
            "“{typed}” is not a date, so this is today. Enter year, month and day, such as 2026-11-23."
        ));
    }
    let shown = day(report.day);
    match (report.source, extras.asked) {
        (Source::Scheduled, _) => {
            Some(format!("As it will be on {shown}, from the enrolments that are scheduled today."))
        }
        (Source::Recorded, _) => Some(format!("As it was at the end of {shown}, as recorded.")),
        (Source::Now, Some(asked)) if asked != report.day => Some(format!(
            "Nothing is recorded for {}, so this is today: the records begin on {}.",
            day(asked),
            day(report.begins_on)
        )),
        (Source::Now, _) => None,
    }
}

/// Whose limit it shares, when it has none of its own.
fn shared_words(report: &Report) -> Option<String> {
    let pool = report.pool.as_ref().filter(|_| report.total.limit.is_none())?;
    Some(match &pool.name {
        Some(name) => format!(
            "It has no limit of its own and shares the {} licenses of {name}.",
            grouped_count(u64::from(pool.limit.0))
        ),
        None => "It has no limit of its own and shares the licenses of an organisation above it.".to_owned(),
    })
}

fn children_over(count: u64, furthest: Vec<Figures>, here: &str) -> Option<ChildrenOver> {
    let verb = if count == 1 { "is" } else { "are" };
    let worst: Vec<OverLimit> = furthest.into_iter().filter_map(over_limit).collect();
    let more = count.saturating_sub(worst.len() as u64);
    let sorted = Order { by: SortBy::Remaining, descending: false };
    (count > 0).then(|| ChildrenOver {
        heading: format!("{} {verb} over the limit", child_organisations(count)),
        worst,
        more: (more > 0).then(|| (format!("and {} more", grouped_count(more)), with_query(here, &sorted.query()))),
    })
}

fn over_limit(figures: Figures) -> Option<OverLimit> {
    let by = license::over_by(figures.limit?, figures.used)?;
    Some(OverLimit { address: address(figures.id), name: figures.name, by: grouped_count(by) })
}

fn child_organisations(children: u64) -> String {
    counted(children, "child organisation", "child organisations")
}

/// A heading leads to its own column; the active one turns the order round. Numbers begin with
/// the largest, since that is what people look for.
fn headings(here: &str, asked: Asked) -> Vec<Heading> {
    SortBy::ALL
        .into_iter()
        .map(|(by, label)| {
            let order = asked.order;
            let active = order.by == by;
            let descending = if active { !order.descending } else { by != SortBy::Name };
            Heading {
                label,
                address: with_query(here, &Asked { order: Order { by, descending }, ..asked }.query()),
                sorted: active.then_some(if order.descending { "descending" } else { "ascending" }),
                numeric: !matches!(by, SortBy::Name | SortBy::Percentage),
            }
        })
        .collect()
}
