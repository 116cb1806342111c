//! Stores what a check found, for all of its roots at once.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::judge::{Finding, Notice, StoredEpisode};
use super::mails;
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::domain::overage::{Cause, Stage};
use crate::error::AppError;
use crate::features::agreements::commands::{Upgrade, upgrade_many};
use crate::ids::OrganisationId;
use crate::schema::license_log;

/// Everything in the transaction that the connection is in. `origin`: where people reach this program.
pub(super) fn store(
    conn: &mut PgConnection,
    origin: &str,
    findings: &[Finding],
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    if findings.is_empty() {
        return Ok(Audited::unchanged(()));
    }
    store_checks(conn, findings)?;
    let seen: Vec<i64> = findings.iter().flat_map(|finding| finding.log.iter().copied()).collect();
    diesel::update(license_log::table.filter(license_log::id.eq_any(seen)))
        .set(license_log::checked.eq(true))
        .execute(conn)?;
    let upgrades: Vec<Upgrade> = findings.iter().flat_map(|finding| finding.upgrades.iter().copied()).collect();
    let mut audited =
        if upgrades.is_empty() { Audited::unchanged(()) } else { upgrade_many(conn, &upgrades)?.map(|_| ()) };
    store_episodes(conn, findings)?;
    let told = store_notices(conn, findings)?;
    mails::enqueue(conn, origin, &told, now)?;
    for (finding, notice) in told {
        audited = audited.and(entry(finding, notice)?);
    }
    Ok(audited)
}

fn entry(finding: &Finding, notice: &Notice) -> Result<Entry, AppError> {
    let facts = serde_json::to_value(&notice.news).map_err(AppError::internal)?;
    Ok(Entry::new("notice.given").on(Some(finding.root)).about("organisation", finding.root.0).detail(facts))
}

fn stored(figure: u64) -> i32 {
    i32::try_from(figure).unwrap_or(i32::MAX)
}

fn store_checks(conn: &mut PgConnection, findings: &[Finding]) -> Result<(), AppError> {
    fn column<T>(findings: &[Finding], of: impl Fn(&Finding) -> T) -> Vec<T> {
        findings.iter().map(of).collect()
    }
    let limit = |finding: &Finding| finding.account.limit.map(|limit| stored(u64::from(limit.0)));
    prepared(include_str!("store_checks.sql"))
        .bind::<Array<SqlUuid>, _>(column(findings, |finding| finding.root))
        .bind::<Array<Timestamptz>, _>(column(findings, |finding| finding.account.checked_until))
        .bind::<Array<Integer>, _>(column(findings, |finding| stored(finding.account.used.0)))
        .bind::<Array<Nullable<Integer>>, _>(column(findings, limit))
        .bind::<Array<Nullable<Integer>>, _>(column(findings, |finding| finding.warned_percent.map(i32::from)))
        .bind::<Array<Nullable<Integer>>, _>(column(findings, |finding| {
            finding.re_uses_warned.map(|(_, percent)| i32::from(percent))
        }))
        .bind::<Array<Nullable<Date>>, _>(column(findings, |finding| finding.re_uses_warned.map(|(year, _)| year)))
        .bind::<Array<Nullable<Date>>, _>(column(findings, |finding| finding.crossing_on))
        .bind::<Array<Timestamptz>, _>(column(findings, |finding| finding.due_at))
        .execute(conn)?;
    Ok(())
}

/// The columns of a stage.
struct StageColumns {
    name: &'static str,
    since: Option<DateTime<Utc>>,
    cause: Option<&'static str>,
    due_at: Option<DateTime<Utc>>,
}

fn stage_columns(stage: Stage) -> StageColumns {
    let quiet = |name| StageColumns { name, since: None, cause: None, due_at: None };
    match stage {
        Stage::Minor => quiet("minor"),
        Stage::Overdue => quiet("overdue"),
        Stage::Major { since, due_at, cause } => StageColumns {
            name: "major",
            since: Some(since),
            cause: Some(match cause {
                Cause::Above106 => "above",
                Cause::TooLong => "too_long",
            }),
            due_at: Some(due_at),
        },
        Stage::NoHigherTier { since } => StageColumns { since: Some(since), ..quiet("no_higher_tier") },
    }
}

