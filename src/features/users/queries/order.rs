//! Which users are on a page, in order. A page begins where the one before ended, going by the last row's own
//! values, so that the last page costs what the first one does.
//!
//! Where few match, all of them are sorted: counting them has found them. Where many do, the index of the column is followed
//! until the page is full. That can take forever when those who match are all at the other end, as with a
//! search for "Maria" when sorted by name: then it is given up after some rows, and they are sorted after all; where more is
//! asked for that takes long to find out, those who match otherwise are sorted, and it is asked of the first of them. Only the rows
//! that may be passed over take the place of the table there, so that whatever the filters ask is asked of these alone.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::filter::{Matching, Status};
use super::ground::within;
use super::page::{Order, PAGE_SIZE, Page, Seek, SortBy, Sought};
use super::totals::MOST_COUNTED;
use crate::db::prepared::{planned_for_a_page, prepared};
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::users;
use crate::web::guards::{Allowed, Permission};
use crate::web::list::Total;

/// Rows of an index that are passed over before another way is tried, where words are searched for: these may go with the
/// order. One in two hundred and fifty has to match.
const NEAR: i64 = 5_000;
/// The same without words: a page of 2,000 who match among two million, evenly spread, is found in so many, and to sort all
/// 2,000 takes longer.
const FARTHER: i64 = 20_000;
/// Of those who match all but what takes long to find out, in order, so many are tried: one in fifty has to match.
const SEARCHED: i64 = 1_000;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
}

/// The part of the list that is asked for.
#[derive(Clone)]
struct Window {
    /// From the last one to the first.
    down: bool,
    cursor: Option<Cursor>,
    limit: u32,
    offset: u32,
}

/// The values of a row that pages are sorted by.
#[derive(Clone, Queryable)]
struct Cursor {
    id: UserId,
    name: String,
    username: String,
    email: String,
    signed_in: DateTime<Utc>,
    organisation: Option<OrganisationId>,
}

/// How rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Along the index.
    Along,
    /// Along the index, but not far.
    Near,
    /// All that match otherwise than by what takes long to find out, sorted, but not far along these.
    Searched,
    /// All that match, and then sorted.
    Sorting,
}

/// The ids of a page, in order.
pub(super) fn ids<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    sought: &Sought<impl Fn() -> Matching>,
    order: Order,
    page: Page,
) -> Result<Vec<UserId>, AppError> {
    let window = window(conn, by, order, page)?;
    let mut found = planned_for_a_page(conn, |conn| find(conn, sought, order.by, window))?;
    // a page before another one is read backwards from there, and turned round
    if is_backwards(page) {
        found.reverse();
    }
    Ok(found)
}

fn find(
    conn: &mut PgConnection,
    sought: &Sought<impl Fn() -> Matching>,
    sort: SortBy,
    window: Window,
) -> Result<Vec<UserId>, AppError> {
    if sort == SortBy::Organisation {
        return match &sought.counted.few {
            Some(few) => few_by_organisation(conn, few.clone(), window),
            None => by_organisation(conn, sought, window),
        };
    }
    let found = match (&sought.counted.few, sought.counted.total) {
        (Some(few), _) => {
            let matching = || users::table.into_boxed().filter(users::id.eq_any(few.clone()));
            sorted(conn, &sought.among(matching), sort, &window, Way::Sorting)?
        }
        (None, Total::Exact(..=MOST_COUNTED)) => sorted(conn, sought, sort, &window, Way::Sorting)?,
        (None, total) => {
            let ways: &[Way] = match total {
                // few of them may be left, and far away
                Total::Exact(_) if sought.filter.status == Some(Status::Inactive) => &[Way::Near, Way::Sorting],
                Total::Exact(_) => &[Way::Near, Way::Along],
                Total::MoreThan(_) if sought.searched().is_some() => &[Way::Near, Way::Searched, Way::Sorting],
                Total::MoreThan(_) => &[Way::Near, Way::Sorting],
            };
            let mut found = None;
            for way in ways {
                found = sorted(conn, sought, sort, &window, *way)?;
                if found.is_some() {
                    break;
                }
            }
            found
        }
    };
    Ok(found.unwrap_or_default())
}

fn is_backwards(page: Page) -> bool {
    matches!(page.seek, Seek::Before(_) | Seek::End(_))
}

