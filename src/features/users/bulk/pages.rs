//! The page of a change, before it is done.

use askama::Template;
use chrono::{DateTime, Duration, Utc};

use super::commands::must_be_typed;
use super::queries::{ChangedSince, Chosen, Proposed};
use super::{Change, Kind, words};
use crate::error::AppError;
use crate::features::accounts::organisation_field::OrganisationField;
use crate::features::enrolments::words as license_words;
use crate::people::gone::without_the_deleted;
use crate::web::form::{Field, Problems};
use crate::web::format::{self, counted};
use crate::web::list::Pairs;
use crate::web::looked::Looked;
use crate::web::notice::Places;
use crate::web::page::{Chrome, Section};
use crate::web::pager::with_query;
use crate::web::viewer::Viewer;

/// GET and POST `/users/account-expiry`, `/users/move`, `/users/delete`.
#[derive(Template)]
#[template(path = "users/bulk.html")]
pub struct BulkPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "Delete users".
    pub heading: &'static str,
    /// "12 people".
    pub lede: String,
    /// Nobody is selected.
    pub nothing: bool,
    /// How many that were ticked are deleted meanwhile.
    pub gone: u64,
    /// The breadcrumb: the list.
    pub list: &'static str,
    /// The list, with the selection.
    pub back: String,
    /// Where the form goes.
    pub action: &'static str,
    /// Hidden fields.
    pub kept: Pairs,
    /// A fingerprint of what is shown, and when that is.
    pub seen: String,
    /// The values whose effect is shown; none as long as none is shown.
    pub previewed: Option<String>,
    /// The account's last day.
    pub date: Option<Field>,
    /// The box "No expiry" is ticked.
    pub never: bool,
    /// The organisation to move to.
    pub organisation: Option<OrganisationField>,
    /// The number, to be typed.
    pub confirm: Option<Field>,
    /// What is wrong.
    pub problems: Problems,
    /// Those who cannot be changed, and why: nothing can be done as long as they are selected.
    pub protected: Option<ProtectedPart>,
    /// Who is left out.
    pub left_out: Option<String>,
    /// Some of the people.
    pub sample: Vec<String>,
    /// How many more there are.
    pub more: Option<String>,
    /// What it does.
    pub effects: Vec<String>,
    /// All organisations that it concerns on a day, where not all are named.
    pub places: Vec<Places>,
    /// Limits that would be exceeded.
    pub exceeded: Vec<String>,
    /// Where their enrolments can be expired instead of deleting them.
    pub expire_instead: Option<String>,
    /// What somebody else did meanwhile.
    pub moved: Option<Vec<String>>,
    /// The values are others than those whose effect was shown, so nothing was done yet.
    pub recheck: bool,
    /// The button that does it; none as long as it cannot be done.
    pub button: Option<String>,
    /// It cannot be taken back easily.
    pub danger: bool,
}

/// Those who cannot be changed.
pub struct ProtectedPart {
    /// Who and why.
    pub lines: Vec<String>,
    /// The button that goes on without them; none when nobody else is selected.
    pub leave_out: Option<String>,
}

impl BulkPage {
    /// The page for a person.
    pub fn new(
        kind: Kind,
        proposed: Proposed,
        problems: Problems,
        viewer: &Viewer,
        now: DateTime<Utc>,
    ) -> Result<BulkPage, AppError> {
        let people = proposed.chosen.ids.len() as u64;
        let more = people.saturating_sub(proposed.sample.len() as u64);
        let selection = proposed.list.selection()?;
        let pairs = [proposed.list.pairs(), selection.pairs()].concat();
        let leaves_out = proposed.form.leaves_out();
        let spared = !proposed.chosen.protected.is_empty();
        let protected = (spared && !leaves_out).then(|| ProtectedPart::new(&proposed));
        let shown = protected.is_none();
        let moves_nobody = proposed.moving.is_some_and(|moving| moving.users == 0);
        let heading = kind.heading();
        let title = if proposed.moved.is_some() { format!("Error: {heading}") } else { problems.title(heading) };
        Ok(BulkPage {
            chrome: Chrome::new(&title, viewer, Section::Users),
            heading,
            lede: without_the_deleted(counted(people, "person", "people"), proposed.gone),
            nothing: people == 0,
            gone: proposed.gone,
            list: "Users",
            back: address("/users", &pairs),
            action: kind.address(),
            seen: Looked { fingerprint: proposed.chosen.seen.clone(), at: Some(now) }.to_string(),
            previewed: shown.then(|| proposed.change.map(|change| change.key()).unwrap_or_default()),
            date: (kind == Kind::Expiry).then(|| date_field(&proposed, &problems)),
            never: proposed.form.never(),
            confirm: (kind == Kind::Delete && shown).then(|| confirm_field(&proposed, &problems)).flatten(),
            left_out: (spared && leaves_out).then(|| words::left_out(&proposed.chosen.protected)),
            more: (more > 0).then(|| format!("and {} more", format::grouped_count(more))),
            effects: if shown { effect_lines(&proposed, viewer, now) } else { Vec::new() },
            places: proposed
                .effects
                .iter()
                .filter(|_| shown)
                .flat_map(|effects| &effects.by_day)
                .filter_map(|(from, effect)| license_words::every_organisation(effect, *from))
                .collect(),
            exceeded: match &proposed.effects {
                Some(effects) if shown => license_words::exceeded(&effects.exceeded, "would be"),
                _ => Vec::new(),
            },
            expire_instead: (kind == Kind::Delete && shown && proposed.frees_licenses())
                .then(|| address("/users/expire", &pairs)),
            recheck: false,
            moved: proposed.moved.as_deref().map(|changes| moved_lines(changes, viewer)),
            button: proposed.change.filter(|_| shown && !moves_nobody).map(|change| button(change, people)),
            danger: kind == Kind::Delete,
            protected,
            kept: Pairs(pairs.into_iter().chain(leaves_out.then(|| ("leave_out", "1".to_owned()))).collect()),
            sample: proposed.sample,
            organisation: proposed.organisation.map(|field| field.with(&problems)),
            problems,
        })
    }
}

