//! Files into staging tables: read row by row, checked, and written to COPY as they come, so
//! that a file of any size takes the same memory.

use std::cell::{OnceCell, RefCell};
use std::io::{Read, Write};

use csv::StringRecord;
use diesel::pg::{CopyFormat, CopyTarget};
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;

use crate::domain::table::{Heading, Problem, Refusal};
use crate::domain::takeover::{self, ENROLMENT_COLUMNS, EXPERIENCE_COLUMNS, ORGANISATION_COLUMNS};
use crate::domain::users_csv::{self, Cell, Columns, DateOrder};
use crate::error::AppError;

diesel::table! {
    load_organisations (line) {
        line -> BigInt, name -> Text, parent -> Nullable<Text>, user_limit -> Nullable<Integer>,
        time_zone -> Nullable<Text>,
    }
}
diesel::table! {
    load_users (line) {
        line -> BigInt, user_id -> Nullable<Uuid>, username -> Nullable<Text>, email -> Nullable<Text>,
        first_name -> Nullable<Text>, last_name -> Nullable<Text>, organisation -> Nullable<Text>,
        roles -> Nullable<Text>, account_expires_on -> Nullable<Date>,
    }
}
diesel::table! {
    load_experiences (line) {
        line -> BigInt, code -> Text, title -> Text, organisation -> Text,
    }
}
diesel::table! {
    load_enrolments (line) {
        line -> BigInt, username -> Text, experience -> Text, starts_on -> Date, expires_on -> Nullable<Date>,
        completed_on -> Nullable<Date>, result -> Nullable<Text>,
    }
}

/// How many refusals of a file are kept; all are counted.
pub const REFUSALS_KEPT: usize = 1000;

/// What became of reading a file.
#[derive(Debug)]
pub struct Staged {
    /// Its columns; none when the file was not given.
    pub heading: Option<Heading>,
    /// The first rows that cannot be taken.
    pub refusals: Vec<Refusal>,
    /// How many rows cannot be taken.
    pub refused: u64,
}

impl Staged {
    /// The file was given and has this column.
    pub fn has(&self, column: &str) -> bool {
        self.heading.as_ref().is_some_and(|heading| heading.has(column))
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refused += 1;
        if self.refusals.len() < REFUSALS_KEPT {
            self.refusals.push(refusal);
        }
    }
}

type File = Option<Box<dyn Read>>;

/// Stages organisations.csv.
pub fn organisations(conn: &mut PgConnection, file: File) -> Result<Staged, AppError> {
    use load_organisations::dsl;
    let columns = (dsl::line, dsl::name, dsl::parent, dsl::user_limit, dsl::time_zone);
    stage(conn, load_organisations::table, columns, file, (&ORGANISATION_COLUMNS, &["name"]), |heading, record| {
        let row = takeover::organisation(heading, record)?;
        Ok(vec![Some(row.name), row.parent, row.user_limit.map(|limit| limit.to_string()), row.time_zone])
    })
}

/// Stages users.csv.
pub fn users(conn: &mut PgConnection, file: File) -> Result<Staged, AppError> {
    use load_users::dsl;
    let columns = (
        dsl::line,
        dsl::user_id,
        dsl::username,
        dsl::email,
        dsl::first_name,
        dsl::last_name,
        dsl::organisation,
        dsl::roles,
        dsl::account_expires_on,
    );
    // the columns are the same for every row
    let found = OnceCell::new();
    stage(conn, load_users::table, columns, file, (&users_csv::COLUMNS, &[]), |heading, record| {
        let columns = found.get_or_init(|| Columns::of(heading));
        let row = users_csv::record::read(columns, record, DateOrder::Unclear).map_err(first)?;
        let roles = match row.roles {
            Cell::Absent => None,
            Cell::Empty => Some(String::new()),
            Cell::Value(roles) => Some(roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(";")),
        };
        Ok(vec![
            row.user_id.map(|id| id.to_string()),
            row.username.value(),
            row.email.value(),
            row.first_name.value(),
            row.last_name.value(),
            row.organisation.value(),
            roles,
            row.account_expires_on.value().map(|day| day.to_string()),
        ])
    })
}

/// Of everything that is wrong with a row, the first.
fn first(problems: Vec<users_csv::Problem>) -> Problem {
    problems.into_iter().next().map_or_else(
        || Problem::new("username", "cannot be read"),
        |problem| Problem::new(problem.column.name(), problem.told()),
    )
}

/// Stages experiences.csv.
pub fn experiences(conn: &mut PgConnection, file: File) -> Result<Staged, AppError> {
    use load_experiences::dsl;
    let columns = (dsl::line, dsl::code, dsl::title, dsl::organisation);
    stage(
        conn,
        load_experiences::table,
        columns,
        file,
        (&EXPERIENCE_COLUMNS, &EXPERIENCE_COLUMNS),
        |heading, record| {
            let row = takeover::experience(heading, record)?;
            Ok(vec![Some(row.code), Some(row.title), Some(row.organisation)])
        },
    )
}

