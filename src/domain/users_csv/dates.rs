//! Dates in the ISO form, or as a spreadsheet shows them.
//!
//! `3/4/2026` is a day in April or in March. The survey looks at all dates of the file for evidence: `24/11/2026`
//! proves that days come first, `11/24/2026` that months do, and with dots days always come first.
//! Without evidence, or with both kinds, a date that could be two days is refused, never guessed.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::table::is_sensible;

/// In which order day and month are written, where a date could be read both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Every date can be read in one way only: year first, or the month by its name. Or there are no dates.
    Plain,
    /// 24/11/2026
    DayFirst,
    /// 11/24/2026
    MonthFirst,
    /// Nothing in the file tells.
    Unclear,
    /// Some dates of the file tell this and some that.
    Contradictory,
}

impl DateOrder {
    /// In words, for the person.
    pub fn label(self) -> &'static str {
        match self {
            DateOrder::Plain => "year first",
            DateOrder::DayFirst => "day first",
            DateOrder::MonthFirst => "month first",
            DateOrder::Unclear => "day or month first, nothing in the file tells",
            DateOrder::Contradictory => "some day first, some month first",
        }
    }
}

/// What the dates of a file say about their order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    day_first: bool,
    month_first: bool,
    unclear: bool,
}

impl Evidence {
    /// Looks at one more cell.
    pub fn look(&mut self, cell: &[u8]) {
        // a year first, or a name: says nothing
        let is_numeric = cell.iter().take(2).any(u8::is_ascii_digit) && !cell.iter().take(4).all(u8::is_ascii_digit);
        if !is_numeric {
            return;
        }
        let Some((Written::Either { first, second, separator, .. }, _)) =
            std::str::from_utf8(cell).ok().and_then(|text| written(text.trim()))
        else {
            return;
        };
        match (first, second) {
            (13..=31, 1..=12) => self.day_first = true,
            (1..=12, 13..=31) => self.month_first = true,
            (1..=12, 1..=12) if separator == '.' => self.day_first = true,
            (1..=12, 1..=12) => self.unclear = true,
            _ => {}
        }
    }

    /// What it comes to.
    pub fn order(self) -> DateOrder {
        match (self.day_first, self.month_first) {
            (true, true) => DateOrder::Contradictory,
            (true, false) => DateOrder::DayFirst,
            (false, true) => DateOrder::MonthFirst,
            (false, false) if self.unclear => DateOrder::Unclear,
            (false, false) => DateOrder::Plain,
        }
    }
}

/// Reads a calendar day; else says what is wrong, as the end of a sentence.
pub(super) fn day(text: &str, order: DateOrder) -> Result<NaiveDate, String> {
    const EXPECTED: &str = "is not a date like 2026-11-24";
    let (written, rest) = written(text).ok_or(EXPECTED)?;
    if time(rest).is_none_or(|(time, _)| time != NaiveTime::MIN) {
        return Err(if time(rest).is_some() { "has a time of day; write the day only" } else { EXPECTED }.to_owned());
    }
    let day = match written {
        Written::ShortYear => return Err("has a year of two digits; write it with four, like 2026-11-24".to_owned()),
        Written::Day(day) => Some(day),
        Written::Either { .. } => match written.readings(order) {
            (Some(one), Some(other)) => return Err(unclear(one, other)),
            (one, other) => one.or(other),
        },
    };
    day.filter(|day| is_sensible(*day)).ok_or_else(|| EXPECTED.to_owned())
}

fn unclear(day_first: NaiveDate, month_first: NaiveDate) -> String {
    format!(
        "could be {} or {}; write {day_first} or {month_first}",
        day_first.format("%-d %b %Y"),
        month_first.format("%-d %b %Y")
    )
}

/// Reads a moment, in UTC where no other zone is given, as exports are written. What a spreadsheet left out
/// (seconds, the time of day, which order) is filled in so that the moment is never later than it was:
/// a later one would leave people unprotected who came after the export.
pub(super) fn moment(text: &str, order: DateOrder) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let (written, rest) = written(text)?;
    let (time, offset) = time(rest)?;
    let day = match written.readings(order) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other)?,
    };
    NaiveDateTime::new(day, time).checked_sub_signed(offset).filter(|_| is_sensible(day)).map(|moment| moment.and_utc())
}

/// A date as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Day(NaiveDate),
    /// Day and month in one order or the other.
    Either {
        first: u32,
        second: u32,
        year: i32,
        separator: char,
    },
    ShortYear,
}

