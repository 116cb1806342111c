//! What a check has to know, read for all of its roots at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::prepared::{Prepared, plan_for_many, prepared};
use crate::domain::calendar::Calendar;
use crate::domain::forecast::DAYS_AHEAD;
use crate::domain::license::UserLimit;
use crate::domain::overage::Tier;
use crate::domain::usage_history::Change;
use crate::error::AppError;
use crate::features::agreements::commands::Begun;
use crate::ids::{OrganisationId, TierId};
use crate::schema::{holidays, instance_settings, tiers};

/// The roots that are due, and what holds for all of them.
pub(super) struct Known {
    pub roots: Vec<Root>,
    pub terms: InstanceTerms,
}

/// What holds for the whole instance.
pub(super) struct InstanceTerms {
    /// The tiers that are sold.
    pub tiers: Vec<SoldTier>,
    /// Percentages of a limit that are told.
    pub warning_percents: Vec<u8>,
}

/// A tier with its price.
#[derive(Queryable)]
pub(super) struct SoldTier {
    pub id: TierId,
    pub name: String,
    user_limit: i32,
    pub yearly_price: Decimal,
    pub currency: String,
}

impl SoldTier {
    /// How many active users it allows.
    pub fn limit(&self) -> UserLimit {
        UserLimit(self.user_limit.unsigned_abs())
    }

    /// As a step of the ladder.
    pub fn step(&self) -> Tier {
        Tier { id: self.id, limit: self.limit() }
    }
}

/// A moment until which a root is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// What has happened so far.
    Now(DateTime<Utc>),
    /// The last moment of a day with which the terms end: what has happened since is for the next time.
    TermsEnd(DateTime<Utc>),
}

impl Until {
    pub fn at(self) -> DateTime<Utc> {
        let (Until::Now(at) | Until::TermsEnd(at)) = self;
        at
    }

    /// Something of that moment is to be judged now.
    fn covers(self, at: DateTime<Utc>) -> bool {
        matches!(self, Until::Now(_)) || at <= self.at()
    }
}

/// A root, and what has happened since it was last checked.
pub(super) struct Root {
    pub row: Row,
    pub until: Until,
    pub calendar: Calendar,
    /// Ids and changes of the log.
    pub log: Vec<i64>,
    pub changes: Vec<Change>,
    pub closings: BTreeMap<NaiveDate, u64>,
    pub limits: Vec<(DateTime<Utc>, Option<UserLimit>)>,
    pub scheduled: Vec<(NaiveDate, i64)>,
}

/// See roots.sql.
#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_limit: Option<i32>,
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub checked_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub checked_used: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub checked_limit: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub warned_percent: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub re_uses_warned_percent: Option<i32>,
    #[diesel(sql_type = Nullable<Date>)]
    pub re_uses_warned_year: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub crossing_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub overage_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub opened_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    pub notice_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub stage: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub major_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub major_cause: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub major_due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    pub starts_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub ends_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Numeric>)]
    pub yearly_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub re_uses_per_license: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub extra_users: Option<i32>,
    #[diesel(sql_type = Nullable<Date>)]
    pub extra_users_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub extra_users_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub holders: Option<i64>,
    #[diesel(sql_type = Nullable<Date>)]
    pub next_holders_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub highest_limit: Option<i32>,
    #[diesel(sql_type = Nullable<Date>)]
    pub renewal_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub renewal_limit: Option<i32>,
    #[diesel(sql_type = Nullable<Date>)]
    pub next_year_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub scheduled_beyond: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
}

#[derive(QueryableByName)]
struct Logged {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    delta: i64,
}

#[derive(QueryableByName)]
struct LastClosing {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = BigInt)]
    closing: i64,
}

#[derive(QueryableByName)]
struct Closing {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    closing: i64,
}

#[derive(QueryableByName)]
struct LimitSet {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Integer>)]
    user_limit: Option<i32>,
}

#[derive(QueryableByName)]
struct Scheduled {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    delta: i64,
}

/// A stored limit.
pub(super) fn limit(stored: Option<i32>) -> Option<UserLimit> {
    stored.map(|limit| UserLimit(limit.unsigned_abs()))
}

