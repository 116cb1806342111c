//! The report as it is shown.

use askama::Template;

use super::order::{Order, SortBy};
use super::queries::{Figures, NamedOrganisation, PAGE_SIZE, Pool, Report};
use crate::domain::license::{self, Used, UserLimit};
use crate::ids::OrganisationId;
use crate::web::format::{counted, day, grouped_count};
use crate::web::meter::{Share, Usage};
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
    pub fn new(
        chrome: Chrome,
        report: Report,
        order: Order,
        number: u32,
        ways: Vec<(String, &'static str)>,
    ) -> ReportPage {
        let Report {
            day: on, time_zone, ancestors, total, directly, children, rows, over, furthest_over, pool, ..
        } = report;
        let here = address(total.id);
        let share = |limit: Option<UserLimit>, used: Used| Usage::new(limit, used, share_of(pool.as_ref()));
        let view = |figures: Figures| RowView {
            usage: share(figures.limit, figures.used),
            address: Some(address(figures.id)),
            name: figures.name,
        };
        let covers = match children {
            0 => total.name.clone(),
            children => format!("{} and its {}", total.name, child_organisations(children)),
        };
        let usage = share(total.limit, total.used);
        ReportPage {
            chrome,
            ways,
            lede: format!("{covers}, now ({}, {time_zone})", day(on)),
            breadcrumb: ancestors.into_iter().map(|NamedOrganisation { id, name }| (name, address(id))).collect(),
            export: with_query(&format!("{here}.csv"), &order.query()),
            direct: (children > 0).then(|| RowView {
                name: direct_name(&total.name),
                address: None,
                usage: share(None, directly),
            }),
            rows: rows.into_iter().map(view).collect(),
            children: (children > 0).then(|| child_organisations(children)),
            headings: headings(&here, order),
            pager: Pager::new(&here, &order.query(), number, PAGE_SIZE, children),
            over: usage.over_by.map(|by| {
                let verb = if total.used.0 == 1 { "is" } else { "are" };
                let people = counted(total.used.0, "person", "people");
                (grouped_count(by), format!("{people} {verb} active, and the limit is {}.", usage.limit))
            }),
            children_over: children_over(over, furthest_over, &here),
            total: usage,
            name: total.name,
        }
    }
}

fn share_of(pool: Option<&Pool>) -> Option<Share<'_>> {
    pool.map(|pool| Share { owner: pool.name.as_deref(), limit: pool.limit, used: pool.used })
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
fn headings(here: &str, order: Order) -> Vec<Heading> {
    SortBy::ALL
        .into_iter()
        .map(|(by, label)| {
            let active = order.by == by;
            let descending = if active { !order.descending } else { by != SortBy::Name };
            Heading {
                label,
                address: with_query(here, &Order { by, descending }.query()),
                sorted: active.then_some(if order.descending { "descending" } else { "ascending" }),
                numeric: !matches!(by, SortBy::Name | SortBy::Percentage),
            }
        })
        .collect()
}
