//! The other files that `headroom load` reads (`domain.md` section 10): organisations, learning
//! experiences and enrolments, a row each, checked on its own.

use chrono::NaiveDate;
use csv::StringRecord;

use crate::domain::table::{self, Heading, Problem};

/// Columns of organisations.csv.
pub const ORGANISATION_COLUMNS: [&str; 4] = ["name", "parent", "user_limit", "time_zone"];
/// Columns of experiences.csv.
pub const EXPERIENCE_COLUMNS: [&str; 3] = ["code", "title", "organisation"];
/// Columns of enrolments.csv.
pub const ENROLMENT_COLUMNS: [&str; 6] =
    ["username", "experience", "starts_on", "expires_on", "completed_on", "result"];

/// Joins the names of a path; so it may not be in a name.
pub const PATH_SEPARATOR: &str = " > ";

/// A row of organisations.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// Its own name.
    pub name: String,
    /// The parent's name, or its path from the root; none for a root.
    pub parent: Option<String>,
    /// Its own limit.
    pub user_limit: Option<u32>,
    /// IANA name, for a root.
    pub time_zone: Option<String>,
}

/// Reads a row of organisations.csv.
pub fn organisation(heading: &Heading, record: &StringRecord) -> Result<OrganisationRow, Problem> {
    let name = table::text("name", heading.required(record, "name")?, 200)?;
    if name.contains(PATH_SEPARATOR) {
        return Err(Problem::new("name", "must not contain “ > ”, which joins the names of a path"));
    }
    let parent = heading.optional(record, "parent").map(str::to_owned);
    let time_zone = heading.optional(record, "time_zone").map(str::to_owned);
    if let Some(zone) = &time_zone {
        if parent.is_some() {
            return Err(Problem::new("time_zone", "only a root organisation has a time zone; its tree follows it"));
        }
        zone.parse::<chrono_tz::Tz>()
            .map_err(|_| Problem::new("time_zone", format!("“{zone}” is not a time zone like Europe/London")))?;
    }
    Ok(OrganisationRow {
        name: name.to_owned(),
        parent,
        user_limit: heading
            .optional(record, "user_limit")
            .map(|limit| table::count("user_limit", limit))
            .transpose()?,
        time_zone,
    })
}

/// A row of experiences.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperienceRow {
    /// What enrolments.csv calls it.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The owner's name, or its path from the root.
    pub organisation: String,
}

/// Reads a row of experiences.csv.
pub fn experience(heading: &Heading, record: &StringRecord) -> Result<ExperienceRow, Problem> {
    Ok(ExperienceRow {
        code: table::text("code", heading.required(record, "code")?, 100)?.to_owned(),
        title: table::text("title", heading.required(record, "title")?, 300)?.to_owned(),
        organisation: heading.required(record, "organisation")?.to_owned(),
    })
}

/// A row of enrolments.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// Whose.
    pub username: String,
    /// The code of the learning experience.
    pub experience: String,
    /// First day of access.
    pub starts_on: NaiveDate,
    /// Last day of access; may lie before the first, then there is none.
    pub expires_on: Option<NaiveDate>,
    /// When it was completed.
    pub completed_on: Option<NaiveDate>,
    /// With which result; only when completed.
    pub result: Option<String>,
}

/// Reads a row of enrolments.csv.
pub fn enrolment(heading: &Heading, record: &StringRecord) -> Result<EnrolmentRow, Problem> {
    let day = |column| heading.optional(record, column).map(|value| table::day(column, value)).transpose();
    let completed_on = day("completed_on")?;
    let result = heading.optional(record, "result").map(|result| table::text("result", result, 100)).transpose()?;
    if completed_on.is_none() && result.is_some() {
        return Err(Problem::new("result", "is there without a completion date"));
    }
    Ok(EnrolmentRow {
        username: heading.required(record, "username")?.to_owned(),
        experience: heading.required(record, "experience")?.to_owned(),
        starts_on: table::day("starts_on", heading.required(record, "starts_on")?)?,
        expires_on: day("expires_on")?,
        completed_on,
        result: result.map(str::to_owned),
    })
}
