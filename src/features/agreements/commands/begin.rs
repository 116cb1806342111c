//! Renewals come into force on the first day of their license year.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::json;

use super::limits::{self, NewLimit};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{AgreementId, OrganisationId};

/// Terms that came into force.
#[derive(Debug, Clone, QueryableByName)]
pub struct Begun {
    /// Whose.
    #[diesel(sql_type = SqlUuid)]
    pub root_id: OrganisationId,
    /// The agreement.
    #[diesel(sql_type = SqlUuid)]
    pub agreement_id: AgreementId,
    /// The first day of its license year.
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// When that day began.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// The tier, if it has one.
    #[diesel(sql_type = Nullable<Text>)]
    pub tier: Option<String>,
    /// The limit that was in force before.
    #[diesel(sql_type = Nullable<Integer>)]
    pub from: Option<i32>,
    /// The limit from now on.
    #[diesel(sql_type = Integer)]
    pub to: i32,
}

/// The agreements whose first day has come in their root's time zone and that are not in force yet: of each root the
/// next one. It has another one only when nothing was checked for a year.
pub fn due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Begun>, AppError> {
    Ok(prepared(include_str!("begin_due.sql")).bind::<Timestamptz, _>(now).load(conn)?)
}

/// Puts those into force, with the limits of the roots. What happened before their first day is the business of the
/// terms that end with it, and has to be done by then.
pub fn begin_due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Audited<Vec<Begun>>, AppError> {
    let waiting = due(conn, now)?;
    limits::lock(conn, &waiting.iter().map(|one| one.root_id).collect::<Vec<_>>())?;
    // another server may have been faster
    let begun = due(conn, now)?;
    prepared(include_str!("begin.sql"))
        .bind::<Array<SqlUuid>, _>(begun.iter().map(|one| one.agreement_id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(begun.iter().map(|one| one.at).collect::<Vec<_>>())
        .execute(conn)?;
    let new: Vec<_> = begun.iter().map(|one| NewLimit { root: one.root_id, limit: one.to, since: one.at }).collect();
    limits::set(conn, &new)?;
    let audited = begun.iter().map(entry).fold(Audited::unchanged(()), Audited::and);
    Ok(audited.map(|()| begun))
}

fn entry(begun: &Begun) -> Entry {
    Entry::new("agreement.begun")
        .on(Some(begun.root_id))
        .about("agreement", begun.agreement_id.0)
        .detail(json!({ "on": begun.starts_on, "tier": begun.tier }))
        .change(
            "agreement",
            begun.agreement_id.0,
            None,
            Some(json!({ "user_limit": begun.from })),
            Some(json!({ "user_limit": begun.to })),
        )
}
