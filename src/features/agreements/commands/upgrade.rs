//! Upgrades: a root's agreement takes a larger tier for the rest of its license year.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;
use serde_json::json;

use super::limits::{self, NewLimit};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::domain::license_year::LicenseYear;
use crate::domain::pro_rata;
use crate::error::AppError;
use crate::ids::{AgreementId, OrganisationId, TierId, UserId};

/// An upgrade that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Upgrade {
    /// Whose agreement.
    pub root: OrganisationId,
    /// The tier that it gets.
    pub to: TierId,
    /// When it happens, or should have happened.
    pub at: DateTime<Utc>,
    /// The day of that moment in the root's time zone, by which the price goes.
    pub on: NaiveDate,
    /// Who accepted it; none: it is the automatic one after a major overage.
    pub accepted_by: Option<UserId>,
}

/// An upgrade that was made.
#[derive(Debug, Clone)]
pub struct Upgraded {
    /// Whose agreement.
    pub root: OrganisationId,
    /// The agreement.
    pub agreement: AgreementId,
    /// The limit before.
    pub from: i32,
    /// The limit now.
    pub to: i32,
    /// The name of the tier.
    pub tier_name: String,
    /// What it costs for the rest of the year, and in which currency; none when no price was agreed, or one in
    /// another currency.
    pub price: Option<(Decimal, String)>,
}

/// Upgrades agreements, each in the license year of its day, with the limits of their roots.
///
/// Roots without a license year on that day are left out of the result, and nothing changes for them. A limit
/// that was set after the moment of an upgrade, which is only found now, stays.
pub fn upgrade_many(conn: &mut PgConnection, upgrades: &[Upgrade]) -> Result<Audited<Vec<Upgraded>>, AppError> {
    let roots: Vec<OrganisationId> = upgrades.iter().map(|upgrade| upgrade.root).collect();
    limits::lock(conn, &roots)?;
    let mut audited = Audited::unchanged(());
    let mut all = Vec::new();
    let mut waiting = upgrades.to_vec();
    waiting.sort_by_key(|upgrade| upgrade.at);
    // a root has one upgrade, unless the check of limits did not run for days
    while !waiting.is_empty() {
        let mut seen = HashSet::new();
        let (round, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|upgrade| seen.insert(upgrade.root));
        for (done, entry) in one_each(conn, &round)? {
            audited = audited.and(entry);
            all.push(done);
        }
        waiting = later;
    }
    Ok(audited.map(|()| all))
}

/// An agreement with what it gets.
#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = SqlUuid)]
    agreement_id: AgreementId,
    #[diesel(sql_type = Date)]
    starts_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    old_tier: Option<String>,
    #[diesel(sql_type = Integer)]
    old_limit: i32,
    #[diesel(sql_type = Nullable<Numeric>)]
    old_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Text>)]
    old_currency: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    tier_id: TierId,
    #[diesel(sql_type = Text)]
    tier: String,
    #[diesel(sql_type = Integer)]
    user_limit: i32,
    #[diesel(sql_type = Numeric)]
    yearly_price: Decimal,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    on_day: NaiveDate,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    accepted_by: Option<UserId>,
    /// The limit was set after the moment of the upgrade.
    #[diesel(sql_type = Bool)]
    is_outdated: bool,
}

impl Found {
    fn price(&self) -> Option<Decimal> {
        let old = self.old_price.filter(|_| self.old_currency.as_deref() == Some(self.currency.as_str()))?;
        let year = LicenseYear::beginning(self.starts_on);
        pro_rata::price(old, self.yearly_price, self.on_day, &year).map(|price| price.amount)
    }

    fn done(self) -> (Upgraded, Entry) {
        let price = self.price();
        let before = json!({
            "tier": self.old_tier, "user_limit": self.old_limit, "yearly_price": self.old_price,
            "currency": self.old_currency,
        });
        let after = json!({
            "tier": self.tier, "user_limit": self.user_limit, "yearly_price": self.yearly_price,
            "currency": self.currency,
        });
        let detail = json!({
            "automatic": self.accepted_by.is_none(), "at": self.at, "on": self.on_day, "pro_rata_price": price,
            "superseded": self.is_outdated,
        });
        let entry = Entry::new("agreement.upgraded")
            .on(Some(self.root_id))
            .about("agreement", self.agreement_id.0)
            .detail(detail)
            .change("agreement", self.agreement_id.0, None, Some(before), Some(after));
        let upgraded = Upgraded {
            root: self.root_id,
            agreement: self.agreement_id,
            from: self.old_limit,
            to: self.user_limit,
            tier_name: self.tier,
            price: price.map(|amount| (amount, self.currency)),
        };
        (upgraded, entry)
    }
}

/// At most one upgrade a root.
fn one_each(conn: &mut PgConnection, upgrades: &[Upgrade]) -> Result<Vec<(Upgraded, Entry)>, AppError> {
    let found: Vec<Found> = prepared(include_str!("upgrade_found.sql"))
        .bind::<Array<SqlUuid>, _>(upgrades.iter().map(|one| one.root).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(upgrades.iter().map(|one| one.to).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(upgrades.iter().map(|one| one.at).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(upgrades.iter().map(|one| one.on).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(upgrades.iter().map(|one| one.accepted_by).collect::<Vec<_>>())
        .load(conn)?;
    prepared(include_str!("upgrade_agreements.sql"))
        .bind::<Array<SqlUuid>, _>(found.iter().map(|one| one.agreement_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(found.iter().map(|one| one.tier_id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(found.iter().map(|one| one.at).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(found.iter().map(|one| one.accepted_by).collect::<Vec<_>>())
        .bind::<Array<Nullable<Numeric>>, _>(found.iter().map(Found::price).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(found.iter().map(|one| one.is_outdated).collect::<Vec<_>>())
        .execute(conn)?;
    let in_force = found.iter().filter(|one| !one.is_outdated);
    let new: Vec<_> =
        in_force.map(|one| NewLimit { root: one.root_id, limit: one.user_limit, since: one.at }).collect();
    limits::set(conn, &new)?;
    Ok(found.into_iter().map(Found::done).collect())
}
