//! Enrolments > All as it is shown.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::features::enrolments::change::Kind;
use crate::features::enrolments::list_query::{STATES, filter_pairs, order_pairs};
use crate::features::enrolments::queries::{Filter, Header, Listed, Order, PAGE_SIZE, SortBy};
use crate::features::organisations::queries::Offered;
use crate::web::form::Choice;
use crate::web::format;
use crate::web::list::{self, Heading, Paging, Pairs, Picked, Total};
use crate::web::notice::Notice;
use crate::web::page::Chrome;
use crate::web::selection::Selection;

/// What the list shows.
pub struct Shown {
    /// The learning experience.
    pub header: Header,
    /// Narrowed down to.
    pub filter: Filter,
    /// Sorted by.
    pub order: Order,
    /// The page.
    pub number: u32,
    /// What is ticked.
    pub selection: Selection,
    /// How many match.
    pub total: Total,
    /// The rows of the page.
    pub rows: Vec<Listed>,
    /// Organisations to choose from.
    pub organisations: Vec<Offered>,
    /// What was just done.
    pub notice: Option<Notice>,
}

/// GET `/experiences/{experience_id}/enrolments`.
#[derive(Template)]
#[template(path = "enrolments/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done.
    pub notice: Option<Notice>,
    /// The learning experience's title.
    pub title: String,
    /// Its page.
    pub address: String,
    /// Nobody can be enrolled any more.
    pub archived: bool,
    /// "120 people are enrolled".
    pub lede: String,
    /// As typed.
    pub search: String,
    /// The filters.
    pub filters: Vec<Choice>,
    /// Something narrows the list down.
    pub narrowed: bool,
    /// The columns.
    pub headings: Vec<Heading>,
    /// Hidden fields that keep the sorting and the rows that are ticked on other pages.
    pub kept: Pairs,
    /// The rows.
    pub rows: Vec<Row>,
    /// Other pages.
    pub paging: Paging,
    /// What is selected.
    pub picked: Picked,
    /// What can be done with it: address and words.
    pub actions: Vec<(String, &'static str)>,
}

/// An enrolment in the list.
pub struct Row {
    /// The enrolment's id.
    pub id: String,
    /// The learner's name.
    pub name: String,
    /// The learner's page.
    pub user: String,
    /// Username and organisation.
    pub who: String,
    /// The badge: words and style.
    pub badge: (&'static str, &'static str),
    /// What else keeps the learner active, or why the enrolment gives no access.
    pub note: String,
    /// First day of access.
    pub starts: String,
    /// Last day of access.
    pub expires: String,
    /// When it is due.
    pub due: String,
    /// The completion record.
    pub completed: String,
    /// Last access.
    pub seen: String,
    /// The row is ticked.
    pub ticked: bool,
}

const COLUMNS: [(SortBy, &str); 5] = [
    (SortBy::Name, "Learner"),
    (SortBy::Starts, "Starts"),
    (SortBy::Expires, "Expires"),
    (SortBy::Due, "Due"),
    (SortBy::Completed, "Completed"),
];

impl ListPage {
    /// The page at a time.
    pub fn new(chrome: Chrome, shown: Shown, now: DateTime<Utc>, zone: Tz) -> ListPage {
        let Shown { header, filter, order, number, selection, total, rows, organisations, notice } = shown;
        let address = format!("/experiences/{}", header.id);
        let path = format!("{address}/enrolments");
        let filters = filter_pairs(&filter);
        let sorting = order_pairs(order);
        let all = [filters.clone(), sorting.clone()].concat();
        let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        let narrowed = !filters.is_empty();
        ListPage {
            notice,
            lede: match (total, narrowed) {
                (Total::Exact(1), false) => "1 person is enrolled".to_owned(),
                (total, false) => format!("{} people are enrolled", total.words()),
                (Total::Exact(1), true) => "1 enrolment matches".to_owned(),
                (total, true) => format!("{} enrolments match", total.words()),
            },
            headings: COLUMNS
                .into_iter()
                .map(|(by, label)| {
                    let sorted = (order.by == by).then_some(order.descending);
                    let next = order_pairs(Order { by, descending: sorted == Some(false) });
                    Heading::new(label, &path, sorted, &[filters.clone(), next, selection.pairs()].concat())
                })
                .collect(),
            paging: Paging::new(&path, &all, number, PAGE_SIZE, total, list::Shown::new(&ids), &selection),
            picked: Picked::new(&path, &all, &selection, total, &ids),
            kept: Pairs([sorting, selection.elsewhere(&ids)].concat()),
            actions: Kind::ALL.map(|kind| (format!("{path}/{}", kind.segment()), kind.label())).to_vec(),
            filters: vec![organisation_choice(&organisations, &filter), state_choice(&filter)],
            search: filter.search,
            narrowed,
            rows: rows.into_iter().map(|row| Row::new(row, &selection, header.today, now, zone)).collect(),
            title: header.title,
            archived: header.archived,
            address,
            chrome,
        }
    }
}

impl Row {
    fn new(row: Listed, selection: &Selection, today: NaiveDate, now: DateTime<Utc>, zone: Tz) -> Row {
        let badge = match row.expires_on {
            Some(end) if end < today.max(row.starts_on) => ("Expired", "off"),
            _ if row.starts_on > today => ("Not started", "off"),
            _ if row.completed_on.is_some() => ("Live", "warn"),
            _ => ("Live", "ok"),
        };
        let others = format::counted(row.other_live.unsigned_abs(), "other live", "others live");
        let note = match (row.account_expired, row.other_live) {
            (true, _) => "account expired".to_owned(),
            (false, 0) => String::new(),
            (false, _) => others,
        };
        let day_or = |date: Option<NaiveDate>, none: &str| date.map_or(none.to_owned(), format::day);
        Row {
            ticked: selection.has(row.id.0),
            id: row.id.to_string(),
            user: format!("/users/{}", row.user_id),
            who: match row.organisation {
                Some(organisation) => format!("{}, {organisation}", row.username),
                None => row.username,
            },
            name: row.name,
            badge,
            note,
            starts: format::day(row.starts_on),
            expires: day_or(row.expires_on, "no end"),
            due: day_or(row.due_on, ""),
            completed: match (row.completed_on, row.result) {
                (Some(on), Some(result)) => format!("{}: {result}", format::day(on)),
                (on, _) => day_or(on, ""),
            },
            seen: row.last_accessed_at.map_or("never".to_owned(), |at| format::ago(at, now, zone)),
        }
    }
}

/// Organisations to choose from, with the one that is chosen.
fn organisation_choice(offered: &[Offered], filter: &Filter) -> Choice {
    let chosen = filter.organisation.map(|id| id.to_string()).unwrap_or_default();
    let all = (String::new(), "All that you look after".to_owned());
    let options = offered.iter().map(|organisation| (organisation.id.to_string(), organisation.path.clone()));
    Choice::new("organisation", "Organisation and below", std::iter::once(all).chain(options), &chosen)
}

fn state_choice(filter: &Filter) -> Choice {
    let options = STATES.iter().map(|(_, name, words)| (*name, *words));
    let chosen = STATES.iter().find(|(state, _, _)| Some(*state) == filter.state).map_or("", |(_, name, _)| name);
    Choice::new("state", "State", std::iter::once(("", "Any")).chain(options), chosen)
}
