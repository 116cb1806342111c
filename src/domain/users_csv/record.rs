//! One row, read and checked on its own: whether it fits the other rows and the database is
//! another question. Everything that is wrong with it is told, not only the first.

use chrono::{DateTime, NaiveDate, Utc};
use csv::StringRecord;
use icu_normalizer::ComposingNormalizerBorrowed;
use uuid::Uuid;

use super::columns::{Column, Columns};
use super::dates::{self, DateOrder};
use super::refusal::sentence;
use super::spoilt;
use crate::domain::access::Role;
use crate::domain::characters::straight;
use crate::domain::csv_text;

/// What a row says about a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<T> {
    /// The file has no such column: the value stays as it is.
    Absent,
    /// The cell is empty: an optional value is cleared.
    Empty,
    /// This is to be the value.
    Value(T),
}

impl<T> Cell<T> {
    /// The value, if the row gives one.
    pub fn value(self) -> Option<T> {
        match self {
            Cell::Value(value) => Some(value),
            Cell::Absent | Cell::Empty => None,
        }
    }

    /// A reference to the value.
    pub fn as_ref(&self) -> Cell<&T> {
        match self {
            Cell::Absent => Cell::Absent,
            Cell::Empty => Cell::Empty,
            Cell::Value(value) => Cell::Value(value),
        }
    }
}

/// What a row says about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The unique ID of somebody who is known already.
    pub user_id: Option<Uuid>,
    /// The name to sign in with. Never empty, like the next three.
    pub username: Cell<String>,
    /// Where mail goes.
    pub email: Cell<String>,
    /// First name.
    pub first_name: Cell<String>,
    /// Last name.
    pub last_name: Cell<String>,
    /// Path of names from the root, joined by ` > `; empty is the organisation that the import is for.
    pub organisation: Cell<String>,
    /// Roles on that organisation, each once, sorted.
    pub roles: Cell<Vec<Role>>,
    /// The account's last day.
    pub account_expires_on: Cell<NaiveDate>,
    /// When the row was exported; never later than it was. `None` also when it cannot be read.
    pub exported_at: Option<DateTime<Utc>>,
    /// Which export it is from. `None` also when it cannot be read.
    pub export_id: Option<Uuid>,
}

/// Whom a row means and what it claims for them alone, as far as that can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The unique ID.
    pub user_id: Option<Uuid>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
}

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In which column.
    pub column: Column,
    /// What is in the cell.
    pub found: String,
    /// The end of a sentence that begins with what was found, if anything was.
    pub reason: String,
}

impl Problem {
    /// As a sentence without its column.
    pub fn told(&self) -> String {
        sentence(&self.found, &self.reason)
    }
}

/// Reads a row.
pub fn read(columns: &Columns, cells: &StringRecord, dates: DateOrder) -> Result<Record, Vec<Problem>> {
    let mut reading = Reading { columns, cells, problems: Vec::new() };
    let user_id = reading.user_id();
    let record = Record {
        username: reading.username(),
        email: reading.email(),
        first_name: reading.mandatory(Column::FirstName, 150),
        last_name: reading.mandatory(Column::LastName, 150),
        organisation: reading.optional(Column::Organisation, |text| check(text, usize::MAX)),
        roles: reading.roles(),
        account_expires_on: reading.optional(Column::AccountExpiresOn, |text| dates::day(text, dates)),
        exported_at: reading.filled(Column::ExportedAt).and_then(|text| dates::moment(text, dates)),
        export_id: reading.filled(Column::ExportId).and_then(|text| text.parse().ok()),
        user_id: None,
    };
    if let Cell::Value(email) = &record.email
        && !is_email(email)
    {
        reading.problem(Column::Email, email, "is not an e-mail address");
    }
    let names_nobody = user_id == Cell::Empty || !columns.has(Column::UserId);
    if names_nobody && !columns.has(Column::Username) {
        let column = if columns.has(Column::UserId) { Column::UserId } else { Column::Username };
        reading.problem(column, "", "must not be empty: the row names nobody");
    }
    if reading.problems.is_empty() { Ok(Record { user_id: user_id.value(), ..record }) } else { Err(reading.problems) }
}

/// What can be read of a row that is refused: another row that means the same may be as wrong, although it can be read.
pub(super) fn keys(columns: &Columns, cells: &StringRecord) -> Keys {
    let mut reading = Reading { columns, cells, problems: Vec::new() };
    Keys {
        user_id: reading.user_id().value(),
        username: reading.username().value(),
        email: reading.email().value().filter(|email| is_email(email)),
    }
}

