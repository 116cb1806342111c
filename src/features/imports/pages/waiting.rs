//! An import that has no plan, or not any more: it is read or applied, cannot be read, or was cancelled.

use askama::Template;

use super::told::{Alert, Told};
use super::words::doing;
use crate::features::imports::queries::{Import, State};
use crate::web::format::{self, grouped_count};
use crate::web::page::{Chrome, Section};
use crate::web::viewer::Viewer;

/// GET `/imports/{import_id}` in these states.
#[derive(Template)]
#[template(path = "imports/waiting.html")]
pub struct WaitingPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// Why something was not done.
    pub alert: Option<Alert>,
    /// The file's name.
    pub file: String,
    /// What is going on.
    pub heading: &'static str,
    /// When, by whom, for whom.
    pub lede: String,
    /// This page.
    pub address: String,
    /// How far it is; none when it is over.
    pub progress: Option<Progress>,
    /// What to know while it goes on.
    pub meanwhile: &'static str,
    /// What came of it, when it is over.
    pub over: Option<Over>,
    /// The form to begin anew.
    pub again: String,
}

/// How far the work is.
pub struct Progress {
    /// What is done and of how much; none when only its end can be told.
    pub fraction: Option<(u64, u64)>,
    /// In words.
    pub words: String,
}

/// What came of it.
pub struct Over {
    /// In a few words.
    pub heading: &'static str,
    /// Why.
    pub lines: Vec<String>,
    /// It is something wrong.
    pub wrong: bool,
}

impl WaitingPage {
    /// The page for a reader.
    pub fn new(viewer: &Viewer, import: &Import, told: &Told) -> WaitingPage {
        let state = import.state();
        let goes_on = matches!(state, State::Reading | State::Applying | State::Planned)
            && matches!(import.job_state.as_deref(), Some("queued" | "running"));
        let heading = match (state, goes_on) {
            (State::Reading, true) => "The file is being read",
            (State::Applying, true) => "The import is being applied",
            (State::Refused, _) => "The file cannot be read",
            (State::Cancelled, _) => "Cancelled",
            _ => "The import has stopped",
        };
        let by = import.created_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        WaitingPage {
            chrome: Chrome::new(&told.title(heading), viewer, Section::Users),
            alert: told.alert(None),
            file: import.file_name.clone(),
            heading,
            lede: format!(
                "Uploaded {}{by}, for {}.",
                format::moment(import.created_at, viewer.time_zone),
                import.organisation
            ),
            address: format!("/imports/{}", import.id),
            progress: goes_on.then(|| progress(import, state)),
            meanwhile: match state {
                State::Applying => "Everything is changed in one moment, at the end, or nothing is.",
                _ => "Nothing has changed yet: you see what would change, and confirm it, before anything does.",
            },
            over: (!goes_on).then(|| over(import, state)),
            again: format!("/users/import?organisation={}", import.organisation_id),
        }
    }
}

fn progress(import: &Import, state: State) -> Progress {
    let number = |count: Option<i64>| count.unwrap_or(0).unsigned_abs();
    let (done, total) = (number(import.job_done), number(import.job_total));
    if import.job_state.as_deref() == Some("queued") {
        return Progress { fraction: Some((0, total.max(1))), words: "Waiting for its turn".to_owned() };
    }
    match state {
        State::Applying => Progress {
            fraction: (done > 0).then_some((done, total.max(1))),
            words: match (doing(&import.counts().unwrap_or_default(), import.missing()), done) {
                (doing, 0) => doing,
                (doing, done) => format!("{doing}: {} of {} done", grouped_count(done), grouped_count(total)),
            },
        },
        // the last fifth
        _ => Progress {
            fraction: Some((done, total.max(1))),
            words: if done * 5 < total * 4 {
                format!("Reading the file: {} % done", done * 100 / total.max(1))
            } else {
                "The file is read, and compared with the people there are".to_owned()
            },
        },
    }
}

fn over(import: &Import, state: State) -> Over {
    match state {
        State::Refused => Over {
            heading: "Nothing was changed",
            lines: vec![
                import.reading().refusal.unwrap_or_else(|| "The file cannot be read.".to_owned()),
                "Correct the file and upload it again. A fresh export is always in the right form.".to_owned(),
            ],
            wrong: true,
        },
        State::Cancelled => Over {
            heading: "Nothing was changed",
            lines: vec!["The import was called off. To do it after all, upload the file again.".to_owned()],
            wrong: false,
        },
        _ => Over {
            heading: "Nothing was changed",
            lines: vec![match (import.job_state.as_deref(), &import.job_reason) {
                (Some("done"), Some(reason)) => reason.clone(),
                (Some("done"), None) => "Whoever uploaded the file may not import any more.".to_owned(),
                _ => "It was tried several times. Whoever runs Headroom finds the cause in the log. Upload the file again."
                    .to_owned(),
            }],
            wrong: true,
        },
    }
}
