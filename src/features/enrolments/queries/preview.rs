//! What the page of a change shows before it is done.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::target::Chosen;
use crate::features::experiences::queries::Header;
use crate::ids::EnrolmentId;
use crate::web::guards::{Allowed, Enrol};

/// How many people are named.
const SAMPLE: i64 = 8;

/// Of how many these are the first ones by name.
const SAMPLED_FROM: usize = 1_000;

/// The enrolments that are chosen.
#[derive(Debug)]
pub struct Preview {
    /// The learning experience, if they are of one.
    pub header: Option<Header>,
    /// How many they are.
    pub enrolments: u64,
    /// How many people they are of.
    pub people: u64,
    /// How many have a completion record.
    pub records: u64,
    /// Some of the people.
    pub sample: Vec<String>,
    /// A fingerprint of the enrolments as they are.
    pub seen: String,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// What is chosen, in figures and a few names.
pub fn preview(conn: &mut PgConnection, chosen: Chosen, header: Option<Header>) -> Result<Preview, AppError> {
    let named: Vec<Named> = prepared(include_str!("sample.sql"))
        .bind::<Array<SqlUuid>, _>(chosen.people.iter().take(SAMPLED_FROM).copied().collect::<Vec<_>>())
        .bind::<BigInt, _>(SAMPLE)
        .load(conn)?;
    Ok(Preview {
        header,
        enrolments: chosen.ids.len() as u64,
        people: chosen.people.len() as u64,
        records: chosen.records,
        sample: named.into_iter().map(|row| row.name).collect(),
        seen: chosen.seen,
    })
}

/// What somebody did to one of the enrolments meanwhile.
#[derive(Debug, QueryableByName)]
pub struct ChangedSince {
    /// Whose enrolment.
    #[diesel(sql_type = Nullable<Text>)]
    pub learner: Option<String>,
    /// Who changed it, if the reader may see that person.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor: Option<String>,
    /// The program changed it by itself.
    #[diesel(sql_type = Bool)]
    pub by_program: bool,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// The values before.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<serde_json::Value>,
    /// The values after; none when it was deleted.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<serde_json::Value>,
}

/// What was done to these enrolments since a time, the latest first, some of it.
pub fn changes_since(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    chosen: &[EnrolmentId],
    since: DateTime<Utc>,
) -> Result<Vec<ChangedSince>, AppError> {
    Ok(prepared(include_str!("changes_since.sql"))
        .bind::<Array<SqlUuid>, _>(chosen.to_vec())
        .bind::<Timestamptz, _>(since)
        .bind::<BigInt, _>(SAMPLE)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .load(conn)?)
}
