//! The people and rows behind the figures of a plan.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::words;
use crate::domain::access::Role;
use crate::domain::sync::guards::CannotSynchronize;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{Kind, PlanRow, Refused};
use crate::ids::OrganisationId;
use crate::web::format::{self, counted};

/// Rows on a page of a table.
pub const ROWS: u32 = 20;

/// Which figure is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// People of a kind.
    People(Kind),
    /// Refused rows.
    Refused,
}

/// All figures, with their names in addresses, in the order in which they stand.
pub const SHOWN: [(Show, &str); 6] = [
    (Show::People(Kind::Delete), "deleted"),
    (Show::People(Kind::Change), "changed"),
    (Show::People(Kind::Create), "added"),
    (Show::People(Kind::Protect), "protected"),
    (Show::Refused, "refused"),
    (Show::People(Kind::Unchanged), "unchanged"),
];

impl Show {
    /// By the name in an address.
    pub fn from_code(code: &str) -> Option<Show> {
        SHOWN.iter().find(|(_, known)| *known == code).map(|(show, _)| *show)
    }

    /// The name in an address.
    pub fn code(self) -> &'static str {
        SHOWN.iter().find(|(show, _)| *show == self).map_or("", |(_, code)| code)
    }

    /// How many there are.
    pub fn count(self, counts: &Counts) -> u64 {
        match self {
            Show::People(Kind::Create) => counts.created,
            Show::People(Kind::Change) => counts.changed,
            Show::People(Kind::Delete) => counts.deleted,
            Show::People(Kind::Protect) => counts.protected,
            Show::People(Kind::Unchanged) => counts.unchanged,
            Show::Refused => counts.refused,
        }
    }

    /// What a plan is opened with: refused rows where they keep everybody from being deleted, else the first figure that
    /// has anybody.
    pub fn usual(counts: &Counts) -> Option<Show> {
        if counts.objections.contains(&CannotSynchronize::RefusedRows) {
            return Some(Show::Refused);
        }
        SHOWN.iter().map(|(show, _)| *show).find(|show| show.count(counts) > 0)
    }

    /// What the result is opened with: not those who were deleted, who stand below to be restored, nor whom nothing
    /// happened to.
    pub fn usual_afterwards(counts: &Counts, restorable: bool) -> Option<Show> {
        let left_out = [Some(Kind::Unchanged), restorable.then_some(Kind::Delete)];
        let told = |show: &Show| !left_out.into_iter().flatten().any(|kind| *show == Show::People(kind));
        SHOWN.iter().map(|(show, _)| *show).filter(told).find(|show| show.count(counts) > 0)
    }
}

/// The rows of a page.
pub enum Shown {
    /// Of the plan, with the paths of organisations that they name.
    People(Vec<PlanRow>, HashMap<OrganisationId, String>),
    /// Of the file.
    Refused(Vec<Refused>),
}

impl Shown {
    /// There is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows there are on the page.
    pub fn len(&self) -> usize {
        match self {
            Shown::People(rows, _) => rows.len(),
            Shown::Refused(rows) => rows.len(),
        }
    }

    /// How many match, if that was counted.
    pub fn total(&self) -> Option<u64> {
        let total = match self {
            Shown::People(rows, _) => rows.first().and_then(|row| row.total),
            Shown::Refused(rows) => rows.first().map(|row| row.total),
        };
        total.map(i64::unsigned_abs)
    }

    /// The organisations that a row names by their ids.
    pub fn organisations_of(row: &PlanRow) -> impl Iterator<Item = OrganisationId> {
        let values = [row.before.as_ref(), row.after.as_ref()].into_iter().flatten();
        values.chain(held(row)).filter_map(|values| values.get("organisation_id")?.as_str()?.parse().ok())
    }
}

/// Somebody in a table.
pub struct Person {
    /// First and last name.
    pub name: String,
    /// The username.
    pub username: String,
    /// The person's page; whoever is not there has none.
    pub address: Option<String>,
    /// The organisation's path.
    pub organisation: String,
    /// The line in the file.
    pub line: i64,
    /// The values of somebody new, or those that change.
    pub fields: Vec<Change>,
    /// Holds a license.
    pub active: bool,
    /// Completion records that go with them.
    pub records: String,
    /// The roles of somebody who goes, and where they are held.
    pub roles: Vec<String>,
    /// Why somebody is protected.
    pub reason: &'static str,
}

