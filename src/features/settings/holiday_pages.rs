//! Holidays as they are shown.

use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::web::form::{self, Field, Problems};
use crate::web::format::{self, counted};
use crate::web::page::Chrome;

/// The fields of one holiday.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HolidayForm {
    day: String,
    name: String,
}

impl HolidayForm {
    /// Everything that is wrong at once, or what is wanted.
    pub fn parse(&self) -> Result<(NaiveDate, String), Problems> {
        let mut problems = Problems::default();
        let day = form::date(&self.day).and_then(|day| day.ok_or("Enter the day."));
        let day = day.map_err(|problem| problems.add("day", problem));
        let name = form::line(&self.name);
        if name.is_empty() || name.chars().count() > 200 {
            problems.add("name", "Enter a name of at most 200 characters.");
        }
        match day {
            Ok(day) if problems.is_empty() => Ok((day, name)),
            _ => Err(problems),
        }
    }
}

/// GET `/settings/holidays`.
#[derive(Template)]
#[template(path = "settings/holidays.html")]
pub struct HolidaysPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// What was just done: a heading and a text.
    pub done: Option<(String, String)>,
    /// The year.
    pub year: i32,
    /// The holidays: as people read it, as ISO, the weekday, and the name.
    pub rows: Vec<(String, String, String, String)>,
    /// Day and name of another one.
    pub fields: [Field; 2],
}

impl HolidaysPage {
    /// The list of a year.
    pub fn new(
        chrome: Chrome,
        year: i32,
        days: Vec<(NaiveDate, String)>,
        form: &HolidayForm,
        problems: &Problems,
    ) -> HolidaysPage {
        let row =
            |(day, name): (NaiveDate, String)| (format::day(day), day.to_string(), day.format("%A").to_string(), name);
        HolidaysPage {
            chrome,
            problems: problems.clone(),
            done: None,
            year,
            rows: days.into_iter().map(row).collect(),
            fields: [
                Field::new("day", "Day", &form.day).kind("date").required().with(problems),
                Field::new("name", "Name", &form.name).required().with(problems),
            ],
        }
    }

    /// What became of a file.
    pub fn uploaded(added: u64, known: u64, others: u64) -> (String, String) {
        let mut parts = Vec::new();
        if known > 0 {
            parts.push(format!("{} known before.", counted(known, "day was", "days were")));
        }
        if others > 0 {
            let events = counted(others, "event was", "events were");
            parts.push(format!("{events} not taken: only all-day events are, once or every year."));
        }
        (format!("{} added", counted(added, "holiday is", "holidays are")), parts.join(" "))
    }
}
