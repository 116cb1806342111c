//! A page of users. It begins where the page before ended, going by the last row's own values, so
//! that the last page costs what the first one does.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use super::filter::{Matching, within};
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

/// The rows of a page of the users who match.
pub fn page<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    matching: Matching,
    order: Order,
    page: Page,
    now: DateTime<Utc>,
) -> Result<Vec<Listed>, AppError> {
    let ids = ids(conn, by, matching, order, page)?;
    let reach = by.reach();
    let rows: Vec<Row> = prepared(include_str!("listed.sql"))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(now)
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

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
}

/// The ids of a page, in order.
fn ids<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    matching: Matching,
    order: Order,
    page: Page,
) -> Result<Vec<UserId>, AppError> {
    // a page before another one is read backwards from there, and turned round
    let backwards = matches!(page.seek, Seek::Before(_) | Seek::End(_));
    let down = order.descending != backwards;
    let cursor = match page.seek {
        Seek::After(id) | Seek::Before(id) => cursor(conn, by, id)?,
        Seek::Offset | Seek::End(_) => None,
    };
    let limit = match page.seek {
        Seek::End(rows) => rows,
        _ => PAGE_SIZE,
    };
    let offset = match (page.seek, &cursor) {
        // also when the row to go by is gone
        (Seek::Offset, _) | (Seek::After(_) | Seek::Before(_), None) => (page.number.max(1) - 1) * PAGE_SIZE,
        _ => 0,
    };
    let mut found = if order.by == SortBy::Organisation {
        by_organisation(conn, by, matching, down, cursor, limit, offset)?
    } else {
        let query = sorted(matching, order.by, down, cursor);
        query.select(users::id).limit(i64::from(limit)).offset(i64::from(offset)).load(conn)?
    };
    if backwards {
        found.reverse();
    }
    Ok(found)
}

/// The values of a row that pages are sorted by.
#[derive(Queryable)]
struct Cursor {
    id: UserId,
    name: String,
    username: String,
    email: String,
    signed_in: DateTime<Utc>,
    organisation: Option<OrganisationId>,
}

fn cursor<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, id: UserId) -> Result<Option<Cursor>, AppError> {
    let row = within(by)
        .filter(users::id.eq(id))
        .select((
            users::id,
            users::name,
            users::username_key,
            users::email_key,
            users::signed_in_order,
            users::organisation_id,
        ))
        .first(conn)
        .optional()?;
    Ok(row)
}

/// Orders by a column, and begins after the cursor: `column >= value` finds the place in the index.
macro_rules! seek {
    ($query:ident, $down:ident, $column:expr, $value:expr) => {{
        let query = match ($value, $down) {
            (None, _) => $query,
            (Some((value, id)), false) => {
                $query.filter($column.ge(value.clone()).and($column.gt(value).or(users::id.gt(id))))
            }
            (Some((value, id)), true) => {
                $query.filter($column.le(value.clone()).and($column.lt(value).or(users::id.lt(id))))
            }
        };
        if $down {
            query.order(($column.desc(), users::id.desc()))
        } else {
            query.order(($column.asc(), users::id.asc()))
        }
    }};
}

fn sorted(query: Matching, by: SortBy, down: bool, cursor: Option<Cursor>) -> Matching {
    match by {
        SortBy::Name | SortBy::Organisation => seek!(query, down, users::name, cursor.map(|row| (row.name, row.id))),
        SortBy::Username => seek!(query, down, users::username_key, cursor.map(|row| (row.username, row.id))),
        SortBy::Email => seek!(query, down, users::email_key, cursor.map(|row| (row.email, row.id))),
        SortBy::LastSignIn => seek!(query, down, users::signed_in_order, cursor.map(|row| (row.signed_in, row.id))),
    }
}

/// Sorted by the organisation's name: organisation by organisation, so many rows of each at most.
fn by_organisation<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    matching: Matching,
    down: bool,
    cursor: Option<Cursor>,
    limit: u32,
    offset: u32,
) -> Result<Vec<UserId>, AppError> {
    let sql = if down { include_str!("by_organisation_down.sql") } else { include_str!("by_organisation.sql") };
    let rows: Vec<Id> = prepared(sql)
        .query(matching.select(users::all_columns))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(cursor.as_ref().map(|row| row.id))
        .bind::<Nullable<SqlUuid>, _>(cursor.and_then(|row| row.organisation))
        .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX))
        .bind::<Integer, _>(i32::try_from(offset).unwrap_or(i32::MAX))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
