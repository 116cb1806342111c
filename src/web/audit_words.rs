//! The audit log in words: actions, kinds of things, fields and their values. What is not in these
//! tables still reads well: its name, with spaces.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::access::Role;
use crate::web::format;

/// What somebody did, by the name of the action, in the order in which they can be chosen.
pub const ACTIONS: &[(&str, &str)] = &[
    ("user.signed_in", "Signed in"),
    ("user.sign_in_failed", "Sign-in failed"),
    ("user.signed_out", "Signed out"),
    ("user.created", "Added a user"),
    ("user.changed", "Edited a user"),
    ("user.moved", "Moved users to another organisation"),
    ("user.expiry_set", "Set the expiry of accounts"),
    ("user.deleted", "Deleted users"),
    ("user.restored", "Restored users"),
    ("user.forgotten", "Forgot deleted users for good"),
    ("user.exported", "Exported users"),
    ("user.export_finished", "Finished exporting users"),
    ("user.password_link_requested", "Asked for a link to set a password"),
    ("user.password_set", "Set a password"),
    ("role.granted", "Granted a role"),
    ("role.taken", "Took a role away"),
    ("experience.created", "Added a learning experience"),
    ("experience.edited", "Edited a learning experience"),
    ("experience.archived", "Archived a learning experience"),
    ("experience.unarchived", "Brought a learning experience back from the archive"),
    ("enrolment.created", "Enrolled users"),
    ("enrolment.expiry_set", "Set the expiry date of enrolments"),
    ("enrolment.expiry_undone", "Restored the former expiry dates of enrolments"),
    ("enrolment.due_set", "Set the due date of enrolments"),
    ("enrolment.completion_set", "Set the completion date of enrolments"),
    ("enrolment.completed", "Completed a learning experience"),
    ("enrolment.reset", "Reset enrolments"),
    ("enrolment.deleted", "Deleted enrolments"),
    ("import.uploaded", "Uploaded a file of users"),
    ("import.confirmed", "Confirmed an import of users"),
    ("import.applied", "Imported users"),
    ("import.cancelled", "Called an import of users off"),
    ("agreement.agreed", "Agreed on a license year"),
    ("agreement.changed", "Changed the terms of a license agreement"),
    ("agreement.overage_permitted", "Permitted an overage in writing"),
    ("agreement.withdrawn", "Took a renewal back"),
    ("agreement.begun", "A license agreement came into force"),
    ("agreement.upgraded", "Upgraded a license agreement"),
    ("notice.given", "Gave notice about licenses"),
    ("license_report.exported", "Exported a User License Report"),
    ("license_report.subscribed", "Asked for a User License Report by mail every month"),
    ("license_report.unsubscribed", "Stopped a monthly User License Report"),
    ("license_report.mailed", "Mailed a User License Report"),
    ("audit.exported", "Exported the audit log"),
    ("organisation.created", "Created an organisation"),
    ("organisation.renamed", "Renamed an organisation"),
    ("organisation.limits_set", "Set user limits"),
    ("settings.changed", "Changed a setting"),
    ("tier.created", "Added a tier"),
    ("tier.edited", "Edited a tier"),
    ("tier.retired", "Retired a tier"),
    ("holiday.added", "Added holidays"),
    ("holiday.removed", "Removed a holiday"),
    ("platform.loaded", "Took data over from another platform"),
    ("demo.passwords_set", "Set the passwords of the demo accounts"),
];

/// What things are called, by the kind in the log.
pub const KINDS: &[(&str, &str)] = &[
    ("user", "User"),
    ("organisation", "Organisation"),
    ("experience", "Learning experience"),
    ("enrolment", "Enrolment"),
    ("role", "Role"),
    ("import", "Import"),
    ("agreement", "License agreement"),
    ("tier", "Tier"),
];

const FIELDS: &[(&str, &str)] = &[
    ("email", "E-mail address"),
    ("organisation_id", "Organisation"),
    ("experience_id", "Learning experience"),
    ("user_id", "User"),
    ("language", "Language"),
    ("expires_on", "Expiry date"),
    ("due_on", "Due date"),
    ("completed_on", "Completion date"),
    ("starts_on", "Start"),
    ("last_accessed_at", "Last access"),
    ("job_function", "Function"),
    ("records", "Completion records"),
    ("export_id", "Export"),
    ("whole", "Everybody of the organisation"),
    ("fields", "Changed"),
];

