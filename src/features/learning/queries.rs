//! A person's own enrolments.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EnrolmentId, ExperienceId};
use crate::web::guards::SignedIn;

/// One of the person's enrolments.
#[derive(Debug, QueryableByName)]
pub struct OwnEnrolment {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: EnrolmentId,
    /// The learning experience.
    #[diesel(sql_type = SqlUuid)]
    pub experience_id: ExperienceId,
    /// The learning experience's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// First day of access.
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// Last day of access.
    #[diesel(sql_type = Nullable<Date>)]
    pub expires_on: Option<NaiveDate>,
    /// When it should be completed.
    #[diesel(sql_type = Nullable<Date>)]
    pub due_on: Option<NaiveDate>,
    /// When it was completed.
    #[diesel(sql_type = Nullable<Date>)]
    pub completed_on: Option<NaiveDate>,
    /// With which result.
    #[diesel(sql_type = Nullable<Text>)]
    pub result: Option<String>,
    /// With which score.
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    /// When it was last opened.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_accessed_at: Option<DateTime<Utc>>,
    /// The day in the person's organisation.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
}

/// One of the person's learning experiences, with all that its page shows.
#[derive(Debug, QueryableByName)]
pub struct Own {
    /// The enrolment.
    #[diesel(embed)]
    pub enrolment: OwnEnrolment,
    /// What it is about.
    #[diesel(sql_type = Text)]
    pub description: String,
    /// Nobody else can be enrolled; whoever is enrolled keeps access.
    #[diesel(sql_type = Bool)]
    pub archived: bool,
}

/// Whether an enrolment gives access on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is live.
    Open,
    /// It begins on that day.
    From(NaiveDate),
    /// It ended on that day, the last one with access.
    Until(NaiveDate),
    /// It will have ended before it would begin.
    Never,
}

impl OwnEnrolment {
    /// Whether it gives access today.
    pub fn access(&self) -> Access {
        match self.expires_on {
            Some(end) if end < self.today => Access::Until(end),
            Some(end) if end < self.starts_on => Access::Never,
            _ if self.today < self.starts_on => Access::From(self.starts_on),
            _ => Access::Open,
        }
    }
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

/// The signed-in person's enrolment on a learning experience. For whoever has none it does not exist.
pub fn own_enrolment(
    conn: &mut PgConnection,
    by: &SignedIn,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Own, AppError> {
    let own = prepared(include_str!("own_enrolment.sql"))
        .bind::<SqlUuid, _>(by.viewer().id)
        .bind::<SqlUuid, _>(experience)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
        .optional()?;
    own.ok_or(AppError::NotFound)
}
