//! Jobs as they are shown.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::queries::{Job, State};
use crate::jobs::work::{Outcome, Work};
use crate::web::format::{self, grouped_count};
use crate::web::page::Chrome;

/// GET `/jobs/{job_id}`.
#[derive(Template)]
#[template(path = "background/show.html")]
pub struct ShowPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "Change enrolments".
    pub heading: String,
    /// This page.
    pub address: String,
    /// How far it is; none when it is over.
    pub progress: Option<Progress>,
    /// Why nothing was done, when it is over.
    pub refused: Option<String>,
    /// The page that it was started from.
    pub back: String,
}

/// How far a job is.
pub struct Progress {
    /// Things that are done; none as long as that is not known, as of what is done all at once.
    pub done: Option<u64>,
    /// Things to do.
    pub total: u64,
    /// "34,000 of 100,000".
    pub words: String,
}

impl ShowPage {
    /// A job that has not succeeded, yet.
    pub fn new(chrome: Chrome, job: Job) -> ShowPage {
        let progress = match job.state {
            State::Waiting => Some(Progress { done: None, total: 1, words: "Waiting for its turn".to_owned() }),
            State::Running(done, total) => {
                Some(Progress { done: (done > 0).then_some(done), total: total.max(1), words: how_far(done, total) })
            }
            State::Done(_) | State::Failed => None,
        };
        ShowPage {
            heading: heading(&job.payload.work).to_owned(),
            address: format!("/jobs/{}", job.id),
            progress,
            refused: match job.state {
                State::Done(Outcome::Moved) => Some(
                    "Somebody changed the same things before it was their turn. Look at them again and repeat it."
                        .to_owned(),
                ),
                State::Done(Outcome::NotAllowed) => Some("Your role does not allow it any more.".to_owned()),
                State::Done(Outcome::Refused { reason }) => Some(reason),
                State::Failed => {
                    Some("It was tried several times. Whoever runs Headroom finds the cause in the log.".to_owned())
                }
                _ => None,
            },
            back: job.payload.back,
            chrome,
        }
    }
}

fn how_far(done: u64, total: u64) -> String {
    match done {
        0 => format!("At work on {}", grouped_count(total)),
        done => format!("{} of {}", grouped_count(done), grouped_count(total)),
    }
}

fn heading(work: &Work) -> &'static str {
    match work {
        Work::ChangeEnrolments { .. } => "Change enrolments",
        Work::ChangeUsers { .. } => "Change users",
        Work::UndoExpiry { .. } => "Restore expiry dates",
        Work::Enrol { .. } => "Enrol users",
        Work::ReadImport { .. } => "Read a file of users",
        Work::ApplyImport { .. } => "Import users",
        Work::RestoreImport { .. } => "Restore users",
    }
}

/// GET `/jobs`.
#[derive(Template)]
#[template(path = "background/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The jobs.
    pub rows: Vec<Row>,
}

/// A job in the list.
pub struct Row {
    /// What is done.
    pub heading: &'static str,
    /// Its page.
    pub address: String,
    /// When it was asked for.
    pub when: String,
    /// How far it is.
    pub state: String,
}

impl Row {
    /// A job at a time.
    pub fn new(job: &Job, now: DateTime<Utc>, zone: Tz) -> Row {
        Row {
            heading: heading(&job.payload.work),
            address: format!("/jobs/{}", job.id),
            when: format::ago(job.created_at, now, zone),
            state: match &job.state {
                State::Waiting => "Waiting".to_owned(),
                State::Running(done, total) => how_far(*done, *total),
                State::Done(Outcome::Done { .. } | Outcome::Nothing) => "Done".to_owned(),
                State::Done(Outcome::Moved | Outcome::NotAllowed | Outcome::Refused { .. }) => {
                    "Nothing was done".to_owned()
                }
                State::Failed => "Failed".to_owned(),
            },
        }
    }

    /// Where a job that is done leads: the page that it was started from, with the notice of what it did.
    pub fn address(job: &Job) -> String {
        let done = match &job.state {
            State::Done(Outcome::Done { entry }) => entry.to_string(),
            _ => "nothing".to_owned(),
        };
        let separator = if job.payload.back.contains('?') { '&' } else { '?' };
        format!("{}{separator}done={done}", job.payload.back)
    }
}