impl Written {
    /// Day first and month first, where that is a day and the order does not rule it out. Once when both are the same.
    fn readings(self, order: DateOrder) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (first, second, year, separator) = match self {
            Written::Day(day) => return (Some(day), None),
            Written::ShortYear => return (None, None),
            Written::Either { first, second, year, separator } => (first, second, year, separator),
        };
        let day_first = NaiveDate::from_ymd_opt(year, second, first);
        let month_first = NaiveDate::from_ymd_opt(year, first, second);
        match order {
            _ if separator == '.' => (day_first, None),
            _ if day_first == month_first => (day_first, None),
            DateOrder::DayFirst => (day_first, None),
            DateOrder::MonthFirst => (None, month_first),
            DateOrder::Plain | DateOrder::Unclear | DateOrder::Contradictory => (day_first, month_first),
        }
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The date at the beginning of a text, and the rest.
fn written(text: &str) -> Option<(Written, &str)> {
    let (one, rest) = part(text)?;
    let (gap, rest) = separator(rest)?;
    let (two, rest) = part(rest)?;
    let (second_gap, rest) = separator(rest)?;
    let (three, rest) = part(rest)?;
    if !rest.is_empty() && !rest.starts_with([' ', 'T', '\u{a0}', '\u{202f}', ',']) {
        return None;
    }
    let by_name = |day: Part, month: u32, year: Part| match (day, year) {
        (Part::Number { value: day, .. }, Part::Number { value: year, digits: 4 }) => {
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).map(Written::Day)
        }
        (Part::Number { .. }, Part::Number { digits: 2, .. }) => Some(Written::ShortYear),
        _ => None,
    };
    let written = match (one, two, three) {
        (day, Part::Month(month), year) | (Part::Month(month), day, year) => by_name(day, month, year)?,
        (
            Part::Number { value: first, digits },
            Part::Number { value: second, digits: 1..=2 },
            Part::Number { value: third, digits: last },
        ) if gap == second_gap && matches!(gap, '-' | '/' | '.') => match (digits, last) {
            (4, 1..=2) => Written::Day(NaiveDate::from_ymd_opt(i32::try_from(first).ok()?, second, third)?),
            (1..=2, 4) => Written::Either { first, second, year: i32::try_from(third).ok()?, separator: gap },
            (1..=2, 2) => Written::ShortYear,
            _ => return None,
        },
        _ => return None,
    };
    Some((written, rest))
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Number { value: u32, digits: usize },
    Month(u32),
}

/// A number or the name of a month.
fn part(text: &str) -> Option<(Part, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits) {
        let (number, rest) = text.split_at(digits);
        return Some((Part::Number { value: number.parse().ok()?, digits }, rest));
    }
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = text.split_at(letters);
    let name = name.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| {
        let short = ["sept"].contains(&name.as_str()) && *month == "september";
        *month == name || short || (name.len() == 3 && month.starts_with(&name))
    })?;
    Some((Part::Month(u32::try_from(month).ok()? + 1), rest))
}

/// What is between two parts: one of `-/.`, or a space, with spaces around it.
fn separator(text: &str) -> Option<(char, &str)> {
    let is_space = |char: char| matches!(char, ' ' | '\u{a0}' | '\u{202f}');
    let trimmed = text.trim_start_matches(is_space);
    let (gap, rest) = match trimmed.chars().next()? {
        mark @ ('-' | '/' | '.' | ',') => (mark, &trimmed[1..]),
        _ if trimmed.len() < text.len() => (' ', trimmed),
        _ => return None,
    };
    Some((gap, rest.trim_start_matches(is_space)))
}

/// A time of day with what is to be subtracted to come to UTC. Nothing is midnight.
fn time(text: &str) -> Option<(NaiveTime, TimeDelta)> {
    let text = text.trim_start_matches(['T', ',']).trim();
    if text.is_empty() {
        return Some((NaiveTime::MIN, TimeDelta::zero()));
    }
    let end = text.find(|char: char| !matches!(char, '0'..='9' | ':' | '.')).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(clock, form).ok())?;
    let zone = zone.trim();
    let half_day = TimeDelta::hours(12);
    let hour = chrono::Timelike::hour(&time);
    match zone.to_ascii_uppercase().as_str() {
        "" | "Z" | "UTC" => Some((time, TimeDelta::zero())),
        "AM" if hour == 12 => Some((time - half_day, TimeDelta::zero())),
        "AM" if hour < 12 => Some((time, TimeDelta::zero())),
        "PM" if hour == 12 => Some((time, TimeDelta::zero())),
        "PM" if hour < 12 => Some((time + half_day, TimeDelta::zero())),
        _ => offset(zone).map(|offset| (time, offset)),
    }
}

/// `+02:00`
fn offset(zone: &str) -> Option<TimeDelta> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then(|| TimeDelta::minutes(sign * (hours * 60 + minutes)))
}
