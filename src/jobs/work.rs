//! What can be done in the background: changes that take longer than anybody waits for a page.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::queue;
use crate::db::audit::{Actor, Audited};
use crate::error::AppError;
use crate::features::enrolments::commands::{self, Applied, EnrolRequest, Enrolled, Request};
use crate::features::enrolments::words::ALL_KEPT;
use crate::features::imports::commands::{self as imports, Confirm, Whom};
use crate::features::users::bulk;
use crate::ids::{EntryId, ImportId, JobId, UserId};
use crate::people::restoring::NotRestored;
use crate::web::guards::{Allowed, Permission, SignedIn};

/// From how many enrolments or people on a change is done in the background.
pub const FROM: usize = 10_000;

/// A piece of work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "work")]
pub enum Work {
    /// A change of many enrolments.
    ChangeEnrolments {
        /// What is asked for.
        request: Request,
    },
    /// A change of many users.
    ChangeUsers {
        /// Who, and what was seen of them.
        request: bulk::Request,
        /// What becomes of them.
        change: bulk::Change,
    },
    /// Former expiry dates come back.
    UndoExpiry {
        /// The audit entry of the change that is taken back.
        entry: EntryId,
    },
    /// Enrolling many people.
    Enrol {
        /// What is asked for.
        request: EnrolRequest,
    },
    /// An uploaded file is read and planned.
    ReadImport {
        /// Which import.
        import: ImportId,
    },
    /// A plan is applied.
    ApplyImport {
        /// The answer to it.
        confirm: Confirm,
    },
    /// People whom an import has deleted come back.
    RestoreImport {
        /// Which import.
        import: ImportId,
        /// Who of them.
        whom: Whom,
    },
}

/// As it stands in the queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Payload {
    /// What is to be done.
    pub work: Work,
    /// Where the request came from, for the audit log.
    pub address: Option<String>,
    /// The page to go to afterwards.
    pub back: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Done; the audit entry has the facts.
    Done {
        /// The entry.
        entry: EntryId,
    },
    /// There was nothing to change.
    Nothing,
    /// What was shown has changed before it could be done; nothing was done.
    Moved,
    /// The person may not do this any more.
    NotAllowed,
    /// Why nothing was done.
    Refused {
        /// In words for the person.
        reason: String,
    },
}

impl Work {
    /// The kind of job.
    fn kind(&self) -> &'static str {
        match self {
            Work::ChangeEnrolments { .. } => "change_enrolments",
            Work::ChangeUsers { .. } => "change_users",
            Work::UndoExpiry { .. } => "undo_expiry",
            Work::Enrol { .. } => "enrol",
            Work::ReadImport { .. } => "read_import",
            Work::ApplyImport { .. } => "apply_import",
            Work::RestoreImport { .. } => "restore_import",
        }
    }
}

impl Payload {
    /// Work that was asked for by somebody who is signed in.
    pub fn new(work: Work, by: &SignedIn, back: String) -> Payload {
        Payload { work, address: by.address().map(str::to_owned), back }
    }

    /// Puts it into the queue. `total`: how many things there are to do.
    pub fn enqueue(
        &self,
        conn: &mut PgConnection,
        by: UserId,
        total: usize,
        now: DateTime<Utc>,
    ) -> Result<Audited<JobId>, AppError> {
        self.put(conn, by, total as u64, now).map(Audited::unchanged)
    }

    /// The same as a part of a larger change.
    pub fn put(&self, conn: &mut PgConnection, by: UserId, total: u64, now: DateTime<Utc>) -> Result<JobId, AppError> {
        queue::enqueue(conn, self.work.kind(), &json!(self), by, total, now)
    }

    /// Who does it, for the audit log.
    pub fn actor(&self, by: Option<UserId>) -> Actor {
        match by {
            Some(id) => Actor::Person { id, address: self.address.clone() },
            None => Actor::Program { address: None },
        }
    }

