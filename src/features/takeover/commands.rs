//! The takeover as one change.

use std::io::Read;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use serde_json::json;

use super::staging::{self, Staged};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::domain::table::Refusal;
use crate::error::AppError;

/// The files, those that there are.
#[derive(Default)]
pub struct Files {
    /// organisations.csv
    pub organisations: Option<Box<dyn Read>>,
    /// users.csv
    pub users: Option<Box<dyn Read>>,
    /// experiences.csv
    pub experiences: Option<Box<dyn Read>>,
    /// enrolments.csv
    pub enrolments: Option<Box<dyn Read>>,
}

/// The names of the files, in the order in which they are taken.
pub const FILES: [&str; 4] = ["organisations.csv", "users.csv", "experiences.csv", "enrolments.csv"];

/// What was done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Done {
    /// Things that were not there before.
    #[diesel(sql_type = BigInt)]
    pub created: i64,
    /// Things that were different before.
    #[diesel(sql_type = BigInt)]
    pub changed: i64,
    /// Rows of the file.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
}

/// A file and what was done with it.
#[derive(Debug)]
pub struct FileDone {
    /// The file's name.
    pub file: &'static str,
    /// What was done.
    pub done: Done,
    /// Columns that mean nothing to the program.
    pub ignored: Vec<String>,
}

/// A file's rows that cannot be taken.
#[derive(Debug)]
pub struct FileRefused {
    /// The file's name.
    pub file: &'static str,
    /// The first of them, by line.
    pub refusals: Vec<Refusal>,
    /// How many there are.
    pub refused: u64,
}

/// All files were taken, or none of them.
pub type Outcome = Result<Vec<FileDone>, Vec<FileRefused>>;

#[derive(QueryableByName)]
struct RefusalRow {
    #[diesel(sql_type = BigInt)]
    line: i64,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    refused: i64,
}

/// Why a takeover stops; either way it is rolled back.
enum Stop {
    Refused(Vec<FileRefused>),
    Failed(AppError),
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Stop {
        Stop::Failed(error)
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Stop {
        Stop::Failed(error.into())
    }
}

/// Takes the files over, all or nothing. A second run with the same files changes nothing.
pub fn load(conn: &mut PgConnection, files: Files) -> Result<Audited<Outcome>, AppError> {
    // a transaction within the transaction: what is refused leaves nothing behind
    match conn.transaction(|conn| take(conn, files)) {
        Ok(done) if done.iter().all(|file| file.done.created == 0 && file.done.changed == 0) => {
            Ok(Audited::unchanged(Ok(done)))
        }
        Ok(done) => {
            let counts = done.iter().map(|file| {
                (file.file.to_owned(), json!({ "created": file.done.created, "changed": file.done.changed }))
            });
            let entry = Entry::new("platform.loaded").detail(serde_json::Value::Object(counts.collect()));
            prepared(include_str!("logged.sql")).bind::<SqlUuid, _>(entry.id()).execute(conn)?;
            Ok(Audited::new(Ok(done), entry))
        }
        Err(Stop::Refused(refused)) => Ok(Audited::unchanged(Err(refused))),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn take(conn: &mut PgConnection, files: Files) -> Result<Vec<FileDone>, Stop> {
    conn.batch_execute("set local statement_timeout to 0; set local lock_timeout to '60s';")?;
    conn.batch_execute(include_str!("stage.sql"))?;
    let staged = [
        staging::organisations(conn, files.organisations)?,
        staging::users(conn, files.users)?,
        staging::experiences(conn, files.experiences)?,
        staging::enrolments(conn, files.enrolments)?,
    ];
    if staged.iter().any(|file| file.refused > 0) {
        return Err(Stop::Refused(refused(staged)));
    }
    conn.batch_execute(
        "analyze load_organisations; analyze load_users; analyze load_experiences; analyze load_enrolments;",
    )?;
    let [organisations, users, _, enrolments] = &staged;
    let steps: [(&str, &str, Vec<bool>); 4] = [
        (
            include_str!("organisations.sql"),
            include_str!("organisations_apply.sql"),
            vec![organisations.has("user_limit"), organisations.has("time_zone")],
        ),
        (include_str!("users.sql"), include_str!("users_apply.sql"), vec![users.has("account_expires_on")]),
        (include_str!("experiences.sql"), include_str!("experiences_apply.sql"), vec![]),
        (
            include_str!("enrolments.sql"),
            include_str!("enrolments_apply.sql"),
            vec![enrolments.has("expires_on"), enrolments.has("completed_on"), enrolments.has("result")],
        ),
    ];
    let mut done = Vec::new();
    for ((file, (check, apply, columns)), staged) in FILES.into_iter().zip(steps).zip(&staged) {
        conn.batch_execute(check)?;
        if let Some(refused) = refusals(conn, file)? {
            return Err(Stop::Refused(vec![refused]));
        }
        let mut counts = apply_set(conn, apply, &columns)?;
        if file == "users.csv" {
            let roles = apply_set(conn, include_str!("roles_apply.sql"), &[])?;
            counts.changed += roles.created + roles.changed;
        }
        if let Some(heading) = &staged.heading {
            done.push(FileDone { file, done: counts, ignored: heading.ignored.clone() });
        }
    }
    Ok(done)
}

/// What the files themselves are refused for.
fn refused(staged: [Staged; 4]) -> Vec<FileRefused> {
    FILES
        .into_iter()
        .zip(staged)
        .filter(|(_, staged)| staged.refused > 0)
        .map(|(file, staged)| FileRefused { file, refusals: staged.refusals, refused: staged.refused })
        .collect()
}

/// What the rows of a file are refused for, once they are held against each other and the database.
fn refusals(conn: &mut PgConnection, file: &'static str) -> Result<Option<FileRefused>, AppError> {
    let rows: Vec<RefusalRow> = diesel::sql_query(
        "select line, column_name, reason, count(*) over () as refused
         from load_refusals order by line, column_name limit $1",
    )
    .bind::<BigInt, _>(i64::try_from(staging::REFUSALS_KEPT).unwrap_or(i64::MAX))
    .load(conn)?;
    let Some(refused) = rows.first().map(|row| row.refused.unsigned_abs()) else { return Ok(None) };
    let refusals = rows
        .into_iter()
        .map(|row| Refusal { line: row.line.unsigned_abs(), column: row.column_name, reason: row.reason })
        .collect();
    Ok(Some(FileRefused { file, refusals, refused }))
}

/// Runs a statement whose parameters say which optional columns the file has.
fn apply_set(conn: &mut PgConnection, statement: &str, columns: &[bool]) -> Result<Done, AppError> {
    let query = diesel::sql_query(statement).into_boxed::<diesel::pg::Pg>();
    let query = columns.iter().fold(query, |query, has| query.bind::<Bool, _>(*has));
    Ok(query.get_result(conn)?)
}
