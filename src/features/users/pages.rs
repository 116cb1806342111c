//! The list of users as it is shown.

use askama::Template;
use chrono::{DateTime, Utc};

use super::queries::{
    Filter, IDLE, Listed, NOT_SEEN, NotSeen, Order, PAGE_SIZE, Page, People, STATUSES, SortBy, counting_all,
    filter_pairs, order_pairs,
};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::activity::Activity;
use crate::features::enrolments::queries::Offered as OfferedExperience;
use crate::features::organisations::queries::Offered;
use crate::web::form::Choice;
use crate::web::format::{self, counted};
use crate::web::guards::{Allowed, SeeUsers};
use crate::web::list::{self, Heading, Paging, Pairs, Picked, Total};
use crate::web::notice::Notice;
use crate::web::page::Chrome;
use crate::web::pager::with_query;
use crate::web::selection::Selection;

/// What the list shows.
pub struct Shown {
    /// What was just done.
    pub notice: Option<Notice>,
    /// Narrowed down to.
    pub filter: Filter,
    /// Sorted by.
    pub order: Order,
    /// The page.
    pub page: Page,
    /// What is ticked.
    pub selection: Selection,
    /// Everybody who matches was counted.
    pub counts_all: bool,
    /// The users of the organisation that is chosen, or of the whole scope.
    pub people: People,
    /// How many match.
    pub total: Total,
    /// The rows of the page.
    pub rows: Vec<Listed>,
    /// Organisations to choose from.
    pub organisations: Vec<Offered>,
    /// Learning experiences to choose from.
    pub experiences: Vec<OfferedExperience>,
}

/// GET `/users`.
#[derive(Template)]
#[template(path = "users/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done.
    pub notice: Option<Notice>,
    /// "4,930 people, 4,312 of them active".
    pub lede: String,
    /// As typed.
    pub search: String,
    /// The filters that are always there.
    pub filters: Vec<Choice>,
    /// Those behind "More filters".
    pub more_filters: Vec<Choice>,
    /// One of these is in use.
    pub more_in_use: bool,
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
    /// Counts all who match, where there are more than are counted otherwise.
    pub count_all: Option<String>,
    /// What is selected.
    pub picked: Picked,
    /// EXPORT TO CSV, and what it gives; none when nobody matches.
    pub export: Option<(String, String)>,
    /// The reader may add users.
    pub may_add: bool,
    /// The reader may restore users who were deleted.
    pub may_restore: bool,
    /// Import Users, for the organisation that is chosen, for whoever may.
    pub import: Option<String>,
}

/// A user in the list.
pub struct Row {
    /// The unique ID.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// Username.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// The home organisation, and the list of its users.
    pub organisation: Option<(String, String)>,
    /// "Active", "Inactive", "Account expired", and the badge's style.
    pub badge: (&'static str, &'static str),
    /// Why.
    pub why: String,
    /// When the person last signed in.
    pub seen: String,
    /// The row is ticked.
    pub ticked: bool,
    /// The reader may edit and delete the account.
    pub manageable: bool,
}

/// Username and e-mail address stand below the name, and can be sorted by in the address only.
const COLUMNS: [(SortBy, &str); 3] =
    [(SortBy::Name, "Name"), (SortBy::Organisation, "Organisation"), (SortBy::LastSignIn, "Last sign-in")];

