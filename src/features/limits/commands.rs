//! Setting the limits of children.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Uuid as SqlUuid};
use serde_json::json;

use super::forms::{Change, at_most};
use super::queries;
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::organisations;
use crate::web::guards::{Allowed, SetLimits};

/// Sets the limits of children of `parent`; false when one of them is another than was shown, or the limit above
/// them does no longer allow it, and nothing is changed.
pub fn set(
    conn: &mut PgConnection,
    by: &Allowed<SetLimits>,
    parent: OrganisationId,
    changes: &[Change],
    now: DateTime<Utc>,
) -> Result<Audited<bool>, AppError> {
    let above = queries::parent(conn, by, parent, now)?;
    let ids: Vec<OrganisationId> = changes.iter().map(|change| change.child).collect();
    let stored: Vec<(OrganisationId, Option<i32>)> = organisations::table
        .filter(organisations::id.eq_any(&ids).and(organisations::parent_id.eq(parent)))
        .order(organisations::id)
        .select((organisations::id, organisations::user_limit))
        .for_no_key_update()
        .load(conn)?;
    let most = at_most(&above, by.scope_parameter().is_none());
    let is_as_shown = |change: &&Change| {
        stored.contains(&(change.child, change.was)) && change.limit.zip(most).is_none_or(|(limit, most)| limit <= most)
    };
    if changes.iter().filter(is_as_shown).count() < changes.len() {
        return Ok(Audited::unchanged(false));
    }
    if changes.is_empty() {
        return Ok(Audited::unchanged(true));
    }
    prepared(
        "update organisations o set user_limit = wanted.user_limit
         from unnest($1, $2) as wanted (id, user_limit) where o.id = wanted.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Nullable<Integer>>, _>(changes.iter().map(|change| change.limit).collect::<Vec<_>>())
    .execute(conn)?;
    // each on its own organisation: whoever looks after that one sees who has set its limit
    let entries = changes.iter().map(|change| {
        let (before, after) = (json!({ "user_limit": change.was }), json!({ "user_limit": change.limit }));
        Entry::new("organisation.limits_set").on(Some(change.child)).about("organisation", change.child.0).change(
            "organisation",
            change.child.0,
            None,
            Some(before),
            Some(after),
        )
    });
    Ok(entries.fold(Audited::unchanged(true), Audited::and))
}
