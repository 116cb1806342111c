//! What is agreed on, and everything that ever was.

use askama::Template;
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::features::agreements::queries::{Changed, FairUse, Root, Year, Years};
use crate::web::format::{counted, day, grouped, grouped_count, moment, money};
use crate::web::page::Chrome;

/// What the page shows.
pub struct Shown {
    /// Whose agreement.
    pub root: Root,
    /// Its license years.
    pub years: Years,
    /// How licenses are used again in the current one.
    pub fair_use: Option<FairUse>,
    /// Everything that was ever agreed on.
    pub changes: Vec<Changed>,
    /// The coming holidays of the current year, while it lasts.
    pub holidays: Option<Vec<(NaiveDate, String)>>,
}

/// What the reader may do.
#[derive(Debug, Clone, Copy)]
pub struct May {
    /// Change the agreement.
    pub change: bool,
    /// See the settings, the list of holidays among them.
    pub see_settings: bool,
}

/// How many holidays are shown.
const HOLIDAYS: usize = 8;

/// GET `/organisations/{root_id}/agreement`.
#[derive(Template)]
#[template(path = "agreements/show.html")]
pub struct ShowPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done: a heading and a text.
    pub done: Option<(&'static str, &'static str)>,
    /// The root's name.
    pub name: String,
    /// Its report.
    pub report: String,
    /// The page's own address, to which others are added.
    pub address: String,
    /// The offer of an upgrade.
    pub upgrade: String,
    /// The reader may change the agreement.
    pub may_change: bool,
    /// The current license year; it may have ended.
    pub year: Option<YearShown>,
    /// The next one.
    pub coming: Option<YearShown>,
    /// The coming one may be taken back.
    pub may_withdraw: bool,
    /// Active users today.
    pub used: String,
    /// How licenses are used again.
    pub uses: Option<UsesShown>,
    /// By which holidays deadlines are counted, while the license year lasts.
    pub holidays: Option<HolidaysShown>,
    /// The history.
    pub history: Vec<Row>,
}

/// The terms of a year.
pub struct YearShown {
    /// "27 Jun 2026 to 26 Jun 2027".
    pub days: String,
    /// "215 days left", "ended on 26 Jun 2026".
    pub left: String,
    /// It is over, and the limit is still that one.
    pub ended: bool,
    /// "Growth", "a limit of its own".
    pub tier: String,
    /// "2,400".
    pub user_limit: String,
    /// "GBP 31,200.00", "no price".
    pub price: String,
    /// "3".
    pub re_uses: String,
    /// "40 more users from … to …", "none".
    pub permitted: String,
}

/// Fair use of licenses.
pub struct UsesShown {
    /// "2,340" of "4,000".
    pub uses: (String, String),
    /// "1,340" of "3,000".
    pub re_uses: (String, String),
    /// The highest limit of the year.
    pub highest: String,
    /// How often a license may be used again: "3 times".
    pub times: String,
    /// Distinct people.
    pub holders: String,
    /// The year's capacity.
    pub capacity: String,
    /// More than that.
    pub exceeded: bool,
}

/// The coming holidays of the license year.
pub struct HolidaysShown {
    /// "26 Jun 2027", the last day of the year.
    pub until: String,
    /// Day and name.
    pub days: Vec<(String, String)>,
    /// "4 more"; none when all are shown.
    pub more: Option<String>,
    /// All of them, for whoever may see the settings.
    pub all: Option<String>,
}

/// A line of the history.
pub struct Row {
    /// When.
    pub at: String,
    /// "Upgraded", "Changed".
    pub what: &'static str,
    /// The license year.
    pub year: String,
    /// The tier.
    pub tier: String,
    /// The limit.
    pub user_limit: String,
    /// The agreed price.
    pub price: String,
    /// How often a license may be used again.
    pub re_uses: String,
    /// What else belongs to it.
    pub note: String,
}

/// "none", or how many and when.
fn permitted(extra: i32, from: Option<NaiveDate>, until: Option<NaiveDate>) -> String {
    match (from, until) {
        (Some(from), Some(until)) if extra > 0 => {
            let count = counted(u64::from(extra.unsigned_abs()), "more user", "more users");
            format!("{count} from {} to {}", day(from), day(until))
        }
        _ => "none".to_owned(),
    }
}

fn days(from: NaiveDate, to: NaiveDate) -> String {
    format!("{} to {}", day(from), day(to))
}

impl YearShown {
    fn new(year: Year, today: NaiveDate) -> YearShown {
        let ended = year.ends_on < today;
        let count = |from: NaiveDate, to: NaiveDate| {
            let days = (to - from).num_days();
            counted(days.unsigned_abs(), "day", "days")
        };
        let left = if ended {
            format!("ended on {}", day(year.ends_on))
        } else if today < year.starts_on {
            format!("begins in {}", count(today, year.starts_on))
        } else {
            format!("{} left, today included", count(today, year.ends_on + chrono::Days::new(1)))
        };
        YearShown {
            days: days(year.starts_on, year.ends_on),
            left,
            ended,
            user_limit: grouped(i64::from(year.user_limit)),
            price: year.price().map_or_else(|| "no price".to_owned(), |(price, currency)| money(price, currency)),
            re_uses: grouped(i64::from(year.re_uses_per_license)),
            permitted: permitted(year.extra_users, year.extra_users_from, year.extra_users_until),
            tier: year.tier.unwrap_or_else(|| "a limit of its own".to_owned()),
        }
    }
}