/// Stages enrolments.csv.
pub fn enrolments(conn: &mut PgConnection, file: File) -> Result<Staged, AppError> {
    use load_enrolments::dsl;
    let columns =
        (dsl::line, dsl::username, dsl::experience, dsl::starts_on, dsl::expires_on, dsl::completed_on, dsl::result);
    let required: &[&str] = &["username", "experience", "starts_on"];
    stage(conn, load_enrolments::table, columns, file, (&ENROLMENT_COLUMNS, required), |heading, record| {
        let row = takeover::enrolment(heading, record)?;
        Ok(vec![
            Some(row.username),
            Some(row.experience),
            Some(row.starts_on.to_string()),
            row.expires_on.map(|day| day.to_string()),
            row.completed_on.map(|day| day.to_string()),
            row.result,
        ])
    })
}

/// Reads a file and copies what `read` makes of its rows. `columns` begin with the line;
/// `known` are the columns that mean something, and those of them that must be there.
fn stage<T, C>(
    conn: &mut PgConnection,
    table: T,
    columns: C,
    file: File,
    known: (&[&'static str], &[&str]),
    read: impl Fn(&Heading, &StringRecord) -> Result<Vec<Option<String>>, Problem>,
) -> Result<Staged, AppError>
where
    T: Table + QuerySource,
    C: CopyTarget<Table = T>,
    T: diesel::query_builder::QueryId + 'static,
    C: diesel::query_builder::QueryId + 'static,
    T::FromClause: QueryFragment<diesel::pg::Pg>,
{
    let mut staged = Staged { heading: None, refusals: Vec::new(), refused: 0 };
    let Some(file) = file else { return Ok(staged) };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(without_mark(file)?);
    let mut record = StringRecord::new();
    let heading = match reader.read_record(&mut record) {
        Ok(true) => Heading::read(&record, known.0, known.1),
        Ok(false) => Err("The file is empty: it has no heading.".to_owned()),
        Err(error) => Err(describe(&error)),
    };
    let heading = match heading {
        Ok(heading) => heading,
        Err(reason) => {
            staged.refuse(Refusal { line: 1, column: None, reason });
            return Ok(staged);
        }
    };

    // the callback may be called through a shared reference only
    let shared = RefCell::new((reader, record, staged));
    diesel::copy_from(table)
        .from_raw_data(columns, |out: &mut dyn Write| {
            let (reader, record, staged) = &mut *shared.borrow_mut();
            copy_rows(reader, record, staged, &heading, &read, out)
        })
        .with_format(CopyFormat::Csv)
        .execute(conn)?;
    let (_, _, mut staged) = shared.into_inner();
    staged.heading = Some(heading);
    Ok(staged)
}

fn copy_rows(
    reader: &mut csv::Reader<impl Read>,
    record: &mut StringRecord,
    staged: &mut Staged,
    heading: &Heading,
    read: &impl Fn(&Heading, &StringRecord) -> Result<Vec<Option<String>>, Problem>,
    out: &mut dyn Write,
) -> Result<(), AppError> {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Never).from_writer(out);
    loop {
        match reader.read_record(record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) if error.is_io_error() => return Err(AppError::internal(error)),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                staged.refuse(Refusal { line, column: None, reason: describe(&error) });
                continue;
            }
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row = match heading.check_width(record) {
            Ok(()) => read(heading, record).map_err(|problem| problem.at(line)),
            Err(reason) => Err(Refusal { line, column: None, reason }),
        };
        match row {
            Ok(values) => {
                let cells =
                    std::iter::once(line.to_string()).chain(values.iter().map(|value| quoted(value.as_deref())));
                writer.write_record(cells).map_err(AppError::internal)?;
            }
            Err(refusal) => staged.refuse(refusal),
        }
    }
    writer.flush().map_err(AppError::internal)
}

/// A cell for COPY: NULL is an empty cell without quotes, so that an empty text is not one.
fn quoted(value: Option<&str>) -> String {
    value.map_or(String::new(), |value| format!("\"{}\"", value.replace('"', "\"\"")))
}

/// Without the byte-order mark that some editors put before UTF-8.
fn without_mark(mut file: Box<dyn Read>) -> Result<impl Read, AppError> {
    let mut first = [0; 3];
    let mut filled = 0;
    while filled < first.len() {
        match file.read(&mut first[filled..]).map_err(AppError::internal)? {
            0 => break,
            count => filled += count,
        }
    }
    let start = if first[..filled] == *b"\xef\xbb\xbf" { Vec::new() } else { first[..filled].to_vec() };
    Ok(std::io::Cursor::new(start).chain(file))
}

fn describe(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "The text is not UTF-8. Save the file as CSV UTF-8.".to_owned(),
        _ => format!("The row cannot be read: {error}"),
    }
}
