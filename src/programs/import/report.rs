//! What came of it: in words, or as one JSON object.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Serialize;

use super::Arguments;
use crate::domain::sync::guards::CannotSynchronize;
use crate::error::AppError;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{self, Import, Refused};
use crate::features::imports::words;
use crate::ids::ImportId;
use crate::programs::Answer;
use crate::web::format::{self, counted, grouped_count};
use crate::web::guards::{Allowed, Import as MayImport};

/// How many refusals are told.
const SHOWN: u32 = 20;

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It was applied.
    Applied,
    /// Everybody is already as the file says.
    NothingToDo,
    /// A dry run.
    Planned,
    /// It waits for an answer.
    NeedsConfirmation,
    /// The people changed between planning and applying: the new plan waits for an answer.
    #[serde(rename = "needs_confirmation")]
    Moved,
    /// It cannot be done.
    Refused,
}

/// All that is told.
#[derive(Debug, Serialize)]
pub struct Report {
    outcome: Ending,
    /// The import in the list of imports; none when it did not come to that.
    import: Option<ImportId>,
    /// Its page.
    page: Option<String>,
    file: String,
    organisation: String,
    synchronize: bool,
    dry_run: bool,
    /// What the file is: encoding, delimiter.
    format: Vec<String>,
    ignored_columns: Vec<String>,
    rows: u64,
    #[serde(flatten)]
    counts: Counted,
    /// Why the file cannot be taken at all.
    pub refusal: Option<String>,
    objections: Vec<Objection>,
    /// The first refusals, by line.
    refused_rows: Vec<Row>,
    /// Everybody who would be deleted stands at the end of the export.
    may_be_cut_off: bool,
    /// What `--confirm-deletions` has to say.
    confirm_deletions: Option<u64>,
    restorable_until: Option<DateTime<Utc>>,
    #[serde(skip)]
    words: Words,
}

/// What stands in the sentences only.
#[derive(Debug, Default)]
struct Words {
    /// `--confirm-deletions` was given, so it has to be right.
    number_given: bool,
    /// On whose behalf.
    name: String,
    done: String,
    until: Option<String>,
    refusals: u64,
}

/// How many of each kind.
#[derive(Debug, Default, Serialize)]
struct Counted {
    created: u64,
    changed: u64,
    unchanged: u64,
    deleted: u64,
    protected: u64,
    refused: u64,
    licenses_freed: u64,
    records_lost: u64,
    in_scope: u64,
}

#[derive(Debug, Serialize)]
struct Objection {
    code: CannotSynchronize,
    reason: String,
    advice: String,
}

#[derive(Debug, Serialize)]
struct Row {
    line: i64,
    column: Option<String>,
    found: Option<String>,
    reason: String,
}

impl Report {
    /// Of a file that was not even read.
    pub fn new(file: &str, organisation: String, arguments: &Arguments) -> Report {
        Report {
            outcome: Ending::Refused,
            import: None,
            page: None,
            file: file.to_owned(),
            organisation,
            synchronize: arguments.synchronize,
            dry_run: arguments.dry_run,
            format: Vec::new(),
            ignored_columns: Vec::new(),
            rows: 0,
            counts: Counted::default(),
            refusal: None,
            objections: Vec::new(),
            refused_rows: Vec::new(),
            may_be_cut_off: false,
            confirm_deletions: None,
            restorable_until: None,
            words: Words { number_given: arguments.confirm_deletions.is_some(), ..Words::default() },
        }
    }

    /// Looks up what is to be told of an import as it is now.
    pub fn tell(
        &mut self,
        conn: &mut PgConnection,
        by: &Allowed<MayImport>,
        id: ImportId,
        ending: Ending,
    ) -> Result<(), AppError> {
        let import = queries::import(conn, by, id)?;
        let (reading, counts) = (import.reading(), import.counts().unwrap_or_default());
        let refused = queries::refused(conn, &import, None, 1, SHOWN)?;
        let percent = queries::limits(conn)?.threshold_percent;
        self.outcome = ending;
        self.import = Some(id);
        self.page = Some(format!("/imports/{id}"));
        (self.format, self.ignored_columns, self.rows) = (reading.format, reading.ignored, reading.rows);
        self.refusal = reading.refusal;
        self.objections = counts.objections.iter().map(|why| Objection::new(*why, &import, &counts)).collect();
        self.words.name.clone_from(&by.by().viewer().name);
        self.words.refusals = refused.first().map_or(0, |first| first.total.unsigned_abs());
        self.refused_rows = refused.into_iter().map(Row::from).collect();
        let open = matches!(ending, Ending::Planned | Ending::NeedsConfirmation | Ending::Moved);
        self.may_be_cut_off = counts.may_be_cut_off();
        let typing = counts.must_be_typed(percent);
        self.confirm_deletions = (open && (typing || self.words.number_given)).then_some(counts.deleted);
        if let Some(outcome) = import.outcome() {
            self.words.done = words::done(&outcome);
            self.restorable_until = outcome.restorable_until;
            self.words.until = outcome.restorable_until.map(|at| format::moment(at, by.by().viewer().time_zone));
        }
        self.counts = Counted::from(&counts);
        Ok(())
    }

