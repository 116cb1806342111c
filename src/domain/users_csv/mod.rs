//! The users CSV (`domain.md` section 8): one row of it, read and checked.

use chrono::NaiveDate;
use csv::StringRecord;
use uuid::Uuid;

use crate::domain::access::Role;
use crate::domain::table::{self, Heading, Problem};

/// The columns that mean something, in the order of an export.
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

/// A row, checked on its own: whether it fits the other rows and the database is another question.
/// `None` is a column that the file does not have, or an optional value that is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// The unique ID of somebody who is known already.
    pub user_id: Option<Uuid>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Path of names from the root, joined by ` > `.
    pub organisation: Option<String>,
    /// Roles on that organisation; `None` leaves them as they are.
    pub roles: Option<Vec<Role>>,
    /// The account's last day.
    pub account_expires_on: Option<NaiveDate>,
}

/// Reads a row.
pub fn read(heading: &Heading, record: &StringRecord) -> Result<UserRow, Problem> {
    let user_id = heading
        .optional(record, "user_id")
        .map(|id| id.parse().map_err(|_| Problem::new("user_id", format!("“{id}” is not a unique ID"))))
        .transpose()?;
    let row = UserRow {
        user_id,
        username: mandatory(heading, record, "username", 150)?,
        email: mandatory(heading, record, "email", 254)?,
        first_name: mandatory(heading, record, "first_name", 150)?,
        last_name: mandatory(heading, record, "last_name", 150)?,
        organisation: heading.optional(record, "organisation").map(str::to_owned),
        roles: heading.value(record, "roles").map(roles).transpose()?,
        account_expires_on: heading
            .optional(record, "account_expires_on")
            .map(|day| table::day("account_expires_on", day))
            .transpose()?,
    };
    if let Some(email) = &row.email {
        check_email(email)?;
    }
    if row.user_id.is_none() && row.username.is_none() {
        return Err(Problem::new("username", "must not be empty"));
    }
    Ok(row)
}

/// A value that may be left out with its whole column, but not be empty.
fn mandatory(
    heading: &Heading,
    record: &StringRecord,
    column: &'static str,
    longest: usize,
) -> Result<Option<String>, Problem> {
    if !heading.has(column) {
        return Ok(None);
    }
    let value = heading.required(record, column)?;
    table::text(column, value, longest).map(|value| Some(value.to_owned()))
}

/// One @ with something on both sides, no spaces: what everybody agrees on about addresses.
pub fn check_email(email: &str) -> Result<(), Problem> {
    let parts: Vec<&str> = email.split('@').collect();
    let plausible =
        parts.len() == 2 && parts.iter().all(|part| !part.is_empty()) && !email.contains(char::is_whitespace);
    if plausible { Ok(()) } else { Err(Problem::new("email", format!("“{email}” is not an e-mail address"))) }
}

/// `org_admin;user_manager`, each role once.
fn roles(list: &str) -> Result<Vec<Role>, Problem> {
    let mut roles = list
        .split(';')
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(|code| Role::from_code(code).ok_or_else(|| Problem::new("roles", format!("“{code}” is not a role"))))
        .collect::<Result<Vec<Role>, Problem>>()?;
    roles.sort_unstable();
    roles.dedup();
    match roles.iter().find(|role| **role == Role::InstanceAdmin) {
        Some(_) => Err(Problem::new("roles", "an instance admin is created by headroom create-admin only")),
        None => Ok(roles),
    }
}
