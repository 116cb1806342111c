//! The accounts within a scope.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::order::Wanted;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::notices::queries::days_off;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, SeeAccounts};

/// Accounts on a page.
pub const PAGE_SIZE: u32 = 50;

/// A root, with what its terms and its people make of it now.
#[derive(Debug, Clone, QueryableByName)]
pub struct Account {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its limit.
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_limit: Option<i32>,
    /// Its time zone.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// Active users.
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
    /// Of its open overage.
    #[diesel(sql_type = Nullable<Text>)]
    pub stage: Option<String>,
    /// Day 0 of that.
    #[diesel(sql_type = Nullable<Date>)]
    pub notice_on: Option<NaiveDate>,
    /// When that leads to an upgrade.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub major_due_at: Option<DateTime<Utc>>,
    /// The coming day on which the limit will be exceeded.
    #[diesel(sql_type = Nullable<Date>)]
    pub crossing_on: Option<NaiveDate>,
    /// The last day of the license year; none: no agreement is in force.
    #[diesel(sql_type = Nullable<Date>)]
    pub ends_on: Option<NaiveDate>,
    /// Of that agreement.
    #[diesel(sql_type = Nullable<Integer>)]
    pub re_uses_per_license: Option<i32>,
    /// Of that year so far.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub holders: Option<i64>,
    /// Of that year so far.
    #[diesel(sql_type = Nullable<Integer>)]
    pub highest_limit: Option<i32>,
    /// The first day of a coming year that is agreed on.
    #[diesel(sql_type = Nullable<Date>)]
    pub renewed_on: Option<NaiveDate>,
}

/// A page of accounts.
#[derive(Debug)]
pub struct Accounts {
    /// The accounts.
    pub rows: Vec<Account>,
    /// How many match.
    pub total: u64,
    /// No business days.
    pub days_off: BTreeSet<NaiveDate>,
}

/// The accounts that match.
pub fn accounts(
    conn: &mut PgConnection,
    by: &Allowed<SeeAccounts>,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Accounts, AppError> {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let rows: Vec<Account> = prepared(include_str!("accounts.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Text>, _>(given(&wanted.name))
        .bind::<Nullable<Text>, _>(given(&wanted.state))
        .bind::<Text, _>(wanted.by.code())
        .bind::<Double, _>(if wanted.descending { -1.0 } else { 1.0 })
        .bind::<BigInt, _>(i64::from(PAGE_SIZE))
        .bind::<BigInt, _>(i64::from(wanted.page.saturating_sub(1)) * i64::from(PAGE_SIZE))
        .load(conn)?;
    let total = rows.first().map_or(0, |row| row.total.unsigned_abs());
    Ok(Accounts { rows, total, days_off: days_off(conn)? })
}
