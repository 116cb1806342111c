//! Entries with the names of whoever made them and of where they happened.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EntryId, OrganisationId, UserId};
use crate::web::guards::{Allowed, Permission};

/// How many things of an entry are counted for a list.
const COUNTED: i64 = 10_000;

/// How many things an entry touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Things {
    /// So many.
    Exactly(u64),
    /// More than so many.
    MoreThan(u64),
}

/// An entry.
#[derive(Debug, Clone, QueryableByName)]
pub struct Listed {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: EntryId,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// `person`, `program` or `operator`.
    #[diesel(sql_type = Text)]
    pub actor_kind: String,
    /// Who, if a person.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub actor_id: Option<UserId>,
    /// What they are called now; none when they were deleted.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor_name: Option<String>,
    /// The reader may see their page.
    #[diesel(sql_type = Bool)]
    pub actor_within: bool,
    /// From where.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    /// What.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// Facts.
    #[diesel(sql_type = Jsonb)]
    pub detail: Value,
    /// In which organisation.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub organisation_id: Option<OrganisationId>,
    /// What kind of thing it was done to.
    #[diesel(sql_type = Nullable<Text>)]
    pub subject_kind: Option<String>,
    /// Which one.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub subject_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

impl Listed {
    /// How many things it touched.
    pub fn things(&self) -> Things {
        if self.counted > COUNTED {
            Things::MoreThan(COUNTED.unsigned_abs())
        } else {
            Things::Exactly(self.counted.unsigned_abs())
        }
    }
}

/// These entries, in this order. The caller has seen to it that they may be seen.
pub(super) fn listed<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    ids: Vec<EntryId>,
) -> Result<Vec<Listed>, AppError> {
    Ok(prepared(include_str!("listed.sql"))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<BigInt, _>(COUNTED + 1)
        .load(conn)?)
}
