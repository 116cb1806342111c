//! Refused rows by cause, so that a file with a thousand of them has a few things to correct.

use super::words::sentence;
use crate::features::imports::planning::Counts;
use crate::web::format::grouped_count;
use crate::web::pager::with_query;

/// A cause in the table above the refused rows.
pub struct CauseRow {
    /// Shows its rows.
    pub address: String,
    /// What is wrong with them.
    pub reason: String,
    /// The column.
    pub column: String,
    /// How many rows.
    pub rows: String,
    /// Its rows are shown.
    pub current: bool,
}

/// The causes, as long as there is more than one row to correct. `open`: whose rows are shown, counted from 1.
pub fn causes(address: &str, counts: &Counts, open: Option<usize>) -> Vec<CauseRow> {
    if counts.refused < 2 {
        return Vec::new();
    }
    let numbered = counts.causes.iter().zip(1..);
    numbered
        .map(|(cause, number)| CauseRow {
            address: with_query(address, [("show", "refused".to_owned()), ("cause", number.to_string())]),
            reason: sentence(&cause.reason).replace("….", "…"),
            column: cause.column_name.clone().unwrap_or_default(),
            rows: grouped_count(cause.rows.unsigned_abs()),
            current: open == Some(number),
        })
        .collect()
}
