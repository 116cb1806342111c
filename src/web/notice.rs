//! What was just done, above the next page.

/// A notice that something is done; it stays until the next page.
#[derive(Debug, Clone, Default)]
pub struct Notice {
    /// What was done.
    pub heading: String,
    /// What came of it.
    pub lines: Vec<String>,
    /// All organisations that it concerned, where the lines name only some.
    pub places: Option<Places>,
    /// The audit entry whose changes can be taken back, where they can.
    pub undo: Option<String>,
    /// Where more of it is to be seen: address and words.
    pub more: Option<(&'static str, &'static str)>,
}

/// All organisations that something concerns, to be unfolded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// "All 12 organisations".
    pub heading: String,
    /// A line for each.
    pub rows: Vec<String>,
}
