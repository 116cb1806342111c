//! What changes of enrolments do, in words: before, as what would be, and after, as a fact.

use chrono::NaiveDate;

use super::change::{Change, Kind};
use super::commands::Facts;
use super::queries::{Done, Effect, Exceeded, Freed};
use crate::web::format::{counted, day, grouped_count};
use crate::web::notice::{Notice, Places};

/// How many organisations are named.
const MOST_NAMED: usize = 6;

fn learners(count: u64) -> String {
    counted(count, "person", "people")
}

/// "1 person becomes inactive", "12 people become inactive".
fn who(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", learners(count), if count == 1 { one } else { many })
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn have(count: u64) -> &'static str {
    if count == 1 { "has" } else { "have" }
}

fn licenses(count: u64) -> String {
    counted(count, "license", "licenses")
}

/// "Acme Iberia 12, Acme Nordics 3 and 4 more organisations".
pub fn by_organisation(effect: &Effect, count: impl Fn(&Freed) -> i64) -> String {
    let named: Vec<String> = effect
        .organisations
        .iter()
        .filter(|row| count(row) > 0)
        .map(|row| format!("{} {}", row.name, grouped_count(count(row).unsigned_abs())))
        .collect();
    match named.len() {
        0..=MOST_NAMED => named.join(", "),
        more => format!("{} and {} more organisations", named[..MOST_NAMED].join(", "), more - MOST_NAMED),
    }
}

/// All organisations of a change, where so many are concerned that not all of them are named: "Acme Iberia: 12 freed". `from`:
/// the day when it takes effect, where that comes later.
pub fn every_organisation(effect: &Effect, from: Option<NaiveDate>) -> Option<Places> {
    let count = |count: i64, what: &str| (count > 0).then(|| format!("{} {what}", grouped_count(count.unsigned_abs())));
    let concerned = |row: &Freed| row.freed > 0 || row.taken > 0;
    let rows: Vec<String> = effect
        .organisations
        .iter()
        .filter(|row| concerned(row))
        .map(|row| {
            let counts: Vec<String> =
                [count(row.freed, "freed"), count(row.taken, "taken")].into_iter().flatten().collect();
            format!("{}: {}", row.name, counts.join(", "))
        })
        .collect();
    let when = from.map_or(String::new(), |from| format!(", from {} on", day(from)));
    let heading = format!("All {} organisations{when}", grouped_count(rows.len() as u64));
    (rows.len() > MOST_NAMED).then_some(Places { heading, rows })
}

/// "From 3 Jan 2027 on, ".
fn from_on(from: Option<NaiveDate>) -> String {
    from.map_or(String::new(), |from| format!("From {} on, ", day(from)))
}

/// What the change would do to the licenses on the day when it takes effect.
pub fn would(effect: &Effect, from: Option<NaiveDate>) -> Vec<String> {
    let when = from_on(from);
    let mut lines = Vec::new();
    let (freed, taken) = (effect.freed(), effect.taken());
    if freed > 0 {
        let places = by_organisation(effect, |row| row.freed);
        lines.push(format!(
            "{when}{}, which frees {}: {places}.",
            who(freed, "becomes inactive", "become inactive"),
            licenses(freed)
        ));
    }
    if taken > 0 {
        let places = by_organisation(effect, |row| row.taken);
        lines.push(format!(
            "{when}{}, which takes {}: {places}.",
            who(taken, "becomes active", "become active"),
            licenses(taken)
        ));
    }
    if freed == 0 && taken == 0 {
        let no = if from.is_some() { "no" } else { "No" };
        lines.push(format!("{when}{no} license is freed or taken: everybody stays active or inactive as before."));
    } else if effect.people() > freed + taken {
        let others = effect.people() - freed - taken;
        lines.push(format!("{} as before.", who(others, "stays active or inactive", "stay active or inactive")));
    }
    lines
}

/// The limits that the change would exceed, from the day on when it takes effect.
pub fn would_exceed(limits: &[Exceeded], from: Option<NaiveDate>) -> Vec<String> {
    let when = from_on(from);
    exceeded(limits, "would be").into_iter().map(|line| format!("{when}{line}")).collect()
}

/// What the change did, or does on the day when it takes effect.
fn did(facts: &Facts) -> Vec<String> {
    let (Some(effect), exceeded) = (&facts.effect, &facts.exceeded) else { return Vec::new() };
    match facts.takes_effect_on {
        None => done(effect).into_iter().chain(self::exceeded(exceeded, "is")).collect(),
        Some(from) => would(effect, Some(from)).into_iter().chain(self::exceeded(exceeded, "will be")).collect(),
    }
}

/// What a change did to the licenses on the day when it was made.
pub fn done(effect: &Effect) -> Vec<String> {
    let mut lines = Vec::new();
    let (freed, taken) = (effect.freed(), effect.taken());
    if freed > 0 {
        let places = by_organisation(effect, |row| row.freed);
        lines.push(format!("{} became inactive, which freed {}: {places}.", learners(freed), licenses(freed)));
    }
    if taken > 0 {
        let places = by_organisation(effect, |row| row.taken);
        lines.push(format!("{} became active, which took {}: {places}.", learners(taken), licenses(taken)));
    }
    if freed == 0 && taken == 0 {
        lines.push("No license was freed or taken today.".to_owned());
    }
    lines
}

