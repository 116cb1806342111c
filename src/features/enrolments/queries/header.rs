//! The learning experience whose enrolments are looked at.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{ExperienceId, OrganisationId};
use crate::web::guards::{Allowed, Permission};

/// A learning experience that is open to the scope.
#[derive(Debug, Clone, QueryableByName)]
pub struct Header {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: ExperienceId,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Its owner: it is open to everybody below.
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrganisationId,
    /// Nobody can be enrolled any more.
    #[diesel(sql_type = Bool)]
    pub archived: bool,
    /// The day in its tree.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
}

/// The learning experience, if its owner is within the scope, or above it.
pub fn header<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Header, AppError> {
    let found = prepared(include_str!("header.sql"))
        .bind::<SqlUuid, _>(experience)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
        .optional()?;
    found.ok_or_else(|| by.refusal(conn, experience))
}
