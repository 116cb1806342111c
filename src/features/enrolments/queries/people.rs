//! The people whose enrolments a change is about.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};

use super::effect::{Effect, Freed};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EnrolmentId, EntryId, OrganisationId, UserId};
use crate::schema::{enrolments, users};
use crate::web::guards::{Allowed, Enrol};

/// How many people and completion records some enrolments are of, and where.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Touched {
    /// People.
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    /// Enrolments with a completion record.
    #[diesel(sql_type = BigInt)]
    pub completed: i64,
    /// The lowest organisation above all of the people.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub organisation: Option<OrganisationId>,
}

/// How many people and completion records these enrolments are of.
pub fn touched(conn: &mut PgConnection, ids: Vec<EnrolmentId>) -> Result<Touched, AppError> {
    Ok(prepared(include_str!("touched.sql")).bind::<Array<SqlUuid>, _>(ids).get_result(conn)?)
}

/// Whose enrolments these are, in the order of their ids.
pub fn people_of(conn: &mut PgConnection, ids: &[EnrolmentId]) -> Result<Vec<UserId>, AppError> {
    let people = enrolments::table.filter(enrolments::id.eq_any(ids)).select(enrolments::user_id);
    Ok(people.distinct().order(enrolments::user_id).load(conn)?)
}

/// Until the transaction ends, nobody else changes what makes these people active: every such change
/// waits for their rows, in the order of their ids like this.
pub fn lock_people(conn: &mut PgConnection, ids: Vec<UserId>) -> Result<(), AppError> {
    users::table.filter(users::id.eq_any(ids)).order(users::id).select(users::id).for_no_key_update().execute(conn)?;
    Ok(())
}

/// The same for whomever a query of user ids finds; returns how many these are.
pub fn lock_people_of(
    conn: &mut PgConnection,
    ids: impl QueryFragment<Pg> + Send + 'static,
) -> Result<usize, AppError> {
    Ok(prepared("select id from users where id in ($1) order by id for no key update").query(ids).execute(conn)?)
}

/// The lowest organisation above all of these.
pub fn common_organisation(
    conn: &mut PgConnection,
    organisations: Vec<OrganisationId>,
) -> Result<Option<OrganisationId>, AppError> {
    let common: Common = prepared("select common_organisation($1) as organisation")
        .bind::<Array<SqlUuid>, _>(organisations)
        .get_result(conn)?;
    Ok(common.organisation)
}

#[derive(QueryableByName)]
struct Common {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation: Option<OrganisationId>,
}

/// How many of these people are active today, by organisation: in the place of `freed`.
pub fn active_by_organisation(
    conn: &mut PgConnection,
    ids: Vec<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Freed>, AppError> {
    Ok(prepared(include_str!("active.sql")).bind::<Array<SqlUuid>, _>(ids).bind::<Timestamptz, _>(now).load(conn)?)
}

/// The effect of what happened between two counts of the same people.
pub fn between(before: Vec<Freed>, after: Vec<Freed>) -> Effect {
    let mut organisations: Vec<Freed> = before
        .into_iter()
        .zip(after)
        .map(|(before, after)| Freed {
            freed: (before.freed - after.freed).max(0),
            taken: (after.freed - before.freed).max(0),
            ..before
        })
        .collect();
    organisations.sort_by_key(|row| (-row.freed, -row.taken)); // by name already
    Effect { organisations }
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = SqlUuid)]
    id: EnrolmentId,
    #[diesel(sql_type = Bool)]
    within: bool,
}

/// The enrolments whose expiry date an entry of the audit log set; not found when one is out of scope.
pub fn changed_by(conn: &mut PgConnection, by: &Allowed<Enrol>, entry: EntryId) -> Result<Vec<EnrolmentId>, AppError> {
    let changed: Vec<Changed> = prepared(include_str!("changed_by.sql"))
        .bind::<SqlUuid, _>(entry)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .load(conn)?;
    if changed.is_empty() || changed.iter().any(|row| !row.within) {
        return Err(AppError::NotFound);
    }
    Ok(changed.into_iter().map(|row| row.id).collect())
}
