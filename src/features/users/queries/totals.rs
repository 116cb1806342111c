//! How many users there are. What a list shows all the time is kept as it changes; anything else is
//! counted up to a point, since counting a million rows takes longer than showing twenty.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};

use super::filter::{Days, Filter, Matching, Status, matching};
use crate::db::prepared::{planned_for_values, prepared};
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::users;
use crate::web::guards::{Allowed, Permission};
use crate::web::list::Total;

/// Rows are counted up to here: more would take longer than all the rest of a page.
pub(super) const MOST_COUNTED: u64 = 2_000;

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

/// How many match. `of` are the people whom [`people`] counts for the same organisation.
pub fn total<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    filter: &Filter,
    days: Days,
    of: People,
    now: DateTime<Utc>,
) -> Result<Total, AppError> {
    if filter.is_counted() {
        match filter.status {
            None => return Ok(Total::Exact(of.all.unsigned_abs())),
            Some(Status::Active) => return Ok(Total::Exact(of.active.unsigned_abs())),
            Some(Status::Expired) => {}
            Some(Status::Inactive) => {
                let expired = Filter { status: Some(Status::Expired), ..filter.clone() };
                if let Total::Exact(expired) = counted(conn, matching(by, &expired, days, now))? {
                    let others = of.active.unsigned_abs() + expired;
                    return Ok(Total::Exact(of.all.unsigned_abs().saturating_sub(others)));
                }
            }
        }
    }
    counted(conn, matching(by, filter, days, now))
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many match, counted up to a point.
pub fn counted(conn: &mut PgConnection, query: Matching) -> Result<Total, AppError> {
    let limited = query.select(users::id).limit(i64::try_from(MOST_COUNTED).unwrap_or(i64::MAX) + 1);
    planned_for_values(conn, |conn| count_up_to(conn, limited, MOST_COUNTED))
}

/// Counts the rows of a query that stops one row after `most`.
pub fn count_up_to(
    conn: &mut PgConnection,
    limited: impl QueryFragment<Pg> + Send + 'static,
    most: u64,
) -> Result<Total, AppError> {
    let counted: Counted = prepared("select count(*) as count from ($1) found").query(limited).get_result(conn)?;
    let count = counted.count.unsigned_abs();
    Ok(if count > most { Total::MoreThan(most) } else { Total::Exact(count) })
}