/// One @ with something on both sides, no spaces. Whether mail can be sent to it is asked of addresses that are new only
/// (`domain::email`).
fn is_email(email: &str) -> bool {
    email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(char::is_whitespace)
    })
}

/// A text of at most `longest` characters as somebody would write it.
fn check(text: &str, longest: usize) -> Result<String, String> {
    if let Some(reason) = spoilt::by_spreadsheet(text) {
        return Err(reason.to_owned());
    }
    let text = composed(text);
    if text.len() > longest && text.chars().count() > longest {
        return Err(format!("is longer than {longest} characters"));
    }
    if text.contains(['\n', '\r']) {
        return Err("contains a line break; is a quote missing?".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("contains a control character".to_owned());
    }
    Ok(text)
}

/// A letter and its accent as one character, if there is one. macOS writes two, which look the same and are not.
/// And nothing in it turns the text around it.
fn composed(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { straight(&ComposingNormalizerBorrowed::new_nfc().normalize(text)) }
}

/// Those that a file may name.
fn importable_roles() -> String {
    let codes = Role::ALL.into_iter().filter(|role| *role != Role::InstanceAdmin).map(Role::code);
    codes.collect::<Vec<_>>().join(", ")
}

struct Reading<'r> {
    columns: &'r Columns,
    cells: &'r StringRecord,
    problems: Vec<Problem>,
}

impl<'r> Reading<'r> {
    fn problem(&mut self, column: Column, found: &str, reason: impl Into<String>) {
        self.problems.push(Problem { column, found: found.to_owned(), reason: reason.into() });
    }

    /// A cell as it is.
    fn cell(&self, column: Column) -> Option<&'r str> {
        Some(self.cells.get(self.columns.position(column)?).unwrap_or(""))
    }

    /// The text of a cell, without spaces around it and without the `'` of an export.
    fn text(&self, column: Column) -> Option<&'r str> {
        self.cell(column).map(|cell| csv_text::unescape(cell.trim()))
    }

    fn filled(&self, column: Column) -> Option<&'r str> {
        self.text(column).filter(|text| !text.is_empty())
    }

    /// Of what is read in a wrong encoding the last byte may be a special space, which is no space around it.
    fn check_letters(&self, column: Column) -> Result<(), String> {
        let letters = self.cell(column).unwrap_or("").trim_matches([' ', '\t', '\r', '\n']);
        spoilt::by_encoding(csv_text::unescape(letters)).map_or(Ok(()), Err)
    }

    /// A value that is read by `read`, or told why not.
    fn optional<T>(&mut self, column: Column, read: impl Fn(&str) -> Result<T, String>) -> Cell<T> {
        match self.text(column) {
            None => Cell::Absent,
            Some("") => Cell::Empty,
            Some(text) => match self.check_letters(column).and_then(|()| read(text)) {
                Ok(value) => Cell::Value(value),
                Err(reason) => {
                    let reason = spoilt::by_spreadsheet(text).map_or(reason, str::to_owned);
                    self.problem(column, text, reason);
                    Cell::Absent
                }
            },
        }
    }

    fn user_id(&mut self) -> Cell<Uuid> {
        self.optional(Column::UserId, |text| text.parse().map_err(|_| "is not a unique ID of this program".to_owned()))
    }

    fn username(&mut self) -> Cell<String> {
        self.mandatory(Column::Username, 150)
    }

    fn email(&mut self) -> Cell<String> {
        self.mandatory(Column::Email, 254)
    }

    /// A text that may be left out with its whole column, but not be empty.
    fn mandatory(&mut self, column: Column, longest: usize) -> Cell<String> {
        let cell = self.optional(column, |text| check(text, longest));
        if cell == Cell::Empty {
            self.problem(column, "", "must not be empty");
        }
        cell
    }

    /// `org_admin;user_manager`, each role once.
    fn roles(&mut self) -> Cell<Vec<Role>> {
        let list = match self.text(Column::Roles) {
            None => return Cell::Absent,
            Some(list) => list,
        };
        let mut roles = Vec::new();
        for code in list.split(';').map(str::trim).filter(|code| !code.is_empty()) {
            // as people write them
            let plain = code.to_lowercase().replace([' ', '-'], "_");
            match Role::from_code(&plain) {
                Some(Role::InstanceAdmin) => {
                    self.problem(Column::Roles, code, "is created by headroom create-admin only");
                }
                Some(role) => roles.push(role),
                None => self.problem(Column::Roles, code, format!("is not a role; these are: {}", importable_roles())),
            }
        }
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() { Cell::Empty } else { Cell::Value(roles) }
    }
}
