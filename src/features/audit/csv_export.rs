//! EXPORT TO CSV of the log: a line an entry, newest first, times in UTC.

use std::io::Write;

use chrono::SecondsFormat;
use serde_json::Value;

use super::queries::Exported;
use crate::db::stream::PIECE;
use crate::domain::csv_text::escape;
use crate::error::AppError;
use crate::web::audit_words;

const HEADINGS: [&str; 16] = [
    "entry_id",
    "at",
    "who",
    "actor_id",
    "actor_kind",
    "address",
    "what",
    "action",
    "organisation",
    "organisation_id",
    "about",
    "about_id",
    "things",
    "detail",
    "before",
    "after",
];

/// What a single thing was, as it is kept.
fn values(values: Option<&Value>) -> String {
    values.map_or(String::new(), |values| escape(&values.to_string()).into_owned())
}

/// Writes the file as its lines come.
pub struct File<W: Write> {
    writer: csv::Writer<W>,
    whole: bool,
}

impl<W: Write> File<W> {
    /// Begins with the headings; details come last. `whole`: the reader sees every organisation, and so everything that
    /// the details tell of them.
    pub fn begin(to: W, whole: bool) -> Result<File<W>, AppError> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(PIECE).from_writer(to);
        writer.write_record(HEADINGS).map_err(AppError::internal)?;
        Ok(File { writer, whole })
    }

    /// One more line.
    pub fn line(&mut self, entry: &Exported) -> Result<(), AppError> {
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let words = audit_words::action(&entry.action);
        let detail = entry.detail.clone();
        let detail = if self.whole { detail } else { audit_words::sums_only(detail) };
        let cells = [
            entry.id.to_string(),
            entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            escape(entry.actor_name.as_deref().unwrap_or_default()).into_owned(),
            id(entry.actor_id.map(|id| id.0)),
            entry.actor_kind.clone(),
            escape(entry.address.as_deref().unwrap_or_default()).into_owned(),
            words,
            entry.action.clone(),
            escape(entry.organisation.as_deref().unwrap_or_default()).into_owned(),
            id(entry.organisation_id.map(|id| id.0)),
            entry.subject_kind.clone().unwrap_or_default(),
            id(entry.subject_id),
            entry.things.to_string(),
            escape(&detail.to_string()).into_owned(),
            values(entry.before.as_ref()),
            values(entry.after.as_ref()),
        ];
        self.writer.write_record(cells).map_err(AppError::internal)
    }

    /// Writes what is still held back.
    pub fn end(mut self) -> Result<(), AppError> {
        self.writer.flush().map_err(AppError::internal)
    }
}
