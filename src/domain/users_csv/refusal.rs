//! What a person is told when a file, or a row of it, cannot be taken.

/// Why a file cannot be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRefusal {
    /// Where, if it is about a place; as an editor or a spreadsheet counts.
    pub line: Option<u64>,
    /// What is wrong: a sentence.
    pub reason: String,
    /// What to do about it: a sentence.
    pub advice: String,
    /// The file may be in order: reading it failed on our side. For the log.
    pub fault: Option<String>,
}

impl FileRefusal {
    pub(super) fn new(reason: impl Into<String>, advice: impl Into<String>) -> FileRefusal {
        FileRefusal { line: None, reason: reason.into(), advice: advice.into(), fault: None }
    }

    pub(super) fn on(self, line: u64) -> FileRefusal {
        FileRefusal { line: Some(line), ..self }
    }

    pub(super) fn unreadable(error: &std::io::Error) -> FileRefusal {
        let refusal = FileRefusal::new("The file could not be read to its end.", "Upload it again.");
        FileRefusal { fault: Some(error.to_string()), ..refusal }
    }
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRefusal {
    /// The column's heading as the file has it, when it is about one.
    pub column: Option<String>,
    /// What is in the cell, cut when it is long.
    pub found: String,
    /// What is wrong with it or expected, as the end of a sentence: “is not an e-mail address”.
    /// It does not repeat what was found, so that refusals can be grouped by it, unless
    /// the right values follow from what was found.
    pub reason: String,
}

impl RowRefusal {
    pub(super) fn new(column: Option<&str>, found: &str, reason: impl Into<String>) -> RowRefusal {
        RowRefusal { column: column.map(str::to_owned), found: clip(found), reason: reason.into() }
    }

    /// As a sentence without its column: “bob” is not an e-mail address.
    pub fn told(&self) -> String {
        sentence(&self.found, &self.reason)
    }
}

/// What was found, if anything, and what is wrong with it.
pub(super) fn sentence(found: &str, reason: &str) -> String {
    if found.is_empty() { reason.to_owned() } else { format!("“{}” {reason}", clip(found)) }
}

/// The beginning of a text, enough to recognise it.
pub(super) fn clip(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
