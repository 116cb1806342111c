//! License years: their terms, what was ever agreed on, and how licenses are re-used.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Root;
use crate::db::prepared::prepared;
use crate::domain::license::UserLimit;
use crate::domain::license_year;
use crate::error::AppError;
use crate::ids::{AgreementId, OrganisationId, TierId};

/// The terms of a license year.
#[derive(Debug, Clone, QueryableByName)]
pub struct Year {
    /// The agreement.
    #[diesel(sql_type = SqlUuid)]
    pub id: AgreementId,
    /// The first day.
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// The last day.
    #[diesel(sql_type = Date)]
    pub ends_on: NaiveDate,
    /// The tier; none: a limit of its own.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub tier_id: Option<TierId>,
    /// Its name.
    #[diesel(sql_type = Nullable<Text>)]
    pub tier: Option<String>,
    /// The limit.
    #[diesel(sql_type = Integer)]
    pub user_limit: i32,
    /// The agreed price; with a currency or not at all.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub yearly_price: Option<Decimal>,
    /// Of the price.
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<String>,
    /// How often a license may be used again.
    #[diesel(sql_type = Integer)]
    pub re_uses_per_license: i32,
    /// How many users more are permitted in writing; 0 or for some days.
    #[diesel(sql_type = Integer)]
    pub extra_users: i32,
    /// From this day on,
    #[diesel(sql_type = Nullable<Date>)]
    pub extra_users_from: Option<NaiveDate>,
    /// up to this day.
    #[diesel(sql_type = Nullable<Date>)]
    pub extra_users_until: Option<NaiveDate>,
    /// None: the year has not begun.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub in_force_since: Option<DateTime<Utc>>,
}

impl Year {
    /// The agreed price and its currency.
    pub fn price(&self) -> Option<(Decimal, &str)> {
        self.yearly_price.zip(self.currency.as_deref())
    }

    /// The terms of the year, and which year it is.
    pub fn terms(&self) -> Value {
        json!([self.id, self.tier_id, self.user_limit, self.price(), self.re_uses_per_license])
    }

    /// What is permitted in the year, and which year it is.
    pub fn permitted(&self) -> Value {
        json!([self.id, self.extra_users, self.extra_users_from, self.extra_users_until])
    }
}

/// The license years that matter now.
#[derive(Debug, Clone, Default)]
pub struct Years {
    /// The last one that has come into force; it may have ended.
    pub current: Option<Year>,
    /// The next one.
    pub coming: Option<Year>,
}

impl Years {
    /// The current one, if it has not ended.
    pub fn running(&self, root: &Root) -> Option<&Year> {
        self.current.as_ref().filter(|year| root.today <= year.ends_on)
    }
}

/// The license years of a root that was read with a guard.
pub fn years(conn: &mut PgConnection, root: OrganisationId) -> Result<Years, AppError> {
    let all: Vec<Year> = prepared(include_str!("years.sql")).bind::<SqlUuid, _>(root).load(conn)?;
    let (in_force, coming): (Vec<Year>, Vec<Year>) = all.into_iter().partition(|year| year.in_force_since.is_some());
    Ok(Years { current: in_force.into_iter().next_back(), coming: coming.into_iter().next() })
}

/// What was agreed on, as it was after a change.
#[derive(Debug, Clone, QueryableByName)]
pub struct Changed {
    /// `agreed`, `changed`, `upgraded`, `begun`, `overage_permitted`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub changed_at: DateTime<Utc>,
    /// For the license year from this day,
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// to this.
    #[diesel(sql_type = Date)]
    pub ends_on: NaiveDate,
    /// The tier.
    #[diesel(sql_type = Nullable<Text>)]
    pub tier_name: Option<String>,
    /// The limit.
    #[diesel(sql_type = Integer)]
    pub user_limit: i32,
    /// The agreed price.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub yearly_price: Option<Decimal>,
    /// Its currency.
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<String>,
    /// How often a license may be used again.
    #[diesel(sql_type = Integer)]
    pub re_uses_per_license: i32,
    /// Permitted in writing,
    #[diesel(sql_type = Integer)]
    pub extra_users: i32,
    /// from,
    #[diesel(sql_type = Nullable<Date>)]
    pub extra_users_from: Option<NaiveDate>,
    /// until.
    #[diesel(sql_type = Nullable<Date>)]
    pub extra_users_until: Option<NaiveDate>,
    /// Of an upgrade: what it costs for the rest of the year.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub pro_rata_price: Option<Decimal>,
}

/// Everything that was ever agreed on with a root that was read with a guard, the latest first.
pub fn changes(conn: &mut PgConnection, root: OrganisationId) -> Result<Vec<Changed>, AppError> {
    Ok(prepared(include_str!("changes.sql")).bind::<SqlUuid, _>(root).load(conn)?)
}

/// How licenses are used again in a license year.
#[derive(Debug, Clone, Copy)]
pub struct FairUse {
    /// Distinct people who held a license.
    pub holders: u64,
    /// The highest limit of the year.
    pub highest_limit: UserLimit,
    /// How often a license may be used again.
    pub re_uses_per_license: u32,
}

impl FairUse {
    /// How many people may hold a license in the year.
    pub fn capacity(&self) -> u64 {
        license_year::capacity(self.highest_limit, self.re_uses_per_license)
    }

    /// How many re-uses there may be.
    pub fn re_uses(&self) -> u64 {
        license_year::reuses(self.highest_limit, self.re_uses_per_license)
    }

    /// How many there were.
    pub fn re_uses_used(&self) -> u64 {
        license_year::reuses_used(self.holders, self.highest_limit)
    }
}

/// The use of licenses in a year of a root that was read with a guard, up to today.
pub fn fair_use(conn: &mut PgConnection, root: &Root, year: &Year) -> Result<FairUse, AppError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        holders: i64,
        #[diesel(sql_type = Integer)]
        highest_limit: i32,
    }
    let row: Row = prepared(include_str!("fair_use.sql"))
        .bind::<SqlUuid, _>(root.id)
        .bind::<Date, _>(year.starts_on)
        .bind::<Date, _>(year.ends_on)
        .bind::<Date, _>(root.today)
        .bind::<Integer, _>(year.user_limit)
        .get_result(conn)?;
    Ok(FairUse {
        holders: row.holders.unsigned_abs(),
        highest_limit: UserLimit(row.highest_limit.unsigned_abs()),
        re_uses_per_license: year.re_uses_per_license.unsigned_abs(),
    })
}
