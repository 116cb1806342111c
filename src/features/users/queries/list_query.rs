//! The query of the list of users: search, filters, sorting, page and selection, all in the address.
//! What cannot be read counts as not given, so that an old bookmark still opens the list.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Filter, Ground, Idle, Matching, NotSeen, Order, Page, Seek, SortBy, Status, matching, within};
use crate::domain::access::Role;
use crate::error::AppError;
use crate::ids::UserId;
use crate::people::gone::deleted_since;
use crate::schema::users;
use crate::web::format::counted;
use crate::web::guards::{Allowed, Permission};
use crate::web::query::or_default;
use crate::web::selection::{Selection, SelectionQuery, understood, unknown};

/// As it stands in the address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    organisation: String,
    status: String,
    role: String,
    experience: String,
    signed_in: String,
    idle: String,
    #[serde(deserialize_with = "or_default")]
    sort: SortBy,
    order: String,
    page: String,
    ids: Vec<String>,
    all: String,
    /// The audit entry of what was just done.
    done: String,
    /// Whoever comes from Free up licenses, or from one person's page, goes back there.
    from: String,
    /// Everybody is counted, however many there are.
    count: String,
}

const FREE_UP: &str = "free-up";
const PERSON: &str = "person";

/// The pair of an address that leads back to the page of the only person who is selected.
pub fn from_person() -> (&'static str, String) {
    ("from", PERSON.to_owned())
}

/// The pair of an address that counts everybody who matches.
pub fn counting_all() -> (&'static str, String) {
    ("count", "all".to_owned())
}

/// The pair of an address that leads back to Free up licenses.
pub fn from_free_up() -> (&'static str, String) {
    ("from", FREE_UP.to_owned())
}

/// The statuses with their names in addresses and on the screen.
pub const STATUSES: [(Status, &str, &str); 3] = [
    (Status::Active, "active", "Active"),
    (Status::Inactive, "inactive", "Inactive"),
    (Status::Expired, "expired", "Account expired"),
];

/// How long somebody was not seen, as it is offered; any number of days can stand in an address.
pub const NOT_SEEN: [NotSeen; 5] =
    [NotSeen::ForDays(30), NotSeen::ForDays(90), NotSeen::ForDays(180), NotSeen::ForDays(365), NotSeen::Ever];

/// Nobody asks for longer.
const MOST_DAYS: u32 = 3_650;

impl NotSeen {
    fn named(name: &str) -> Option<NotSeen> {
        match name {
            "never" => Some(NotSeen::Ever),
            days => days.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days)).map(NotSeen::ForDays),
        }
    }

    /// The name in addresses.
    pub fn name(self) -> String {
        match self {
            NotSeen::Ever => "never".to_owned(),
            NotSeen::ForDays(days) => days.to_string(),
        }
    }

    /// After "Signed in".
    pub fn words(self) -> String {
        match self {
            NotSeen::Ever => "Never".to_owned(),
            NotSeen::ForDays(365) => "Not for a year".to_owned(),
            NotSeen::ForDays(days) => format!("Not for {}", counted(u64::from(days), "day", "days")),
        }
    }
}

/// Why somebody could give the license back, likewise.
pub const IDLE: [(Idle, &str, &str); 2] =
    [(Idle::Completed, "completed", "Everything completed"), (Idle::NeverOpened, "never_opened", "Never opened")];

impl ListQuery {
    /// What the list is narrowed down to.
    pub fn filter(&self) -> Filter {
        let search: String = self.q.chars().filter(|c| !c.is_control()).take(200).collect();
        Filter {
            search: search.trim().to_owned(),
            organisation: self.organisation.parse().ok(),
            status: STATUSES.iter().find(|(_, name, _)| *name == self.status).map(|(status, _, _)| *status),
            role: Role::from_code(&self.role),
            experience: self.experience.parse().ok(),
            not_seen: NotSeen::named(&self.signed_in),
            idle: IDLE.iter().find(|(_, name, _)| *name == self.idle).map(|(idle, _, _)| *idle),
        }
    }

    /// What the list is sorted by.
    pub fn order(&self) -> Order {
        Order { by: self.sort, descending: self.order == "desc" }
    }

    /// The same list without some of the rows that are ticked.
    #[must_use]
    pub fn without(mut self, gone: &[Uuid]) -> Self {
        self.ids.retain(|id| id.parse().map_or(true, |id: Uuid| !gone.contains(&id)));
        self
    }

    /// Which rows are selected.
    pub fn selection(&self) -> Result<Selection, AppError> {
        Selection::parse(&SelectionQuery { ids: self.ids.clone(), all: self.all.clone() })
    }

    /// Something is said about the last sign-in, understood or not.
    pub fn asks_for_not_seen(&self) -> bool {
        !self.signed_in.is_empty()
    }

    /// Everybody who matches is to be counted.
    pub fn counts_all(&self) -> bool {
        self.count == counting_all().1
    }

    /// The screen that it is the query of: its address and its name.
    pub fn screen(&self) -> (String, &'static str) {
        match (self.from.as_str(), self.ids.as_slice()) {
            (FREE_UP, _) => ("/free-up".to_owned(), "Free up licenses"),
            (PERSON, [id]) if id.parse::<Uuid>().is_ok() => (format!("/users/{id}"), "User"),
            _ => ("/users".to_owned(), "Users"),
        }
    }

