//! Applying the plan that was shown, in one transaction.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::db::audit::{Audited, Entry};
use crate::db::prepared::{plan_for_many, prepared};
use crate::error::AppError;
use crate::features::imports::planning::{Counts, Planned, plan, still_planned};
use crate::features::imports::queries::{Import, State, lock_import};
use crate::ids::{EntryId, ImportId, UserId};
use crate::jobs::work::{FROM, Payload, Work};
use crate::people::{deletion, expiring, turns};
use crate::schema::{import_plan, imports, instance_settings};
use crate::web::guards::{Allowed, DeleteUsers, Import as MayImport};

/// What becomes of those who are missing from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// They are deleted, and can be restored for a while.
    Delete,
    /// All their enrolments expire: accounts and records stay.
    Expire,
    /// Nothing: rows are added and changed only.
    Keep,
}

/// The answer to a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Confirm {
    /// Which import.
    pub import: ImportId,
    /// The fingerprint of the plan that was seen.
    pub seen: String,
    /// What becomes of those who are missing.
    pub missing: Missing,
    /// The number of people to delete, typed.
    pub typed: Option<u64>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// People who were added.
    pub created: u64,
    /// People who were changed.
    pub changed: u64,
    /// People who were deleted.
    pub deleted: u64,
    /// People whose enrolments were expired instead.
    pub expired: u64,
    /// People who were missing from the file and stay.
    pub protected: u64,
    /// Rows that were refused, and left out.
    pub refused: u64,
    /// Licenses that got free with those who were deleted or expired.
    pub licenses_freed: u64,
    /// Completion records that went with those who were deleted.
    pub records_lost: u64,
    /// Until when they can be restored; none: not at all.
    pub restorable_until: Option<DateTime<Utc>>,
    /// The audit entry of the new expiry dates, by which they can be undone.
    pub expiry_entry: Option<EntryId>,
    /// Milliseconds that it took.
    pub took_ms: u64,
}

/// What came of confirming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It was done, just now or before.
    Done,
    /// It will be done in the background.
    Queued,
    /// The people have changed since; this is the plan now.
    Moved,
    /// So many have to be typed first.
    TypeFirst(u64),
    /// It does not wait for an answer.
    NotPlanned,
}

/// Confirms a plan: a small one is applied at once, a large one in the background.
pub fn begin(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    confirm: &Confirm,
    now: DateTime<Utc>,
) -> Result<Audited<Applied>, AppError> {
    let import = lock_import(conn, by, confirm.import)?;
    let counts = import.counts().unwrap_or_default();
    match import.state() {
        State::Planned if import.fingerprint.as_deref() == Some(&confirm.seen) => {}
        // another plan is there to be looked at
        State::Planned => return Ok(Audited::unchanged(Applied::Moved)),
        State::Applying => return Ok(Audited::unchanged(Applied::Queued)),
        State::Applied => return Ok(Audited::unchanged(Applied::Done)),
        State::Reading | State::Refused | State::Cancelled => return Ok(Audited::unchanged(Applied::NotPlanned)),
    }
    its_uploader(by, &import)?;
    if let Some(count) = typing(conn, &counts, confirm)? {
        return Ok(Audited::unchanged(Applied::TypeFirst(count)));
    }
    let small = counts.touched() < FROM as u64 && import.reading().rows < FROM as u64;
    if small {
        return apply(conn, by, confirm, now, &|_| {});
    }
    let work = Work::ApplyImport { confirm: confirm.clone() };
    let payload = Payload::new(work, by.by(), format!("/imports/{}", import.id));
    let job = payload.put(conn, by.by().viewer().id, counts.touched(), now)?;
    diesel::update(imports::table.find(import.id))
        .set((imports::state.eq("applying"), imports::job_id.eq(job)))
        .execute(conn)?;
    let entry = Entry::new("import.confirmed").on(Some(import.organisation_id)).about("import", import.id.0);
    Ok(Audited::new(Applied::Queued, entry))
}

/// A plan shows what its uploader may see and does what they may do, so nobody else can confirm it.
fn its_uploader(by: &Allowed<MayImport>, import: &Import) -> Result<(), AppError> {
    if import.created_by_id == Some(by.by().viewer().id) { Ok(()) } else { Err(AppError::Forbidden) }
}

/// How many have to be typed and are not.
fn typing(conn: &mut PgConnection, counts: &Counts, confirm: &Confirm) -> Result<Option<u64>, AppError> {
    let percent: i32 = instance_settings::table.select(instance_settings::import_threshold_percent).first(conn)?;
    let asked = confirm.missing == Missing::Delete
        && counts.must_be_typed(percent.unsigned_abs())
        && confirm.typed != Some(counts.deleted);
    Ok(asked.then_some(counts.deleted))
}

