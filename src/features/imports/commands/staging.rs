//! Rows on their way into the tables of an import, some thousand at a time.

use std::fmt::Write as _;
use std::io::Write;

use diesel::pg::CopyFormat;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::{Map, Value};

use crate::db::prepared::prepared;
use crate::domain::users_csv::{Column, Columns, Keys, Record, Row, RowRefusal};
use crate::error::AppError;
use crate::ids::ImportId;
use crate::schema::import_rows;

/// Bytes after which the rows are written.
const FULL: usize = 1024 * 1024;

/// Refusals after which they are written.
const MOST_REFUSALS: usize = 2_000;

/// What is waiting to be written.
pub struct Staging {
    import: ImportId,
    batch: Batch,
}

/// Rows that are written at once.
#[derive(Default)]
pub struct Batch {
    rows: String,
    refusals: Vec<Refusal>,
}

struct Refusal {
    line: i64,
    column: Option<String>,
    found: String,
    reason: String,
    cells: Value,
    /// Of the first refusal of a row: whom the row means.
    keys: Keys,
}

impl Staging {
    /// Nothing yet.
    pub fn of(import: ImportId) -> Staging {
        Staging { import, batch: Batch::default() }
    }

    /// One more row that can be taken.
    pub fn row(&mut self, line: u64, record: &Record) {
        let (out, import) = (&mut self.batch.rows, self.import);
        // writing to a string does not fail
        let _ = write!(out, "{import},{line},");
        if let Some(id) = record.user_id {
            let _ = write!(out, "{id}");
        }
        for text in [&record.username, &record.email, &record.first_name, &record.last_name, &record.organisation] {
            out.push(',');
            push_text(out, text.as_ref().value());
        }
        out.push(',');
        if let Some(roles) = record.roles.as_ref().value().filter(|roles| !roles.is_empty()) {
            let mut codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
            // as the database sorts them
            codes.sort_unstable();
            out.push_str(&codes.join(";"));
        }
        out.push(',');
        if let Some(day) = record.account_expires_on.as_ref().value() {
            let _ = write!(out, "{day}");
        }
        out.push('\n');
    }

    /// One more row that cannot.
    pub fn refused(&mut self, columns: &Columns, row: &Row, refusals: &[RowRefusal]) {
        let cells = by_column(columns, row);
        let keys = std::iter::once(row.keys.clone()).chain(std::iter::repeat(Keys::default()));
        self.batch.refusals.extend(refusals.iter().zip(keys).map(|(refusal, keys)| Refusal {
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            column: refusal.column.as_deref().map(storable),
            found: storable(&refusal.found),
            reason: storable(&refusal.reason),
            cells: cells.clone(),
            keys,
        }));
    }

    /// There is enough to write.
    pub fn is_full(&self) -> bool {
        self.batch.rows.len() >= FULL || self.batch.refusals.len() >= MOST_REFUSALS
    }

    /// What is waiting; nothing is afterwards.
    pub fn take(&mut self) -> Batch {
        let rows = String::with_capacity(self.batch.rows.len());
        std::mem::replace(&mut self.batch, Batch { rows, refusals: Vec::new() })
    }
}

impl Batch {
    /// Writes them.
    pub fn write(self, conn: &mut PgConnection, import: ImportId) -> Result<(), AppError> {
        use import_rows::dsl;
        let columns = (
            dsl::import_id,
            dsl::line,
            dsl::user_id,
            dsl::username,
            dsl::email,
            dsl::first_name,
            dsl::last_name,
            dsl::organisation,
            dsl::roles,
            dsl::account_expires_on,
        );
        let rows = &self.rows;
        diesel::copy_from(import_rows::table)
            .from_raw_data(columns, |out: &mut dyn Write| out.write_all(rows.as_bytes()).map_err(AppError::internal))
            .with_format(CopyFormat::Csv)
            .execute(conn)?;
        if self.refusals.is_empty() {
            return Ok(());
        }
        let all = || self.refusals.iter();
        prepared(include_str!("refusals.sql"))
            .bind::<SqlUuid, _>(import)
            .bind::<Array<BigInt>, _>(all().map(|refusal| refusal.line).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(all().map(|refusal| refusal.column.clone()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(all().map(|refusal| refusal.found.clone()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(all().map(|refusal| refusal.reason.clone()).collect::<Vec<_>>())
            .bind::<Array<Jsonb>, _>(all().map(|refusal| refusal.cells.clone()).collect::<Vec<_>>())
            .bind::<Array<Nullable<SqlUuid>>, _>(all().map(|refusal| refusal.keys.user_id).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(all().map(|refusal| refusal.keys.username.clone()).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(all().map(|refusal| refusal.keys.email.clone()).collect::<Vec<_>>())
            .execute(conn)?;
        Ok(())
    }
}

/// A text of the database cannot hold this character, which a workbook may.
pub fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// A cell for COPY: NULL is an empty cell without quotes.
fn push_text(out: &mut String, text: Option<&String>) {
    let Some(text) = text else { return };
    out.push('"');
    if text.contains('"') {
        out.push_str(&text.replace('"', "\"\""));
    } else {
        out.push_str(text);
    }
    out.push('"');
}

/// The row as it was read, by the names of its columns, so that it can be corrected.
fn by_column(columns: &Columns, row: &Row) -> Value {
    let cell = |column: Column| {
        let text = row.cells.get(columns.position(column)?)?;
        Some((column.name().to_owned(), Value::from(storable(text))))
    };
    Value::Object(columns.found.iter().filter_map(|(column, _)| cell(*column)).collect::<Map<_, _>>())
}