/// What narrows a list down, by its name in addresses.
const FILTERS: &[(&str, &str)] = &[
    ("q", "search"),
    ("signed_in", "last sign-in"),
    ("idle", "reason to free a license"),
    ("from", "from a day"),
    ("to", "until a day"),
    ("ids", "ticked"),
];

fn known(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
}

/// A name of the program as words: `some_thing.done` is "Some thing done".
fn readable(name: &str) -> String {
    let spaced = name.replace(['_', '.'], " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What somebody did.
pub fn action(name: &str) -> String {
    known(ACTIONS, name).map_or_else(|| readable(name), str::to_owned)
}

/// What kind of thing it is.
pub fn kind(name: &str) -> String {
    known(KINDS, name).map_or_else(|| readable(name), str::to_owned)
}

/// What a field is called.
pub fn field(name: &str) -> String {
    known(FIELDS, name).map_or_else(|| readable(name), str::to_owned)
}

/// What a reader needs to understand values.
#[derive(Debug, Clone)]
pub struct Names {
    /// Names of things by their ids, as far as the reader may see them.
    pub things: HashMap<Uuid, Named>,
    /// The zone of times.
    pub zone: Tz,
}

impl Names {
    fn of(&self, id: &str) -> Option<&Named> {
        id.parse().ok().and_then(|id| self.things.get(&id))
    }
}

/// A thing that still exists.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is called.
    pub name: String,
    /// Its page, if it has one.
    pub address: Option<String>,
}

/// A field that tells which thing is meant by its id: also which entry was undone.
fn is_id(field: &str) -> bool {
    field.ends_with("_id") || field == "undone"
}

/// Every id in some values, so that their names can be looked up in one go.
pub fn ids_in(values: Option<&Value>) -> impl Iterator<Item = Uuid> {
    let fields = values.and_then(Value::as_object).into_iter().flatten();
    let ids = fields.filter(|(name, _)| is_id(name)).map(|(_, value)| value);
    let moved_to = values.and_then(|values| values.pointer("/change/to"));
    ids.chain(moved_to).filter_map(|value| value.as_str()?.parse().ok())
}

/// The value of a field.
pub fn value(field: &str, value: Option<&Value>, names: &Names) -> String {
    match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Number(number)) => number.as_i64().map_or_else(|| number.to_string(), format::grouped),
        Some(Value::String(text)) if text.is_empty() => "empty".to_owned(),
        Some(Value::String(text)) => string(field, text, names),
        Some(Value::Array(all)) => {
            let words: Vec<String> = all.iter().map(|one| self::value(field, Some(one), names)).collect();
            if words.is_empty() { "none".to_owned() } else { words.join(", ") }
        }
        Some(Value::Object(fields)) => {
            let words = fields.iter().map(|(name, one)| {
                format!("{} {}", self::field(name).to_lowercase(), self::value(name, Some(one), names))
            });
            words.collect::<Vec<String>>().join(", ")
        }
    }
}

fn string(field: &str, text: &str, names: &Names) -> String {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return format::day(date);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return format::moment(at.with_timezone(&Utc), names.zone);
    }
    match field {
        "kind" => readable(text),
        "fields" => self::field(text).to_lowercase(),
        "filters" => known(FILTERS, text).map_or_else(|| readable(text).to_lowercase(), str::to_owned),
        "role" | "roles" => Role::from_code(text).map_or_else(|| text.to_owned(), |role| role.label().to_owned()),
        _ if is_id(field) => names.of(text).map_or_else(|| text.to_owned(), |named| named.name.clone()),
        _ => text.to_owned(),
    }
}

/// The facts beside an action: "Rows: 9, day: 24 Nov 2026".
pub fn facts(detail: &Value, names: &Names) -> String {
    let Some(fields) = detail.as_object() else { return String::new() };
    let words = |name: &str| value(name, fields.get(name), names);
    if let (Some(Value::String(setting)), true) = (fields.get("setting"), fields.contains_key("after")) {
        return format!("{}: {}, before: {}", readable(setting), words("after"), words("before"));
    }
    let facts: Vec<String> =
        fact_list(detail, names).into_iter().map(|fact| format!("{}: {}", fact.name, fact.value)).collect();
    facts.join(", ")
}

