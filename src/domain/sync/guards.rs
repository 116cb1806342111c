//! What keeps a file from deleting people whom nobody meant to delete.

use serde::{Deserialize, Serialize};

/// What is known of a file and the people whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Rows that could be read.
    pub rows: u64,
    /// Rows that mean somebody who is known.
    pub known: u64,
    /// Rows that are refused, those that cannot be read included.
    pub refused: u64,
    /// The exports that the rows come from.
    pub exports: Vec<ExportOf>,
}

/// An export as the import sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportOf {
    /// Of the whole organisation that the import is for, to its last row.
    ThisWhole,
    /// Something narrowed it down.
    Filtered,
    /// Of another organisation, or of several.
    Other,
    /// It was cut off before its last row.
    Unfinished,
}

/// Why a file cannot say who is missing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CannotSynchronize {
    /// There are no rows.
    NoRows,
    /// No row means anybody who is known.
    Strangers,
    /// Rows are refused, so nobody knows whom they mean.
    RefusedRows,
    /// The export was narrowed down: whoever the filter left out would be deleted.
    FilteredExport,
    /// The export was of another organisation.
    OtherExport,
    /// The export was cut off.
    UnfinishedExport,
}

/// What speaks against synchronizing, the gravest first.
pub fn objections(facts: &Facts) -> Vec<CannotSynchronize> {
    let has = |export| facts.exports.contains(&export);
    let mut found = Vec::new();
    if facts.rows == 0 && facts.refused == 0 {
        found.push(CannotSynchronize::NoRows);
    } else if facts.known == 0 {
        found.push(CannotSynchronize::Strangers);
    }
    if facts.refused > 0 {
        found.push(CannotSynchronize::RefusedRows);
    }
    if has(ExportOf::Filtered) {
        found.push(CannotSynchronize::FilteredExport);
    }
    if has(ExportOf::Other) {
        found.push(CannotSynchronize::OtherExport);
    }
    if has(ExportOf::Unfinished) {
        found.push(CannotSynchronize::UnfinishedExport);
    }
    found
}

/// Must the number be typed, because more than so many percent of the people would go?
pub fn must_be_typed(deleted: u64, in_scope: u64, threshold_percent: u32) -> bool {
    u128::from(deleted) * 100 > u128::from(in_scope) * u128::from(threshold_percent)
}

/// From how many people on nobody is at the end of a file by chance.
const MANY_AT_THE_END: u64 = 10;

/// A file that is cut off at the end of a row looks like one whose last people somebody took out: `all_last`, everybody who
/// would go stands, in the order of unique IDs, which is that of exports, behind everybody who is in the file. That is worth a
/// warning; somebody may well have taken out those who came last.
pub fn may_be_cut_off(deleted: u64, all_last: bool) -> bool {
    all_last && deleted >= MANY_AT_THE_END
}
