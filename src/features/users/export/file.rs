//! The file: a line a person, as `domain.md` section 8 describes it.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};

use super::queries::Row;
use crate::db::stream::PIECE;
use crate::domain::csv_text::escape;
use crate::domain::users_csv::COLUMNS;
use crate::error::AppError;
use crate::ids::ExportId;

/// Writes the file as its rows come.
pub struct File<W: Write> {
    writer: csv::Writer<W>,
    exported_at: String,
    export_id: String,
    rows: u64,
}

impl<W: Write> File<W> {
    /// Begins with the headings.
    pub fn begin(to: W, exported_at: DateTime<Utc>, export_id: ExportId) -> Result<File<W>, AppError> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(PIECE).from_writer(to);
        writer.write_record(COLUMNS).map_err(AppError::internal)?;
        Ok(File { writer, exported_at: moment(exported_at), export_id: export_id.to_string(), rows: 0 })
    }

    /// One more person.
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), AppError> {
        self.rows += 1;
        self.cells(row).map_err(AppError::internal)
    }

    /// The cells, in the order of [`COLUMNS`].
    fn cells(&mut self, row: &Row<'_>) -> csv::Result<()> {
        let writer = &mut self.writer;
        let mut id = uuid::Uuid::encode_buffer();
        writer.write_field(row.id.0.as_hyphenated().encode_lower(&mut id).as_bytes())?;
        for text in [row.username, row.email, row.first_name, row.last_name, row.organisation] {
            writer.write_field(escape(text).as_bytes())?;
        }
        writer.write_field(row.roles)?;
        writer.write_field(row.expires_on.map(|day| day.to_string()).unwrap_or_default())?;
        writer.write_field(if row.active { "true" } else { "false" })?;
        writer.write_field(moment(row.created_at))?;
        writer.write_field(&self.exported_at)?;
        writer.write_field(&self.export_id)?;
        writer.write_record(None::<&[u8]>)
    }

    /// Writes what is still held back. Returns how many people are in the file.
    pub fn end(mut self) -> Result<u64, AppError> {
        self.writer.flush().map_err(AppError::internal)?;
        Ok(self.rows)
    }
}

/// A time as it stands in files. Fractions of a second are cut off, so that it is never later than it was.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
