//! One learning experience, for whoever may see it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{ExperienceId, OrganisationId};
use crate::web::guards::{Allowed, EditExperiences, Permission};

/// A learning experience that is open to the scope.
#[derive(Debug, Clone, QueryableByName)]
pub struct Header {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: ExperienceId,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// What files call it; unique within its owner.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Plain text, in paragraphs.
    #[diesel(sql_type = Text)]
    pub description: String,
    /// Its owner: it is open to everybody below.
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrganisationId,
    /// The owner's name.
    #[diesel(sql_type = Text)]
    pub organisation: String,
    /// Nobody else can be enrolled.
    #[diesel(sql_type = Bool)]
    pub archived: bool,
    /// Its owner is within the scope, not above it.
    #[diesel(sql_type = Bool)]
    pub owned_within: bool,
    /// The day in its tree.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
}

impl Header {
    /// All of it that can change.
    pub fn state(&self) -> Value {
        json!({
            "code": self.code, "title": self.title, "description": self.description,
            "organisation_id": self.organisation_id, "archived": self.archived,
        })
    }
}

/// The learning experience, if its owner is within the scope, or above it.
pub fn visible<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Header, AppError> {
    let found = prepared(include_str!("visible.sql"))
        .bind::<SqlUuid, _>(experience)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
        .optional()?;
    found.ok_or_else(|| by.refusal(conn, experience))
}

/// The same for whoever is about to edit it: refused when its owner is above the scope.
pub fn editable(
    conn: &mut PgConnection,
    by: &Allowed<EditExperiences>,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Header, AppError> {
    let header = visible(conn, by, experience, now)?;
    if header.owned_within { Ok(header) } else { Err(AppError::Forbidden) }
}
