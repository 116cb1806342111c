//! Which column is where: headings in any order and in the words of other platforms.

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use super::limits::MAX_COLUMNS;
use super::refusal::{FileRefusal, clip};
use crate::domain::table::Heading;

/// A column that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they are the columns of the format, and its description says what they mean")]
pub enum Column {
    UserId,
    Username,
    Email,
    FirstName,
    LastName,
    Organisation,
    Roles,
    AccountExpiresOn,
    Active,
    CreatedAt,
    ExportedAt,
    ExportId,
}

/// What a heading may say instead of the column's own name. Capitals, spaces, underscores and hyphens make no
/// difference, so that `firstname` stands for “First name”, `first_name` and `firstName` too.
///
/// | Column | Also as |
/// |---|---|
/// | user_id | unique ID |
/// | username | login, login ID (Canvas), login name |
/// | email | mail, e-mail address, mail address |
/// | first_name | firstname (Moodle, Totara), firstName (360Learning, Docebo), given name, forename |
/// | last_name | lastname (Moodle, Totara), lastName, surname, family name |
/// | organisation | organization, organisation path, organization path, org, org path |
/// | roles | role |
/// | account_expires_on | expires on, account expiry, account expires, expiry date, account expiry date, valid until |
///
/// `id` alone is not among them: it is the number of another platform. In a file with Canvas' `login_id` the
/// column `user_id` is Canvas' own as well, and ignored.
pub const ALIASES: [(Column, &[&str]); 12] = [
    (Column::UserId, &["userid", "uniqueid"]),
    (Column::Username, &["username", "login", "loginid", "loginname"]),
    (Column::Email, &["email", "mail", "emailaddress", "mailaddress"]),
    (Column::FirstName, &["firstname", "givenname", "forename"]),
    (Column::LastName, &["lastname", "surname", "familyname"]),
    (Column::Organisation, &["organisation", "organization", "organisationpath", "organizationpath", "org", "orgpath"]),
    (Column::Roles, &["roles", "role"]),
    (
        Column::AccountExpiresOn,
        &[
            "accountexpireson",
            "expireson",
            "accountexpiry",
            "accountexpires",
            "expirydate",
            "accountexpirydate",
            "validuntil",
        ],
    ),
    (Column::Active, &["active"]),
    (Column::CreatedAt, &["createdat"]),
    (Column::ExportedAt, &["exportedat"]),
    (Column::ExportId, &["exportid"]),
];

/// The columns' names, in the order of an export.
pub const COLUMNS: [&str; 12] = [
    "user_id",
    "username",
    "email",
    "first_name",
    "last_name",
    "organisation",
    "roles",
    "account_expires_on",
    "active",
    "created_at",
    "exported_at",
    "export_id",
];

impl Column {
    /// Its name in the format.
    pub fn name(self) -> &'static str {
        COLUMNS[self as usize]
    }

    /// The column that a heading means.
    pub fn of(heading: &str) -> Option<Column> {
        let plain = plain(heading);
        ALIASES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(column, _)| *column)
    }
}

/// Without what makes no difference in a heading.
fn plain(heading: &str) -> String {
    heading
        .chars()
        .filter(|char| !char.is_whitespace() && !matches!(char, '_' | '-' | '\u{2010}' | '\u{2011}' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The heading of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// Columns that mean something, with their headings as written, in the order of the file.
    pub found: Vec<(Column, String)>,
    /// Headings that mean nothing to the program.
    pub ignored: Vec<String>,
    /// The heading's cells, without spaces around them.
    headings: Vec<String>,
    positions: [Option<usize>; COLUMNS.len()],
}

impl Columns {
    /// Reads a heading. Refused when nobody can be found by it, or a column is there twice.
    pub(super) fn read(cells: &StringRecord) -> Result<Columns, FileRefusal> {
        let headings: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let named = headings.iter().rposition(|heading| !heading.is_empty()).map_or(0, |last| last + 1);
        if named > MAX_COLUMNS {
            let reason = format!("The file has {named} columns; at most {MAX_COLUMNS} can be read.");
            return Err(FileRefusal::new(reason, "Remove the columns that are not about users."));
        }
        let from_canvas = headings.iter().any(|heading| plain(heading) == "loginid");
        let meaning =
            |heading: &String| Column::of(heading).filter(|column| !(from_canvas && *column == Column::UserId));
        let mut columns = Columns { found: Vec::new(), ignored: Vec::new(), positions: Default::default(), headings };
        for (position, heading) in columns.headings.iter().enumerate() {
            match meaning(heading) {
                None if heading.is_empty() => {}
                None => columns.ignored.push(clip(heading)),
                Some(column) => {
                    if let Some(other) = columns.positions[column as usize].replace(position) {
                        return Err(twice(column, &columns.headings[other], heading));
                    }
                    columns.found.push((column, heading.clone()));
                }
            }
        }
        columns.check().map(|()| columns)
    }

    /// The columns of a heading that was read by their own names.
    pub fn of(heading: &Heading) -> Columns {
        Columns {
            found: Vec::new(),
            ignored: heading.ignored.clone(),
            headings: Vec::new(),
            positions: COLUMNS.map(|name| heading.position(name)),
        }
    }

    /// How many headings mean something.
    pub(super) fn known_in(cells: &StringRecord) -> usize {
        cells.iter().take(MAX_COLUMNS).filter(|heading| Column::of(heading).is_some()).count()
    }

    /// The file has this column.
    pub fn has(&self, column: Column) -> bool {
        self.position(column).is_some()
    }

    /// Where a column is.
    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions[column as usize]
    }

    /// The heading of a column as the file has it.
    pub fn heading(&self, column: Column) -> Option<&str> {
        self.position(column).and_then(|position| self.heading_at(position))
    }

    pub(super) fn heading_at(&self, position: usize) -> Option<&str> {
        self.headings.get(position).map(String::as_str).filter(|heading| !heading.is_empty())
    }

    /// How many cells a row has that is whole: up to the last one with a heading.
    pub(super) fn named(&self) -> usize {
        self.headings.iter().rposition(|heading| !heading.is_empty()).map_or(0, |last| last + 1)
    }

    /// How many cells the heading has.
    pub(super) fn width(&self) -> usize {
        self.headings.len()
    }

    fn check(&self) -> Result<(), FileRefusal> {
        if self.found.is_empty() {
            return Err(FileRefusal::new(
                "The first row has none of the columns of a users file (username, email, first_name and so on); is the heading missing?",
                "Put the names of the columns into the first row.",
            ));
        }
        if !self.has(Column::UserId) && !self.has(Column::Username) {
            return Err(FileRefusal::new(
                "The file has neither a column user_id nor a column username, so nobody can be found by it.",
                "Add one of the two.",
            ));
        }
        Ok(())
    }
}

fn twice(column: Column, first: &str, second: &str) -> FileRefusal {
    let (first, second) = (clip(first), clip(second));
    FileRefusal::new(
        format!("The columns “{first}” and “{second}” both mean {}.", column.name()),
        "Remove or rename one of them.",
    )
}
