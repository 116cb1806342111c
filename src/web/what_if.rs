//! The forecast with and without a change, as it is shown beside the change.

/// A table of some days, and when the limit is exceeded.
#[derive(Debug)]
pub struct WhatIfView {
    /// Whose active users.
    pub caption: String,
    /// Today and some coming days.
    pub rows: Vec<WhatIfRow>,
    /// When the limit is exceeded as things are; none without a limit.
    pub without: Option<String>,
    /// The same with the change.
    pub with: Option<String>,
}

/// A day.
#[derive(Debug)]
pub struct WhatIfRow {
    /// "24 Dec 2026", "today".
    pub day: String,
    /// Active users as things are.
    pub without: String,
    /// Active users with the change.
    pub with: String,
    /// How many are allowed; may be empty.
    pub limit: String,
}
