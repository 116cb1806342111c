//! A CSV table as people write it: columns in any order, unknown ones ignored by name, and
//! what is wrong told by line, column and reason (`domain.md` section 8).

use chrono::NaiveDate;
use csv::StringRecord;

use crate::domain::csv_text;

/// Why a row, or the heading, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line in the file, as an editor counts; the heading is line 1.
    pub line: u64,
    /// The column's heading, when the reason is about one.
    pub column: Option<String>,
    /// For the person who has to correct it.
    pub reason: String,
}

/// A problem with one value, before its line is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The column's heading.
    pub column: &'static str,
    /// For the person who has to correct it.
    pub reason: String,
}

impl Problem {
    /// In a column, for a reason.
    pub fn new(column: &'static str, reason: impl Into<String>) -> Problem {
        Problem { column, reason: reason.into() }
    }

    /// On a line.
    pub fn at(self, line: u64) -> Refusal {
        Refusal { line, column: Some(self.column.to_owned()), reason: self.reason }
    }
}

/// Which column is where.
#[derive(Debug, Clone)]
pub struct Heading {
    positions: Vec<(&'static str, usize)>,
    /// Columns that mean nothing here.
    pub ignored: Vec<String>,
    width: usize,
}

impl Heading {
    /// Reads the first row. Refused when a column is there twice or a required one is missing.
    pub fn read(record: &StringRecord, known: &[&'static str], required: &[&str]) -> Result<Heading, String> {
        let mut heading = Heading { positions: Vec::new(), ignored: Vec::new(), width: record.len() };
        for (position, cell) in record.iter().enumerate() {
            let name = cell.trim();
            match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                Some(known) if heading.has(known) => return Err(format!("The column {known} is there twice.")),
                Some(known) => heading.positions.push((known, position)),
                None if name.is_empty() => {}
                None => heading.ignored.push(name.to_owned()),
            }
        }
        match required.iter().find(|required| !heading.has(required)) {
            Some(missing) => Err(format!("The column {missing} is missing.")),
            None => Ok(heading),
        }
    }

    /// The file has this column.
    pub fn has(&self, column: &str) -> bool {
        self.position(column).is_some()
    }

    /// Where a column is.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.positions.iter().find(|(name, _)| *name == column).map(|(_, position)| *position)
    }

    /// The value in a column, without spaces around it; `None` when the file has no such column.
    pub fn value<'r>(&self, record: &'r StringRecord, column: &str) -> Option<&'r str> {
        let position = self.position(column)?;
        Some(csv_text::unescape(record.get(position).unwrap_or("").trim()))
    }

    /// The value in a column that must have one.
    pub fn required<'r>(&self, record: &'r StringRecord, column: &'static str) -> Result<&'r str, Problem> {
        match self.value(record, column) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(Problem::new(column, "must not be empty")),
        }
    }

    /// The value in a column, where empty counts as none.
    pub fn optional<'r>(&self, record: &'r StringRecord, column: &str) -> Option<&'r str> {
        self.value(record, column).filter(|value| !value.is_empty())
    }

    /// A row may be shorter than the heading, or longer by empty cells only.
    pub fn check_width(&self, record: &StringRecord) -> Result<(), String> {
        let beyond = record.iter().skip(self.width).any(|cell| !cell.trim().is_empty());
        if beyond {
            Err(format!("The row has more values than the heading has columns ({}).", self.width))
        } else {
            Ok(())
        }
    }
}

/// A text of at most `longest` characters, without control characters.
pub fn text<'t>(column: &'static str, value: &'t str, longest: usize) -> Result<&'t str, Problem> {
    if value.chars().count() > longest {
        return Err(Problem::new(column, format!("is longer than {longest} characters")));
    }
    if value.chars().any(char::is_control) {
        return Err(Problem::new(column, "contains a line break or another control character"));
    }
    Ok(value)
}

/// A calendar day, as in 2026-11-24.
pub fn day(column: &'static str, value: &str) -> Result<NaiveDate, Problem> {
    let written_so = value.len() == 10;
    NaiveDate::parse_from_str(value, "%Y-%m-%d")
        .ok()
        .filter(|_| written_so)
        .filter(|day| is_sensible(*day))
        .ok_or_else(|| Problem::new(column, format!("“{value}” is not a date like 2026-11-24")))
}

/// A day that the database and the calendar of people's lives have.
pub fn is_sensible(day: NaiveDate) -> bool {
    (MIN_DAY..=MAX_DAY).contains(&day)
}

const MIN_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
const MAX_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 30) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A whole number from 0 to 2,147,483,647.
pub fn count(column: &'static str, value: &str) -> Result<u32, Problem> {
    value
        .parse::<u32>()
        .ok()
        .filter(|count| i32::try_from(*count).is_ok())
        .ok_or_else(|| Problem::new(column, format!("“{value}” is not a whole number from 0 on")))
}
