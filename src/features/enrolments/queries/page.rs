//! A page of the enrolments on a learning experience.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use super::matching::Matching;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EnrolmentId, UserId};
use crate::schema::{enrolments, users};

/// Rows on a page.
pub const PAGE_SIZE: u32 = 20;

/// What enrolments are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// The learner's name.
    #[default]
    Name,
    /// First day of access.
    Starts,
    /// Last day of access; no end comes last.
    Expires,
    /// When it is due; without a date last.
    Due,
    /// When it was completed; not completed last.
    Completed,
}

/// A column, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// Which column.
    pub by: SortBy,
    /// The last first.
    pub descending: bool,
}

/// A row of the list.
#[derive(Debug, QueryableByName)]
pub struct Listed {
    /// The enrolment.
    #[diesel(sql_type = SqlUuid)]
    pub id: EnrolmentId,
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// First and last name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Username.
    #[diesel(sql_type = Text)]
    pub username: String,
    /// The home organisation's name.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
    /// First day of access.
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// Last day of access.
    #[diesel(sql_type = Nullable<Date>)]
    pub expires_on: Option<NaiveDate>,
    /// When it is due.
    #[diesel(sql_type = Nullable<Date>)]
    pub due_on: Option<NaiveDate>,
    /// When it was completed.
    #[diesel(sql_type = Nullable<Date>)]
    pub completed_on: Option<NaiveDate>,
    /// With which result.
    #[diesel(sql_type = Nullable<Text>)]
    pub result: Option<String>,
    /// When the learner last opened it.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_accessed_at: Option<DateTime<Utc>>,
    /// The account has expired, so that a live enrolment gives no access.
    #[diesel(sql_type = Bool)]
    pub account_expired: bool,
    /// Other enrolments of the learner that are live.
    #[diesel(sql_type = BigInt)]
    pub other_live: i64,
}

/// The rows of a page.
pub fn page(
    conn: &mut PgConnection,
    matching: Matching,
    order: Order,
    number: u32,
    day: NaiveDate,
) -> Result<Vec<Listed>, AppError> {
    let offset = i64::from(number.max(1) - 1) * i64::from(PAGE_SIZE);
    let page = sorted(matching, order).limit(i64::from(PAGE_SIZE)).offset(offset);
    let ids: Vec<EnrolmentId> = page.select(enrolments::id).load(conn)?;
    Ok(prepared(include_str!("listed.sql")).bind::<Array<SqlUuid>, _>(ids).bind::<Date, _>(day).load(conn)?)
}

fn sorted(query: Matching, order: Order) -> Matching {
    macro_rules! by {
        ($column:expr) => {
            if order.descending {
                query.order(($column.desc(), users::name.desc(), users::id.desc()))
            } else {
                query.order(($column.asc(), users::name.asc(), users::id.asc()))
            }
        };
    }
    let last = |column: &'static str| sql::<Date>("coalesce(").sql(column).sql(", '9999-12-31')");
    match order.by {
        SortBy::Name => by!(users::name),
        SortBy::Starts => by!(enrolments::starts_on),
        SortBy::Expires => by!(last("enrolments.expires_on")),
        SortBy::Due => by!(last("enrolments.due_on")),
        SortBy::Completed => by!(last("enrolments.completed_on")),
    }
}
