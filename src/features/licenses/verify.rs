//! Are the stored figures what the enrolments say? For `headroom verify` and for the tests.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text};

use crate::error::AppError;

/// A figure that is not what it should be.
#[derive(Debug, QueryableByName)]
pub struct Difference {
    /// What is wrong, such as "change on a day".
    #[diesel(sql_type = Text)]
    pub figure: String,
    /// The organisation's path.
    #[diesel(sql_type = Text)]
    pub organisation: String,
    /// The day it is wrong for.
    #[diesel(sql_type = Nullable<Date>)]
    pub day: Option<NaiveDate>,
    /// What is stored.
    #[diesel(sql_type = BigInt)]
    pub stored: i64,
    /// What the enrolments say.
    #[diesel(sql_type = BigInt)]
    pub expected: i64,
}

/// How much was compared.
#[derive(Debug, QueryableByName)]
pub struct Compared {
    /// Organisations.
    #[diesel(sql_type = BigInt)]
    pub organisations: i64,
    /// Users.
    #[diesel(sql_type = BigInt)]
    pub users: i64,
    /// Enrolments.
    #[diesel(sql_type = BigInt)]
    pub enrolments: i64,
    /// Days on which an organisation's figure changes.
    #[diesel(sql_type = BigInt)]
    pub days: i64,
}

/// Compares every figure of every organisation on every day; `today` is counted once more,
/// person by person, straight from the definition. Reads one state of the data.
pub fn differences(conn: &mut PgConnection, today: NaiveDate) -> Result<Vec<Difference>, AppError> {
    Ok(diesel::sql_query(include_str!("verify.sql")).bind::<Date, _>(today).load(conn)?)
}

/// Counts what [`differences`] goes through.
pub fn compared(conn: &mut PgConnection) -> Result<Compared, AppError> {
    Ok(diesel::sql_query(
        "select (select count(*) from organisations) as organisations, (select count(*) from users) as users,
           (select count(*) from enrolments) as enrolments,
           (select count(*) from (select distinct organisation_id, day from license_delta) changed) as days",
    )
    .get_result(conn)?)
}
