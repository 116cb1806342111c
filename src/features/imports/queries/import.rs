//! One import, and the list of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::domain::users_csv::Survey;
use crate::error::AppError;
use crate::features::imports::commands::{Missing, Outcome};
use crate::features::imports::planning::{Counts, Premises};
use crate::ids::{EntryId, ImportId, JobId, OrganisationId, UserId};
use crate::web::guards::{Allowed, Import as MayImport};

/// What was found out about a file while it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// How it is written: "UTF-8", "semicolon", for the person.
    pub format: Vec<String>,
    /// The columns that mean something: their names and the headings that they have in the file.
    pub columns: BTreeMap<String, String>,
    /// Headings that mean nothing.
    pub ignored: Vec<String>,
    /// Rows, those that are refused included.
    pub rows: u64,
    /// The exports that the rows say they come from.
    pub export_ids: Vec<Uuid>,
    /// The oldest time of an export that a row tells.
    pub exported_at: Option<DateTime<Utc>>,
    /// The unique IDs come in ascending order, so that none of them is there twice.
    pub ascending: bool,
    /// Why the file cannot be read at all.
    pub refusal: Option<String>,
    /// What was found out on the way, until the file is read.
    pub survey: Option<Survey>,
}

impl Reading {
    /// The file has this column.
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The file is uploaded and is being read.
    Reading,
    /// The file cannot be read.
    Refused,
    /// There is a plan that waits for an answer.
    Planned,
    /// It was confirmed and is being applied.
    Applying,
    /// It was applied.
    Applied,
    /// It was called off; nothing was changed.
    Cancelled,
}

impl State {
    /// The state of that name in the database.
    pub fn from_code(code: &str) -> State {
        match code {
            "refused" => State::Refused,
            "planned" => State::Planned,
            "applying" => State::Applying,
            "applied" => State::Applied,
            "cancelled" => State::Cancelled,
            _ => State::Reading,
        }
    }
}

/// An import.
#[derive(Debug, Clone, QueryableByName)]
pub struct Import {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: ImportId,
    /// Whose subtree it is for.
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrganisationId,
    /// The organisation's name.
    #[diesel(sql_type = Text)]
    pub organisation: String,
    /// Who uploaded it; none when they are gone.
    #[diesel(sql_type = Nullable<Text>)]
    pub created_by: Option<String>,
    /// The uploader's id.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub created_by_id: Option<UserId>,
    /// When the upload began.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// The file's name, as the browser told it.
    #[diesel(sql_type = Text)]
    pub file_name: String,
    /// Bytes of the file.
    #[diesel(sql_type = BigInt)]
    pub file_bytes: i64,
    /// Whoever is missing from the file is to be deleted.
    #[diesel(sql_type = Bool)]
    pub synchronize: bool,
    /// How far it is, by its name in the database.
    #[diesel(sql_type = Text)]
    pub state_code: String,
    /// The work that is done for it, or was.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub job_id: Option<JobId>,
    /// That work is applying the plan, which was confirmed.
    #[diesel(sql_type = Bool)]
    pub confirmed: bool,
    /// How far that work is: its state, and bytes or people that are done.
    #[diesel(sql_type = Nullable<Text>)]
    pub job_state: Option<String>,
    /// Bytes or people that are done.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub job_done: Option<i64>,
    /// Of how many.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub job_total: Option<i64>,
    /// Why that work changed nothing.
    #[diesel(sql_type = Nullable<Text>)]
    pub job_reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    job_missing: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    reading_json: Option<Value>,
    /// When the plan was made.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub planned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    counts_json: Option<Value>,
    /// The plan's fingerprint.
    #[diesel(sql_type = Nullable<Text>)]
    pub fingerprint: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    premises_json: Option<Value>,
    /// Who confirmed it; none when they are gone.
    #[diesel(sql_type = Nullable<Text>)]
    pub applied_by: Option<String>,
    /// When it was applied.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub applied_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    result_json: Option<Value>,
    /// The audit entry of the deletion.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub deletion_entry_id: Option<EntryId>,
}

impl Import {
    /// How far it is.
    pub fn state(&self) -> State {
        State::from_code(&self.state_code)
    }

    /// What the file told; nothing before it was read.
    pub fn reading(&self) -> Reading {
        of(self.reading_json.as_ref()).unwrap_or_default()
    }

