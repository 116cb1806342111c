//! Why people whom an import has deleted cannot be restored: each with what is in the way.

use askama::Template;

use crate::features::imports::commands::Whom;
use crate::features::imports::queries::Import;
use crate::people::restoring::Conflict;
use crate::web::format::counted;
use crate::web::page::{Chrome, Section};
use crate::web::viewer::Viewer;

/// Conflicts that are listed at most; with more, it is not known who the others are.
const LISTED: usize = 100;

/// After a POST to `/imports/{import_id}/restore`.
#[derive(Template)]
#[template(path = "imports/conflicts.html")]
pub struct ConflictsPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The file's name.
    pub file: String,
    /// The import's page.
    pub back: String,
    /// How many.
    pub heading: String,
    /// Who, and what is in the way.
    pub rows: Vec<Row>,
    /// Where the button leads that restores the others; none where it is not known who they are.
    pub others: Option<String>,
}

/// Somebody who does not fit in any more.
pub struct Row {
    /// The unique ID.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// The username.
    pub username: String,
    /// What is in the way, in sentences.
    pub reasons: Vec<String>,
}

impl ConflictsPage {
    /// Who of `left`, as many as can still be restored, cannot be.
    pub fn new(viewer: &Viewer, import: &Import, whom: &Whom, conflicts: &[Conflict], left: u64) -> ConflictsPage {
        let back = format!("/imports/{}", import.id);
        let heading = counted(conflicts.len() as u64, "user cannot be restored", "users cannot be restored");
        let all_are_known = conflicts.len() < LISTED && matches!(whom, Whom::Everybody);
        let there_are_others = left > conflicts.len() as u64;
        ConflictsPage {
            chrome: Chrome::new(&format!("Error: {heading}"), viewer, Section::Users),
            file: import.file_name.clone(),
            heading,
            rows: conflicts.iter().map(Row::new).collect(),
            others: (all_are_known && there_are_others).then(|| format!("{back}/restore")),
            back,
        }
    }
}

impl Row {
    fn new(conflict: &Conflict) -> Row {
        let mut reasons = Vec::new();
        if conflict.username_taken {
            reasons.push(format!("Somebody else has the username “{}” now.", conflict.username));
        }
        if conflict.email_taken {
            reasons.push(format!("Somebody else has the e-mail address “{}” now.", conflict.email));
        }
        if conflict.organisation_gone {
            reasons.push("The organisation that the person belonged to is gone.".to_owned());
        }
        Row {
            id: conflict.user_id.to_string(),
            name: conflict.name.clone(),
            username: conflict.username.clone(),
            reasons,
        }
    }
}