/// Where licenses are freed and taken by people who move: "Licenses became free in: East 1." `freed` and `taken` are the words
/// before the places.
pub fn moved(effect: &Effect, freed: &str, taken: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if effect.freed() > 0 {
        lines.push(format!("{freed}: {}.", by_organisation(effect, |row| row.freed)));
    }
    if effect.taken() > 0 {
        lines.push(format!("{taken}: {}.", by_organisation(effect, |row| row.taken)));
    }
    lines
}

/// Where licenses were freed and taken by people who have moved.
pub fn has_moved(effect: &Effect) -> Vec<String> {
    moved(effect, "Licenses became free in", "Licenses were taken in")
}

/// What bringing people back did to the licenses, and where a limit is exceeded since.
pub fn returned(effect: &Effect, limits: &[Exceeded]) -> Vec<String> {
    let taken = if effect.taken() > 0 { done(effect) } else { Vec::new() };
    taken.into_iter().chain(exceeded(limits, "is")).collect()
}

/// Undoing put nothing back.
pub const ALL_KEPT: &str = "No expiry date was put back: these enrolments were changed since, or are back already";

/// The notice after a change.
pub fn notice(done: Done) -> Notice {
    let Done { entry, action, facts } = done;
    let enrolments = counted(facts.enrolments, "enrolment", "enrolments");
    let of = format!("{enrolments} of {}", learners(facts.people));
    let heading = match (action.as_str(), &facts.change) {
        (_, Some(Change::Expiry { date: Some(date) })) => format!("The expiry date of {of} is {} now", day(*date)),
        (_, Some(Change::Expiry { date: None })) => format!("{of} {} no end now", have(facts.enrolments)),
        (_, Some(Change::Due { date: Some(date) })) => format!("The due date of {of} is {} now", day(*date)),
        (_, Some(Change::Due { date: None })) => format!("{of} {} no due date now", have(facts.enrolments)),
        (_, Some(Change::Completion { date, .. })) => {
            format!("{of} {} completed on {} now", are(facts.enrolments), day(*date))
        }
        (_, Some(Change::Reset)) => format!("{of} {} reset", are(facts.enrolments)),
        (_, Some(Change::Delete)) => format!("{of} {} deleted", are(facts.enrolments)),
        ("enrolment.created", None) => format!("{} now", who(facts.enrolments, "is enrolled", "are enrolled")),
        ("enrolment.expiry_undone", None) => format!("The former expiry dates of {of} are back"),
        _ => format!("{of} were changed"),
    };
    let mut lines = did(&facts);
    let undone = action == "enrolment.expiry_undone";
    if facts.unchanged > 0 && undone {
        let kept = counted(facts.unchanged, "enrolment", "enrolments");
        lines.push(match facts.unchanged {
            1 => "1 enrolment stayed as it is: somebody has changed it since.".to_owned(),
            _ => format!("{kept} stayed as they are: somebody has changed them since."),
        });
    } else if facts.unchanged > 0 && action == "enrolment.created" {
        lines.push(format!("{} already.", who(facts.unchanged, "was enrolled", "were enrolled")));
    } else if facts.unchanged > 0 {
        lines.push(format!("{} so already.", counted(facts.unchanged, "enrolment was", "enrolments were")));
    }
    let kind = facts.change.as_ref().map(Change::kind);
    if facts.records > 0 && kind == Some(Kind::Expiry) {
        lines.push("All completion records are kept.".to_owned());
    } else if facts.records > 0 && kind.is_some_and(Kind::loses_records) {
        lines.push(format!("{} went with them.", counted(facts.records, "completion record", "completion records")));
    }
    let places = facts.effect.as_ref().and_then(|effect| every_organisation(effect, facts.takes_effect_on));
    Notice { heading, lines, places, undo: (kind == Some(Kind::Expiry)).then(|| entry.to_string()), more: None }
}

/// The limits that would be exceeded, or are: `verb` says which. "East is over its limit by 2: 13 of 10 and 1 more that
/// is permitted in writing."
pub fn exceeded(limits: &[Exceeded], verb: &str) -> Vec<String> {
    limits
        .iter()
        .map(|limit| {
            let over = limit.used - i64::from(limit.user_limit) - limit.permitted;
            let over = grouped_count(u64::try_from(over).unwrap_or(0));
            let Some(whose) = &limit.name else {
                return format!("The organisation whose licenses you share {verb} over its limit by {over}.");
            };
            let permitted = match limit.permitted.unsigned_abs() {
                0 => String::new(),
                more => format!(" and {} more that {} permitted in writing", grouped_count(more), are(more)),
            };
            format!(
                "{whose} {verb} over its limit by {over}: {} of {}{permitted}.",
                grouped_count(limit.used.unsigned_abs()),
                grouped_count(u64::from(limit.user_limit.unsigned_abs()))
            )
        })
        .collect()
}
