//! The geometry of a chart of steps over days: what is where, in whole units of the drawing. Colours and dashes
//! are classes, since nothing inline is allowed.

use chrono::{Datelike, Months, NaiveDate};

use crate::web::format::grouped;

/// Values that each hold from a day until the next one.
#[derive(Debug, Clone)]
pub struct Steps {
    /// How it looks.
    pub class: &'static str,
    /// In the order of days.
    pub points: Vec<(NaiveDate, i64)>,
    /// The last value holds to the end of this day.
    pub until: NaiveDate,
}

/// How large a drawing is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Its class, and part of the ids in it.
    pub class: &'static str,
    width: i64,
    height: i64,
    /// Labels below it, at most.
    labels: i64,
}

/// For wide screens.
pub const WIDE: Size = Size { class: "wide", width: 880, height: 240, labels: 14 };
/// For phones.
pub const NARROW: Size = Size { class: "slim", width: 360, height: 220, labels: 4 };

/// Room for the labels.
const LEFT: i64 = 46;
const RIGHT: i64 = 10;
const TOP: i64 = 10;
const BOTTOM: i64 = 24;

/// A label at a place on an axis.
#[derive(Debug)]
pub struct Tick {
    /// Where.
    pub at: i64,
    /// What it says.
    pub label: String,
}

/// A drawing, ready to be written as SVG.
#[derive(Debug)]
pub struct Chart {
    /// Its class, and part of the ids in it.
    pub class: &'static str,
    /// The whole drawing.
    pub width: i64,
    /// The whole drawing.
    pub height: i64,
    /// Where the lines begin.
    pub left: i64,
    /// Where they end.
    pub right: i64,
    /// The upper edge of the lines.
    pub top: i64,
    /// The lower edge of the lines.
    pub bottom: i64,
    /// Classes and paths.
    pub lines: Vec<(&'static str, String)>,
    /// Amounts, on the left.
    pub amounts: Vec<Tick>,
    /// Months, below.
    pub months: Vec<Tick>,
    /// Where today ends and the forecast begins.
    pub today: i64,
    /// A point that stands out.
    pub mark: Option<(i64, i64)>,
}

/// The scales of a drawing.
struct Scale {
    size: Size,
    first: NaiveDate,
    days: i64,
    most: i64,
}

impl Scale {
    /// Where a day begins.
    fn x(&self, day: NaiveDate) -> i64 {
        let width = self.size.width - LEFT - RIGHT;
        LEFT + ((day - self.first).num_days().clamp(0, self.days) * width + self.days / 2) / self.days
    }

    fn end_of(&self, day: NaiveDate) -> i64 {
        self.x(day.succ_opt().unwrap_or(day))
    }

    fn y(&self, amount: i64) -> i64 {
        let height = self.size.height - TOP - BOTTOM;
        TOP + height - (amount.clamp(0, self.most) * height + self.most / 2) / self.most
    }

    fn path(&self, steps: &Steps) -> String {
        let mut path = String::new();
        for (index, (day, amount)) in steps.points.iter().enumerate() {
            let (x, y) = (self.x(*day), self.y(*amount));
            path += &if index == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") };
        }
        if !path.is_empty() {
            path += &format!("H{}", self.end_of(steps.until));
        }
        path
    }
}

impl Chart {
    /// All lines from the beginning of `first` to the end of `last`. `mark`: a day whose amount stands out.
    pub fn new(
        size: Size,
        (first, last): (NaiveDate, NaiveDate),
        today: NaiveDate,
        lines: &[Steps],
        mark: Option<(NaiveDate, i64)>,
    ) -> Chart {
        let amounts = lines.iter().flat_map(|line| line.points.iter().map(|(_, amount)| *amount));
        let (step, most) = scale(amounts.max().unwrap_or(0));
        let scale = Scale { size, first, days: (last - first).num_days().max(0) + 1, most };
        Chart {
            class: size.class,
            width: size.width,
            height: size.height,
            left: LEFT,
            right: size.width - RIGHT,
            top: TOP,
            bottom: size.height - BOTTOM,
            lines: lines.iter().map(|line| (line.class, scale.path(line))).collect(),
            amounts: (0..=most / step)
                .map(|number| Tick { at: scale.y(number * step), label: grouped(number * step) })
                .collect(),
            months: months(&scale, last),
            today: scale.end_of(today),
            mark: mark.map(|(day, amount)| (scale.x(day), scale.y(amount))),
        }
    }
}

/// A round step, and the smallest multiple of it that holds the largest amount in at most four steps.
fn scale(largest: i64) -> (i64, i64) {
    let largest = largest.clamp(1, 4_000_000_000);
    let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
    let mut steps = powers.flat_map(|power| [power, power.saturating_mul(2), power.saturating_mul(5)]);
    let step = steps.find(|step| largest <= step.saturating_mul(4)).unwrap_or(largest);
    (step, (largest + step - 1) / step * step)
}

/// The beginnings of months, every one, second, third or sixth of them; years are told where they change.
fn months(scale: &Scale, last: NaiveDate) -> Vec<Tick> {
    let beginning = scale.first.with_day(1).unwrap_or(scale.first);
    let all: Vec<NaiveDate> = (0..)
        .map_while(|number| beginning.checked_add_months(Months::new(number)))
        .take_while(|day| *day <= last)
        .filter(|day| *day >= scale.first)
        .collect();
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let every = [1, 2, 3, 6].into_iter().find(|every| count <= every * scale.size.labels).unwrap_or(12);
    let shown = all.into_iter().filter(|day| i64::from(day.month0()) % every == 0);
    let mut year = None;
    shown
        .filter_map(|day| {
            let format = if year.replace(day.year()) == Some(day.year()) { "%b" } else { "%b %Y" };
            let at = scale.x(day);
            // a label that would stick out is left out
            (at < scale.size.width - RIGHT - 24).then(|| Tick { at, label: day.format(format).to_string() })
        })
        .collect()
}
