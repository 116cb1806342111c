//! The people whose enrolments a change is about.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Uuid as SqlUuid};

use super::effect::Effect;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EnrolmentId, EntryId, OrganisationId, UserId};
use crate::schema::{enrolments, users};
use crate::web::guards::{Allowed, Enrol};

/// How many people are named.
const SAMPLE: i64 = 8;

/// Of how many these are the first ones by name.
const SAMPLED_FROM: usize = 1_000;

/// How many people and completion records some enrolments are of, in one organisation.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Touched {
    /// The people's home organisation.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub organisation: Option<OrganisationId>,
    /// People.
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    /// Enrolments with a completion record.
    #[diesel(sql_type = BigInt)]
    pub completed: i64,
}

/// How many people and completion records these enrolments are of, by organisation.
pub fn touched(conn: &mut PgConnection, ids: Vec<EnrolmentId>) -> Result<Vec<Touched>, AppError> {
    Ok(prepared(include_str!("touched.sql")).bind::<Array<SqlUuid>, _>(ids).load(conn)?)
}

/// Whose enrolments these are, in the order of their ids.
pub fn people_of(conn: &mut PgConnection, ids: &[EnrolmentId]) -> Result<Vec<UserId>, AppError> {
    let people = enrolments::table.filter(enrolments::id.eq_any(ids)).select(enrolments::user_id);
    Ok(people.distinct().order(enrolments::user_id).load(conn)?)
}

/// The names of some of these users.
pub fn names(conn: &mut PgConnection, ids: &[UserId]) -> Result<Vec<String>, AppError> {
    let some = ids.iter().take(SAMPLED_FROM).copied().collect::<Vec<_>>();
    let named = users::table.filter(users::id.eq_any(some)).order((users::name, users::id));
    Ok(named.select(users::name).limit(SAMPLE).load(conn)?)
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

/// What this transaction has done so far to the licenses of these organisations, given how many of their people it
/// is about. One change makes people either active or inactive, so the sum of its steps tells how many.
pub fn done_effect(conn: &mut PgConnection, people: BTreeMap<OrganisationId, i64>) -> Result<Effect, AppError> {
    let (organisations, people): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    let organisations = prepared(include_str!("done_effect.sql"))
        .bind::<Array<SqlUuid>, _>(organisations)
        .bind::<Array<BigInt>, _>(people)
        .load(conn)?;
    Ok(Effect { organisations })
}

/// What this transaction has done so far to the licenses by bringing these people back.
pub fn effect_of_return(conn: &mut PgConnection, ids: Vec<UserId>) -> Result<Effect, AppError> {
    let homes: Vec<(Option<OrganisationId>, i64)> = users::table
        .filter(users::id.eq_any(ids))
        .group_by(users::organisation_id)
        .select((users::organisation_id, count_star()))
        .load(conn)?;
    done_effect(conn, homes.into_iter().filter_map(|(home, people)| Some((home?, people))).collect())
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