fn window<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    order: Order,
    page: Page,
) -> Result<Window, AppError> {
    let cursor = match page.seek {
        Seek::After(id) | Seek::Before(id) => cursor(conn, by, id)?,
        Seek::Offset | Seek::End(_) => None,
    };
    let limit = match page.seek {
        Seek::End(rows) => rows.min(PAGE_SIZE),
        _ => PAGE_SIZE,
    };
    let offset = match (page.seek, &cursor) {
        // also when the row to go by is gone
        (Seek::Offset, _) | (Seek::After(_) | Seek::Before(_), None) => {
            (page.number.max(1) - 1).saturating_mul(PAGE_SIZE)
        }
        _ => 0,
    };
    Ok(Window { down: order.descending != is_backwards(page), cursor, limit, offset })
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

/// Begins after the cursor, going by the values of the column and the id together: many may have the same value.
macro_rules! seek {
    ($query:expr, $down:expr, $by:literal, $type:ty, $key:expr) => {
        match ($key, $down) {
            (None, _) => $query,
            (Some((value, id)), false) => $query.filter(
                sql::<Bool>(concat!("(", $by, ", users.id) > ("))
                    .bind::<$type, _>(value)
                    .sql(", ")
                    .bind::<SqlUuid, _>(id)
                    .sql(")"),
            ),
            (Some((value, id)), true) => $query.filter(
                sql::<Bool>(concat!("(", $by, ", users.id) < ("))
                    .bind::<$type, _>(value)
                    .sql(", ")
                    .bind::<SqlUuid, _>(id)
                    .sql(")"),
            ),
        }
    };
}

/// Orders by an expression, either way.
macro_rules! order {
    ($query:expr, $down:expr, $by:literal, $type:ty) => {
        if $down {
            $query.order((sql::<$type>($by).desc(), users::id.desc()))
        } else {
            $query.order((sql::<$type>($by).asc(), users::id.asc()))
        }
    };
}

/// The page by a column. `$same` has the same values as the column, and no index.
macro_rules! by_column {
    ($conn:expr, $sought:expr, $walked:expr, $window:expr, $way:expr, $column:literal, $type:ty, $key:ident, $same:literal) => {{
        let down = $window.down;
        let key = || $window.cursor.clone().map(|row| (row.$key, row.id));
        let (limit, offset) = (i64::from($window.limit), i64::from($window.offset));
        let part = |query: Matching| query.select(users::id).limit(limit).offset(offset);
        match $way {
            Way::Sorting => {
                let query = seek!(($sought.matching)(), down, $same, $type, key());
                Some(part(order!(query, down, $same, $type)).load($conn)?)
            }
            Way::Along => {
                let query = seek!(($sought.matching)(), down, $column, $type, key());
                Some(part(order!(query, down, $column, $type)).load($conn)?)
            }
            Way::Near | Way::Searched => {
                let near = match $way {
                    Way::Searched => SEARCHED,
                    _ if $sought.filter.search.is_empty() => FARTHER,
                    _ => NEAR,
                };
                let walk = || match $sought.searched() {
                    Some(searched) if $way == Way::Searched => {
                        order!(seek!(searched, down, $same, $type, key()), down, $same, $type)
                    }
                    _ => order!(seek!($walked(), down, $column, $type, key()), down, $column, $type),
                };
                let query = part(order!(($sought.matching)(), down, $column, $type));
                // within the query it stands for the table
                let found: Vec<Id> = prepared("with users as ($1) $2")
                    .query(walk().select(users::all_columns).limit(near))
                    .query(query)
                    .load($conn)?;
                let is_full = found.len() == $window.limit as usize;
                // whether the way was cut is found out along an index only: otherwise it would take as long again
                let mut is_cut = || walk().select(users::id).offset(near).first::<UserId>($conn).optional();
                let is_all = is_full || ($way == Way::Near && is_cut()?.is_none());
                is_all.then(|| found.into_iter().map(|row| row.id).collect())
            }
        }
    }};
}

/// The page by a column of users; none when there was more to find than nearby.
fn sorted(
    conn: &mut PgConnection,
    sought: &Sought<impl Fn() -> Matching>,
    by: SortBy,
    window: &Window,
    way: Way,
) -> Result<Option<Vec<UserId>>, AppError> {
    let walked = || sought.walked(by, window.down && window.cursor.is_some());
    Ok(match by {
        SortBy::Name | SortBy::Organisation => {
            by_column!(conn, sought, walked, window, way, "users.name", Text, name, "(users.name || '')")
        }
        SortBy::Username => {
            by_column!(
                conn,
                sought,
                walked,
                window,
                way,
                "users.username_key",
                Text,
                username,
                "(users.username_key || '')"
            )
        }
        SortBy::Email => {
            by_column!(conn, sought, walked, window, way, "users.email_key", Text, email, "(users.email_key || '')")
        }
        SortBy::LastSignIn => by_column!(
            conn,
            sought,
            walked,
            window,
            way,
            "users.signed_in_order",
            Timestamptz,
            signed_in,
            "(users.signed_in_order + interval '0')"
        ),
    })
}

/// Sorted by the organisation's name: organisation by organisation, so many rows of each at most.
fn by_organisation(
    conn: &mut PgConnection,
    sought: &Sought<impl Fn() -> Matching>,
    window: Window,
) -> Result<Vec<UserId>, AppError> {
    let Window { down, cursor, limit, offset } = window;
    let sql = if down { include_str!("by_organisation_down.sql") } else { include_str!("by_organisation.sql") };
    // Many match, or most people do: each organisation has some at the beginning. By the index of the search, all of them would be
    // found again for every organisation.
    conn.batch_execute("set local enable_bitmapscan to off")?;
    let rows: Vec<Id> = prepared(sql)
        .query((sought.matching)().select(users::all_columns))
        .bind::<Nullable<Array<SqlUuid>>, _>(sought.ground.tops().map(<[_]>::to_vec))
        .bind::<Nullable<SqlUuid>, _>(cursor.as_ref().map(|row| row.id))
        .bind::<Nullable<SqlUuid>, _>(cursor.and_then(|row| row.organisation))
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<BigInt, _>(i64::from(offset))
        .load(conn)?;
    conn.batch_execute("set local enable_bitmapscan to default")?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The same for a few users.
fn few_by_organisation(conn: &mut PgConnection, few: Vec<UserId>, window: Window) -> Result<Vec<UserId>, AppError> {
    let Window { down, cursor, limit, offset } = window;
    let sql = if down { include_str!("few_by_organisation_down.sql") } else { include_str!("few_by_organisation.sql") };
    let rows: Vec<Id> = prepared(sql)
        .bind::<Array<SqlUuid>, _>(few)
        .bind::<Nullable<SqlUuid>, _>(cursor.map(|row| row.id))
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<BigInt, _>(i64::from(offset))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
