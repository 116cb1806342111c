//! What is typed about an organisation, and what becomes of it.

use chrono_tz::Tz;
use serde::Deserialize;

use crate::web::form::{self, Problems};

/// The fields as they are sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct OrganisationForm {
    /// Its name.
    pub name: String,
    /// The path of the organisation above it; empty: it is a root.
    pub parent: String,
    /// Of a root.
    pub time_zone: String,
    /// Its limit; empty: none of its own.
    pub user_limit: String,
}

/// A new organisation as somebody wants it; its parent is looked up in the database.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Of a root.
    pub time_zone: Option<Tz>,
    /// Its limit.
    pub user_limit: Option<i32>,
}

impl OrganisationForm {
    /// The name, with what is wrong with it.
    pub fn name(&self, problems: &mut Problems) -> Option<String> {
        let name = form::line(&self.name);
        if name.is_empty() || name.chars().count() > 200 {
            problems.add("name", "Enter a name of at most 200 characters.");
        } else if name.contains(" > ") {
            problems.add("name", "A name cannot have \u{201c} > \u{201d} in it: that joins the names of a path.");
        } else {
            return Some(name);
        }
        None
    }

    /// Everything that is wrong at once, or what is wanted.
    pub fn parse(&self) -> Result<Wanted, Problems> {
        let mut problems = Problems::default();
        let name = self.name(&mut problems);
        let zone = self.time_zone.trim();
        let time_zone = match (self.parent.trim().is_empty(), zone) {
            (false, _) => None,
            (true, "") => {
                problems
                    .add("time_zone", "Enter the time zone, such as Europe/London. Its days are the days of the tree.");
                None
            }
            (true, zone) => {
                zone.parse().map_err(|_| problems.add("time_zone", "Enter a time zone such as Europe/London.")).ok()
            }
        };
        let user_limit = form::count(&self.user_limit).unwrap_or_else(|problem| {
            problems.add("user_limit", problem);
            None
        });
        match name {
            Some(name) if problems.is_empty() => Ok(Wanted { name, time_zone, user_limit }),
            _ => Err(problems),
        }
    }
}
