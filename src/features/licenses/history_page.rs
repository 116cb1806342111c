//! History and forecast as they are shown: the chart, what it says in words, and its figures month by month.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};

use super::outlook::{amount, limit_outlook};
use super::queries_history::History;
use crate::web::chart::{Chart, NARROW, Steps, WIDE};
use crate::web::format::{counted, day, grouped, grouped_count};

/// The section of the report.
pub struct HistoryView {
    /// The drawing, for wide screens and for phones.
    pub charts: [Chart; 2],
    /// What the drawing shows.
    pub title: String,
    /// The drawing in words.
    pub words: String,
    /// What is coming, in a sentence each.
    pub outlook: Vec<String>,
    /// There is a limit to show.
    pub has_limit: bool,
    /// The limit includes users that are permitted in writing for a while.
    pub has_permitted: bool,
    /// The figures of a month.
    pub table: MonthTable,
}

/// The figures behind the chart, of a month.
pub struct MonthTable {
    /// It was asked for.
    pub open: bool,
    /// "November 2026".
    pub month: String,
    /// Days on which something changed.
    pub rows: Vec<DayRow>,
    /// The month before.
    pub previous: Option<(String, String)>,
    /// The month after.
    pub next: Option<(String, String)>,
}

/// A day on which something changed.
pub struct DayRow {
    /// "24 Nov 2026".
    pub day: String,
    /// "so far", "scheduled", or nothing.
    pub note: &'static str,
    /// At its end.
    pub closing: String,
    /// At most; not known of coming days.
    pub peak: String,
    /// How many are allowed.
    pub limit: String,
}

impl HistoryView {
    /// Of an organisation; `month` is a day of the month that was asked for, `here` the report's address, `pool`
    /// in words whose limit it shares.
    pub fn new(name: &str, history: &History, pool: Option<String>, month: Option<NaiveDate>, here: &str) -> Self {
        let History { first, today, last, .. } = *history;
        let has_limit = history.allowed().iter().any(|(_, allowed)| allowed.is_some());
        let crossing = history.crossing();
        let mark = crossing.map(|crossing| (crossing.on, amount(crossing.used.0)));
        let lines = lines(history);
        HistoryView {
            charts: [WIDE, NARROW].map(|size| Chart::new(size, (first, last), today, &lines, mark)),
            title: format!("Licenses of {name} from {} to {}", day(first), day(last)),
            words: words(history),
            outlook: outlook(history, pool),
            has_limit,
            has_permitted: !history.permitted.is_empty(),
            table: MonthTable::new(history, month, here),
        }
    }
}

/// The lines, those in front last.
fn lines(history: &History) -> Vec<Steps> {
    let today = history.today;
    let yesterday = today.pred_opt().unwrap_or(today);
    let mut lines = Vec::new();
    let mut limit: Option<Steps> = None;
    for (day, allowed) in history.allowed() {
        if let (Some(steps), None) = (&mut limit, allowed) {
            steps.until = day.pred_opt().unwrap_or(day);
            lines.extend(limit.take());
        } else if let Some(allowed) = allowed {
            let steps = limit.get_or_insert_with(|| Steps { class: "limit", points: Vec::new(), until: history.last });
            steps.points.push((day, allowed));
        }
    }
    lines.extend(limit);
    // a day without a record is like the end of the day before
    let mut peaks = Vec::new();
    for (day, closed) in &history.closed {
        peaks.push((*day, closed.peak));
        if let Some(next) = day.succ_opt().filter(|next| *next < today && !history.closed.contains_key(next)) {
            peaks.push((next, closed.closing));
        }
    }
    lines.push(Steps { class: "peak", points: peaks, until: yesterday });
    let mut closings: Vec<_> = history.closed.iter().map(|(day, closed)| (*day, closed.closing)).collect();
    closings.push((today, amount(history.used.0)));
    lines.push(Steps { class: "forecast", points: history.forecast(), until: history.last });
    lines.push(Steps { class: "closing", points: closings, until: today });
    lines
}

fn words(history: &History) -> String {
    let mut words = format!("{} today.", people_are(history.used.0));
    if let Some((on, most)) = history.closed.iter().max_by_key(|(_, closed)| closed.peak) {
        words += &format!(" The most at once were {}, on {}.", grouped(most.peak), day(*on));
    }
    if let Some(allowed) = history.allowed_on(history.today) {
        words += &format!(" The limit is {}.", grouped(allowed));
    }
    let then = history.used_on(history.last);
    words += &format!(" From what is scheduled, {} will be active on {}.", grouped_count(then.0), day(history.last));
    words
}

fn people_are(count: u64) -> String {
    format!("{} {} active", counted(count, "person", "people"), if count == 1 { "is" } else { "are" })
}

/// What the lines mean for whoever plans.
fn outlook(history: &History, pool: Option<String>) -> Vec<String> {
    let mut outlook = vec![
        limit_outlook(history, day).unwrap_or_else(|| pool.unwrap_or_else(|| "There is no user limit.".to_owned())),
    ];
    if history.closed.is_empty() {
        let begun = day(history.begins_on);
        outlook.push(format!("Days are recorded from {begun} on; each is shown here when it is over."));
    } else if history.first == history.begins_on {
        outlook.push(format!("Past days are on record from {} on.", day(history.begins_on)));
    }
    outlook
}

/// The first day of a month.
fn beginning(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

impl MonthTable {
    fn new(history: &History, asked: Option<NaiveDate>, here: &str) -> MonthTable {
        let month = beginning(asked.unwrap_or(history.today).clamp(history.first, history.last));
        let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
        let before = month.checked_sub_months(Months::new(1)).unwrap_or(month);
        let link = |month: NaiveDate| {
            let address = format!("{here}?month={}#days", month.format("%Y-%m"));
            (month.format("%B %Y").to_string(), address)
        };
        let limits = history.allowed();
        let mut days: BTreeSet<NaiveDate> = history.closed.keys().copied().collect();
        days.insert(history.today);
        days.extend(history.coming.iter().map(|(day, _)| *day));
        days.extend(limits.iter().map(|(day, _)| *day));
        MonthTable {
            open: asked.is_some(),
            month: month.format("%B %Y").to_string(),
            rows: days.range(month..next).rev().map(|day| DayRow::new(history, *day)).collect(),
            previous: (month > beginning(history.first)).then(|| link(before)),
            next: (next <= history.last).then(|| link(next)),
        }
    }
}

impl DayRow {
    fn new(history: &History, on: NaiveDate) -> DayRow {
        let today = history.today;
        let record = history.closed.get(&on);
        let before = history.closed.range(..=on).next_back().map_or(0, |(_, closed)| closed.closing);
        let (note, closing, peak) = if on > today {
            ("scheduled", amount(history.used_on(on).0), None)
        } else if on == today {
            ("so far", amount(history.used.0), None)
        } else {
            ("", before, Some(record.map_or(before, |record| record.peak)))
        };
        DayRow {
            day: day(on),
            note,
            closing: grouped(closing),
            peak: peak.map_or_else(String::new, grouped),
            limit: history.allowed_on(on).map_or_else(String::new, grouped),
        }
    }
}