    /// The exit code.
    pub fn answer(&self) -> Answer {
        match self.outcome {
            Ending::Applied => Answer::Done,
            Ending::NothingToDo => Answer::NothingToDo,
            Ending::Planned | Ending::NeedsConfirmation | Ending::Moved => Answer::NeedsConfirmation,
            Ending::Refused => Answer::No,
        }
    }

    /// Prints it to standard output.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            serde_json::to_writer(&mut out, self)?;
            writeln!(out)?;
            return Ok(());
        }
        for line in self.lines() {
            // what comes from the file must not steer a terminal
            writeln!(out, "{}", line.replace(char::is_control, " "))?;
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.refusal {
            Some(refusal) => lines.push(format!("{} cannot be read. {refusal}", self.file)),
            None => {
                let format = self.format.join(", ");
                let rows = counted(self.rows, "row", "rows");
                lines.push(format!("{} ({format}), {rows}, for {}:", self.file, self.organisation));
                lines.extend(self.figures());
            }
        }
        if !self.ignored_columns.is_empty() {
            lines.push(format!("Ignored columns: {}", self.ignored_columns.join(", ")));
        }
        lines.extend(self.refused_rows.iter().map(Row::told));
        let more = self.words.refusals.saturating_sub(u64::from(SHOWN));
        if more > 0 {
            lines.push(format!("  and {} more", grouped_count(more)));
        }
        lines.extend(self.objections.iter().map(|why| format!("Cannot synchronize: {} {}", why.reason, why.advice)));
        if self.may_be_cut_off {
            lines.push(words::MAY_BE_CUT_OFF.to_owned());
        }
        lines.push(self.end());
        lines
    }

    fn figures(&self) -> Vec<String> {
        let Counted { created, changed, unchanged, deleted, protected, refused, .. } = self.counts;
        let figures = [
            ("added", created),
            ("changed", changed),
            ("unchanged", unchanged),
            ("deleted", deleted),
            ("protected", protected),
            ("refused", refused),
        ];
        let mut lines: Vec<String> =
            figures.iter().map(|(what, count)| format!("  {what:<10}{:>12}", grouped_count(*count))).collect();
        if deleted > 0 {
            let licenses = counted(self.counts.licenses_freed, "license gets", "licenses get");
            let records = counted(self.counts.records_lost, "completion record is lost", "completion records are lost");
            lines.push(format!("  {licenses} free, {records} with those who are deleted"));
        }
        lines
    }

    /// The last line: what was done, or what to do.
    fn end(&self) -> String {
        let page = self.page.as_deref().unwrap_or_default();
        match self.outcome {
            Ending::Applied => {
                let refused = match self.counts.refused {
                    0 => String::new(),
                    refused => format!(" {} left out.", counted(refused, "refused row is", "refused rows are")),
                };
                match &self.words.until {
                    Some(until) => format!("{}; can be restored on {page} until {until}.{refused}", self.words.done),
                    None => format!("{}.{refused}", self.words.done),
                }
            }
            Ending::NothingToDo => "There is nothing to do.".to_owned(),
            Ending::Planned => {
                format!("Nothing was changed: this was a dry run. To apply it, say --yes{} instead.", self.typed())
            }
            Ending::NeedsConfirmation => format!("Nothing was changed. {}", self.advice()),
            Ending::Moved => format!(
                "Nothing was changed: somebody changed users in between, and this is the plan now. {}",
                self.advice()
            ),
            Ending::Refused if self.dry_run || self.import.is_none() || self.refusal.is_some() => {
                "Nothing was changed.".to_owned()
            }
            Ending::Refused => format!("Nothing was changed. Have a look at {page}."),
        }
    }

    fn advice(&self) -> String {
        let page = self.page.as_deref().unwrap_or_default();
        let name = &self.words.name;
        format!("To apply it, {name} can answer on {page}, or run this again with --yes{}.", self.typed())
    }

    fn typed(&self) -> String {
        self.confirm_deletions.map(|number| format!(" --confirm-deletions {number}")).unwrap_or_default()
    }
}

impl From<&Counts> for Counted {
    fn from(counts: &Counts) -> Counted {
        Counted {
            created: counts.created,
            changed: counts.changed,
            unchanged: counts.unchanged,
            deleted: counts.deleted,
            protected: counts.protected,
            refused: counts.refused,
            licenses_freed: counts.licenses_freed,
            records_lost: counts.records_lost,
            in_scope: counts.in_scope,
        }
    }
}

impl Objection {
    fn new(code: CannotSynchronize, import: &Import, counts: &Counts) -> Objection {
        let words::Objection { what, advice, .. } = words::Objection::new(code, import, counts);
        Objection { code, reason: what, advice }
    }
}

impl From<Refused> for Row {
    fn from(refused: Refused) -> Row {
        Row { line: refused.line, column: refused.column_name, found: refused.found, reason: refused.reason }
    }
}

impl Row {
    fn told(&self) -> String {
        let column = self.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        let found = self.found.as_ref().map(|found| format!(" “{found}”")).unwrap_or_default();
        format!("  line {}{column}:{found} {}", self.line, self.reason)
    }
}
