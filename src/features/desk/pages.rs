//! The desk as it is shown.

use std::collections::BTreeSet;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::order::{STATES, SortBy, Wanted};
use super::queries::{Account, Accounts, PAGE_SIZE};
use crate::domain::calendar::Calendar;
use crate::domain::license::{Used, UserLimit};
use crate::domain::license_year::{reuses, reuses_used};
use crate::domain::overage::Standing;
use crate::web::form::Choice;
use crate::web::format::{self, counted, grouped_count};
use crate::web::list::Heading;
use crate::web::meter::Usage;
use crate::web::page::{Chrome, Section};
use crate::web::pager::{Pager, query_string};
use crate::web::standing;
use crate::web::viewer::Viewer;

/// Where it is.
const PATH: &str = "/desk";

/// GET `/desk`.
#[derive(Template)]
#[template(path = "desk/show.html")]
pub struct DeskPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "12 accounts".
    pub lede: String,
    /// Part of a name, as typed.
    pub search: String,
    /// The filter by state.
    pub state: Choice,
    /// The order, kept while searching; empty: by urgency.
    pub sort: String,
    /// Something narrows the list down.
    pub narrowed: bool,
    /// The headings.
    pub headings: Vec<Heading>,
    /// The accounts.
    pub rows: Vec<Row>,
    /// Other pages.
    pub pager: Pager,
}

/// An account.
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its report.
    pub address: String,
    /// "Minor overage, due until the end of 8 Dec 2026".
    pub state: String,
    /// It is over its limit.
    pub over: bool,
    /// "10 business days left", or what is coming.
    pub left: Option<String>,
    /// Limit, used and the bar.
    pub usage: Usage,
    /// "2,340 of 4,000"; empty without an agreement.
    pub re_uses: String,
    /// The last day of the license year, or that there is none.
    pub renewal: String,
    /// The next year is agreed on.
    pub renewed: bool,
}

impl DeskPage {
    /// The page for somebody.
    pub fn new(viewer: &Viewer, accounts: Accounts, wanted: Wanted, now: DateTime<Utc>) -> DeskPage {
        let Accounts { rows, total, days_off } = accounts;
        let pairs = wanted.pairs(wanted.by, wanted.descending);
        DeskPage {
            chrome: Chrome::new("Accounts", viewer, Section::Accounts),
            lede: counted(total, "account", "accounts"),
            state: Choice::new("state", "State", STATES, &wanted.state),
            sort: pairs.last().map(|(_, sort)| sort.clone()).unwrap_or_default(),
            narrowed: !wanted.name.is_empty() || !wanted.state.is_empty(),
            headings: SortBy::ALL.into_iter().map(|(by, label)| heading(by, label, &wanted)).collect(),
            pager: Pager::new(PATH, &query_string(pairs), wanted.page, PAGE_SIZE, total),
            rows: rows.into_iter().map(|account| Row::new(account, viewer.time_zone, &days_off, now)).collect(),
            search: wanted.name,
        }
    }
}

/// A heading leads to its own column; the active one turns the order round, except for urgency, where the least
/// urgent is nobody's first question. Figures begin with the largest.
fn heading(by: SortBy, label: &'static str, wanted: &Wanted) -> Heading {
    let active = wanted.by == by;
    let descending = if active { !wanted.descending } else { !matches!(by, SortBy::Name | SortBy::Renewal) };
    let sorted = active.then_some(wanted.descending || by == SortBy::Urgency);
    Heading::new(label, PATH, sorted, &wanted.pairs(by, descending))
}

impl Row {
    fn new(account: Account, zone: Tz, days_off: &BTreeSet<NaiveDate>, now: DateTime<Utc>) -> Row {
        let calendar = Calendar::new(account.time_zone.parse().unwrap_or(Tz::UTC), days_off.clone());
        let stands = match (&account.stage, account.notice_on) {
            (Some(stage), Some(notice_on)) => Standing::of(stage, notice_on, account.major_due_at, &calendar),
            _ => Standing::Within,
        };
        let limit = account.user_limit.map(|limit| UserLimit(limit.unsigned_abs()));
        let coming = account.crossing_on.filter(|_| stands == Standing::Within);
        Row {
            address: format!("/organisations/{}/licenses", account.id),
            state: match (stands, limit) {
                (Standing::Within, None) => "No limit".to_owned(),
                _ => standing::sentence(&standing::words(stands, zone)),
            },
            over: stands != Standing::Within,
            left: match (stands.left(now, &calendar), coming) {
                (Some(left), _) => Some(standing::left(left)),
                (None, Some(day)) => Some(format!("over it from {} on, by what is scheduled", format::day(day))),
                (None, None) => None,
            },
            usage: Usage::new(limit, Used(account.used.unsigned_abs()), None),
            re_uses: re_uses(&account),
            renewal: match (account.ends_on, account.renewed_on) {
                (Some(ends_on), _) => format::day(ends_on),
                (None, Some(begins_on)) => format!("begins {}", format::day(begins_on)),
                (None, None) => "no agreement".to_owned(),
            },
            renewed: account.ends_on.is_some() && account.renewed_on.is_some(),
            name: account.name,
        }
    }
}

fn re_uses(account: &Account) -> String {
    let (Some(holders), Some(highest), Some(each)) =
        (account.holders, account.highest_limit, account.re_uses_per_license)
    else {
        return String::new();
    };
    let highest = UserLimit(highest.unsigned_abs());
    let used = reuses_used(holders.unsigned_abs(), highest);
    format!("{} of {}", grouped_count(used), grouped_count(reuses(highest, each.unsigned_abs())))
}