impl ProtectedPart {
    fn new(proposed: &Proposed) -> ProtectedPart {
        let Chosen { ids, protected, .. } = &proposed.chosen;
        let others = (ids.len() as u64).saturating_sub(protected.len() as u64);
        ProtectedPart {
            lines: words::protected(protected),
            leave_out: (others > 0).then(|| {
                let them = if protected.len() == 1 { "this person" } else { "them" };
                format!("Leave {them} out, go on with {}", counted(others, "person", "people"))
            }),
        }
    }
}

fn address(path: &str, pairs: &[(&'static str, String)]) -> String {
    with_query(path, pairs.iter().map(|(name, value)| (*name, value)))
}

fn date_field(proposed: &Proposed, problems: &Problems) -> Field {
    Field::new("expires_on", "Last day of the account", &proposed.form.date_text(proposed.today))
        .kind("date")
        .or_else()
        .hint("After this day the person cannot sign in and holds no license. A day before today ends that at once.")
        .with(problems)
}

fn confirm_field(proposed: &Proposed, problems: &Problems) -> Option<Field> {
    let people = proposed.chosen.ids.len();
    must_be_typed(people, proposed.restore_window_days).then(|| {
        Field::new("confirm", "Number of users to delete", proposed.form.confirm_text())
            .required()
            .hint(format!("Enter {people} to confirm."))
            .with(problems)
    })
}

/// What the change does.
fn effect_lines(proposed: &Proposed, viewer: &Viewer, now: DateTime<Utc>) -> Vec<String> {
    let (Some(change), Some(effects)) = (proposed.change, &proposed.effects) else { return Vec::new() };
    let theirs = &proposed.theirs;
    let people = proposed.chosen.ids.len() as u64;
    match (change, effects.by_day.first()) {
        (Change::Expiry { .. }, _) => words::expiring(&effects.by_day, proposed.later),
        (Change::Move { .. }, Some((_, effect))) => proposed.moving.map_or(Vec::new(), |moving| {
            let already = people.saturating_sub(moving.users.unsigned_abs());
            words::moving(effect, moving, theirs.roles.unsigned_abs(), already)
        }),
        (Change::Delete, Some((_, effect))) => {
            let days = proposed.restore_window_days;
            let until = (days > 0).then(|| format::moment(now + Duration::days(i64::from(days)), viewer.time_zone));
            words::deleting(people, theirs, effect, until)
        }
        (_, None) => Vec::new(),
    }
}

fn moved_lines(changes: &[ChangedSince], viewer: &Viewer) -> Vec<String> {
    if changes.is_empty() {
        return vec!["Other people are meant now than before.".to_owned()];
    }
    let mut lines: Vec<String> = changes.iter().map(|change| words::change_line(change, viewer.time_zone)).collect();
    lines.dedup();
    lines
}

/// The button that does it.
fn button(change: Change, people: u64) -> String {
    let users = counted(people, "user", "users");
    match change {
        Change::Expiry { .. } => format!("Set the expiry of {}", counted(people, "account", "accounts")),
        Change::Move { .. } => format!("Move {users}"),
        Change::Delete => format!("Delete {users}"),
    }
}
