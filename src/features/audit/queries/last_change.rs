//! Who has changed something last: for whoever had it open meanwhile.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::guards::{Allowed, Permission};
use crate::web::meanwhile::LastChange;

/// What was changed.
#[derive(Debug, Clone, Copy)]
pub enum Changed {
    /// An account, also by a bulk change.
    Account(UserId),
    /// Anything else, by one of these actions: entries about a learning experience tell of its enrolments, too.
    Thing(Uuid, &'static [&'static str]),
    /// What there is once, by this action.
    Only(&'static str),
}

/// The last change of something that was just read; the name only where that person is within the scope.
pub fn last_change<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    changed: Changed,
) -> Result<Option<LastChange>, AppError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        actor_id: Option<UserId>,
        #[diesel(sql_type = Nullable<Text>)]
        actor: Option<String>,
    }
    let (account, thing, actions) = match changed {
        Changed::Account(id) => (Some(id.0), None, Vec::new()),
        Changed::Thing(id, actions) => (None, Some(id), actions.to_vec()),
        Changed::Only(action) => (None, None, vec![action]),
    };
    let found: Option<Found> = prepared(include_str!("last_change.sql"))
        .bind::<Nullable<SqlUuid>, _>(account)
        .bind::<Nullable<SqlUuid>, _>(thing)
        .bind::<Array<Text>, _>(actions)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)
        .optional()?;
    let reader = by.by().viewer().id;
    Ok(found.map(|Found { at, actor_id, actor }| LastChange { at, actor, is_reader: actor_id == Some(reader) }))
}
