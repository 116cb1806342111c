//! The form of an account: what was typed, and what it means. All problems are told at once.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::queries::{Account, Values};
use crate::domain::characters::straight;
use crate::domain::{password, table};
use crate::ids::OrganisationId;
use crate::web::form::{Problems, date};
use crate::web::meanwhile::{self, Versioned};

/// The fields as they are sent. An optional field that is not sent stays as it is; one that is
/// empty is cleared.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct AccountForm {
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    pub organisation: Option<String>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    pub job_function: Option<String>,
    pub organisation_reference: Option<String>,
    pub expires_on: Option<String>,
    /// Stands in no page again.
    #[serde(default, skip_serializing)]
    pub password: String,
    /// What the form was filled with.
    pub version: Option<String>,
}

impl Versioned for AccountForm {
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("first_name", "First name"),
        ("last_name", "Last name"),
        ("username", "Username"),
        ("email", "E-mail"),
        ("organisation", "Organisation"),
        ("expires_on", "Account expires after"),
        ("password", "Password"),
        ("job_function", "Function"),
        ("organisation_reference", "Organisation reference"),
        ("language", "Language"),
        ("time_zone", "Time zone"),
    ];

    fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }
}

impl AccountForm {
    /// As an account is stored.
    pub fn of(account: &Account) -> AccountForm {
        let values = account.values.clone();
        let mut form = AccountForm {
            username: values.username,
            email: values.email,
            first_name: values.first_name,
            last_name: values.last_name,
            organisation: Some(values.organisation_id.map_or("none".to_owned(), |id| id.to_string())),
            language: values.language,
            time_zone: values.time_zone,
            job_function: values.job_function,
            organisation_reference: values.organisation_reference,
            expires_on: values.expires_on.map(|day| day.to_string()),
            ..AccountForm::default()
        };
        form.version = Some(meanwhile::version(&form, &account.values));
        form
    }

    /// The organisation as it was chosen or typed.
    pub fn organisation(&self) -> &str {
        self.organisation.as_deref().unwrap_or_default()
    }
}

/// What to do with an optional value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave it as it is.
    Keep,
    /// Have none.
    Clear,
    /// This one.
    To(T),
}

impl<T> Change<T> {
    fn onto(self, before: Option<T>) -> Option<T> {
        match self {
            Change::Keep => before,
            Change::Clear => None,
            Change::To(value) => Some(value),
        }
    }
}

/// A form that can be saved, but for what only the database knows.
#[derive(Debug, Clone)]
pub struct Draft {
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    language: Change<String>,
    time_zone: Change<String>,
    job_function: Change<String>,
    organisation_reference: Change<String>,
    expires_on: Change<NaiveDate>,
    /// A new password.
    pub password: Option<String>,
}

impl Draft {
    /// The account's values with the form's on top.
    pub fn onto(self, before: Values, organisation: Option<OrganisationId>) -> Values {
        Values {
            organisation_id: organisation,
            username: self.username,
            email: self.email,
            first_name: self.first_name,
            last_name: self.last_name,
            language: self.language.onto(before.language),
            time_zone: self.time_zone.onto(before.time_zone),
            job_function: self.job_function.onto(before.job_function),
            organisation_reference: self.organisation_reference.onto(before.organisation_reference),
            expires_on: self.expires_on.onto(before.expires_on),
        }
    }
}

impl TryFrom<&AccountForm> for Draft {
    type Error = Problems;

    fn try_from(form: &AccountForm) -> Result<Draft, Problems> {
        let mut problems = Problems::default();
        let mut mandatory = |field, label: &str, value: &str, longest| {
            let read = if value.trim().is_empty() {
                Err(format!("Enter the {label}."))
            } else {
                text(field, label, value.trim(), longest)
            };
            read.unwrap_or_else(|problem| {
                problems.add(field, problem);
                String::new()
            })
        };
        let first_name = mandatory("first_name", "first name", &form.first_name, 150);
        let last_name = mandatory("last_name", "last name", &form.last_name, 150);
        let username = mandatory("username", "username", &form.username, 150);
        let email = mandatory("email", "e-mail address", &form.email, 254);
        let expires_on = match form.expires_on.as_deref().map(date) {
            None => Change::Keep,
            Some(Ok(None)) => Change::Clear,
            Some(Ok(Some(day))) => Change::To(day),
            Some(Err(problem)) => {
                problems.add("expires_on", problem);
                Change::Keep
            }
        };
        let password = Some(form.password.clone()).filter(|password| !password.is_empty());
        if let Some(Err(refused)) =
            password.as_deref().map(|password| password::check(password, &[&form.username, &form.email]))
        {
            problems.add("password", refused.to_string());
        }
        let mut optional_text = |field, label, value: &Option<String>| {
            optional(&mut problems, field, value.as_deref(), |value| text(field, label, value, 200))
        };
        let job_function = optional_text("job_function", "function", &form.job_function);
        let organisation_reference =
            optional_text("organisation_reference", "organisation reference", &form.organisation_reference);
        let language = optional(&mut problems, "language", form.language.as_deref(), language);
        let time_zone = optional(&mut problems, "time_zone", form.time_zone.as_deref(), time_zone);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Draft {
            username,
            email,
            first_name,
            last_name,
            language,
            time_zone,
            job_function,
            organisation_reference,
            expires_on,
            password,
        })
    }
}

fn optional<T>(
    problems: &mut Problems,
    field: &'static str,
    value: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Change<T> {
    let Some(value) = value.map(str::trim) else { return Change::Keep };
    if value.is_empty() {
        return Change::Clear;
    }
    read(value).map(Change::To).unwrap_or_else(|problem| {
        problems.add(field, problem);
        Change::Keep
    })
}

/// The same limits as in the users CSV.
fn text(field: &'static str, label: &str, value: &str, longest: usize) -> Result<String, String> {
    let value = straight(value);
    table::text(field, &value, longest).map(str::to_owned).map_err(|problem| format!("The {label} {}.", problem.reason))
}

/// A language tag: letters, then parts of letters and digits.
fn language(value: &str) -> Result<String, String> {
    let part = |part: &str, letters: bool| {
        (1..=8).contains(&part.len())
            && part.chars().all(|c| if letters { c.is_ascii_alphabetic() } else { c.is_ascii_alphanumeric() })
    };
    let mut parts = value.split('-');
    let fits = value.len() <= 35
        && parts.next().is_some_and(|first| first.len() >= 2 && part(first, true))
        && parts.all(|rest| part(rest, false));
    if fits { Ok(value.to_owned()) } else { Err(format!("“{value}” is not a language like en or pt-BR.")) }
}

fn time_zone(value: &str) -> Result<String, String> {
    match chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(value)) {
        Some(zone) => Ok(zone.name().to_owned()),
        None => Err(format!("“{value}” is not a time zone like Europe/London.")),
    }
}

/// Problems from several sources, one a field, in the order of the form.
pub fn in_order(parts: &[&Problems]) -> Problems {
    let mut all = Problems::default();
    for (field, _) in AccountForm::FIELDS {
        if let Some(text) = parts.iter().find_map(|problems| problems.of(field)) {
            all.add(field, text);
        }
    }
    all
}
