//! The page of a change, before it is done.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use crate::features::enrolments::change::{Change, Kind};
use crate::features::enrolments::queries::{ChangedSince, Effect, Exceeded, Preview};
use crate::features::enrolments::words;
use crate::people::gone::without_the_deleted;
use crate::web::form::{Field, Problems};
use crate::web::format::{self, counted};
use crate::web::list::Pairs;
use crate::web::looked::Looked;
use crate::web::notice::Places;
use crate::web::page::{Chrome, Section};
use crate::web::viewer::Viewer;
use crate::web::what_if::WhatIfView;

/// The values as typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The date.
    pub date: String,
    /// No date at all.
    pub never: bool,
    /// There is no choice of no date at all.
    pub ends: bool,
    /// The result of a completion.
    pub result: String,
}

/// A change that is proposed.
pub struct Proposed {
    /// Which one.
    pub kind: Kind,
    /// What is chosen.
    pub preview: Preview,
    /// The values as typed.
    pub typed: Typed,
    /// What is wrong with them.
    pub problems: Problems,
    /// What would be done, if that can be read from what was typed.
    pub change: Option<Change>,
    /// What it does to the licenses, and from when on.
    pub effects: Vec<(Option<NaiveDate>, Effect)>,
    /// Limits that would be exceeded, and from when on.
    pub exceeded: Vec<(Option<NaiveDate>, Vec<Exceeded>)>,
    /// The forecast with and without it.
    pub what_if: Option<WhatIfView>,
    /// What somebody else did meanwhile, if that is why the page is shown again.
    pub moved: Option<Vec<ChangedSince>>,
    /// The page is shown again because another effect was shown before.
    pub recheck: bool,
    /// How many that were ticked are deleted meanwhile.
    pub gone: u64,
    /// Users are selected, though none of their enrolments is meant.
    pub somebody: bool,
    /// The list's query with the selection.
    pub pairs: Vec<(&'static str, String)>,
    /// The list, with the selection.
    pub back: String,
    /// What the list is called.
    pub screen: &'static str,
    /// The time.
    pub now: DateTime<Utc>,
}

/// GET and POST `/experiences/{experience_id}/enrolments/{change}` and `/users/expire`.
#[derive(Template)]
#[template(path = "enrolments/bulk.html")]
pub struct BulkPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "Set the expiry date".
    pub heading: &'static str,
    /// "12 enrolments of 12 people on Fire safety".
    pub lede: String,
    /// Nothing is selected.
    pub nothing: bool,
    /// How many that were ticked are deleted meanwhile.
    pub gone: u64,
    /// The breadcrumb: the list.
    pub list: &'static str,
    /// The list, with the selection.
    pub back: String,
    /// Where the form goes.
    pub action: String,
    /// Hidden fields.
    pub kept: Pairs,
    /// A fingerprint of what is shown, and when that is.
    pub seen: String,
    /// The date whose effect is shown.
    pub previewed: String,
    /// The date, if the change has one.
    pub date: Option<Field>,
    /// The box for no date: words, and whether it is ticked.
    pub never: Option<(&'static str, bool)>,
    /// The result of a completion.
    pub result: Option<Field>,
    /// What is wrong.
    pub problems: Problems,
    /// Some of the people.
    pub sample: Vec<String>,
    /// How many more there are.
    pub more: Option<String>,
    /// What it does.
    pub effects: Vec<String>,
    /// Limits that would be exceeded.
    pub exceeded: Vec<String>,
    /// The forecast with and without it.
    pub what_if: Option<WhatIfView>,
    /// The number of completion records, to be typed.
    pub confirm: Option<Field>,
    /// What somebody else did meanwhile.
    pub moved: Option<Vec<String>>,
    /// The values are others than those whose effect was shown, so nothing was done yet.
    pub recheck: bool,
    /// All organisations that it concerns on a day, where not all are named.
    pub places: Vec<Places>,
    /// The button that does it; none when there is nothing to change.
    pub button: Option<String>,
    /// It cannot be taken back.
    pub danger: bool,
}

impl BulkPage {
    /// The page for a person.
    pub fn new(proposed: Proposed, viewer: &Viewer) -> BulkPage {
        let Proposed { kind, preview, typed, problems, change, effects, exceeded, what_if, moved, recheck, .. } =
            proposed;
        let (of_users, nothing) = (preview.header.is_none(), preview.enrolments == 0);
        let heading = if of_users { "Expire all enrolments" } else { kind.heading() };
        let section = if of_users { Section::Users } else { Section::Experiences };
        let enrolments = counted(preview.enrolments, "enrolment", "enrolments");
        let people = counted(preview.people, "person", "people");
        let lede = match &preview.header {
            Some(header) => format!("{enrolments} of {people} on {}", header.title),
            None if nothing => "No enrolment of these people gives access after that day".to_owned(),
            None => format!("{enrolments} of {people} that give access after that day, on all learning experiences"),
        };
        let verb = match kind {
            Kind::Reset => format!("Reset {enrolments}"),
            Kind::Delete => format!("Delete {enrolments}"),
            _ => kind.label().to_owned(),
        };
        let title = if moved.is_some() { format!("Error: {heading}") } else { problems.title(heading) };
        let more = preview.people.saturating_sub(preview.sample.len() as u64);
        BulkPage {
            chrome: Chrome::new(&title, viewer, section),
            heading,
            lede: without_the_deleted(lede, proposed.gone),
            nothing: nothing && !proposed.somebody,
            gone: proposed.gone,
            list: proposed.screen,
            action: match &preview.header {
                Some(header) => format!("/experiences/{}/enrolments/{}", header.id, kind.segment()),
                None => "/users/expire".to_owned(),
            },
            back: proposed.back,
            kept: Pairs(proposed.pairs),
            seen: Looked { fingerprint: preview.seen.clone(), at: Some(proposed.now) }.to_string(),
            previewed: typed.previewed(),
            date: kind.date_field().map(|name| date_field(kind, name, &typed, &problems)),
            never: match kind {
                Kind::Expiry if !of_users => Some(("No end: access does not expire", typed.never)),
                Kind::Due => Some(("No due date", typed.never)),
                _ => None,
            },
            result: (kind == Kind::Completion).then(|| {
                Field::new("result", "Result", &typed.result)
                    .hint("Such as Pass or Distinction. Empty keeps the result that there is.")
                    .with(&problems)
            }),
            what_if,
            effects: effect_lines(change.as_ref(), kind, &preview, &effects),
            exceeded: exceeded.iter().flat_map(|(from, limits)| words::would_exceed(limits, *from)).collect(),
            confirm: must_be_typed(kind, preview.records).then(|| {
                let label = match kind {
                    Kind::Completion => "Completion records that get the new date",
                    _ => "Completion records that are lost",
                };
                Field::new("confirm", label, "").required().hint(unconfirmed(preview.records)).with(&problems)
            }),
            recheck,
            moved: moved.map(|changes| moved_lines(&changes, viewer.time_zone)),
            problems,
            sample: preview.sample,
            more: (more > 0).then(|| format!("and {} more", format::grouped_count(more))),
            button: (!nothing).then_some(verb),
            places: effects.iter().filter_map(|(from, effect)| words::every_organisation(effect, *from)).collect(),
            danger: kind.loses_records(),
        }
    }
}

/// Above this many completion records their number has to be typed before they are lost or get another date.
const MOST_UNTYPED: u64 = 50;

/// The number of completion records has to be typed.
pub fn must_be_typed(kind: Kind, records: u64) -> bool {
    (kind.loses_records() || kind == Kind::Completion) && records > MOST_UNTYPED
}

/// What is to be typed.
pub fn unconfirmed(records: u64) -> String {
    format!("Type {} to confirm.", format::grouped_count(records))
}

fn date_field(kind: Kind, name: &'static str, typed: &Typed, problems: &Problems) -> Field {
    let (label, hint) = match kind {
        Kind::Expiry => (
            "Last day of access",
            "Access ends after this day. A day before today ends it at once; the completion records are kept.",
        ),
        Kind::Due => ("Due date", "When it should be completed. Access does not depend on it."),
        _ => ("Completed on", "The day of the completion record."),
    };
    Field::new(name, label, &typed.date).kind("date").or_else().hint(hint).with(problems)
}

/// What the change does, also to completion records.
fn effect_lines(
    change: Option<&Change>,
    kind: Kind,
    preview: &Preview,
    effects: &[(Option<NaiveDate>, Effect)],
) -> Vec<String> {
    let mut lines: Vec<String> = match effects {
        [(_, today), (Some(from), later)] if today.freed() == 0 && today.taken() == 0 => {
            words::would(later, Some(*from))
        }
        effects => effects.iter().flat_map(|(from, effect)| words::would(effect, *from)).collect(),
    };
    let others = preview.enrolments.saturating_sub(preview.already);
    match change {
        Some(Change::Due { date }) if others > 0 => {
            let gets = match date {
                Some(date) => {
                    format!("{} {}", if others == 1 { "is due on" } else { "are due on" }, format::day(*date))
                }
                None => if others == 1 { "has no due date then" } else { "have no due date then" }.to_owned(),
            };
            lines.push(format!(
                "{} {gets}. Access and licenses do not depend on it.",
                counted(others, "enrolment", "enrolments")
            ));
        }
        Some(Change::Completion { date, .. }) if others > 0 => {
            let stands = if others == 1 { "stands as completed on" } else { "stand as completed on" };
            let on = format::day(*date);
            lines.push(format!(
                "{} {stands} {on}. Access and licenses stay.",
                counted(others, "enrolment", "enrolments")
            ));
        }
        _ => {}
    }
    if preview.not_begun > 0 {
        let later = counted(preview.not_begun, "enrolment starts later", "enrolments start later");
        let never = if kind == Kind::Expiry { ", and would never give access" } else { "" };
        lines.push(format!("Check the date: {later} than that day{never}."));
    }
    if preview.ended > 0 {
        let ended = counted(preview.ended, "enrolment has ended on another day", "enrolments have ended on other days");
        lines.push(format!("{ended} already. The new date takes its place there, too."));
    }
    if matches!(change, Some(Change::Due { date: Some(date) }) if *date < preview.today) {
        lines.push("Check the date: that day is over.".to_owned());
    }
    if preview.longer > 0 {
        let end = counted(preview.longer, "enrolment ends later than it would", "enrolments end later than they would");
        lines.push(format!("{end} have, and a license may be held for as long."));
    }
    if preview.already > 0 {
        lines.push(format!("{} so already.", counted(preview.already, "enrolment is", "enrolments are")));
    }
    let records = |one, many| counted(preview.records, one, many);
    match (kind, preview.records) {
        (_, 0) | (Kind::Due, _) => {}
        (Kind::Delete | Kind::Reset, _) => {
            let end = if kind == Kind::Reset { "" } else { " This cannot be undone." };
            lines.push(format!("{} lost.{end}", records("completion record is", "completion records are")));
        }
        (Kind::Expiry, _) => lines.push(format!("{} kept.", records("completion record is", "completion records are"))),
        (Kind::Completion, _) => {
            let get = records("completion record gets", "completion records get");
            lines.push(format!("{get} the new date. This cannot be undone; the audit log keeps the former dates."));
        }
    }
    if kind == Kind::Reset {
        lines.push(
            "When they were last opened is forgotten too: they count as never opened, and begin anew. The dates of access \
             stay, and so do the licenses. This cannot be undone."
                .to_owned(),
        );
    }
    lines
}

fn moved_lines(changes: &[ChangedSince], zone: Tz) -> Vec<String> {
    if changes.is_empty() {
        return vec!["Other enrolments are meant now than before.".to_owned()];
    }
    let mut lines: Vec<String> = changes.iter().map(|change| change_line(change, zone)).collect();
    lines.dedup();
    lines
}

/// "14:05 GMT: Uma Reyes changed Ben Lindqvist: expires 3 Jan 2027, before: no end".
fn change_line(change: &ChangedSince, zone: Tz) -> String {
    let unknown = if change.by_program { "Headroom itself" } else { "somebody else" };
    let who = change.actor.as_deref().unwrap_or(unknown);
    let learner = change.learner.as_deref().unwrap_or("somebody who is deleted now");
    let at = format::moment(change.at, zone);
    let Some(Value::Object(after)) = &change.after else {
        return format!("{at}: {who} deleted the enrolment of {learner}.");
    };
    let word = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.parse::<NaiveDate>().map_or(text.clone(), format::day),
        None | Some(Value::Null) => "none".to_owned(),
        Some(other) => other.to_string(),
    };
    let fields: Vec<String> = after
        .iter()
        .filter(|(field, _)| *field != "experience_id")
        .map(|(field, value)| {
            let before = change.before.as_ref().and_then(|before| before.get(field));
            let name = match field.as_str() {
                "expires_on" => "expiry date",
                "due_on" => "due date",
                "completed_on" => "completion date",
                "starts_on" => "start",
                "last_accessed_at" => "last access",
                other => other,
            };
            format!("{name} {}, before: {}", word(Some(value)), word(before))
        })
        .collect();
    match &change.before {
        Some(_) => format!("{at}: {who} changed {learner}: {}.", fields.join("; ")),
        None => format!("{at}: {who} enrolled {learner}."),
    }
}
