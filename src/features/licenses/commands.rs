//! What the report writes down.

use serde_json::json;

use super::queries::Report;
use crate::db::audit::{Audited, Entry};

/// The report left the program as a file.
pub fn record_export(report: Report) -> Audited<Report> {
    let entry = Entry::new("license_report.exported")
        .on(Some(report.total.id))
        .about("organisation", report.total.id.0)
        .detail(json!({ "day": report.day, "rows": report.rows.len() + 1 }));
    Audited::new(report, entry)
}
