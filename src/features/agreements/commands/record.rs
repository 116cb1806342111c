//! What is kept of every change: a row of `agreement_changes`, and values for the audit log.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{AgreementId, UserId};

/// What a change was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A license year was agreed on.
    Agreed,
    /// Its terms were changed.
    Changed,
    /// An overage was permitted in writing, or no longer is.
    OveragePermitted,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Agreed => "agreed",
            Kind::Changed => "changed",
            Kind::OveragePermitted => "overage_permitted",
        }
    }
}

/// Keeps an agreement as it is after a change.
pub(super) fn record(
    conn: &mut PgConnection,
    agreement: AgreementId,
    kind: Kind,
    at: DateTime<Utc>,
    by: UserId,
) -> Result<(), AppError> {
    prepared(include_str!("record.sql"))
        .bind::<SqlUuid, _>(agreement)
        .bind::<Text, _>(kind.name())
        .bind::<Timestamptz, _>(at)
        .bind::<SqlUuid, _>(by)
        .execute(conn)?;
    Ok(())
}

/// An agreement's terms for the audit log.
pub(super) fn values(conn: &mut PgConnection, agreement: AgreementId) -> Result<Value, AppError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Jsonb)]
        terms: Value,
    }
    let row: Row = prepared(include_str!("values.sql")).bind::<SqlUuid, _>(agreement).get_result(conn)?;
    Ok(row.terms)
}