    /// Refuses a change of all that match a filter that is not understood.
    pub fn understood(&self) -> Result<(), AppError> {
        let filter = self.filter();
        let [statuses, idle] = [STATUSES.map(|(_, name, _)| name).join(", "), IDLE.map(|(_, name, _)| name).join(", ")];
        let roles = Role::ALL.map(Role::code).join(", ");
        let one_of = |what, value, is_known, names: &str| unknown(what, value, is_known, &format!("one of {names}"));
        let an_id = |what, value, is_known| unknown(what, value, is_known, "the id as in the address of its page");
        understood(
            &self.all,
            [
                one_of("a status", &self.status, filter.status.is_some(), &statuses),
                one_of("a role", &self.role, filter.role.is_some(), &roles),
                one_of("a reason to free a license", &self.idle, filter.idle.is_some(), &idle),
                unknown(
                    "a time since the last sign-in",
                    &self.signed_in,
                    filter.not_seen.is_some(),
                    "a number of days up to 3650, or never",
                ),
                an_id("the id of an organisation", &self.organisation, filter.organisation.is_some()),
                an_id("the id of a learning experience", &self.experience, filter.experience.is_some()),
            ],
        )
    }

    /// The audit entry of what was just done, or `nothing`.
    pub fn done(&self) -> &str {
        &self.done
    }

    /// The pairs of an address with the same filters and sorting.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let from = (!self.from.is_empty()).then(|| ("from", self.from.clone()));
        [filter_pairs(&self.filter()), order_pairs(self.order()), from.into_iter().collect()].concat()
    }

    /// Which page: a number, and perhaps how to get there: `3`, `3.after.ID`, `2.before.ID`, `9.end.7`.
    pub fn page(&self) -> Page {
        let mut parts = self.page.splitn(3, '.');
        let number = parts.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0).unwrap_or(1);
        let seek = match (parts.next(), parts.next()) {
            (Some("after"), Some(id)) => id.parse().ok().map(Seek::After),
            (Some("before"), Some(id)) => id.parse().ok().map(Seek::Before),
            (Some("end"), Some(rows)) => rows.parse().ok().map(Seek::End),
            _ => None,
        };
        Page { number, seek: seek.unwrap_or(Seek::Offset) }
    }
}

/// The pairs of an address that narrow the list down to the same.
pub fn filter_pairs(filter: &Filter) -> Vec<(&'static str, String)> {
    let status = STATUSES.iter().find(|(status, _, _)| Some(*status) == filter.status);
    let idle = IDLE.iter().find(|(idle, _, _)| Some(*idle) == filter.idle);
    let pairs = [
        ("q", filter.search.clone()),
        ("organisation", filter.organisation.map(|id| id.to_string()).unwrap_or_default()),
        ("status", status.map(|(_, name, _)| (*name).to_owned()).unwrap_or_default()),
        ("role", filter.role.map(|role| role.code().to_owned()).unwrap_or_default()),
        ("experience", filter.experience.map(|id| id.to_string()).unwrap_or_default()),
        ("signed_in", filter.not_seen.map(NotSeen::name).unwrap_or_default()),
        ("idle", idle.map(|(_, name, _)| (*name).to_owned()).unwrap_or_default()),
    ];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl SortBy {
    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            SortBy::Name => "name",
            SortBy::Username => "username",
            SortBy::Email => "email",
            SortBy::Organisation => "organisation",
            SortBy::LastSignIn => "last_sign_in",
        }
    }
}

/// The pairs of an address that sort the list in the same way; none for the usual order.
pub fn order_pairs(order: Order) -> Vec<(&'static str, String)> {
    let by = (order.by != SortBy::default() || order.descending).then(|| ("sort", order.by.name().to_owned()));
    let descending = order.descending.then(|| ("order", "desc".to_owned()));
    by.into_iter().chain(descending).collect()
}

/// The users who are selected in the list, within the scope.
pub fn selected<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    list: &ListQuery,
    now: DateTime<Utc>,
) -> Result<Matching, AppError> {
    Ok(match list.selection()? {
        Selection::All => {
            let filter = list.filter();
            matching(&Ground::of(conn, by, filter.organisation, now)?, &filter)
        }
        Selection::Ticked(ids) => within(by).filter(users::id.eq_any(ids)),
    })
}

/// What of a selection is still there.
#[derive(Debug)]
pub struct Still {
    /// The list, with those who are.
    pub list: ListQuery,
    /// Who was ticked and is deleted.
    pub gone: Vec<Uuid>,
}

impl ListQuery {
    /// Without those ticked who were deleted since a time; whoever else is not there for this person is refused.
    pub fn still<P: Permission>(
        self,
        conn: &mut PgConnection,
        by: &Allowed<P>,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Still, AppError> {
        let gone = match self.selection()? {
            Selection::Ticked(_) => match selected_ids(conn, by, &self, now) {
                Err(AppError::NotFound) => deleted_since(conn, by, &self.selection()?, since)?,
                found => found.map(|_| Vec::new())?,
            },
            Selection::All => Vec::new(),
        };
        Ok(Still { list: self.without(&gone), gone })
    }
}

/// Whether anybody is selected.
pub fn is_somebody_selected<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    list: &ListQuery,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let first: Option<UserId> = selected(conn, by, list, now)?.select(users::id).first(conn).optional()?;
    Ok(first.is_some())
}

/// The ids of the users who are selected. A ticked one who is not there, or not for this person, is
/// refused: nothing is done by halves.
pub fn selected_ids<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    list: &ListQuery,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, AppError> {
    let ids: Vec<UserId> = selected(conn, by, list, now)?.order(users::id).select(users::id).load(conn)?;
    match list.selection()? {
        Selection::Ticked(ticked) if ticked.len() != ids.len() => Err(AppError::NotFound),
        _ => Ok(ids),
    }
}
