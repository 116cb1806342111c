//! The answer to a plan: what it does, in words, and the buttons that do it.

use chrono::{DateTime, Duration, Utc};

use super::preview::Planned;
use super::told::Told;
use super::words::{MAY_BE_CUT_OFF, delete_button, expire_button};
use crate::features::imports::planning::Counts;
use crate::web::form::{Field, Problems};
use crate::web::format::{self, counted, grouped_count};
use crate::web::viewer::Viewer;

/// What stands below a plan that does something.
pub struct ConfirmPart {
    /// Where the answer goes.
    pub action: String,
    /// The fingerprint of the plan.
    pub seen: String,
    /// Some of those who go.
    pub sample: Vec<String>,
    /// "and 209 more".
    pub more: Option<String>,
    /// What it does.
    pub lines: Vec<String>,
    /// What expiring instead does.
    pub instead: Option<String>,
    /// The number of those who go, to be typed.
    pub typed: Option<Field>,
    /// The button: its words, and what becomes of those who are missing.
    pub button: (String, &'static str),
    /// Somebody is deleted.
    pub danger: bool,
    /// The button that expires instead.
    pub expire: Option<String>,
}

impl ConfirmPart {
    /// None when there is nothing to do.
    pub fn new(
        viewer: &Viewer,
        planned: &Planned,
        told: &Told,
        problems: &Problems,
        now: DateTime<Utc>,
    ) -> Option<ConfirmPart> {
        let Planned { import, counts, limits, sample, .. } = planned;
        if counts.is_nothing() {
            return None;
        }
        let typing = counts.must_be_typed(limits.threshold_percent);
        let as_typed = match told {
            Told::TypeFirst { typed, .. } => typed.as_str(),
            _ => "",
        };
        let more = counts.deleted.saturating_sub(sample.len() as u64);
        let until = (limits.restore_window_days > 0)
            .then(|| format::moment(now + Duration::days(i64::from(limits.restore_window_days)), viewer.time_zone));
        let goes = counts.deleted > 0;
        Some(ConfirmPart {
            action: format!("/imports/{}/confirm", import.id),
            seen: import.fingerprint.clone().unwrap_or_default(),
            sample: sample.clone(),
            more: (more > 0).then(|| format!("and {} more", grouped_count(more))),
            lines: lines(counts, until.as_deref(), import.synchronize),
            instead: goes.then(|| instead(counts)),
            typed: typing.then(|| {
                let hint = format!(
                    "More than {} % of the {} there would be deleted. Enter {} to confirm.",
                    limits.threshold_percent,
                    counted(counts.in_scope, "user", "users"),
                    counts.deleted,
                );
                Field::new("typed", "Number of users to delete", as_typed).or_else().hint(hint).with(problems)
            }),
            button: (delete_button(counts), if goes { "delete" } else { "keep" }),
            danger: goes,
            expire: goes.then(|| expire_button(counts)),
        })
    }
}

fn lines(counts: &Counts, until: Option<&str>, synchronize: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if counts.may_be_cut_off() {
        lines.push(MAY_BE_CUT_OFF.to_owned());
    }
    if counts.deleted > 0 {
        let records = match counts.records_lost {
            0 => "They have no completion records.".to_owned(),
            lost => format!("With them {} lost.", counted(lost, "completion record is", "completion records are")),
        };
        let freed = match counts.licenses_freed {
            0 => "No license becomes free.".to_owned(),
            freed => format!("{} free.", counted(freed, "license becomes", "licenses become")),
        };
        let go = counted(counts.deleted, "user is deleted", "users are deleted");
        lines.push(format!("{go}, which stops them from signing in at once. {records} {freed}"));
        if counts.with_roles > 0 {
            let hold = counted(counts.with_roles, "of them holds a role", "of them hold a role");
            lines.push(format!("{hold}, which goes with them: they stand first in the list above."));
        }
        lines.push(match until {
            Some(until) => format!("Until {until} they can be restored with everything that is theirs."),
            None => "This cannot be undone: deleted users are gone for good here.".to_owned(),
        });
    } else {
        lines.push(match synchronize {
            true => "Nobody is deleted.".to_owned(),
            false => "Nobody is deleted: “Synchronize Users” was not ticked.".to_owned(),
        });
    }
    if counts.changed > 0 {
        lines.push(format!("{}.", counted(counts.changed, "user is changed", "users are changed")));
    }
    if counts.created > 0 {
        lines.push(format!(
            "{}. Nobody is told: whoever is new sets a password by “Forgot your password?” on the sign-in page.",
            counted(counts.created, "user is added", "users are added")
        ));
    }
    if counts.refused > 0 {
        lines.push(format!("{} left out.", counted(counts.refused, "refused row is", "refused rows are")));
    }
    lines
}

fn instead(counts: &Counts) -> String {
    let licenses = match counts.licenses_freed {
        0 => "no license becomes free".to_owned(),
        1 => "the same license becomes free".to_owned(),
        freed => format!("the same {} licenses become free", grouped_count(freed)),
    };
    let whom = if counts.deleted == 1 { "this user" } else { "these users" };
    format!("Or expire all enrolments of {whom} instead: accounts and completion records stay, {licenses}.")
}
