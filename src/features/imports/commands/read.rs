//! Reading an uploaded file into rows, and planning with them: one piece of work in the background.

use std::collections::BTreeSet;
use std::sync::mpsc::{SyncSender, sync_channel};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::pieces::{Pieces, Wanted};
use super::staging::{Staging, storable};
use crate::db::audit::Audited;
use crate::domain::users_csv::{self, FileRefusal, Survey};
use crate::error::AppError;
use crate::features::imports::planning::plan;
use crate::features::imports::queries::{Import, Reading, State, lock_import};
use crate::ids::ImportId;
use crate::schema::imports;
use crate::web::guards::{Allowed, Import as MayImport};

/// How many different exports of a file are looked up. Whoever puts together more than that is not synchronizing.
const MOST_EXPORTS: usize = 1_000;

/// How much may wait for the connection before reading waits for it.
const WAITING: usize = 4;

/// Why reading ends early.
enum Stop {
    Refused(FileRefusal),
    Failed(AppError),
}

impl From<FileRefusal> for Stop {
    fn from(refusal: FileRefusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Stop {
        Stop::Failed(error)
    }
}

/// Reads the file and plans what would be done; changes nobody. `progress` is told how many of the file's bytes
/// are done: a fifth for finding out what it is, unless that was done on the way, three for reading it, the last for planning.
pub fn read(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    id: ImportId,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<()>, AppError> {
    let import = lock_import(conn, by, id)?;
    if import.state() != State::Reading {
        return Ok(Audited::unchanged(()));
    }
    match stage(conn, &import, import.reading().survey, progress) {
        Ok(reading) => {
            // the planner has to know how many rows this import has
            conn.batch_execute("analyze import_rows")?;
            diesel::update(imports::table.find(id))
                .set((imports::state.eq("planned"), imports::reading.eq(json!(reading))))
                .execute(conn)?;
            let import = lock_import(conn, by, id)?;
            plan(conn, by, &import, now)?;
        }
        Err(Stop::Refused(FileRefusal { fault: Some(fault), .. })) => {
            return Err(AppError::internal(anyhow::anyhow!("an uploaded file cannot be read: {fault}")));
        }
        Err(Stop::Refused(refusal)) => {
            let reading = Reading { refusal: Some(told(&refusal)), ..Reading::default() };
            diesel::update(imports::table.find(id))
                .set((imports::state.eq("refused"), imports::reading.eq(json!(reading))))
                .execute(conn)?;
        }
        Err(Stop::Failed(error)) => return Err(error),
    }
    Ok(Audited::unchanged(()))
}

/// Where, what and what to do.
fn told(refusal: &FileRefusal) -> String {
    let place = refusal.line.map(|line| format!("Line {line}: "));
    storable(&format!("{}{} {}", place.unwrap_or_default(), refusal.reason, refusal.advice))
}

/// Reads the file into the tables, on two threads: one makes rows of the file, while the other, which has the
/// connection, fetches the file and stores the rows that are made already.
fn stage(
    conn: &mut PgConnection,
    import: &Import,
    survey: Option<Survey>,
    progress: &dyn Fn(usize),
) -> Result<Reading, Stop> {
    let total = import.file_bytes.unsigned_abs();
    // without a survey the file comes twice: for finding out what it is, and for reading it
    let mut fetched = if survey.is_some() { total } else { 0 };
    std::thread::scope(|threads| {
        let (wishes, wanted) = sync_channel(WAITING);
        let id = import.id;
        let reader = threads.spawn(move || make_rows(id, survey, &wishes));
        for wish in wanted {
            match wish {
                Wanted::Piece(wish) => {
                    fetched += wish.fulfil(conn, id);
                    let done = fetched.min(total) / 5 + 3 * fetched.saturating_sub(total).min(total) / 5;
                    progress(usize::try_from(done).unwrap_or(usize::MAX));
                }
                Wanted::Stored(batch) => batch.write(conn, id)?,
            }
        }
        reader.join().map_err(|_| AppError::internal(anyhow::anyhow!("the reader of a file panicked")))?
    })
}

/// Surveys the file where that was not done, and reads it; sends the rows to be stored.
fn make_rows(import: ImportId, survey: Option<Survey>, wishes: &SyncSender<Wanted>) -> Result<Reading, Stop> {
    let survey = match survey {
        Some(survey) => survey,
        None => Survey::of(Pieces::of(wishes.clone()))?,
    };
    let mut rows = users_csv::open(Pieces::of(wishes.clone()), &survey)?;
    let columns = rows.columns().clone();
    // when nobody takes them any more, the other thread has failed, and tells why
    let given_up = |_| AppError::internal(anyhow::anyhow!("the import was given up"));
    let store = |batch| wishes.send(Wanted::Stored(batch)).map_err(given_up);

    let mut staging = Staging::of(import);
    let mut exports: BTreeSet<Uuid> = BTreeSet::new();
    let (mut count, mut exported_at): (u64, Option<DateTime<Utc>>) = (0, None);
    let (mut ascending, mut last) = (true, None);
    for row in &mut rows {
        let row = row?;
        count += 1;
        match &row.record {
            Ok(record) => {
                staging.row(row.line, record);
                if record.user_id.is_some() {
                    ascending &= last < record.user_id;
                    last = record.user_id;
                }
                exports.extend(record.export_id.filter(|_| exports.len() < MOST_EXPORTS));
                exported_at = match (exported_at, record.exported_at) {
                    (Some(oldest), Some(at)) => Some(oldest.min(at)),
                    (oldest, at) => oldest.or(at),
                };
            }
            Err(refusals) => staging.refused(&columns, &row, refusals),
        }
        if staging.is_full() {
            store(staging.take())?;
        }
    }
    store(staging.take())?;
    Ok(Reading {
        format: vec![survey.label()],
        columns: columns.found.iter().map(|(column, heading)| (column.name().to_owned(), storable(heading))).collect(),
        ignored: columns.ignored.iter().map(|heading| storable(heading)).collect(),
        rows: count,
        export_ids: exports.into_iter().collect(),
        exported_at,
        ascending,
        refusal: None,
        survey: None,
    })
}
