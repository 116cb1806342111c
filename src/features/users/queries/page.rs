//! A page of users.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use super::filter::{Filter, Matching, Status, matching, unseen};
use super::ground::Ground;
use super::order;
use super::totals::Counted;
use crate::db::prepared::prepared;
use crate::domain::activity::Facts;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::users;
use crate::web::guards::{Allowed, Permission};

/// Rows on a page.
pub const PAGE_SIZE: u32 = 20;

/// What users are sorted by; always by name and ID after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// First and last name.
    #[default]
    Name,
    /// Username.
    Username,
    /// E-mail address.
    Email,
    /// The home organisation's name.
    Organisation,
    /// Last sign-in, those who never did first.
    LastSignIn,
}

/// A column, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// Which column.
    pub by: SortBy,
    /// The last first.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// After the pages before it, which have to be passed over.
    Offset,
    /// After this user.
    After(UserId),
    /// Before this user.
    Before(UserId),
    /// So that it ends with the last row; it has so many rows.
    End(u32),
}

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The first is 1.
    pub number: u32,
    /// How to get there.
    pub seek: Seek,
}

/// The users of whom pages are shown.
pub struct Sought<'a, F> {
    /// What they are narrowed down to.
    pub filter: &'a Filter,
    /// Among whom, and when.
    pub ground: &'a Ground,
    /// Those who match.
    pub matching: F,
    /// How many these are.
    pub counted: &'a Counted,
}

impl<'a, F> Sought<'a, F> {
    /// The same users, found in another way.
    pub(super) fn among<M>(&self, matching: M) -> Sought<'a, M> {
        Sought { filter: self.filter, ground: self.ground, matching, counted: self.counted }
    }

    /// With words, those who match all but what takes long to find out: whether they are active, and why they could be no
    /// longer. None where nothing of that is asked for.
    pub(super) fn searched(&self) -> Option<Matching> {
        let status = self.filter.status.filter(|status| *status == Status::Expired);
        let otherwise = Filter { status, idle: None, ..self.filter.clone() };
        let takes_long = !otherwise.search.is_empty() && otherwise != *self.filter;
        takes_long.then(|| matching(self.ground, &otherwise))
    }

    /// Whom the index of the order leads to: everybody, or up to the last one whom the filter leaves of it. Going down from
    /// a row of the list it is above none: a second bound at that end could be the one that the index is searched by.
    pub(super) fn walked(&self, by: SortBy, is_down_from_a_row: bool) -> Matching {
        let everybody = users::table.into_boxed();
        match (by, self.filter.not_seen) {
            (SortBy::LastSignIn, Some(not_seen)) if !is_down_from_a_row => unseen(everybody, not_seen, self.ground.now),
            _ => everybody,
        }
    }
}

/// A row of the list.
#[derive(Debug)]
pub struct Listed {
    /// The unique ID.
    pub id: UserId,
    /// First and last name.
    pub name: String,
    /// Username.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// The home organisation; the vendor's people have none.
    pub organisation: Option<(OrganisationId, String)>,
    /// When the person last signed in.
    pub last_signed_in_at: Option<DateTime<Utc>>,
    /// What decides whether the person is active.
    pub facts: Facts,
    /// The day in the person's organisation.
    pub today: NaiveDate,
    /// The reader may edit and delete the account.
    pub manageable: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    username: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation_id: Option<OrganisationId>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_name: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_signed_in_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Date)]
    today: NaiveDate,
    #[diesel(sql_type = Integer)]
    live: i32,
    #[diesel(sql_type = Integer)]
    completed_live: i32,
    #[diesel(sql_type = Integer)]
    expired: i32,
    #[diesel(sql_type = Integer)]
    coming: i32,
    #[diesel(sql_type = Nullable<Date>)]
    active_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    next_start: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    expires_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    manageable: bool,
}

/// The rows of a page.
pub fn page<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    sought: &Sought<'_, impl Fn() -> Matching>,
    order: Order,
    page: Page,
) -> Result<Vec<Listed>, AppError> {
    let ids = order::ids(conn, by, sought, order, page)?;
    let reach = by.reach();
    let rows: Vec<Row> = prepared(include_str!("listed.sql"))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(sought.ground.now)
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.roles.iter().map(|role| role.code()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .load(conn)?;
    Ok(rows.into_iter().map(Listed::from).collect())
}

impl From<Row> for Listed {
    fn from(row: Row) -> Listed {
        Listed {
            id: row.id,
            name: row.name,
            username: row.username,
            email: row.email,
            organisation: row.organisation_id.zip(row.organisation_name),
            last_signed_in_at: row.last_signed_in_at,
            facts: Facts {
                live: row.live.unsigned_abs(),
                completed_live: row.completed_live.unsigned_abs(),
                expired: row.expired.unsigned_abs(),
                coming: row.coming.unsigned_abs(),
                until: row.active_until,
                next_start: row.next_start,
                account_expires_on: row.expires_on,
            },
            today: row.today,
            manageable: row.manageable,
        }
    }
}