impl ListPage {
    /// The page for somebody who may see users.
    pub fn new(chrome: Chrome, shown: Shown, by: &Allowed<SeeUsers>, now: DateTime<Utc>) -> ListPage {
        let Shown { notice, filter, order, page, selection, counts_all, .. } = shown;
        let Shown { people, total, rows, organisations, experiences, .. } = shown;
        let viewer = by.by().viewer();
        let filters = filter_pairs(&filter);
        let counting = counts_all.then(counting_all);
        let counting: Vec<_> = counting.into_iter().collect();
        let sorting = [order_pairs(order), counting.clone()].concat();
        let all = [filters.clone(), sorting.clone()].concat();
        let shown_ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        ListPage {
            notice,
            lede: format!(
                "{}, {} of them active",
                counted(people.all.unsigned_abs(), "person", "people"),
                format::grouped(people.active)
            ),
            headings: COLUMNS
                .into_iter()
                .map(|(by, label)| {
                    let sorted = (order.by == by).then_some(order.descending);
                    let next = order_pairs(Order { by, descending: sorted == Some(false) });
                    Heading::new(
                        label,
                        "/users",
                        sorted,
                        &[filters.clone(), next, counting.clone(), selection.pairs()].concat(),
                    )
                })
                .collect(),
            paging: Paging::new(
                "/users",
                &all,
                page.number,
                PAGE_SIZE,
                total,
                list::Shown::new(&shown_ids),
                &selection,
            ),
            count_all: matches!(total, Total::MoreThan(_))
                .then(|| with_query("/users", [all.clone(), selection.pairs(), vec![counting_all()]].concat())),
            picked: Picked::new("/users", &all, &selection, total, &shown_ids),
            kept: Pairs([sorting, selection.elsewhere(&shown_ids)].concat()),
            narrowed: !filters.is_empty(),
            more_in_use: filter.role.is_some()
                || filter.experience.is_some()
                || filter.not_seen.is_some()
                || filter.idle.is_some(),
            filters: vec![organisation_choice(&organisations, &filter), status_choice(&filter)],
            more_filters: vec![
                role_choice(&filter),
                experience_choice(&experiences, &filter),
                seen_choice(&filter),
                idle_choice(&filter),
            ],
            import: viewer.scope_of(Action::Import).map(|_| {
                let chosen = filter.organisation.map(|id| id.to_string());
                with_query("/users/import", [("organisation", chosen.unwrap_or_default())])
            }),
            export: (total != Total::Exact(0)).then(|| {
                // with everything in reach, people are listed who belong to no organisation, which a file has to name
                let what = if viewer.scope_of(Action::SeeUsers) == Some(Scope::Everything) {
                    format!("A file of those of the {} that match who belong to an organisation", total.words())
                } else {
                    format!("A file of all {} that match", total.words())
                };
                (with_query("/users.csv", filters.clone()), what)
            }),
            search: filter.search,
            may_add: viewer.scope_of(Action::EditUsers).is_some(),
            may_restore: viewer.scope_of(Action::DeleteUsers).is_some(),
            rows: rows.into_iter().map(|row| Row::new(row, &selection, now, viewer.time_zone)).collect(),
            chrome,
        }
    }
}

impl Row {
    /// A row at a time.
    pub fn new(listed: Listed, selection: &Selection, now: DateTime<Utc>, zone: chrono_tz::Tz) -> Row {
        let activity = Activity::of(&listed.facts, listed.today);
        Row {
            ticked: selection.has(listed.id.0),
            id: listed.id.to_string(),
            name: listed.name,
            username: listed.username,
            email: listed.email,
            organisation: listed.organisation.map(|(id, name)| (name, format!("/users?organisation={id}"))),
            badge: activity.badge(),
            why: activity.why(),
            seen: listed.last_signed_in_at.map_or("never".to_owned(), |at| format::ago(at, now, zone)),
            manageable: listed.manageable,
        }
    }
}

/// Organisations to choose from, with the one that is chosen.
pub fn organisation_choice(offered: &[Offered], filter: &Filter) -> Choice {
    let chosen = filter.organisation.map(|id| id.to_string()).unwrap_or_default();
    let all = (String::new(), "All that you look after".to_owned());
    let options = offered.iter().map(|organisation| (organisation.id.to_string(), organisation.path.clone()));
    Choice::new("organisation", "Organisation and below", std::iter::once(all).chain(options), &chosen)
}

fn status_choice(filter: &Filter) -> Choice {
    let options = STATUSES.iter().map(|(_, name, words)| (*name, *words));
    let chosen = STATUSES.iter().find(|(status, _, _)| Some(*status) == filter.status).map_or("", |(_, name, _)| name);
    Choice::new("status", "Status", std::iter::once(("", "Any")).chain(options), chosen)
}

fn role_choice(filter: &Filter) -> Choice {
    let options = Role::ALL.into_iter().map(|role| (role.code(), role.label()));
    let chosen = filter.role.map_or("", Role::code);
    Choice::new("role", "Role", std::iter::once(("", "Any")).chain(options), chosen)
}

fn experience_choice(offered: &[OfferedExperience], filter: &Filter) -> Choice {
    let chosen = filter.experience.map(|id| id.to_string()).unwrap_or_default();
    let options = offered.iter().map(|experience| (experience.id.to_string(), experience.title.clone()));
    let any = (String::new(), "Any".to_owned());
    Choice::new("experience", "Enrolled on", std::iter::once(any).chain(options), &chosen)
}

fn seen_choice(filter: &Filter) -> Choice {
    let other = filter.not_seen.filter(|seen| !NOT_SEEN.contains(seen));
    let options = NOT_SEEN.into_iter().chain(other).map(|seen| (seen.name(), seen.words()));
    let chosen = filter.not_seen.map(NotSeen::name).unwrap_or_default();
    let whenever = (String::new(), "Whenever".to_owned());
    Choice::new("signed_in", "Signed in", std::iter::once(whenever).chain(options), &chosen)
}

fn idle_choice(filter: &Filter) -> Choice {
    let options = IDLE.iter().map(|(_, name, words)| (*name, *words));
    let chosen = IDLE.iter().find(|(idle, _, _)| Some(*idle) == filter.idle).map_or("", |(_, name, _)| name);
    Choice::new("idle", "Could give the license back", std::iter::once(("", "Whether or not")).chain(options), chosen)
}