impl From<FairUse> for UsesShown {
    fn from(fair_use: FairUse) -> UsesShown {
        let of = |used: u64, all: u64| (grouped_count(used), grouped_count(all));
        UsesShown {
            uses: of(fair_use.holders, fair_use.capacity()),
            re_uses: of(fair_use.re_uses_used(), fair_use.re_uses()),
            highest: grouped(i64::from(fair_use.highest_limit.0)),
            times: counted(u64::from(fair_use.re_uses_per_license), "time", "times"),
            holders: grouped_count(fair_use.holders),
            capacity: grouped_count(fair_use.capacity()),
            exceeded: fair_use.holders > fair_use.capacity(),
        }
    }
}

impl HolidaysShown {
    fn new(coming: Vec<(NaiveDate, String)>, today: NaiveDate, ends_on: NaiveDate, may: May) -> HolidaysShown {
        let more = coming.len().saturating_sub(HOLIDAYS);
        HolidaysShown {
            until: day(ends_on),
            days: coming.into_iter().take(HOLIDAYS).map(|(on, name)| (day(on), name)).collect(),
            more: (more > 0).then(|| counted(more as u64, "more", "more")),
            all: may.see_settings.then(|| format!("/settings/holidays?year={}", today.year())),
        }
    }
}

impl Row {
    fn new(change: Changed, zone: Tz) -> Row {
        let what = match change.kind.as_str() {
            "agreed" => "Agreed",
            "upgraded" => "Upgraded",
            "begun" => "Came into force",
            "overage_permitted" if change.extra_users > 0 => "Overage permitted",
            "overage_permitted" => "Overage no longer permitted",
            _ => "Changed",
        };
        let currency = change.currency.as_deref().unwrap_or_default();
        let upgrade = change.pro_rata_price.map(|price| format!("{} for the rest of the year", money(price, currency)));
        let extra = permitted(change.extra_users, change.extra_users_from, change.extra_users_until);
        let extra = (change.extra_users > 0).then_some(extra);
        Row {
            at: moment(change.changed_at, zone),
            what,
            year: days(change.starts_on, change.ends_on),
            tier: change.tier_name.unwrap_or_else(|| "own limit".to_owned()),
            user_limit: grouped(i64::from(change.user_limit)),
            price: change.yearly_price.map_or_else(|| "none".to_owned(), |price| money(price, currency)),
            re_uses: grouped(i64::from(change.re_uses_per_license)),
            note: upgrade.into_iter().chain(extra).collect::<Vec<_>>().join("; "),
        }
    }
}

impl ShowPage {
    /// The page; `saved` says what was just done.
    pub fn new(chrome: Chrome, shown: Shown, may: May, saved: &str) -> ShowPage {
        let Shown { root, years, fair_use, changes, holidays } = shown;
        let today = root.today;
        // a license year begins with a day of the root's own calendar, whoever looks at it
        let zone: Tz = root.time_zone.parse().unwrap_or(Tz::UTC);
        let ends_on = years.current.as_ref().map_or(today, |year| year.ends_on);
        ShowPage {
            chrome,
            done: done(saved),
            report: format!("/organisations/{}/licenses", root.id),
            address: format!("/organisations/{}/agreement", root.id),
            upgrade: format!("/organisations/{}/upgrade", root.id),
            may_change: may.change,
            may_withdraw: may.change && years.coming.as_ref().is_some_and(|year| today < year.starts_on),
            uses: fair_use.map(UsesShown::from),
            holidays: holidays.map(|coming| HolidaysShown::new(coming, today, ends_on, may)),
            used: grouped(root.used),
            year: years.current.map(|year| YearShown::new(year, today)),
            coming: years.coming.map(|year| YearShown::new(year, today)),
            history: changes.into_iter().map(|change| Row::new(change, zone)).collect(),
            name: root.name,
        }
    }
}

fn done(saved: &str) -> Option<(&'static str, &'static str)> {
    Some(match saved {
        "agreed" => ("The license year is agreed on", "The limit is in force from its first day on."),
        "changed" => ("The terms are changed", "They are in force from now on."),
        "renewed" => ("The renewal is agreed on", "It comes into force on the first day of the next license year."),
        "withdrawn" => ("The renewal is taken back", "Nothing is agreed on after the current license year."),
        "begun" => ("There is no renewal to take back", "The license year may have begun meanwhile."),
        "permitted" => ("The permitted overage is saved", "It counts from its first day to its last."),
        "not_permitted" => ("No overage is permitted", "More active users than the limit are an overage."),
        "upgraded" => ("The agreement is upgraded", "The new limit is in force from now on."),
        _ => return None,
    })
}