/// A value that changes.
pub struct Change {
    /// What it is called.
    pub field: &'static str,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// A reason why a row is refused.
pub struct RefusedRow {
    /// The line in the file.
    pub line: i64,
    /// Whom it seems to be about, as far as it tells.
    pub who: String,
    /// The column.
    pub column: String,
    /// What stands there.
    pub found: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A table, by what is in it.
pub enum Table {
    /// Who is deleted.
    Deleted(Vec<Person>),
    /// Who changes.
    Changed(Vec<Person>),
    /// Who is new.
    Added(Vec<Person>),
    /// Who is protected.
    Protected(Vec<Person>),
    /// Who stays as they are.
    Unchanged(Vec<Person>),
    /// Rows that are refused.
    Refused(Vec<RefusedRow>),
}

impl Table {
    /// From the rows of a page; `own`: the reader has uploaded the file.
    pub fn new(show: Show, shown: Shown, own: bool) -> Table {
        let (rows, paths) = match shown {
            Shown::Refused(rows) => return Table::Refused(rows.into_iter().map(RefusedRow::new).collect()),
            Shown::People(rows, paths) => (rows, paths),
        };
        let people = rows.into_iter().map(|row| Person::new(row, &paths, own)).collect();
        match show {
            Show::People(Kind::Delete) => Table::Deleted(people),
            Show::People(Kind::Change) => Table::Changed(people),
            Show::People(Kind::Create) => Table::Added(people),
            Show::People(Kind::Protect) => Table::Protected(people),
            Show::People(Kind::Unchanged) | Show::Refused => Table::Unchanged(people),
        }
    }
}

impl RefusedRow {
    fn new(row: Refused) -> RefusedRow {
        RefusedRow {
            line: row.line,
            who: who(row.cells.as_ref()),
            column: row.column_name.unwrap_or_default(),
            found: row.found.unwrap_or_default(),
            reason: words::sentence(&row.reason),
        }
    }
}

/// A name longer than this is cut short.
const SHORT: usize = 60;

/// Whom a row seems to be about: name or e-mail address, and username; else the unique ID.
fn who(cells: Option<&Value>) -> String {
    let cell = |column: &str| cells.and_then(|cells| cells.get(column)?.as_str()).map(str::trim).unwrap_or_default();
    let name = [cell("first_name"), cell("last_name")].join(" ");
    let name = if name.trim().is_empty() { cell("email") } else { name.trim() };
    let known: Vec<String> = [name, cell("username")].into_iter().filter(|text| !text.is_empty()).map(short).collect();
    if known.is_empty() { short(cell("user_id")) } else { known.join(", ") }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Fields in the order in which they are shown, with what they are called.
const FIELDS: [(&str, &str); 7] = [
    ("username", "Username"),
    ("email", "E-mail address"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("organisation_id", "Organisation"),
    ("roles", "Roles"),
    ("expires_on", "Account expiry"),
];

impl Person {
    fn new(row: PlanRow, paths: &HashMap<OrganisationId, String>, own: bool) -> Person {
        let fields = row.after.as_ref().map(|after| changes(row.before.as_ref(), after, paths)).unwrap_or_default();
        let roles = held(&row).map(|one| role_of(one, paths)).collect();
        Person {
            roles,
            address: row.there.then(|| format!("/users/{}", row.person_id)),
            name: row.name,
            username: row.username,
            organisation: row.organisation.unwrap_or_default(),
            line: row.number,
            fields,
            active: row.active,
            records: match row.records.unsigned_abs() {
                0 => "none".to_owned(),
                records => counted(records, "completion record", "completion records"),
            },
            reason: words::protected(row.reason.as_deref().unwrap_or_default(), own),
        }
    }

    /// The value of a field after the import; empty when it has none.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|change| change.field == name).map_or("", |change| change.after.as_str())
    }
}

/// The roles of somebody who is missing from the file.
fn held(row: &PlanRow) -> impl Iterator<Item = &Value> {
    let held = row.before.as_ref().and_then(|before| before.get("held")?.as_array());
    held.into_iter().flatten()
}

fn role_of(held: &Value, paths: &HashMap<OrganisationId, String>) -> String {
    let role = words::capital(&value("roles", held.get("role"), paths));
    match held.get("organisation_id") {
        Some(place) => format!("{role} of {}", value("organisation_id", Some(place), paths)),
        None => role,
    }
}

fn changes(before: Option<&Value>, after: &Value, paths: &HashMap<OrganisationId, String>) -> Vec<Change> {
    let fields = FIELDS.iter().filter(|(name, _)| after.get(name).is_some());
    fields
        .map(|(name, field)| {
            let was = value(name, before.and_then(|before| before.get(name)), paths);
            let wanted = value(name, after.get(name), paths);
            // the same roles, but on the organisation that the person comes into
            let there = *name == "roles" && before.is_some() && was == wanted && wanted != "none";
            let after = if there { format!("{wanted}, on the new organisation") } else { wanted };
            Change { field, before: was, after }
        })
        .collect()
}

fn value(field: &str, value: Option<&Value>, paths: &HashMap<OrganisationId, String>) -> String {
    let Some(text) = value.and_then(Value::as_str).filter(|text| !text.is_empty()) else { return "none".to_owned() };
    match field {
        "organisation_id" => {
            let path = text.parse().ok().and_then(|id| paths.get(&id));
            path.cloned().unwrap_or_else(|| "another organisation".to_owned())
        }
        "roles" => {
            let role = |code: &str| Role::from_code(code).map_or(code.to_owned(), |role| role.label().to_owned());
            text.split(';').map(role).collect::<Vec<_>>().join(", ")
        }
        "expires_on" => text.parse::<NaiveDate>().map_or_else(|_| text.to_owned(), format::day),
        _ => text.to_owned(),
    }
}
