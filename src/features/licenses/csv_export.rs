//! EXPORT TO CSV of the report: the rows of the screen, as plain numbers.

use super::pages::direct_name;
use super::queries::Report;
use crate::domain::csv_text;
use crate::domain::license::{self, Used, UserLimit};
use crate::error::AppError;
use crate::web::download::slug;

const HEADINGS: [&str; 5] = ["Name", "User Limit", "Used", "Remaining", "Percentage Used"];

/// The whole file: UTF-8, commas, CRLF, a header row.
pub fn file(report: &Report) -> Result<Vec<u8>, AppError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut write = |cells: [&str; 5]| writer.write_record(cells).map_err(AppError::internal);
    write(HEADINGS)?;
    let mut row = |name: &str, limit: Option<UserLimit>, used: Used| {
        let number = |number: i64| number.to_string();
        write([
            &csv_text::escape(name),
            &limit.map_or(String::new(), |limit| limit.0.to_string()),
            &used.0.to_string(),
            &limit.map_or(String::new(), |limit| number(license::remaining(limit, used))),
            &limit.map_or(String::new(), |limit| license::percentage(limit, used).to_string()),
        ])
    };
    row(&report.total.name, report.total.limit, report.total.used)?;
    if report.children > 0 {
        row(&direct_name(&report.total.name), None, report.directly)?;
    }
    for child in &report.rows {
        row(&child.name, child.limit, child.used)?;
    }
    writer.into_inner().map_err(|error| AppError::internal(error.into_error()))
}

/// `user-license-report-acme-group-2026-11-24.csv`.
pub fn file_name(report: &Report) -> String {
    let slug = slug(&report.total.name);
    let separator = if slug.is_empty() { "" } else { "-" };
    format!("user-license-report{separator}{slug}-{}.csv", report.day)
}
