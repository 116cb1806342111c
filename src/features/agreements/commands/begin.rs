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

/// Puts every agreement into force whose first day has come in its root's time zone, with the limits of the roots.
pub fn begin_due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Audited<Vec<Begun>>, AppError> {
    let mut audited = Audited::unchanged(());
    let mut all = Vec::new();
    loop {
        let begun = first_of_each(conn, now)?;
        if begun.is_empty() {
            return Ok(audited.map(|()| all));
        }
        for one in &begun {
            audited = audited.and(entry(one));
        }
        all.extend(begun);
        // a root has another one only when nothing was checked for a year
    }
}

fn first_of_each(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Begun>, AppError> {
    let due = || prepared(include_str!("begin_due.sql")).bind::<Timestamptz, _>(now);
    let waiting: Vec<Begun> = due().load(conn)?;
    if waiting.is_empty() {
        return Ok(waiting);
    }
    limits::lock(conn, &waiting.iter().map(|one| one.root_id).collect::<Vec<_>>())?;
    // another server may have been faster
    let begun: Vec<Begun> = due().load(conn)?;
    prepared(include_str!("begin.sql"))
        .bind::<Array<SqlUuid>, _>(begun.iter().map(|one| one.agreement_id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(begun.iter().map(|one| one.at).collect::<Vec<_>>())
        .execute(conn)?;
    let new: Vec<_> = begun.iter().map(|one| NewLimit { root: one.root_id, limit: one.to, since: one.at }).collect();
    limits::set(conn, &new)?;
    Ok(begun)
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
