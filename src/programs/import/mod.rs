//! `headroom import FILE`: Import Users without a browser, with the same guards.

mod acting;
mod report;
mod source;

use chrono::{DateTime, Utc};
use clap::Args;
use diesel::PgConnection;
use uuid::Uuid;

use self::report::{Ending, Report};
use self::source::Source;
use super::{Answer, database};
use crate::config::Settings;
use crate::db;
use crate::db::migrations::Existing;
use crate::features::accounts::queries_organisations::Organisation;
use crate::features::imports::commands::{self, Applied, Confirm, MOST_BYTES, Missing, Upload};
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{self, Import, State};
use crate::ids::ImportId;
use crate::web::guards::{Allowed, Import as MayImport};

pub const HELP: &str = "\
Add, change and, with --synchronize, delete the users of an organisation as a file says: Import
Users for a nightly job, with the same rules (see docs/import.md). It works beside a running
server, and each run stands in the list of imports there.

Without --yes nothing is applied: the plan is printed, and waits on its page for an answer by the
person on whose behalf it was made. --yes applies it. When more people would be deleted than a
setting allows (10 %), their exact number must be given as well: --confirm-deletions 214. Ten or more
who all stand at the end of the export, as if the file was cut off, are told (may_be_cut_off in --json).

Rows that are refused are left out, and told; with --synchronize nothing is applied then, since nobody
can say who is missing from the file. Without it the exit code is 0 where anything else was applied:
whoever wants every row to be taken looks at \"refused\" of --json as well.

Exit codes:
  0  applied; rows that were refused are left out
  1  refused, nothing was changed: the file cannot be read or not be synchronized, or rows are
     refused and no other row changes anything
  2  wrong use or settings, or the database cannot be used; nothing was changed
  3  nothing to do: everybody is already as the file says, and no row is refused
  4  there is a plan that was not applied: --dry-run, no --yes, or people to delete who must be confirmed

With --json, standard output is one object whose \"outcome\" is applied, refused, nothing_to_do,
planned (4, after --dry-run) or needs_confirmation (4); empty after exit code 2.";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The file: CSV or an Excel workbook; - reads standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// For which organisation and all below it: its path from the root (Acme > Nordics), its name
    /// where that is clear, or its id
    #[arg(long, value_name = "PATH_OR_ID")]
    organisation: String,
    /// On whose behalf: their role must allow it, and the log names them [default: the only
    /// instance admin]
    #[arg(long = "as", value_name = "USERNAME")]
    on_behalf_of: Option<String>,
    /// Delete users of the organisation who are not in the file
    #[arg(long)]
    synchronize: bool,
    /// Plan only, whatever else is said
    #[arg(long)]
    dry_run: bool,
    /// Apply the plan
    #[arg(long)]
    yes: bool,
    /// How many people are to be deleted; otherwise nothing is applied
    #[arg(long, value_name = "N", requires = "synchronize")]
    confirm_deletions: Option<u64>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<Answer> {
    let source = Source::open(&arguments.file)?;
    let open = database::join(settings)?;
    let mut conn = open.connect_current(Existing::Leave)?;
    database::be_patient(&mut conn)?;
    let now = Utc::now();
    let by = acting::on_behalf_of(&mut conn, arguments.on_behalf_of.as_deref(), now)?;
    let organisation = acting::organisation(&mut conn, &by, &arguments.organisation)?;
    let mut run = Run { conn: &mut conn, by, arguments, id: ImportId(Uuid::now_v7()), now };
    let report = run.import(source, organisation)?;
    report.print(arguments.json)?;
    Ok(report.answer())
}

struct Run<'r> {
    conn: &'r mut PgConnection,
    by: Allowed<MayImport>,
    arguments: &'r Arguments,
    id: ImportId,
    now: DateTime<Utc>,
}

