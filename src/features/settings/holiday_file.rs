//! Holidays from an iCalendar file: its all-day events, those that repeat every year for this year and the next two.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, Event, EventLike};

use crate::web::form;

/// Bytes of a file.
pub const MOST_BYTES: usize = 1024 * 1024;
/// Days of one file.
const MOST_DAYS: usize = 2_000;
/// Days of one event: a long one is no holiday of everybody.
const LONGEST: i64 = 31;
/// How many years a yearly event is taken for.
const YEARS: i32 = 3;

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Days and their names.
    pub days: BTreeMap<NaiveDate, String>,
    /// Events that are not taken: with times, of no day, or repeating otherwise than every year.
    pub others: usize,
}

/// Reads a file; what is wrong with it as a whole is for the person.
pub fn read(bytes: &[u8], today: NaiveDate) -> Result<Found, &'static str> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    if !text.trim_start().to_ascii_uppercase().starts_with("BEGIN:VCALENDAR") {
        return Err("This is no iCalendar file. Choose one that ends in .ics.");
    }
    let calendar: Calendar = text.parse().map_err(|_| "The iCalendar file cannot be read: it may be cut off.")?;
    let mut found = Found::default();
    for component in &calendar.components {
        let CalendarComponent::Event(event) = component else { continue };
        match days_of(event, today) {
            Some(days) => {
                let name = name(event);
                for day in days {
                    found.days.entry(day).or_insert_with(|| name.clone());
                }
            }
            None => found.others += 1,
        }
        if found.days.len() > MOST_DAYS {
            return Err("The file has more than 2,000 days. Choose a calendar of public holidays.");
        }
    }
    Ok(found)
}

fn name(event: &Event) -> String {
    let name: String = form::line(event.get_summary().unwrap_or_default()).chars().take(200).collect();
    if name.trim().is_empty() { "Holiday".to_owned() } else { name.trim().to_owned() }
}

/// The days of an all-day event; its end is the day after the last.
fn days_of(event: &Event, today: NaiveDate) -> Option<Vec<NaiveDate>> {
    let DatePerhapsTime::Date(first) = event.get_start()? else { return None };
    let end = match event.get_end() {
        Some(DatePerhapsTime::Date(end)) if end > first => end,
        Some(DatePerhapsTime::DateTime(_)) => return None,
        _ => first + Days::new(1),
    };
    let length = (end - first).num_days();
    if length > LONGEST || !(1900..=9998).contains(&first.year()) || event.property_value("RECURRENCE-ID").is_some() {
        return None;
    }
    let firsts = if event.property_value("RRULE").is_some() { yearly(event, today)? } else { vec![first] };
    Some(firsts.into_iter().flat_map(|first| first.iter_days().take(usize::try_from(length).unwrap_or(1))).collect())
}

/// The first days of an event that repeats every year.
fn yearly(event: &Event, today: NaiveDate) -> Option<Vec<NaiveDate>> {
    let rule = event.property_value("RRULE")?.to_ascii_uppercase();
    if !rule.split(';').any(|part| part == "FREQ=YEARLY") {
        return None;
    }
    let years = today.year()..today.year() + YEARS;
    let days = event.get_recurrence().ok()?.into_iter().map(|at| at.date_naive());
    // one that began long ago is walked through, a few times a year at most
    let days = days.take(5_000).skip_while(|day| day.year() < years.start);
    Some(days.take_while(|day| years.contains(&day.year())).collect())
}
