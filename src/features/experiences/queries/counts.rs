//! How many enrolments there are on some learning experiences, of people within a scope.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::ExperienceId;
use crate::web::guards::{Allowed, Permission};

/// Enrolments on a learning experience.
#[derive(Debug, Clone, Copy, Default, QueryableByName)]
pub struct Counts {
    /// People with access today.
    #[diesel(sql_type = BigInt)]
    pub live: i64,
    /// Enrolments that have ended.
    #[diesel(sql_type = BigInt)]
    pub expired: i64,
    /// Enrolments that begin later.
    #[diesel(sql_type = BigInt)]
    pub coming: i64,
    /// Enrolments with a completion record, live or not.
    #[diesel(sql_type = BigInt)]
    pub completed: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    experience_id: ExperienceId,
    #[diesel(embed)]
    counts: Counts,
}

/// The counts of each; one without enrolments is left out.
pub fn counts<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    experiences: &[ExperienceId],
    now: DateTime<Utc>,
) -> Result<HashMap<ExperienceId, Counts>, AppError> {
    let rows: Vec<Row> = match by.scope_parameter() {
        // without a look at who is enrolled, which is most of the work
        None => prepared(include_str!("counts_everywhere.sql"))
            .bind::<Array<SqlUuid>, _>(experiences.to_vec())
            .bind::<Timestamptz, _>(now)
            .load(conn)?,
        Some(scope) => prepared(include_str!("counts_within.sql"))
            .bind::<Array<SqlUuid>, _>(experiences.to_vec())
            .bind::<Timestamptz, _>(now)
            .bind::<Array<SqlUuid>, _>(scope)
            .load(conn)?,
    };
    Ok(rows.into_iter().map(|row| (row.experience_id, row.counts)).collect())
}