/// Applies exactly the plan that was seen, or nothing. Imports of one tree wait for each other. `progress` is told how
/// many people are done.
pub fn apply(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    confirm: &Confirm,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Applied>, AppError> {
    let started = std::time::Instant::now();
    let import = lock_import(conn, by, confirm.import)?;
    match import.state() {
        State::Applied => return Ok(Audited::unchanged(Applied::Done)),
        State::Planned | State::Applying => {}
        State::Reading | State::Refused | State::Cancelled => return Ok(Audited::unchanged(Applied::NotPlanned)),
    }
    its_uploader(by, &import)?;
    plan_for_many(conn)?;
    conn.batch_execute("set local work_mem to '128MB'")?;
    lock(conn, &import)?;
    let waits_again = |conn: &mut PgConnection, told| -> Result<Audited<Applied>, AppError> {
        diesel::update(imports::table.find(import.id)).set(imports::state.eq("planned")).execute(conn)?;
        Ok(Audited::unchanged(told))
    };
    let planned = match still_planned(conn, by, &import, now)? {
        Some(planned) => planned,
        None => plan(conn, by, &import, now)?,
    };
    if planned.fingerprint != confirm.seen {
        return waits_again(conn, Applied::Moved);
    }
    if let Some(count) = typing(conn, &planned.counts, confirm)? {
        return waits_again(conn, Applied::TypeFirst(count));
    }
    let carried_out = conn.transaction(|conn| carry_out(conn, by, &import, &planned, confirm.missing, now, progress));
    let (mut outcome, deletion, mut entries) = match carried_out {
        // somebody took a username or an e-mail address at this very moment
        Err(error) if error.is_unique_violation() => {
            plan(conn, by, &import, now)?;
            return waits_again(conn, Applied::Moved);
        }
        carried_out => carried_out?,
    };
    outcome.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    diesel::update(imports::table.find(import.id))
        .set((
            imports::state.eq("applied"),
            imports::applied_by.eq(by.by().viewer().id),
            imports::applied_at.eq(now),
            imports::result.eq(json!(outcome)),
            imports::deletion_entry_id.eq(deletion),
        ))
        .execute(conn)?;
    let detail = json!({
        "created": outcome.created, "changed": outcome.changed, "deleted": outcome.deleted,
        "expired": outcome.expired, "protected": outcome.protected, "refused": outcome.refused,
        "licenses_freed": outcome.licenses_freed, "records_lost": outcome.records_lost,
        "synchronize": import.synchronize,
    });
    let entry = entries.remove(0).detail(detail);
    Ok(entries.into_iter().fold(Audited::new(Applied::Done, entry), Audited::and))
}

/// Imports of the same tree come one after the other, and nobody else changes the people who are in the plan.
fn lock(conn: &mut PgConnection, import: &Import) -> Result<(), AppError> {
    prepared(include_str!("lock_tree.sql")).bind::<SqlUuid, _>(import.organisation_id).execute(conn)?;
    let people = prepared(include_str!("people.sql")).bind::<SqlUuid, _>(import.id).typed::<SqlUuid>().load(conn)?;
    turns::of_existence(conn, &people)
}

/// In this order a username that gets free can be taken. Returns the outcome, the entry of the deletion, and the
/// entries, the import's own first.
fn carry_out(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    planned: &Planned,
    missing: Missing,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<(Outcome, Option<EntryId>, Vec<Entry>), AppError> {
    let counts = &planned.counts;
    let passed = |people: u64| progress(people as usize);
    let entry = Entry::new("import.applied").on(Some(import.organisation_id)).about("import", import.id.0);
    let mut outcome = Outcome {
        created: counts.created,
        changed: counts.changed,
        deleted: 0,
        expired: 0,
        protected: counts.protected,
        refused: counts.refused,
        licenses_freed: 0,
        records_lost: 0,
        restorable_until: None,
        expiry_entry: None,
        took_ms: 0,
    };
    let gone = match missing {
        Missing::Delete => delete(conn, by, import, &mut outcome, now, progress)?,
        Missing::Expire => expire(conn, import, counts, &mut outcome, now, progress)?,
        Missing::Keep => None,
    };
    // changed all at once: their usernames may swap
    for (sql, then) in [
        (include_str!("apply_changes.sql"), counts.deleted + counts.changed),
        (include_str!("apply_creations.sql"), counts.touched()),
        (include_str!("apply_roles_taken.sql"), counts.touched()),
        (include_str!("apply_roles_granted.sql"), counts.touched()),
    ] {
        prepared(sql).bind::<SqlUuid, _>(import.id).bind::<SqlUuid, _>(entry.id()).execute(conn)?;
        passed(then);
    }
    let deletion = gone.as_ref().filter(|_| missing == Missing::Delete).map(Entry::id);
    Ok((outcome, deletion, std::iter::once(entry).chain(gone).collect()))
}

fn missing_people(conn: &mut PgConnection, import: &Import) -> Result<Vec<UserId>, AppError> {
    Ok(import_plan::table
        .filter(import_plan::import_id.eq(import.id))
        .filter(import_plan::kind.eq("delete"))
        .order(import_plan::person_id)
        .select(import_plan::person_id)
        .load(conn)?)
}

fn delete(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    outcome: &mut Outcome,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Option<Entry>, AppError> {
    let ids = missing_people(conn, import)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let deleting = Allowed::<DeleteUsers>::new(by.by().clone()).ok_or(AppError::Forbidden)?;
    let (deleted, entry) = deletion::delete_as_part(conn, &deleting, &ids, now, progress)?
        .map_err(|refused| AppError::internal(anyhow::anyhow!("a plan deletes whom it must not: {refused:?}")))?;
    outcome.deleted = deleted.users;
    outcome.licenses_freed = deleted.licenses_freed;
    outcome.records_lost = deleted.completion_records;
    outcome.restorable_until = deleted.restorable_until;
    Ok(Some(entry))
}

fn expire(
    conn: &mut PgConnection,
    import: &Import,
    counts: &Counts,
    outcome: &mut Outcome,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Option<Entry>, AppError> {
    let ids = missing_people(conn, import)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let entry = expiring::expire_everything(conn, &ids, import.organisation_id, now, progress)?;
    outcome.expired = ids.len() as u64;
    outcome.licenses_freed = counts.licenses_freed;
    outcome.expiry_entry = entry.as_ref().map(Entry::id);
    Ok(entry)
}
