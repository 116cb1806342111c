//! What changes of users do, in words: before, as what would be, and after, as a fact.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

use super::Change;
use super::commands::Facts;
use super::queries::{ChangedSince, Moving, Protected, Theirs};
use crate::features::enrolments::queries::Effect;
use crate::features::enrolments::words;
use crate::people::deletion::NotDeleted;
use crate::people::instance_admins;
use crate::web::format::{self, counted, day, grouped_count};
use crate::web::notice::Notice;

/// How many protected people are named.
const MOST_NAMED: usize = 6;

fn people(count: u64) -> String {
    counted(count, "person", "people")
}

/// Who of the selected people cannot be changed, and why.
pub fn protected(people: &[Protected]) -> Vec<String> {
    let (own, beyond): (Vec<_>, Vec<_>) = people.iter().partition(|person| person.own);
    let mut lines = Vec::new();
    if !own.is_empty() {
        lines.push("Your own account is among them: another administrator has to change it.".to_owned());
    }
    if !beyond.is_empty() {
        let names: Vec<&str> = beyond.iter().take(MOST_NAMED).map(|person| person.name.as_str()).collect();
        let more = match beyond.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {} more", grouped_count(more as u64)),
        };
        let hold = if beyond.len() == 1 { "of them holds a role" } else { "of them hold roles" };
        let count = grouped_count(beyond.len() as u64);
        lines.push(format!("{count} {hold} that you cannot grant: {}{more}.", names.join(", ")));
    }
    lines
}

/// Those who are left out of the change.
pub fn left_out(protected: &[Protected]) -> String {
    let own = protected.iter().any(|person| person.own);
    let others = protected.iter().filter(|person| !person.own).count() as u64;
    match (own, others) {
        (true, 0) => "You are left out: your own account stays as it is.".to_owned(),
        (true, _) => format!("You and {} whose roles you cannot grant are left out.", people(others)),
        (false, 1) => "1 person whose roles you cannot grant is left out.".to_owned(),
        (false, _) => format!("{} whose roles you cannot grant are left out.", people(others)),
    }
}

/// Only instance admins move somebody from one tree to another.
pub fn crossing(count: i64) -> String {
    let count = count.unsigned_abs();
    let are = if count == 1 { "is" } else { "are" };
    let text = "in another organisation tree. Only an instance admin moves people from one tree to another.";
    format!("{} {are} {text}", people(count))
}

/// What is to be typed before many people are deleted.
pub fn type_to_confirm(count: u64) -> String {
    format!("Enter the number of users that are to be deleted: {}.", grouped_count(count))
}

/// Why nobody was deleted.
pub fn not_deleted(why: NotDeleted) -> &'static str {
    match why {
        NotDeleted::Yourself => "Nobody deletes their own account.",
        NotDeleted::LastInstanceAdmin => instance_admins::NEEDED,
        NotDeleted::Beyond(_) | NotDeleted::Elsewhere(_) => "Some of them hold roles that you cannot grant.",
    }
}

/// What another last day of the accounts would do. `later`: accounts that end later than before.
pub fn expiring(by_day: &[(Option<NaiveDate>, Effect)], later: u64) -> Vec<String> {
    let mut lines: Vec<String> = match by_day {
        [(_, today), (Some(from), then)] if today.freed() == 0 && today.taken() == 0 => words::would(then, Some(*from)),
        effects => effects.iter().flat_map(|(from, effect)| words::would(effect, *from)).collect(),
    };
    if later > 0 {
        let end = if later == 1 { "ends later than it would have" } else { "end later than they would have" };
        lines.push(format!("{} {end}, and a license may be held for as long.", counted(later, "account", "accounts")));
    }
    lines.push("Accounts, enrolments and completion records are kept. Another date brings the people back.".to_owned());
    lines
}

/// What moving people would do. `already`: people who are there.
pub fn moving(effect: &Effect, moving: Moving, roles: u64, already: u64) -> Vec<String> {
    if moving.users == 0 {
        return vec!["Everybody who is selected is there already: nothing changes.".to_owned()];
    }
    let mut lines = words::moved(effect, "Licenses become free in", "Licenses are taken in");
    if lines.is_empty() {
        lines.push("No license moves: nobody who moves is active today.".to_owned());
    }
    if already > 0 {
        let are = if already == 1 { "is there already and stays" } else { "are there already and stay" };
        lines.push(format!("{} {are} as before.", people(already)));
    }
    let closed = moving.not_open.unsigned_abs();
    if closed > 0 {
        let of = counted(closed, "enrolment stays although its", "enrolments stay although their");
        lines.push(format!("{of} learning experience is not open to the new organisation."));
    } else {
        lines.push("All enrolments and completion records stay.".to_owned());
    }
    if roles > 0 {
        let stay = counted(roles, "role that they hold stays", "roles that they hold stay");
        lines.push(format!("{stay} on the organisation where it was granted."));
    }
    lines
}

/// What goes with deleted people. `until`: until when they can be restored.
pub fn deleting(users: u64, theirs: &Theirs, effect: &Effect, until: Option<String>) -> Vec<String> {
    let [enrolments, completed, roles] =
        [theirs.enrolments, theirs.completed, theirs.roles].map(|count: i64| count.unsigned_abs());
    let accounts = counted(users, "account", "accounts");
    let mut lines = vec![match belongings(enrolments, completed, roles) {
        none if none.is_empty() => format!("What goes: {accounts}. None of them has enrolments or roles."),
        with => format!("What goes: {accounts}, and with them {with}."),
    }];
    lines.push("Signing in stops at once, also where somebody is signed in now.".to_owned());
    lines.push(match effect.freed() {
        0 => "No license is freed: none of them is active.".to_owned(),
        freed => {
            let free = counted(freed, "license becomes free", "licenses become free");
            format!("{free}: {}.", words::by_organisation(effect, |row| row.freed))
        }
    });
    lines.push(match until {
        Some(until) => format!("Until {until} they can be restored with all of this. After that, it is gone for good."),
        None => "This cannot be undone: deleted users are gone for good here.".to_owned(),
    });
    lines
}