/// A fact beside an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is: "Day".
    pub name: String,
    /// "24 Nov 2026".
    pub value: String,
    /// The page of the thing that it names.
    pub address: Option<String>,
}

impl Fact {
    fn new(field_name: &str, fact: &Value, names: &Names) -> Fact {
        let named = fact.as_str().filter(|_| is_id(field_name)).and_then(|id| names.of(id));
        Fact {
            name: field(field_name),
            value: value(field_name, Some(fact), names),
            address: named.and_then(|named| named.address.clone()),
        }
    }

    fn of(name: String, value: String) -> Fact {
        Fact { name, value, address: None }
    }
}

/// The facts one by one, each with what it is. The values of a bulk change stand for themselves; of
/// its effect only the sums, since not everybody who reads the entry may see all organisations.
pub fn fact_list(detail: &Value, names: &Names) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, fact) in detail.as_object().into_iter().flatten() {
        match (name.as_str(), fact) {
            ("change" | "effect", Value::Null) => {}
            // what was not lost is no news
            ("lost_enrolments" | "lost_roles", Value::Number(none)) if none.as_u64() == Some(0) => {}
            ("change", Value::Object(change)) => {
                let given = change.iter().filter(|(name, _)| *name != "change"); // the action says it
                facts.extend(given.map(|(name, to)| {
                    Fact::new(if name == "to" { "organisation_id" } else { name.as_str() }, to, names)
                }));
            }
            ("effect", Value::Object(_)) => {
                let sums = ["freed", "taken"].map(|what| (format!("Licenses {what}"), licenses(fact, what)));
                facts.extend(sums.map(|(name, sum)| Fact::of(name, sum)));
            }
            ("exceeded", Value::Array(limits)) if limits.is_empty() => {}
            ("exceeded", Value::Array(limits)) => {
                facts.push(Fact::of("Limits exceeded".to_owned(), format::grouped_count(limits.len() as u64)));
            }
            _ => facts.push(Fact::new(name, fact, names)),
        }
    }
    facts
}

fn licenses(effect: &Value, what: &str) -> String {
    format::grouped(sum(effect, what))
}

fn sum(effect: &Value, what: &str) -> i64 {
    let organisations = effect["organisations"].as_array().into_iter().flatten();
    organisations.filter_map(|organisation| organisation[what].as_i64()).sum()
}

/// The same reduction for a file: of an effect the sums, of exceeded limits how many. What they are made of was computed
/// for whoever made the change, who may see more organisations than the reader.
pub fn sums_only(mut detail: Value) -> Value {
    if let Some(effect) = detail.get_mut("effect").filter(|effect| effect.is_object()) {
        *effect = json!({ "freed": sum(effect, "freed"), "taken": sum(effect, "taken") });
    }
    if let Some(exceeded) = detail.get_mut("exceeded") {
        *exceeded = json!(exceeded.as_array().map_or(0, Vec::len));
    }
    detail
}

/// A field with its value before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is called.
    pub field: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// The fields of a thing that an entry touched, side by side. `named`: its name stands beside, so that fields
/// which stayed the same, and only say which thing it is, are not needed.
pub fn differences(before: Option<&Value>, after: Option<&Value>, named: bool, names: &Names) -> Vec<Difference> {
    let of = |values: Option<&'_ Value>, name: &str| values.and_then(|values| values.get(name)).cloned();
    let fields: BTreeSet<&String> =
        [before, after].into_iter().flatten().filter_map(Value::as_object).flat_map(|values| values.keys()).collect();
    let mut fields: Vec<&String> = fields.into_iter().collect();
    fields.sort_by_key(|name| !name.ends_with("_id")); // what it is before what changed
    if before.is_none() || after.is_none() {
        // of a thing that came or went, what it never had says nothing
        let nothing = |value: Option<Value>| value.is_none_or(|value| value.is_null());
        fields.retain(|name| !nothing(of(before, name)) || !nothing(of(after, name)));
    }
    if named && fields.iter().any(|name| of(before, name) != of(after, name)) {
        fields.retain(|name| of(before, name) != of(after, name));
    }
    fields
        .into_iter()
        .map(|name| Difference {
            field: field(name),
            before: value(name, of(before, name).as_ref(), names),
            after: value(name, of(after, name).as_ref(), names),
        })
        .collect()
}
