//! What a change of users does to the licenses, before it is done and while it is.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::queries::{Effect, Exceeded, exceeded};
use crate::features::users::bulk::Change;
use crate::ids::{OrganisationId, UserId};
use crate::web::guards::{Allowed, Permission};

/// What a change does to the licenses.
#[derive(Debug)]
pub struct Effects {
    /// From which day on, today when it is not said, and what.
    pub by_day: Vec<(Option<NaiveDate>, Effect)>,
    /// Limits that are exceeded then.
    pub exceeded: Vec<Exceeded>,
}

/// The effect today, and from the day after a coming last day on, where that is later than today.
pub fn effects<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    ids: &[UserId],
    change: Change,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Effects, AppError> {
    let at_once = effect(conn, ids, change, None, now)?;
    let exceeded = exceeded(conn, by, &at_once, today, now)?;
    let mut by_day = vec![(None, at_once)];
    if let Change::Expiry { date: Some(date) } = change
        && let Some(from) = date.succ_opt()
    {
        let later = effect(conn, ids, change, Some(from), now)?;
        by_day.extend((!later.organisations.is_empty()).then_some((Some(from), later)));
    }
    Ok(Effects { by_day, exceeded })
}

/// The effect on the day that it is now in each tree; or from `from` on, in those trees where that is later.
pub fn effect(
    conn: &mut PgConnection,
    ids: &[UserId],
    change: Change,
    from: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Effect, AppError> {
    let account_effect = |date: Option<NaiveDate>, gone: bool| {
        prepared(include_str!("effect.sql"))
            .bind::<Array<SqlUuid>, _>(ids.to_vec())
            .bind::<Nullable<Date>, _>(date)
            .bind::<Bool, _>(gone)
            .bind::<Nullable<Date>, _>(from)
            .bind::<Timestamptz, _>(now)
    };
    let organisations = match change {
        Change::Expiry { date } => account_effect(date, false),
        Change::Delete => account_effect(None, true),
        Change::Move { to } => prepared(include_str!("move_effect.sql"))
            .bind::<Array<SqlUuid>, _>(ids.to_vec())
            .bind::<SqlUuid, _>(to)
            .bind::<Timestamptz, _>(now),
    }
    .load(conn)?;
    Ok(Effect { organisations })
}

/// What else is to know about moving users to an organisation.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Moving {
    /// Users who are elsewhere now.
    #[diesel(sql_type = BigInt)]
    pub users: i64,
    /// Those of them who are in another tree, or in none.
    #[diesel(sql_type = BigInt)]
    pub crossing: i64,
    /// Their enrolments on learning experiences that are not open to the organisation.
    #[diesel(sql_type = BigInt)]
    pub not_open: i64,
}

/// What else is to know about moving these users.
pub fn moving(conn: &mut PgConnection, ids: &[UserId], to: OrganisationId) -> Result<Moving, AppError> {
    Ok(prepared(include_str!("moving.sql"))
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<SqlUuid, _>(to)
        .get_result(conn)?)
}