/// "24 Nov 2026, 14:05 GMT: Uma Reyes changed Ben Lindqvist: account expiry 3 Jan 2027, before: none."
pub fn change_line(change: &ChangedSince, zone: Tz) -> String {
    let who = change.actor.as_deref().unwrap_or("Somebody");
    let at = format::moment(change.at, zone);
    let person = change.person.as_deref().unwrap_or("somebody");
    match (change.kind.as_str(), &change.after) {
        ("enrolment", _) => format!("{at}: {who} changed an enrolment of {person}."),
        ("role", _) => format!("{at}: {who} changed the roles of {person}."),
        (_, Some(Value::Object(after))) => {
            let fields: Vec<String> = after.iter().map(|(field, value)| field_words(change, field, value)).collect();
            format!("{at}: {who} changed {person}: {}.", fields.join("; "))
        }
        _ => format!("{at}: {who} deleted {person}."),
    }
}

fn field_words(change: &ChangedSince, field: &str, value: &Value) -> String {
    let date = |value: Option<&Value>| match value.and_then(Value::as_str) {
        Some(text) => text.parse::<NaiveDate>().map_or(text.to_owned(), day),
        None => "none".to_owned(),
    };
    match field {
        "organisation_id" => match &change.organisation {
            Some(path) => format!("organisation {path}"),
            None => "organisation".to_owned(),
        },
        "expires_on" => {
            let before = change.before.as_ref().and_then(|before| before.get(field));
            format!("account expiry {}, before: {}", date(Some(value)), date(before))
        }
        other => other.replace('_', " "),
    }
}

/// What the entry of a deletion tells; see `people::deletion`.
#[derive(Debug, Deserialize)]
struct DeletedFacts {
    users: u64,
    enrolments: u64,
    completion_records: u64,
    roles: u64,
    licenses_freed: u64,
    restorable_until: Option<DateTime<Utc>>,
}

/// The notice after a change; none for an entry that tells of something else.
pub fn notice(action: &str, detail: Value, zone: Tz) -> Option<Notice> {
    match action {
        "user.deleted" => serde_json::from_value(detail).ok().map(|facts| deleted(&facts, zone)),
        "user.expiry_set" | "user.moved" => serde_json::from_value(detail).ok().map(|facts| changed(&facts)),
        _ => None,
    }
}

fn changed(facts: &Facts) -> Notice {
    let accounts = counted(facts.users, "account", "accounts");
    let (heading, mut lines) = match facts.change {
        Change::Expiry { date: Some(date) } => {
            (format!("The last day of {accounts} is {} now", day(date)), words::done(&facts.effect))
        }
        Change::Expiry { date: None } => {
            let have = if facts.users == 1 { "has" } else { "have" };
            (format!("{accounts} {have} no expiry date now"), words::done(&facts.effect))
        }
        Change::Move { to } => {
            let place = facts.effect.organisations.iter().find(|row| row.organisation == to);
            let place = place.map_or("another organisation", |row| row.name.as_str());
            let are = if facts.users == 1 { "is" } else { "are" };
            let mut lines = words::has_moved(&facts.effect);
            if lines.is_empty() {
                lines.push("No license moved with them.".to_owned());
            }
            (format!("{} {are} in {place} now", people(facts.users)), lines)
        }
        Change::Delete => (format!("{accounts} were changed"), Vec::new()),
    };
    lines.extend(words::exceeded(&facts.exceeded, "is"));
    if facts.unchanged > 0 {
        lines.push(format!("{} so already.", counted(facts.unchanged, "account was", "accounts were")));
    }
    Notice { heading, lines, places: words::every_organisation(&facts.effect, None), ..Notice::default() }
}

fn deleted(facts: &DeletedFacts, zone: Tz) -> Notice {
    let mut lines = Vec::new();
    let with_them = belongings(facts.enrolments, facts.completion_records, facts.roles);
    if !with_them.is_empty() {
        lines.push(format!("With them went {with_them}."));
    }
    lines.push(match facts.licenses_freed {
        0 => "No license was freed: none of them was active.".to_owned(),
        freed => format!("{} free now.", counted(freed, "license is", "licenses are")),
    });
    lines.push(match facts.restorable_until {
        Some(until) => format!("They can be restored until {}.", format::moment(until, zone)),
        None => "They are gone for good.".to_owned(),
    });
    let heading = counted(facts.users, "user is deleted", "users are deleted");
    let more = facts.restorable_until.map(|_| ("/users/deleted", "Deleted users"));
    Notice { heading, lines, more, ..Notice::default() }
}

/// "30 enrolments, 4 completion records and 2 roles"; what there is none of is left out.
pub fn belongings(enrolments: u64, completion_records: u64, roles: u64) -> String {
    let all = [
        (enrolments, "enrolment", "enrolments"),
        (completion_records, "completion record", "completion records"),
        (roles, "role", "roles"),
    ];
    let parts: Vec<String> =
        all.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(count, one, many)).collect();
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
