//! What belongs to users.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};

/// What belongs to some users.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Theirs {
    /// Enrolments.
    #[diesel(sql_type = BigInt)]
    pub enrolments: i64,
    /// Enrolments with a completion record.
    #[diesel(sql_type = BigInt)]
    pub completed: i64,
    /// Roles.
    #[diesel(sql_type = BigInt)]
    pub roles: i64,
}

/// What belongs to these users.
pub fn theirs(conn: &mut PgConnection, ids: &[UserId]) -> Result<Theirs, AppError> {
    Ok(prepared(include_str!("theirs.sql")).bind::<Array<SqlUuid>, _>(ids.to_vec()).get_result(conn)?)
}

/// The lowest organisation above all of these users, and above another one too.
pub fn common_home(
    conn: &mut PgConnection,
    ids: &[UserId],
    also: Option<OrganisationId>,
) -> Result<Option<OrganisationId>, AppError> {
    #[derive(QueryableByName)]
    struct Common {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        organisation: Option<OrganisationId>,
    }
    let common: Common = prepared(include_str!("common_home.sql"))
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Nullable<SqlUuid>, _>(also)
        .get_result(conn)?;
    Ok(common.organisation)
}

/// How many of these accounts would end on a coming day now, and later or not at all with another last day.
pub fn later_than_before(
    conn: &mut PgConnection,
    ids: &[UserId],
    date: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<u64, AppError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let counted: Counted = prepared(include_str!("later.sql"))
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Nullable<Date>, _>(date)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)?;
    Ok(counted.count.unsigned_abs())
}