    /// Does it, as far as the person who asked may do it now, and marks the job as done with it.
    pub fn run(
        &self,
        conn: &mut PgConnection,
        job: &queue::Claimed,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<()>, AppError> {
        let person = match job.created_by {
            Some(id) => SignedIn::for_account(conn, id, now)?,
            None => None,
        };
        let done = self.work.carry_out(conn, person, now, progress)?;
        done.try_map(|outcome| {
            let result: Value = json!(outcome);
            queue::complete(conn, job.id, job.attempts, &result, now)
        })
    }
}

impl Work {
    /// Does it for that person. Reading and applying an import tell on its own page what came of it.
    fn carry_out(
        &self,
        conn: &mut PgConnection,
        person: Option<SignedIn>,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<Outcome>, AppError> {
        match self {
            Work::ChangeEnrolments { request } => {
                if_allowed(person, |by| Ok(commands::apply(conn, by, request, now, progress)?.map(Outcome::from)))
            }
            Work::UndoExpiry { entry } => if_allowed(person, |by| {
                Ok(commands::undo(conn, by, *entry, now, progress)?.map(|undone| match (undone.entry, undone.kept) {
                    (None, 1..) => Outcome::Refused { reason: format!("{ALL_KEPT}.") },
                    (entry, _) => Outcome::from(entry),
                }))
            }),
            Work::Enrol { request } => {
                if_allowed(person, |by| Ok(commands::enrol(conn, by, request, now, progress)?.map(Outcome::from)))
            }
            Work::ChangeUsers { request, change } => change_users(conn, person, request, *change, now, progress),
            Work::ReadImport { import } => {
                if_allowed(person, |by| Ok(imports::read(conn, by, *import, now, progress)?.map(|()| Outcome::Nothing)))
            }
            Work::ApplyImport { confirm } => {
                if_allowed(person, |by| Ok(imports::apply(conn, by, confirm, now, progress)?.map(Outcome::from)))
            }
            Work::RestoreImport { import, whom } => if_allowed(person, |by| {
                Ok(imports::restore(conn, by, *import, whom, now, progress)?.map(|restored| match restored {
                    Ok(entry) => Outcome::from(entry),
                    Err(reason) => Outcome::Refused { reason: not_restored(&reason).to_owned() },
                }))
            }),
        }
    }
}

/// Does some work if the person's role allows it now.
fn if_allowed<P: Permission>(
    person: Option<SignedIn>,
    work: impl FnOnce(&Allowed<P>) -> Result<Audited<Outcome>, AppError>,
) -> Result<Audited<Outcome>, AppError> {
    person.and_then(Allowed::new).map_or(Ok(Audited::unchanged(Outcome::NotAllowed)), |by| work(&by))
}

fn change_users(
    conn: &mut PgConnection,
    person: Option<SignedIn>,
    request: &bulk::Request,
    change: bulk::Change,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Outcome>, AppError> {
    fn apply<C: bulk::Changes>(
        conn: &mut PgConnection,
        person: Option<SignedIn>,
        request: &bulk::Request,
        change: bulk::Change,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<Outcome>, AppError> {
        if_allowed(person, |by| Ok(bulk::apply::<C>(conn, by, request, change, now, progress)?.map(Outcome::from)))
    }
    match change {
        bulk::Change::Expiry { .. } => apply::<bulk::Expiry>(conn, person, request, change, now, progress),
        bulk::Change::Move { .. } => apply::<bulk::Move>(conn, person, request, change, now, progress),
        bulk::Change::Delete => apply::<bulk::Delete>(conn, person, request, change, now, progress),
    }
}

/// From the entry of what was done, if anything was.
impl From<Option<EntryId>> for Outcome {
    fn from(entry: Option<EntryId>) -> Outcome {
        entry.map_or(Outcome::Nothing, |entry| Outcome::Done { entry })
    }
}

impl From<Applied> for Outcome {
    fn from(applied: Applied) -> Outcome {
        match applied {
            Applied::Done(entry) => Outcome::Done { entry },
            Applied::Nothing => Outcome::Nothing,
            Applied::Moved => Outcome::Moved,
        }
    }
}

impl From<Enrolled> for Outcome {
    fn from(enrolled: Enrolled) -> Outcome {
        match enrolled {
            Enrolled::Done(entry) => Outcome::Done { entry },
            Enrolled::Nothing => Outcome::Nothing,
            Enrolled::Moved => Outcome::Moved,
        }
    }
}

impl From<bulk::Applied> for Outcome {
    fn from(applied: bulk::Applied) -> Outcome {
        match applied {
            bulk::Applied::Done(entry) => Outcome::Done { entry },
            bulk::Applied::Nothing => Outcome::Nothing,
            bulk::Applied::Moved => Outcome::Moved,
            bulk::Applied::Refused(problems) => Outcome::Refused {
                reason: problems.iter().map(|problem| problem.text.as_str()).collect::<Vec<_>>().join(" "),
            },
        }
    }
}

impl From<imports::Applied> for Outcome {
    fn from(applied: imports::Applied) -> Outcome {
        match applied {
            imports::Applied::Done | imports::Applied::Queued => Outcome::Nothing,
            imports::Applied::Moved | imports::Applied::NotPlanned => Outcome::Moved,
            imports::Applied::TypeFirst(count) => Outcome::Refused {
                reason: format!(
                    "The number of users to delete, {count}, has to be entered now: the setting for that was changed."
                ),
            },
        }
    }
}

/// Who it is about is on the page that asking again leads to.
fn not_restored(reason: &NotRestored) -> &'static str {
    match reason {
        NotRestored::Conflicts(_) => {
            "Something of these people was taken before it was their turn, and nobody was restored. Restore them again: \
             it is said then who is in the way."
        }
        NotRestored::Elsewhere(_) => "Some of these people cannot be restored any more, and nobody was. Choose again.",
        NotRestored::Beyond(_) => {
            "Some of these people held a role that you cannot grant any more. Nobody was restored."
        }
    }
}
