//! An import in words.

use crate::domain::sync::guards::CannotSynchronize;
use crate::features::imports::commands::{Missing, Outcome};
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::Import;
use crate::web::format::{counted, grouped_count};

/// Parts with their counts, those with none left out: "Delete 214 users, change 37, add 12".
fn listed(parts: &[(&str, u64)], noun: impl Fn(usize, usize, u64) -> Option<&'static str>) -> String {
    let some: Vec<_> = parts.iter().filter(|(_, count)| *count > 0).collect();
    let words: Vec<String> = some
        .iter()
        .enumerate()
        .map(|(index, (verb, count))| {
            let noun = noun(index, some.len(), *count).map(|noun| format!(" {noun}")).unwrap_or_default();
            format!("{verb} {}{noun}", grouped_count(*count))
        })
        .collect();
    capital(&words.join(", "))
}

fn users(count: u64) -> &'static str {
    if count == 1 { "user" } else { "users" }
}

/// With a capital letter.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The button that applies a plan and deletes whoever is missing.
pub fn delete_button(counts: &Counts) -> String {
    let parts = [("delete", counts.deleted), ("change", counts.changed), ("add", counts.created)];
    listed(&parts, |index, all, count| {
        ((index == 0 && counts.deleted > 0) || all == 1).then(|| users(count)) //
    })
}

/// The button that applies a plan and expires the enrolments of whoever is missing.
pub fn expire_button(counts: &Counts) -> String {
    let all = format!("Expire all enrolments of {}", counted(counts.deleted, "user", "users"));
    let parts = [("change", counts.changed), ("add", counts.created)];
    match listed(&parts, |_, _, _| None).as_str() {
        "" => all,
        others => format!("{all}, {}", others.to_lowercase()),
    }
}

/// "Deleting 214 users, changing 37, adding 12", while that is done.
pub fn doing(counts: &Counts, missing: Missing) -> String {
    let others = [("changing", counts.changed), ("adding", counts.created)];
    let first = |index: usize, _: usize, count: u64| (index == 0).then(|| users(count));
    match missing {
        Missing::Delete => {
            let [changed, created] = others;
            listed(&[("deleting", counts.deleted), changed, created], first)
        }
        Missing::Expire if counts.deleted > 0 => {
            let all = format!("Expiring all enrolments of {}", counted(counts.deleted, "user", "users"));
            match listed(&others, |_, _, _| None).as_str() {
                "" => all,
                others => format!("{all}, {}", others.to_lowercase()),
            }
        }
        Missing::Expire | Missing::Keep => listed(&others, first),
    }
}

/// "214 users deleted, 37 changed, 12 added".
pub fn done(outcome: &Outcome) -> String {
    let parts = [
        (outcome.deleted, "deleted"),
        (outcome.expired, "without access"),
        (outcome.changed, "changed"),
        (outcome.created, "added"),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .enumerate()
        .map(|(index, (count, verb))| match index {
            0 => format!("{} {verb}", counted(count, "user", "users")),
            _ => format!("{} {verb}", grouped_count(count)),
        })
        .collect();
    if words.is_empty() { "Nothing was changed".to_owned() } else { words.join(", ") }
}

/// What is different now from what was seen.
pub fn moved(before: &Counts, now: &Counts) -> Vec<String> {
    let all = [
        ("Added", before.created, now.created),
        ("Changed", before.changed, now.changed),
        ("Deleted", before.deleted, now.deleted),
        ("Protected", before.protected, now.protected),
        ("Refused rows", before.refused, now.refused),
        ("Completion records that would be lost", before.records_lost, now.records_lost),
        ("Licenses that would become free", before.licenses_freed, now.licenses_freed),
    ];
    let lines: Vec<String> = all
        .into_iter()
        .filter(|(_, before, now)| before != now)
        .map(|(what, before, now)| format!("{what}: {} now, {} before.", grouped_count(now), grouped_count(before)))
        .collect();
    if lines.is_empty() {
        vec!["The numbers are the same, but it is about other people or values.".to_owned()]
    } else {
        lines
    }
}

/// The people who go are those whom a file lacks that was cut off.
pub const MAY_BE_CUT_OFF: &str = "Everybody who would be deleted stands at the end of the export. If the download or the \
                                  file was cut off, export again.";

/// Why nobody is deleted.
pub struct Objection {
    /// What is the matter.
    pub what: String,
    /// What to do about it.
    pub advice: String,
    /// Where that is done.
    pub link: Option<Link>,
}

/// Where something is done.
pub struct Link {
    /// The address.
    pub address: String,
    /// What it says.
    pub words: &'static str,
    /// It is a file.
    pub is_file: bool,
}

impl Objection {
    /// In words.
    pub fn new(why: CannotSynchronize, import: &Import, counts: &Counts) -> Objection {
        let name = &import.organisation;
        let address = format!("/users.csv?organisation={}", import.organisation_id);
        let export = Some(Link { address, words: "Export everybody", is_file: true });
        let advice = |text: &str| text.to_owned();
        let begin_anew =
            format!("Export everybody of {name}, take the people out of that file who are to go, and upload it.");
        let (what, advice, link) = match why {
            CannotSynchronize::NoRows => {
                (format!("The file has no rows: everybody in {name} would be deleted."), begin_anew, export)
            }
            CannotSynchronize::Strangers => (
                format!("No row is about anybody in {name}: everybody there would be deleted."),
                format!(
                    "Check that it is the right file and organisation, and that it has user_id or username. {begin_anew}"
                ),
                export,
            ),
            CannotSynchronize::RefusedRows => (
                format!(
                    "{} refused, so nobody can say who is missing from the file.",
                    counted(counts.refused, "row is", "rows are")
                ),
                advice("Correct these rows in the whole file and upload it again."),
                Some(Link {
                    address: format!("/imports/{}?show=refused", import.id),
                    words: if counts.refused == 1 { "Show the refused row" } else { "Show the refused rows" },
                    is_file: false,
                }),
            ),
            CannotSynchronize::FilteredExport => (
                advice(
                    "The file was exported from a filtered list: everybody whom the filter left out would be deleted.",
                ),
                begin_anew,
                export,
            ),
            CannotSynchronize::OtherExport => (
                format!("The file was exported for another organisation than {name}."),
                format!("Upload it for the organisation that it was exported for. Or: {}", lower(&begin_anew)),
                export,
            ),
            CannotSynchronize::UnfinishedExport => (
                advice(
                    "The export that the file comes from was cut off before its last row: whoever stands behind that would be deleted.",
                ),
                begin_anew,
                export,
            ),
        };
        Objection { what, advice, link }
    }
}

/// A reason that may be the end of a sentence, as a whole one.
pub fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{}{end}", capital(text))
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Why somebody is protected; `own`: it is the reader who imports.
pub fn protected(reason: &str, own: bool) -> &'static str {
    match (reason, own) {
        ("yourself", true) => "This is you. Nobody deletes their own account.",
        ("yourself", false) => "Uploaded the file. Nobody deletes their own account.",
        ("created_since", _) => "Added after the file was exported, so the file could not have them.",
        ("moved_in_since", _) => "Moved here after the file was exported, so the file could not have them.",
        ("beyond", true) => "Holds a role that you could not grant.",
        ("beyond", false) => "Holds a role that the person who uploaded the file could not grant.",
        ("last_org_admin", _) => "The last org admin of an organisation. Make somebody else one first.",
        _ => "Protected.",
    }
}