    /// File and plan are still there: they go when the time to restore is over, and what the file told goes first.
    pub fn is_kept(&self) -> bool {
        self.reading_json.is_some()
    }

    /// What becomes of those who are missing from the file, when it was confirmed and is applied in the background.
    pub fn missing(&self) -> Missing {
        let code = self.job_missing.as_ref().map(|code| Value::String(code.clone()));
        of(code.as_ref()).unwrap_or(Missing::Delete)
    }

    /// How many of each kind; none before it was planned.
    pub fn counts(&self) -> Option<Counts> {
        of(self.counts_json.as_ref())
    }

    /// What the plan was made from; none where that is not all that it depends on.
    pub fn premises(&self) -> Option<Premises> {
        of(self.premises_json.as_ref())
    }

    /// What was done; none before it was applied.
    pub fn outcome(&self) -> Option<Outcome> {
        of(self.result_json.as_ref())
    }
}

fn of<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Option<T> {
    T::deserialize(value?).ok()
}

/// An import that the person sees; a refusal for any other.
pub fn import(conn: &mut PgConnection, by: &Allowed<MayImport>, id: ImportId) -> Result<Import, AppError> {
    let found: Option<Import> = prepared(include_str!("import.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .get_result(conn)
        .optional()?;
    match found {
        Some(found) => Ok(found),
        None => Err(not_seen(conn, by, id)?),
    }
}

/// Whoever may import for the organisation, but sees less than the uploader, lacks no role: to them it is as if there
/// was no such import.
fn not_seen(conn: &mut PgConnection, by: &Allowed<MayImport>, id: ImportId) -> Result<AppError, AppError> {
    use crate::schema::{imports, organisation_closure};
    let here: Option<OrganisationId> =
        imports::table.find(id).select(imports::organisation_id).first(conn).optional()?;
    let may_import_there = organisation_closure::table
        .filter(organisation_closure::descendant_id.nullable().eq(here))
        .filter(organisation_closure::ancestor_id.eq_any(by.scope_parameter().unwrap_or_default()));
    let may: bool = diesel::select(diesel::dsl::exists(may_import_there)).get_result(conn)?;
    Ok(if may { AppError::NotFound } else { by.refusal(conn, id) })
}

/// The same, and nobody else changes it until the transaction ends.
pub fn lock_import(conn: &mut PgConnection, by: &Allowed<MayImport>, id: ImportId) -> Result<Import, AppError> {
    use crate::schema::imports;
    imports::table.find(id).select(imports::id).for_update().execute(conn)?;
    import(conn, by, id)
}

/// An import in the list.
#[derive(Debug, QueryableByName)]
pub struct Listed {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: ImportId,
    /// The organisation's name.
    #[diesel(sql_type = Text)]
    pub organisation: String,
    /// Who uploaded it; none when they are gone.
    #[diesel(sql_type = Nullable<Text>)]
    pub created_by: Option<String>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// The file's name.
    #[diesel(sql_type = Text)]
    pub file_name: String,
    /// Whoever is missing was to be deleted.
    #[diesel(sql_type = Bool)]
    pub synchronize: bool,
    /// How far it is.
    #[diesel(sql_type = Text)]
    pub state_code: String,
    /// The work for it has failed.
    #[diesel(sql_type = Bool)]
    pub failed: bool,
    #[diesel(sql_type = Nullable<Jsonb>)]
    counts: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    result: Option<Value>,
    /// How many imports there are.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

impl Listed {
    /// How many of each kind, if it was planned.
    pub fn counts(&self) -> Option<Counts> {
        of(self.counts.as_ref())
    }

    /// What was done, if it was applied.
    pub fn outcome(&self) -> Option<Outcome> {
        of(self.result.as_ref())
    }
}

/// Rows on a page of the list.
pub const LISTED: u32 = 20;

/// A page of the imports within the scope, the latest first; `page` counts from 1.
pub fn imports(conn: &mut PgConnection, by: &Allowed<MayImport>, page: u32) -> Result<Vec<Listed>, AppError> {
    Ok(prepared(include_str!("imports.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<BigInt, _>(i64::from(LISTED))
        .bind::<BigInt, _>(i64::from(page.saturating_sub(1)) * i64::from(LISTED))
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .load(conn)?)
}
