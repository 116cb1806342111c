//! Accepting the offer of an upgrade.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use rust_decimal::Decimal;

use super::agree::locked;
use super::upgrade::{Upgrade, upgrade_many};
use crate::db::audit::Audited;
use crate::error::AppError;
use crate::features::agreements::queries;
use crate::ids::{OrganisationId, TierId};
use crate::web::guards::{AcceptUpgrade, Allowed};

/// What the person saw.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The tier.
    pub tier: TierId,
    /// Its price for the rest of the year.
    pub price: Decimal,
    /// The day of the offer.
    pub on: NaiveDate,
}

/// Upgrades the agreement as it was offered; false when the offer is another one by now, and nothing is changed.
pub fn accept(
    conn: &mut PgConnection,
    by: &Allowed<AcceptUpgrade>,
    root: OrganisationId,
    seen: Seen,
    now: DateTime<Utc>,
) -> Result<Audited<bool>, AppError> {
    let (root, years) = locked(conn, by, root, now)?;
    let tiers = queries::tiers(conn)?;
    let is_same = queries::offer(&root, &years, &tiers)
        .is_ok_and(|offer| (offer.tier.id, offer.price.amount, root.today) == (seen.tier, seen.price, seen.on));
    if !is_same {
        return Ok(Audited::unchanged(false));
    }
    let upgrade =
        Upgrade { root: root.id, to: seen.tier, at: now, on: root.today, accepted_by: Some(by.by().viewer().id) };
    Ok(upgrade_many(conn, &[upgrade])?.map(|_| true))
}
