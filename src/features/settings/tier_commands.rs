//! Changes of the tiers. What is agreed on keeps its price, whatever becomes of a tier.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde_json::{Value, json};

use super::forms::WantedTier;
use super::queries::{self, TierRow};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::ids::TierId;
use crate::schema::tiers;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, ChangeInstanceSettings};
use crate::web::meanwhile;

/// What became of a change.
pub type Saved = Result<(), Problems>;

/// Why a tier was not edited.
#[derive(Debug)]
pub enum NotSaved {
    /// What was entered does not fit.
    Problems(Problems),
    /// Somebody else has edited it since the form was made: what is stored now.
    Outdated(Box<TierRow>),
}

fn values(tier: &WantedTier) -> Value {
    json!({
        "name": tier.name, "user_limit": tier.user_limit, "yearly_price": tier.yearly_price,
        "currency": tier.currency.as_str(),
    })
}

/// Adds a tier.
pub fn create(
    conn: &mut PgConnection,
    _by: &Allowed<ChangeInstanceSettings>,
    wanted: &WantedTier,
) -> Result<Audited<Saved>, AppError> {
    let inserted = conn.transaction(|conn| {
        diesel::insert_into(tiers::table)
            .values((
                tiers::name.eq(&wanted.name),
                tiers::user_limit.eq(wanted.user_limit),
                tiers::yearly_price.eq(wanted.yearly_price),
                tiers::currency.eq(wanted.currency.as_str()),
            ))
            .returning(tiers::id)
            .get_result::<TierId>(conn)
    });
    match inserted {
        Ok(id) => {
            let entry = Entry::new("tier.created").about("tier", id.0);
            Ok(Audited::new(Ok(()), entry.change("tier", id.0, None, None, Some(values(wanted)))))
        }
        Err(error) => Ok(Audited::unchanged(Err(taken(error)?))),
    }
}

/// Edits a tier. `version`: what the form was filled with; empty for whoever does not care.
pub fn update(
    conn: &mut PgConnection,
    by: &Allowed<ChangeInstanceSettings>,
    id: TierId,
    wanted: &WantedTier,
    version: &str,
) -> Result<Audited<Result<(), NotSaved>>, AppError> {
    let before = locked(conn, by, id)?;
    let refused = |problems| Ok(Audited::unchanged(Err(NotSaved::Problems(problems))));
    let (old, new) = (before.values(), values(wanted));
    if old == new {
        return Ok(Audited::unchanged(Ok(())));
    }
    if !version.is_empty() && !meanwhile::is_current(version, &before.state()) {
        return Ok(Audited::unchanged(Err(NotSaved::Outdated(Box::new(before)))));
    }
    if before.user_limit != wanted.user_limit && before.agreements > 0 {
        let text = "License years have this tier with its limit. Retire it and add another one instead.";
        return refused(Problems::one("user_limit", text));
    }
    let updated = conn.transaction(|conn| {
        diesel::update(tiers::table.find(id))
            .set((
                tiers::name.eq(&wanted.name),
                tiers::user_limit.eq(wanted.user_limit),
                tiers::yearly_price.eq(wanted.yearly_price),
                tiers::currency.eq(wanted.currency.as_str()),
            ))
            .execute(conn)
    });
    if let Err(error) = updated {
        return refused(taken(error)?);
    }
    let entry = Entry::new("tier.edited").about("tier", id.0);
    Ok(Audited::new(Ok(()), entry.change("tier", id.0, None, Some(old), Some(new))))
}

/// Sells a tier no longer. Whoever has it keeps it.
pub fn retire(
    conn: &mut PgConnection,
    by: &Allowed<ChangeInstanceSettings>,
    id: TierId,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    if locked(conn, by, id)?.is_retired {
        return Ok(Audited::unchanged(()));
    }
    diesel::update(tiers::table.find(id)).set(tiers::retired_at.eq(now)).execute(conn)?;
    let (before, after) = (json!({ "retired": false }), json!({ "retired": true }));
    let entry = Entry::new("tier.retired").about("tier", id.0);
    Ok(Audited::new((), entry.change("tier", id.0, None, Some(before), Some(after))))
}

fn locked(conn: &mut PgConnection, by: &Allowed<ChangeInstanceSettings>, id: TierId) -> Result<TierRow, AppError> {
    tiers::table.find(id).select(tiers::id).for_update().first::<TierId>(conn).optional()?;
    queries::tier(conn, by, id)
}

/// Of those that are sold, no two have the same name or limit; anything else is an error of ours.
fn taken(error: DieselError) -> Result<Problems, AppError> {
    match &error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
            Ok(match information.constraint_name() {
                Some("tiers_user_limit") => Problems::one("user_limit", "Another tier has this limit."),
                _ => Problems::one("name", "Another tier has this name."),
            })
        }
        _ => Err(error.into()),
    }
}
