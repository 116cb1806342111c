//! The refused rows as a file: the columns of the users CSV that can be written, and what is wrong.

use std::io::Write;

use crate::db::stream::PIECE;
use crate::domain::csv_text::escape;
use crate::domain::users_csv::COLUMNS;
use crate::error::AppError;
use crate::features::imports::queries::RefusedCells;

/// Columns that only the program writes; an import ignores them.
const READ_ONLY: [&str; 4] = ["active", "created_at", "exported_at", "export_id"];

fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().filter(|column| !READ_ONLY.contains(column))
}

/// Writes the file as its lines come.
pub struct File<W: Write>(csv::Writer<W>);

impl<W: Write> File<W> {
    /// Begins with the headings.
    pub fn begin(to: W) -> Result<File<W>, AppError> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(PIECE).from_writer(to);
        writer.write_record(columns().chain(["problem"])).map_err(AppError::internal)?;
        Ok(File(writer))
    }

    /// One more row, as it was read.
    pub fn line(&mut self, row: &RefusedCells) -> Result<(), AppError> {
        let cell = |column: &str| row.cells.as_ref().and_then(|cells| cells.get(column)?.as_str()).unwrap_or_default();
        let cells = columns().map(cell).chain([row.reasons.as_str()]).map(|text| escape(text).into_owned());
        self.0.write_record(cells).map_err(AppError::internal)
    }

    /// Writes what is still held back.
    pub fn end(mut self) -> Result<(), AppError> {
        self.0.flush().map_err(AppError::internal)
    }
}
