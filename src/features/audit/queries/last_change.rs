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
    /// Anything else that entries are about.
    Subject(Uuid),
    /// Something that there is once, by what entries call its change.
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
        #[diesel(sql_type = Nullable<Text>)]
        actor: Option<String>,
    }
    let (account, subject, action) = match changed {
        Changed::Account(id) => (Some(id.0), None, None),
        Changed::Subject(id) => (None, Some(id), None),
        Changed::Only(action) => (None, None, Some(action)),
    };
    let found: Option<Found> = prepared(include_str!("last_change.sql"))
        .bind::<Nullable<SqlUuid>, _>(account)
        .bind::<Nullable<SqlUuid>, _>(subject)
        .bind::<Nullable<Text>, _>(action)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)
        .optional()?;
    Ok(found.map(|Found { at, actor }| LastChange { at, actor }))
}