impl Run<'_> {
    fn import(&mut self, source: Source, organisation: Organisation) -> anyhow::Result<Report> {
        let file_name = source.name.clone();
        let taken = self.take(source, &organisation);
        if !matches!(taken, Ok(true)) {
            let (by, id) = (&self.by, self.id);
            db::write(self.conn, &by.by().actor(), |conn| commands::forget_upload(conn, by, id))?;
        }
        let mut report = Report::new(&file_name, organisation.path, self.arguments);
        if !taken? {
            report.refusal = Some(format!(
                "The file is larger than {} MB. Split it, or leave out columns that mean nothing here.",
                MOST_BYTES >> 20
            ));
            return Ok(report);
        }
        let ending = self.answer()?;
        let (by, id) = (&self.by, self.id);
        db::read(self.conn, |conn| report.tell(conn, by, id, ending))?;
        Ok(report)
    }

    /// Stores the file, reads it and plans; false when it is too long.
    fn take(&mut self, mut source: Source, organisation: &Organisation) -> anyhow::Result<bool> {
        let (by, id, now) = (&self.by, self.id, self.now);
        let mut bytes: u64 = 0;
        for number in 0.. {
            let piece = source.piece()?;
            bytes += piece.len() as u64;
            if bytes > MOST_BYTES {
                return Ok(false);
            }
            if piece.is_empty() {
                break;
            }
            db::write(self.conn, &by.by().actor(), |conn| commands::store_piece(conn, by, id, number, &piece, now))?;
        }
        let upload = Upload {
            id,
            organisation: organisation.id,
            synchronize: self.arguments.synchronize,
            file_name: source.name,
            bytes,
            began_at: now,
            survey: None,
        };
        db::write(self.conn, &by.by().actor(), |conn| commands::create_and_read(conn, by, &upload, Utc::now()))?;
        Ok(true)
    }

    /// Applies the plan where it is clear that it is wanted, and calls it off where nobody is to answer it.
    fn answer(&mut self) -> anyhow::Result<Ending> {
        let (by, id) = (&self.by, self.id);
        let import = db::read(self.conn, |conn| queries::import(conn, by, id))?;
        let counts = import.counts().unwrap_or_default();
        let ending = judge(&import, &counts, self.arguments);
        let wanted = self.arguments.yes && !self.arguments.dry_run;
        match ending {
            // also without anything to do: the list of imports then says so
            Ending::Applied | Ending::NothingToDo if wanted => self.apply(&import, ending),
            Ending::Planned | Ending::NothingToDo => self.cancel(ending),
            _ if self.arguments.dry_run && import.state() == State::Planned => self.cancel(ending),
            _ => Ok(ending),
        }
    }

    fn apply(&mut self, import: &Import, ending: Ending) -> anyhow::Result<Ending> {
        let (by, now) = (&self.by, Utc::now());
        let confirm = Confirm {
            import: self.id,
            seen: import.fingerprint.clone().unwrap_or_default(),
            missing: if self.arguments.synchronize { Missing::Delete } else { Missing::Keep },
            typed: self.arguments.confirm_deletions,
        };
        let applied = db::write(self.conn, &by.by().actor(), |conn| commands::apply(conn, by, &confirm, now, &|_| {}))?;
        Ok(match applied {
            Applied::Done => ending,
            Applied::Moved => Ending::Moved,
            Applied::Queued | Applied::TypeFirst(_) | Applied::NotPlanned => Ending::NeedsConfirmation,
        })
    }

    fn cancel(&mut self, ending: Ending) -> anyhow::Result<Ending> {
        let (by, id) = (&self.by, self.id);
        db::write(self.conn, &by.by().actor(), |conn| commands::cancel(conn, by, id))?;
        Ok(ending)
    }
}

/// How it is to end, if applying it works.
fn judge(import: &Import, counts: &Counts, arguments: &Arguments) -> Ending {
    let nothing = counts.is_nothing();
    // not everybody is as the file says
    let only_refused = nothing && counts.refused > 0;
    if import.state() == State::Refused || !counts.objections.is_empty() || only_refused {
        Ending::Refused
    } else if nothing {
        Ending::NothingToDo
    } else if arguments.dry_run {
        Ending::Planned
    } else if !arguments.yes || arguments.confirm_deletions.is_some_and(|number| number != counts.deleted) {
        Ending::NeedsConfirmation
    } else {
        Ending::Applied
    }
}
