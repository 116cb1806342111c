//! How many users there are. What a list shows all the time is kept as it changes; anything else is
//! counted up to a point, since counting a million rows takes longer than showing twenty.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};

use super::filter::{Filter, Matching, Status, matching};
use super::ground::{Days, Ground};
use crate::db::prepared::{planned_for_a_page, planned_for_values, prepared};
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::users;
use crate::web::guards::{Allowed, Permission};
use crate::web::list::Total;

/// Rows are counted up to here: more would take longer than all the rest of a page.
pub(super) const MOST_COUNTED: u64 = 2_000;

/// Accounts that have expired are counted up to here: on a day that is the same for all, an index has nothing else, and to
/// count so many of them takes less time than to find the first of those who are inactive otherwise.
const MOST_EXPIRED: u64 = 100_000;

/// Users who are tried to learn whether those who match are frequent.
const TRIED: i64 = 2_000;
/// So many of these are frequent: there are enough of them among the first users, wherever an index has them.
const FREQUENT: u64 = 100;
/// Users who are read then: somewhat less frequent than it seemed is enough.
const READ: i64 = 60_000;

/// The users of a part of the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct People {
    /// All of them.
    #[diesel(sql_type = BigInt)]
    pub all: i64,
    /// Those who hold a license now.
    #[diesel(sql_type = BigInt)]
    pub active: i64,
}

/// How many users there are in the scope, or in the part of it below an organisation.
pub fn people<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    organisation: Option<OrganisationId>,
    now: DateTime<Utc>,
) -> Result<People, AppError> {
    Ok(prepared(include_str!("people.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(organisation)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)?)
}

/// How many match, and who, when few do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub total: Total,
    /// All of them, where counting has found them anyway.
    pub(super) few: Option<Vec<UserId>>,
}

impl From<Total> for Counted {
    fn from(total: Total) -> Counted {
        Counted { total, few: None }
    }
}

/// How many match. `of` are the people whom [`people`] counts for the same organisation.
pub fn total(conn: &mut PgConnection, filter: &Filter, ground: &Ground, of: People) -> Result<Counted, AppError> {
    if filter.is_counted() {
        match filter.status {
            None => return Ok(Total::Exact(of.all.unsigned_abs()).into()),
            Some(Status::Active) => return Ok(Total::Exact(of.active.unsigned_abs()).into()),
            Some(Status::Expired) => {}
            Some(Status::Inactive) => {
                if let Total::Exact(expired) = expired(conn, filter, ground)? {
                    let others = of.active.unsigned_abs() + expired;
                    return Ok(Total::Exact(of.all.unsigned_abs().saturating_sub(others)).into());
                }
            }
        }
    }
    counted(conn, || matching(ground, filter))
}

/// The same without an end, for whoever asks for the exact figure and waits for it.
pub fn exactly(conn: &mut PgConnection, counted: Counted, matching: Matching) -> Result<Counted, AppError> {
    if let Total::Exact(_) = counted.total {
        return Ok(counted);
    }
    planned_for_values(conn, |conn| count_up_to(conn, matching.select(users::id), u64::MAX)).map(Counted::from)
}

/// How many of the same people have an account that has expired.
fn expired(conn: &mut PgConnection, filter: &Filter, ground: &Ground) -> Result<Total, AppError> {
    let expired = Filter { status: Some(Status::Expired), ..filter.clone() };
    let most = match ground.days {
        Days::Same(_) => MOST_EXPIRED,
        Days::Differ(_) => MOST_COUNTED,
    };
    let limited = matching(ground, &expired).select(users::id).limit(i64::try_from(most).unwrap_or(i64::MAX) + 1);
    planned_for_a_page(conn, |conn| count_up_to(conn, limited, most))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct CountAndIds {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    few: Option<Vec<UserId>>,
}

/// How many match, counted up to a point. What is frequent is counted among the first users, so that it does not
/// matter how many there are after them: which way the planner takes depends on that, and some ways begin with
/// finding all who match. In a transaction.
pub fn counted(conn: &mut PgConnection, matching: impl Fn() -> Matching) -> Result<Counted, AppError> {
    let most = i64::try_from(MOST_COUNTED).unwrap_or(i64::MAX);
    let limited = || matching().select(users::id).limit(most + 1);
    planned_for_a_page(conn, |conn| {
        if count_among_first(conn, limited(), TRIED)? >= FREQUENT
            && count_among_first(conn, limited(), READ)? > MOST_COUNTED
        {
            return Ok(Total::MoreThan(MOST_COUNTED).into());
        }
        let found: CountAndIds = prepared(
            "select count(*) as count, case when count(*) <= $2 then array_agg(id) end as few from ($1) found",
        )
        .query(limited())
        .bind::<BigInt, _>(most)
        .get_result(conn)?;
        if found.count > most {
            return Ok(Total::MoreThan(MOST_COUNTED).into());
        }
        Ok(Counted { total: Total::Exact(found.count.unsigned_abs()), few: Some(found.few.unwrap_or_default()) })
    })
}

/// How many of the first users match: in the order of their ids, in which what belongs to them lies together.
fn count_among_first(
    conn: &mut PgConnection,
    limited: impl QueryFragment<Pg> + Send + 'static,
    rows: i64,
) -> Result<u64, AppError> {
    let first = users::table.order(users::id).select(users::all_columns).limit(rows);
    // within the query it stands for the table
    let counted: Count = prepared("with users as ($1) select count(*) as count from ($2) found")
        .query(first)
        .query(limited)
        .get_result(conn)?;
    Ok(counted.count.unsigned_abs())
}

/// Counts the rows of a query that stops one row after `most`.
pub fn count_up_to(
    conn: &mut PgConnection,
    limited: impl QueryFragment<Pg> + Send + 'static,
    most: u64,
) -> Result<Total, AppError> {
    let counted: Count = prepared("select count(*) as count from ($1) found").query(limited).get_result(conn)?;
    let count = counted.count.unsigned_abs();
    Ok(if count > most { Total::MoreThan(most) } else { Total::Exact(count) })
}
