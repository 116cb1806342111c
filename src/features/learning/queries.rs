//! A person's own enrolments.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::web::guards::SignedIn;

/// One of the person's learning experiences.
#[derive(Debug, QueryableByName)]
pub struct OwnEnrolment {
    /// The learning experience's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// First day of access.
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// Last day of access.
    #[diesel(sql_type = Nullable<Date>)]
    pub expires_on: Option<NaiveDate>,
    /// When it was completed.
    #[diesel(sql_type = Nullable<Date>)]
    pub completed_on: Option<NaiveDate>,
    /// With which result.
    #[diesel(sql_type = Nullable<Text>)]
    pub result: Option<String>,
    /// The day in the person's organisation.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
}

/// All enrolments of the signed-in person; live ones first, then coming ones.
pub fn own_enrolments(
    conn: &mut PgConnection,
    by: &SignedIn,
    now: DateTime<Utc>,
) -> Result<Vec<OwnEnrolment>, AppError> {
    Ok(prepared(include_str!("own_enrolments.sql"))
        .bind::<SqlUuid, _>(by.viewer().id)
        .bind::<Timestamptz, _>(now)
        .load(conn)?)
}
