//! What enrolling people would do, before it is done.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::people::common_organisation;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::change::Dates;
use crate::features::experiences::queries::{Header, visible as header};
use crate::features::users::queries::{self as users_queries, Filter, Ground, ListQuery, Matching};
use crate::ids::{ExperienceId, OrganisationId, UserId};
use crate::schema::{enrolments, organisation_closure, users};
use crate::web::guards::{Allowed, Enrol, Permission};
use crate::web::selection::Selection;

/// Who would be enrolled, and what that does to the licenses.
#[derive(Debug)]
pub struct EnrolPlan {
    /// The people, those who are enrolled already among them.
    pub people: Vec<UserId>,
    /// Those who are not yet, and who of them becomes active.
    pub effect: Effect,
    /// The lowest organisation above all of them.
    pub organisation: Option<OrganisationId>,
    /// Limits that are exceeded then.
    pub exceeded: Vec<Exceeded>,
    /// A fingerprint of the people and of how many licenses they take.
    pub seen: String,
    /// The day in the learning experience's tree.
    pub today: NaiveDate,
}

/// A limit that is exceeded, with what is permitted beyond it.
#[derive(Debug, Clone, Serialize, Deserialize, QueryableByName)]
pub struct Exceeded {
    /// Whose limit; none when it is that of an organisation above the reader's scope.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// The limit.
    #[diesel(sql_type = Integer)]
    pub user_limit: i32,
    /// How many more are permitted in writing on that day (`domain.md` section 5).
    #[diesel(sql_type = BigInt)]
    #[serde(default)]
    pub permitted: i64,
    /// Active users then.
    #[diesel(sql_type = BigInt)]
    pub used: i64,
}

/// Who of the selected people can be enrolled: the learning experience is open to its owner's subtree,
/// and not archived.
pub fn enrol_plan(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    experience: ExperienceId,
    list: &ListQuery,
    dates: &Dates,
    now: DateTime<Utc>,
) -> Result<EnrolPlan, AppError> {
    let header = header(conn, by, experience, now)?;
    if header.archived {
        return Err(AppError::Unusable(format!("{} is archived: nobody can be enrolled any more.", header.title)));
    }
    let people: Vec<UserId> = open_to(users_queries::selected(conn, by, list, now)?, &header)
        .order(users::id)
        .select(users::id)
        .load(conn)?;
    if let Selection::Ticked(ticked) = list.selection()?
        && ticked.len() != people.len()
    {
        return Err(AppError::NotFound);
    }
    let effect = Effect {
        organisations: prepared(include_str!("enrol_effect.sql"))
            .bind::<Array<SqlUuid>, _>(people.clone())
            .bind::<SqlUuid, _>(experience)
            .bind::<Date, _>(dates.starts_on)
            .bind::<Nullable<Date>, _>(dates.expires_on)
            .bind::<Timestamptz, _>(now)
            .load(conn)?,
    };
    let exceeded = exceeded(conn, by, &effect, dates.starts_on, now)?;
    let places = effect.organisations.iter().map(|row| row.organisation).collect();
    let organisation = common_organisation(conn, places)?;
    let sum = people.iter().fold(0, |sum: u128, id| sum.wrapping_add(id.0.as_u128()));
    let seen = format!("{}.{}.{}.{sum}", people.len(), effect.people(), effect.taken());
    Ok(EnrolPlan { people, effect, organisation, exceeded, seen, today: header.today })
}

/// Only those of these users whom the learning experience is open to: its owner's subtree.
fn open_to(people: Matching, header: &Header) -> Matching {
    let below = organisation_closure::table
        .filter(organisation_closure::ancestor_id.eq(header.organisation_id))
        .select(organisation_closure::descendant_id.nullable());
    people.filter(users::organisation_id.eq_any(below))
}

/// The users of the ground who match a filter and whom the learning experience is open to.
pub fn enrollable(ground: &Ground, header: &Header, filter: &Filter) -> Matching {
    open_to(users_queries::matching(ground, filter), header)
}

/// Which of these users are enrolled already, and the last day of their access.
pub fn enrolled_among(
    conn: &mut PgConnection,
    experience: ExperienceId,
    ids: Vec<UserId>,
) -> Result<HashMap<UserId, Option<NaiveDate>>, AppError> {
    let enrolled: Vec<(UserId, Option<NaiveDate>)> = enrolments::table
        .filter(enrolments::experience_id.eq(experience))
        .filter(enrolments::user_id.eq_any(ids))
        .select((enrolments::user_id, enrolments::expires_on))
        .load(conn)?;
    Ok(enrolled.into_iter().collect())
}

/// The limits that are exceeded when so many more become active in each organisation, or fewer where
/// licenses are freed.
pub fn exceeded<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    effect: &Effect,
    from: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<Exceeded>, AppError> {
    limits(conn, by, effect, Some(from), now)
}

/// The limits that are exceeded since a change that made people active; `effect` is what it did.
pub fn exceeded_since<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    effect: &Effect,
    now: DateTime<Utc>,
) -> Result<Vec<Exceeded>, AppError> {
    if effect.taken() == 0 { Ok(Vec::new()) } else { limits(conn, by, effect, None, now) }
}

/// `from`: the day of a change that is not made yet.
fn limits<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    effect: &Effect,
    from: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Vec<Exceeded>, AppError> {
    let (places, taken): (Vec<OrganisationId>, Vec<i64>) =
        effect.organisations.iter().map(|row| (row.organisation, row.taken - row.freed)).unzip();
    Ok(prepared(include_str!("limits.sql"))
        .bind::<Array<SqlUuid>, _>(places)
        .bind::<Array<BigInt>, _>(taken)
        .bind::<Nullable<Date>, _>(from)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Bool, _>(from.is_none())
        .load(conn)?)
}
