//! Agreeing on license years: the first one, the next one, and changes of the current one.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::limits::{self, NewLimit};
use super::record::{self, Kind};
use crate::db::audit::{Audited, Entry};
use crate::domain::license_year::LicenseYear;
use crate::error::AppError;
use crate::features::agreements::queries::{self, Root, Year, Years};
use crate::features::agreements::terms::Terms;
use crate::ids::{AgreementId, OrganisationId};
use crate::schema::agreements;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, ChangeAgreements, Permission};
use crate::web::meanwhile;

/// What became of a change.
#[derive(Debug)]
pub enum Saved {
    /// It is stored.
    Done,
    /// Something is wrong with what was typed.
    Refused(Problems),
    /// Somebody else changed the terms meanwhile.
    Outdated,
}

/// A root that nobody else changes until the end of the transaction, and its license years.
pub(super) fn locked<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    root: OrganisationId,
    now: DateTime<Utc>,
) -> Result<(Root, Years), AppError> {
    queries::root(conn, by, root, now)?;
    limits::lock(conn, &[root])?;
    Ok((queries::root(conn, by, root, now)?, queries::years(conn, root)?))
}

/// The first license year of a root.
pub fn agree(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: OrganisationId,
    starts_on: NaiveDate,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    let (root, years) = locked(conn, by, root, now)?;
    if years.current.is_some() || years.coming.is_some() {
        return Ok(Audited::unchanged(Saved::Outdated));
    }
    add(conn, by, &root, LicenseYear::beginning(starts_on), terms, now)
}

/// The license year after the current one. When that year has begun meanwhile, the terms are in force at once.
pub fn renew(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: OrganisationId,
    terms: &Terms,
    version: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    let (root, years) = locked(conn, by, root, now)?;
    if let Some(coming) = years.coming {
        return change(conn, by, &root, &coming, terms, version, now);
    }
    let Some(current) = years.current else { return Ok(Audited::unchanged(Saved::Outdated)) };
    if !meanwhile::is_current(version, &current.terms()) {
        return Ok(Audited::unchanged(Saved::Outdated));
    }
    add(conn, by, &root, LicenseYear::beginning(current.starts_on).next(), terms, now)
}

fn add(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: &Root,
    year: LicenseYear,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    let in_force = year.starts_on() <= root.today;
    let id: AgreementId = diesel::insert_into(agreements::table)
        .values((
            agreements::organisation_id.eq(root.id),
            agreements::tier_id.eq(terms.tier),
            agreements::starts_on.eq(year.starts_on()),
            agreements::ends_on.eq(year.ends_on()),
            agreements::user_limit.eq(terms.user_limit),
            agreements::yearly_price.eq(terms.price.map(|(amount, _)| amount)),
            agreements::currency.eq(terms.price.map(|(_, currency)| currency.to_string())),
            agreements::re_uses_per_license.eq(terms.re_uses_per_license),
            agreements::in_force_since.eq(in_force.then_some(now)),
            agreements::created_at.eq(now),
        ))
        .returning(agreements::id)
        .get_result(conn)?;
    if in_force {
        limits::set(conn, &[NewLimit { root: root.id, limit: terms.user_limit, since: now }])?;
    }
    record::record(conn, id, Kind::Agreed, now, by.by().viewer().id)?;
    let after = record::values(conn, id)?;
    let entry = Entry::new("agreement.agreed")
        .on(Some(root.id))
        .about("agreement", id.0)
        .detail(serde_json::json!({ "starts_on": year.starts_on(), "ends_on": year.ends_on() }))
        .change("agreement", id.0, None, None, Some(after));
    Ok(Audited::new(Saved::Done, entry))
}

/// Other terms for the current license year, from now on.
pub fn change_current(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: OrganisationId,
    terms: &Terms,
    version: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    let (root, years) = locked(conn, by, root, now)?;
    match years.current.or(years.coming) {
        Some(year) => change(conn, by, &root, &year, terms, version, now),
        None => Ok(Audited::unchanged(Saved::Outdated)),
    }
}

fn change(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: &Root,
    year: &Year,
    terms: &Terms,
    version: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    if terms.are_of(year) {
        return Ok(Audited::unchanged(Saved::Done));
    }
    if !meanwhile::is_current(version, &year.terms()) {
        return Ok(Audited::unchanged(Saved::Outdated));
    }
    let before = record::values(conn, year.id)?;
    diesel::update(agreements::table.find(year.id))
        .set((
            agreements::tier_id.eq(terms.tier),
            agreements::user_limit.eq(terms.user_limit),
            agreements::yearly_price.eq(terms.price.map(|(amount, _)| amount)),
            agreements::currency.eq(terms.price.map(|(_, currency)| currency.to_string())),
            agreements::re_uses_per_license.eq(terms.re_uses_per_license),
        ))
        .execute(conn)?;
    let after = record::values(conn, year.id)?;
    if before == after {
        return Ok(Audited::unchanged(Saved::Done));
    }
    if year.in_force_since.is_some() {
        limits::set(conn, &[NewLimit { root: root.id, limit: terms.user_limit, since: now }])?;
    }
    record::record(conn, year.id, Kind::Changed, now, by.by().viewer().id)?;
    let entry = Entry::new("agreement.changed").on(Some(root.id)).about("agreement", year.id.0).change(
        "agreement",
        year.id.0,
        None,
        Some(before),
        Some(after),
    );
    Ok(Audited::new(Saved::Done, entry))
}

/// Takes the coming license year back, until it begins.
pub fn withdraw(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Audited<bool>, AppError> {
    let (root, years) = locked(conn, by, root, now)?;
    let Some(coming) = years.coming.filter(|year| root.today < year.starts_on) else {
        return Ok(Audited::unchanged(false));
    };
    let before = record::values(conn, coming.id)?;
    diesel::delete(agreements::table.find(coming.id)).execute(conn)?;
    let entry = Entry::new("agreement.withdrawn")
        .on(Some(root.id))
        .about("agreement", coming.id.0)
        .detail(serde_json::json!({ "starts_on": coming.starts_on, "ends_on": coming.ends_on }))
        .change("agreement", coming.id.0, None, Some(before), None);
    Ok(Audited::new(true, entry))
}