/// Reads at most so many of the roots that are due, with everything that a check has to know of them.
pub(super) fn load(conn: &mut PgConnection, at_most: usize, now: DateTime<Utc>) -> Result<Known, AppError> {
    let due: Vec<Due> = prepared(include_str!("due.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::try_from(at_most).unwrap_or(i64::MAX))
        .load(conn)?;
    let checks: Vec<_> = due.into_iter().map(|due| (due.root_id, Until::Now(now))).collect();
    load_until(conn, &checks)
}

/// Reads roots whose next terms begin, as they were in the last moment before that. Those that are checked until then
/// are left out, and those that were never checked, of which nothing is to be made up.
pub(super) fn load_until_terms_end(conn: &mut PgConnection, beginning: &[Begun]) -> Result<Known, AppError> {
    let last = |begun: &Begun| Until::TermsEnd(begun.at - TimeDelta::microseconds(1));
    let checks: Vec<_> = beginning.iter().map(|begun| (begun.root_id, last(begun))).collect();
    let mut known = load_until(conn, &checks)?;
    known.roots.retain(|root| root.row.checked_until.is_some_and(|checked| checked < root.until.at()));
    Ok(known)
}

fn load_until(conn: &mut PgConnection, checks: &[(OrganisationId, Until)]) -> Result<Known, AppError> {
    if checks.is_empty() {
        let terms = InstanceTerms { tiers: Vec::new(), warning_percents: Vec::new() };
        return Ok(Known { roots: Vec::new(), terms });
    }
    // the tables may have been empty when these statements were first planned
    plan_for_many(conn)?;
    let until: BTreeMap<OrganisationId, Until> = checks.iter().copied().collect();
    let days_off: BTreeSet<NaiveDate> = holidays::table.select(holidays::day).load(conn)?.into_iter().collect();
    let rows: Vec<Row> = ahead(&until, include_str!("roots.sql")).load(conn)?;
    let mut roots: BTreeMap<OrganisationId, Root> = rows
        .into_iter()
        .filter_map(|row| {
            let zone: Tz = row.time_zone.parse().unwrap_or(Tz::UTC);
            let calendar = Calendar::new(zone, days_off.clone());
            let (log, changes, closings) = (Vec::new(), Vec::new(), BTreeMap::new());
            let (limits, scheduled) = (Vec::new(), Vec::new());
            let until = *until.get(&row.id)?;
            Some((row.id, Root { row, until, calendar, log, changes, closings, limits, scheduled }))
        })
        .collect();
    read_history(conn, &until, &mut roots)?;
    end_with_their_terms(conn, &until, &mut roots)?;
    Ok(Known { roots: roots.into_values().collect(), terms: instance_terms(conn)? })
}

/// A query about roots, each until its moment.
fn of(until: &BTreeMap<OrganisationId, Until>, sql: &'static str) -> Prepared {
    prepared(sql)
        .bind::<Array<SqlUuid>, _>(until.keys().copied().collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(until.values().map(|until| until.at()).collect::<Vec<_>>())
}

/// The same for what looks ahead.
fn ahead(until: &BTreeMap<OrganisationId, Until>, sql: &'static str) -> Prepared {
    of(until, sql).bind::<Integer, _>(i32::try_from(DAYS_AHEAD).unwrap_or(i32::MAX))
}

/// What the database tells of now is put back to the last moment of the terms, where these are what is checked.
fn end_with_their_terms(
    conn: &mut PgConnection,
    until: &BTreeMap<OrganisationId, Until>,
    roots: &mut BTreeMap<OrganisationId, Root>,
) -> Result<(), AppError> {
    let ending = until.iter().filter(|(_, until)| matches!(until, Until::TermsEnd(_)));
    let ending: BTreeMap<OrganisationId, Until> = ending.map(|(root, until)| (*root, *until)).collect();
    let last: Vec<LastClosing> = of(&ending, include_str!("terms_end.sql")).load(conn)?;
    for LastClosing { root_id, closing } in last {
        let Some(root) = roots.get_mut(&root_id) else { continue };
        root.row.used = closing;
    }
    Ok(())
}

fn instance_terms(conn: &mut PgConnection) -> Result<InstanceTerms, AppError> {
    let sold = tiers::table.filter(tiers::retired_at.is_null());
    let percents: Vec<Option<i32>> =
        instance_settings::table.select(instance_settings::warning_percents).first(conn)?;
    Ok(InstanceTerms {
        tiers: sold
            .select((tiers::id, tiers::name, tiers::user_limit, tiers::yearly_price, tiers::currency))
            .load(conn)?,
        warning_percents: percents.into_iter().flatten().filter_map(|percent| u8::try_from(percent).ok()).collect(),
    })
}

/// What has happened to the roots since they were last checked, and what is scheduled.
fn read_history(
    conn: &mut PgConnection,
    until: &BTreeMap<OrganisationId, Until>,
    roots: &mut BTreeMap<OrganisationId, Root>,
) -> Result<(), AppError> {
    let ids: Vec<OrganisationId> = until.keys().copied().collect();
    let since_last_check = |sql| prepared(sql).bind::<Array<SqlUuid>, _>(ids.clone());
    let logged: Vec<Logged> = since_last_check(include_str!("changes.sql")).load(conn)?;
    for Logged { id, root_id, at, delta } in logged {
        let Some(root) = roots.get_mut(&root_id).filter(|root| root.until.covers(at)) else { continue };
        root.log.push(id);
        root.changes.push(Change { at, delta });
    }
    let closings: Vec<Closing> = since_last_check(include_str!("closings.sql")).load(conn)?;
    for Closing { root_id, day, closing } in closings {
        let Some(root) = roots.get_mut(&root_id) else { continue };
        root.closings.insert(day, closing.unsigned_abs());
    }
    let limits: Vec<LimitSet> = since_last_check(include_str!("limits.sql")).load(conn)?;
    for LimitSet { root_id, changed_at, user_limit } in limits {
        let Some(root) = roots.get_mut(&root_id).filter(|root| root.until.covers(changed_at)) else { continue };
        root.limits.push((changed_at, limit(user_limit)));
    }
    let scheduled: Vec<Scheduled> = ahead(until, include_str!("scheduled.sql")).load(conn)?;
    for Scheduled { root_id, day, delta } in scheduled {
        let Some(root) = roots.get_mut(&root_id) else { continue };
        root.scheduled.push((day, delta));
    }
    Ok(())
}
