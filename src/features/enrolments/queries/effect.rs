//! What a change of enrolments does to the licenses: who becomes inactive or active by it, and how many
//! licenses that frees in each organisation. The same for a preview, and for what has been done.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::target::Chosen;
use crate::ids::OrganisationId;

/// What the enrolments become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// They get this expiry date, or none.
    Expiring(Option<NaiveDate>),
    /// They are deleted.
    Gone,
}

/// The licenses of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, QueryableByName)]
pub struct Freed {
    /// The organisation; the people are in it directly.
    #[diesel(sql_type = SqlUuid)]
    pub organisation: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// People who become inactive.
    #[diesel(sql_type = BigInt)]
    pub freed: i64,
    /// People who become active.
    #[diesel(sql_type = BigInt)]
    pub taken: i64,
    /// People whose enrolments change.
    #[diesel(sql_type = BigInt)]
    pub people: i64,
}

/// What a change does on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// By organisation, most licenses first; those where nothing is freed or taken too.
    pub organisations: Vec<Freed>,
}

impl Effect {
    /// People whose enrolments change.
    pub fn people(&self) -> u64 {
        self.organisations.iter().map(|row| row.people.unsigned_abs()).sum()
    }

    /// People who become inactive, and so licenses that are freed.
    pub fn freed(&self) -> u64 {
        self.organisations.iter().map(|row| row.freed.unsigned_abs()).sum()
    }

    /// People who become active.
    pub fn taken(&self) -> u64 {
        self.organisations.iter().map(|row| row.taken.unsigned_abs()).sum()
    }
}

/// The effect of a change of these enrolments, on the day that it is now in each tree, or from `from` on
/// where that is later.
pub fn effect(
    conn: &mut PgConnection,
    chosen: &Chosen,
    judged: Judged,
    from: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Effect, AppError> {
    let (date, gone) = match judged {
        Judged::Expiring(date) => (date, false),
        Judged::Gone => (None, true),
    };
    let organisations = prepared(include_str!("effect.sql"))
        .bind::<Array<SqlUuid>, _>(chosen.ids.clone())
        .bind::<Array<SqlUuid>, _>(chosen.people.clone())
        .bind::<Nullable<Date>, _>(date)
        .bind::<Bool, _>(gone)
        .bind::<Nullable<Date>, _>(from)
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    Ok(Effect { organisations })
}
