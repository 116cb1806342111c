//! The limit of a root, as its agreement says.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;

/// From a moment on, this is the limit of a root.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewLimit {
    /// The root.
    pub root: OrganisationId,
    /// Its limit.
    pub limit: i32,
    /// Since when; it may be found later than it happened.
    pub since: DateTime<Utc>,
}

/// Locks roots until the end of the transaction, in the order of their ids: terms are changed by one at a time.
/// What only refers to a root (people, imports) goes on.
pub(super) fn lock(conn: &mut PgConnection, roots: &[OrganisationId]) -> Result<(), AppError> {
    prepared("select from organisations where id = any ($1) order by id for no key update")
        .bind::<Array<SqlUuid>, _>(roots.to_vec())
        .execute(conn)?;
    Ok(())
}

/// Sets limits, one a root, and dates them in their history.
pub(super) fn set(conn: &mut PgConnection, limits: &[NewLimit]) -> Result<(), AppError> {
    let changed: Vec<OrganisationId> = {
        #[derive(QueryableByName)]
        struct Changed {
            #[diesel(sql_type = SqlUuid)]
            id: OrganisationId,
        }
        let changed: Vec<Changed> = prepared(include_str!("limits_set.sql"))
            .bind::<Array<SqlUuid>, _>(limits.iter().map(|one| one.root).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(limits.iter().map(|one| one.limit).collect::<Vec<_>>())
            .load(conn)?;
        changed.into_iter().map(|row| row.id).collect()
    };
    let dated: Vec<&NewLimit> = limits.iter().filter(|one| changed.contains(&one.root)).collect();
    prepared(include_str!("limits_date.sql"))
        .bind::<Array<SqlUuid>, _>(dated.iter().map(|one| one.root).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(dated.iter().map(|one| one.since).collect::<Vec<_>>())
        .execute(conn)?;
    Ok(())
}
