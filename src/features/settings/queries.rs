//! The settings of the instance, its tiers and its holidays.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::TierId;
use crate::schema::{holidays, instance_settings};
use crate::web::guards::{Allowed, ChangeInstanceSettings};

/// What holds for the whole instance.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Settings {
    /// "Admin vertical navigation bar".
    pub vertical_navigation: bool,
    /// How long deleted people can be restored.
    pub restore_window_days: i32,
    /// A synchronization that deletes more has to be confirmed by typing the number.
    pub import_threshold_percent: i32,
    /// At which percentages of a limit it is told that it comes close.
    pub warning_percents: Vec<Option<i32>>,
    /// Whom mail is from; none: as the program was started.
    pub mail_sender: Option<String>,
}

impl Settings {
    /// Each by its name in the audit log.
    pub fn named(&self) -> [(&'static str, Value); 5] {
        [
            ("admin_vertical_navigation_bar", json!(self.vertical_navigation)),
            ("restore_window_days", json!(self.restore_window_days)),
            ("import_threshold_percent", json!(self.import_threshold_percent)),
            ("warning_percents", json!(self.warning_percents)),
            ("mail_sender", json!(self.mail_sender)),
        ]
    }
}

/// The settings as they are.
pub fn settings(conn: &mut PgConnection, _by: &Allowed<ChangeInstanceSettings>) -> Result<Settings, AppError> {
    use instance_settings as s;
    let columns = (
        s::admin_vertical_navigation_bar,
        s::restore_window_days,
        s::import_threshold_percent,
        s::warning_percents,
        s::mail_sender,
    );
    Ok(s::table.select(columns).first(conn)?)
}

impl TierRow {
    /// What can be edited of the tier.
    pub fn values(&self) -> Value {
        json!({
            "name": self.name, "user_limit": self.user_limit, "yearly_price": self.yearly_price,
            "currency": self.currency,
        })
    }

    /// All of it that can change: what can be edited, and whether it is sold.
    pub fn state(&self) -> Value {
        json!([self.values(), self.is_retired])
    }
}

/// A tier with how many license years have it.
#[derive(Debug, Clone, QueryableByName)]
pub struct TierRow {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: TierId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its limit.
    #[diesel(sql_type = Integer)]
    pub user_limit: i32,
    /// For a year.
    #[diesel(sql_type = Numeric)]
    pub yearly_price: Decimal,
    /// Of the price.
    #[diesel(sql_type = Text)]
    pub currency: String,
    /// It is no longer sold.
    #[diesel(sql_type = Bool)]
    pub is_retired: bool,
    /// License years that have it.
    #[diesel(sql_type = BigInt)]
    pub agreements: i64,
}

/// All tiers, those that are sold first.
pub fn tiers(conn: &mut PgConnection, _by: &Allowed<ChangeInstanceSettings>) -> Result<Vec<TierRow>, AppError> {
    Ok(prepared(
        "select t.id, t.name, t.user_limit, t.yearly_price, t.currency, t.retired_at is not null as is_retired,
           (select count(*) from agreements a where a.tier_id = t.id) as agreements
         from tiers t order by t.retired_at is not null, t.user_limit, t.id",
    )
    .load(conn)?)
}

/// A tier.
pub fn tier(conn: &mut PgConnection, by: &Allowed<ChangeInstanceSettings>, id: TierId) -> Result<TierRow, AppError> {
    tiers(conn, by)?.into_iter().find(|tier| tier.id == id).ok_or(AppError::NotFound)
}

/// The holidays of a year.
pub fn holidays(
    conn: &mut PgConnection,
    _by: &Allowed<ChangeInstanceSettings>,
    year: i32,
) -> Result<Vec<(NaiveDate, String)>, AppError> {
    let (first, last) = (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31));
    let (Some(first), Some(last)) = (first, last) else { return Err(AppError::NotFound) };
    Ok(holidays::table.filter(holidays::day.between(first, last)).order(holidays::day).load(conn)?)
}
