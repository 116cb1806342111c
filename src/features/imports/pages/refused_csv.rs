//! The refused rows as a file: the columns that the uploaded file has, since another one would clear values when the
//! corrected file comes back; and what is wrong.

use std::io::Write;

use crate::db::stream::PIECE;
use crate::domain::csv_text::escape;
use crate::domain::users_csv::COLUMNS;
use crate::error::AppError;
use crate::features::imports::queries::{PROBLEM, Reading, RefusedCells};

/// Columns that only the program writes; an import ignores them.
const READ_ONLY: [&str; 4] = ["active", "created_at", "exported_at", "export_id"];

/// Writes the file as its lines come.
pub struct File<W: Write> {
    writer: csv::Writer<W>,
    columns: Vec<&'static str>,
}

impl<W: Write> File<W> {
    /// Begins with the headings.
    pub fn begin(to: W, reading: &Reading) -> Result<File<W>, AppError> {
        let columns: Vec<&'static str> =
            COLUMNS.into_iter().filter(|column| reading.has(column) && !READ_ONLY.contains(column)).collect();
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(PIECE).from_writer(to);
        let headings = columns.iter().copied().chain([PROBLEM]);
        writer.write_record(headings).map_err(AppError::internal)?;
        Ok(File { writer, columns })
    }

    /// One more row, as it was read.
    pub fn line(&mut self, row: &RefusedCells) -> Result<(), AppError> {
        let cell = |column: &str| row.cells.as_ref().and_then(|cells| cells.get(column)?.as_str()).unwrap_or_default();
        let cells = self
            .columns
            .iter()
            .map(|column| cell(column))
            .chain([row.reasons.as_str()])
            .map(|text| escape(text).into_owned());
        self.writer.write_record(cells).map_err(AppError::internal)
    }

    /// Writes what is still held back.
    pub fn end(mut self) -> Result<(), AppError> {
        self.writer.flush().map_err(AppError::internal)
    }
}