fn store_episodes(conn: &mut PgConnection, findings: &[Finding]) -> Result<(), AppError> {
    // those that are over first: there is one open episode at a time
    for open in [false, true] {
        let episodes: Vec<(OrganisationId, &StoredEpisode)> = findings
            .iter()
            .flat_map(|finding| finding.episodes.iter().map(move |episode| (finding.root, episode)))
            .filter(|(_, episode)| episode.closed.is_none() == open)
            .collect();
        if !episodes.is_empty() {
            write_episodes(conn, &episodes)?;
        }
    }
    Ok(())
}

fn write_episodes(conn: &mut PgConnection, episodes: &[(OrganisationId, &StoredEpisode)]) -> Result<(), AppError> {
    let stages: Vec<StageColumns> = episodes.iter().map(|(_, one)| stage_columns(one.episode.stage)).collect();
    let opened: Vec<DateTime<Utc>> = episodes.iter().map(|(_, one)| one.episode.opened_at).collect();
    let days: Vec<NaiveDate> = episodes.iter().map(|(_, one)| one.episode.notice_on).collect();
    let closed: Vec<Option<DateTime<Utc>>> = episodes.iter().map(|(_, one)| one.closed.map(|(at, _)| at)).collect();
    let by = |(_, one): &(OrganisationId, &StoredEpisode)| {
        one.closed.map(|(_, by_upgrade)| if by_upgrade { "upgrade" } else { "usage" })
    };
    prepared(include_str!("store_overages.sql"))
        .bind::<Array<SqlUuid>, _>(episodes.iter().map(|(_, one)| one.id).collect::<Vec<Uuid>>())
        .bind::<Array<SqlUuid>, _>(episodes.iter().map(|(root, _)| *root).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(opened)
        .bind::<Array<Date>, _>(days)
        .bind::<Array<Text>, _>(stages.iter().map(|stage| stage.name).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(stages.iter().map(|stage| stage.since).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(stages.iter().map(|stage| stage.cause).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(stages.iter().map(|stage| stage.due_at).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(closed)
        .bind::<Array<Nullable<Text>>, _>(episodes.iter().map(by).collect::<Vec<_>>())
        .execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    organisation_id: OrganisationId,
    #[diesel(sql_type = Text)]
    key: String,
}

/// Writes the notices; returns those that were not told before.
fn store_notices<'f>(
    conn: &mut PgConnection,
    findings: &'f [Finding],
) -> Result<Vec<(&'f Finding, &'f Notice)>, AppError> {
    let all: Vec<(&Finding, &Notice)> =
        findings.iter().flat_map(|finding| finding.notices.iter().map(move |notice| (finding, notice))).collect();
    if all.is_empty() {
        return Ok(all);
    }
    let facts: Vec<Value> = all
        .iter()
        .map(|(_, notice)| serde_json::to_value(&notice.news).map_err(AppError::internal))
        .collect::<Result<_, _>>()?;
    let told: Vec<Told> = prepared(include_str!("store_notices.sql"))
        .bind::<Array<SqlUuid>, _>(all.iter().map(|(finding, _)| finding.root).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(all.iter().map(|(_, notice)| notice.overage).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(all.iter().map(|(_, notice)| notice.news.kind()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(all.iter().map(|(_, notice)| notice.at).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(all.iter().map(|(_, notice)| notice.key.clone()).collect::<Vec<_>>())
        .bind::<Array<Jsonb>, _>(facts)
        .load(conn)?;
    let told: HashSet<(OrganisationId, &str)> =
        told.iter().map(|told| (told.organisation_id, told.key.as_str())).collect();
    Ok(all.into_iter().filter(|(finding, notice)| told.contains(&(finding.root, notice.key.as_str()))).collect())
}
