//! The people whose enrolments a change is about.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};

use super::effect::{Effect, Freed};
use super::matching::Matching;
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

/// The same for the people of these enrolments; returns who these are, in order.
pub fn lock_people_of(conn: &mut PgConnection, enrolments: Matching) -> Result<Vec<UserId>, AppError> {
    let mut people: Vec<UserId> = prepared("$1 order by users.id for no key update of users")
        .query(enrolments.select(users::id))
        .typed::<SqlUuid>()
        .load(conn)?;
    people.dedup();
    Ok(people)
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

/// How many of these people there are and how many of them are active today, in the place of `freed`, by organisation.
pub fn active_by_organisation(
    conn: &mut PgConnection,
    ids: Vec<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Freed>, AppError> {
    Ok(prepared(include_str!("active.sql")).bind::<Array<SqlUuid>, _>(ids).bind::<Timestamptz, _>(now).load(conn)?)
}

#[derive(QueryableByName)]
struct Active {
    #[diesel(sql_type = SqlUuid)]
    organisation: OrganisationId,
    #[diesel(sql_type = BigInt)]
    active: i64,
}

/// The effect of what was done to these people since they were counted.
pub fn effect_since(
    conn: &mut PgConnection,
    before: Vec<Freed>,
    ids: Vec<UserId>,
    now: DateTime<Utc>,
) -> Result<Effect, AppError> {
    let active: Vec<Active> = prepared(include_str!("still_active.sql"))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    let active: HashMap<OrganisationId, i64> = active.into_iter().map(|row| (row.organisation, row.active)).collect();
    let since = |before: Freed| {
        let gone = before.freed - active.get(&before.organisation).copied().unwrap_or(0);
        Freed { freed: gone.max(0), taken: (-gone).max(0), ..before }
    };
    let mut organisations: Vec<Freed> = before.into_iter().map(since).collect();
    organisations.sort_by_key(|row| (-row.freed, -row.taken)); // by name already
    Ok(Effect { organisations })
}

/// The effect of bringing these people back, who were gone: whoever is active takes a license.
pub fn effect_of_return(conn: &mut PgConnection, ids: Vec<UserId>, now: DateTime<Utc>) -> Result<Effect, AppError> {
    let active = active_by_organisation(conn, ids, now)?;
    let mut organisations: Vec<Freed> =
        active.into_iter().map(|row| Freed { taken: row.freed, freed: 0, ..row }).collect();
    organisations.sort_by_key(|row| -row.taken); // by name already
    Ok(Effect { organisations })
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
