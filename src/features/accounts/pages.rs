//! The page about one person.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::form_pages::name;
use super::organisation_field::OrganisationField;
use super::queries::{Account, Enrolment, HeldRole};
use crate::domain::access::Role;
use crate::domain::activity::{Activity, Facts, Standing, Term};
use crate::features::audit::queries::History;
use crate::features::users::queries::from_person;
use crate::web::form::{Choice, Problems};
use crate::web::format;
use crate::web::notice::Notice;
use crate::web::page::{Chrome, Section};
use crate::web::pager::with_query;
use crate::web::viewer::Viewer;

/// GET `/users/{user_id}`, and again after a role that was refused.
#[derive(Template)]
#[template(path = "accounts/show.html")]
pub struct ShowPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong with the form of a role.
    pub problems: Problems,
    /// First and last name.
    pub name: String,
    /// This page.
    pub address: String,
    /// The badge: words and style.
    pub badge: (&'static str, &'static str),
    /// Why.
    pub activity: String,
    /// What is known about the account: label, value, and whether there is one.
    pub facts: Vec<(&'static str, String, bool)>,
    /// The enrolments.
    pub enrolments: Vec<EnrolmentRow>,
    /// Where all of them can be expired, if something gives access still.
    pub expire: Option<String>,
    /// The roles.
    pub roles: Vec<RoleRow>,
    /// The form that grants another one.
    pub grant: Option<GrantForm>,
    /// Why the reader may not change the account.
    pub beyond: Option<&'static str>,
    /// Where mail goes, if no password is chosen yet and the reader may have a link to choose one sent.
    pub without_password: Option<String>,
    /// The account is the reader's own, which nobody deletes.
    pub own: bool,
    /// What the audit log has about the person.
    pub history: History,
}

/// An enrolment.
pub struct EnrolmentRow {
    /// The learning experience.
    pub title: String,
    /// The person's enrolment in its list, for whoever may change it.
    pub list: Option<String>,
    /// The badge: "Live", "Not started", "Expired".
    pub state: &'static str,
    /// The badge's style.
    pub style: &'static str,
    /// First day.
    pub starts: String,
    /// Last day.
    pub expires: String,
    /// When it should be completed.
    pub due: String,
    /// The completion record, in words.
    pub completion: String,
    /// When it was last opened.
    pub accessed: String,
}

/// A role that the person holds.
pub struct RoleRow {
    /// The grant.
    pub id: String,
    /// The role.
    pub role: &'static str,
    /// Where.
    pub on: String,
    /// Since when.
    pub since: String,
    /// The reader may take it.
    pub takeable: bool,
}

/// The form that grants a role.
pub struct GrantForm {
    /// Which one.
    pub role: Choice,
    /// Where.
    pub organisation: OrganisationField,
}

impl GrantForm {
    /// With what was chosen and what is wrong with it.
    pub fn new(grantable: &[Role], chosen: &str, organisation: OrganisationField, problems: &Problems) -> GrantForm {
        let options = grantable.iter().rev().map(|role| (role.code(), role.label()));
        GrantForm {
            role: Choice::new("role", "Role", options, chosen).with(problems),
            organisation: organisation.with(problems),
        }
    }
}

impl ShowPage {
    /// A person as a reader sees them now. `enrols`: the reader may change enrolments.
    pub fn new(
        viewer: &Viewer,
        account: &Account,
        enrolments: Vec<Enrolment>,
        enrols: bool,
        roles: Vec<HeldRole>,
        now: DateTime<Utc>,
    ) -> ShowPage {
        let activity = activity(account, &enrolments);
        let name = name(account);
        ShowPage {
            chrome: Chrome::new(&name, viewer, Section::Users),
            notice: None,
            problems: Problems::default(),
            address: format!("/users/{}", account.id),
            badge: activity.badge(),
            activity: activity.explanation(),
            facts: facts(account, viewer.time_zone, now),
            expire: (enrols && running(account, &enrolments) > 0)
                .then(|| with_query("/users/expire", [("ids", account.id.to_string()), from_person()])),
            enrolments: enrolments
                .into_iter()
                .map(|enrolment| row(account, enrolment, enrols, viewer.time_zone, now))
                .collect(),
            roles: roles.into_iter().filter_map(|role| RoleRow::new(role, viewer.time_zone)).collect(),
            grant: None,
            beyond: (!account.manageable).then_some(super::queries::BEYOND),
            without_password: (account.manageable && !account.has_password && !account.has_expired())
                .then(|| account.values.email.clone()),
            own: account.id == viewer.id,
            history: History::default(),
            name,
        }
    }
}

/// Why the person counts as active today, or does not.
pub fn activity(account: &Account, enrolments: &[Enrolment]) -> Activity {
    let terms: Vec<Term> = enrolments.iter().map(term).collect();
    Activity::of(&Facts::of(&terms, account.values.expires_on, account.today), account.today)
}

/// The days of an enrolment, for the rule.
pub(super) fn term(enrolment: &Enrolment) -> Term {
    Term {
        starts_on: enrolment.starts_on,
        expires_on: enrolment.expires_on,
        completed: enrolment.completed_on.is_some(),
    }
}

/// How many of the enrolments give access, today or later.
pub(super) fn running(account: &Account, enrolments: &[Enrolment]) -> usize {
    let is_running = |enrolment: &&Enrolment| term(enrolment).standing(account.today) != Standing::Expired;
    enrolments.iter().filter(is_running).count()
}

fn facts(account: &Account, zone: Tz, now: DateTime<Utc>) -> Vec<(&'static str, String, bool)> {
    let values = &account.values;
    let known = |label, value: String| (label, value, true);
    let optional = |label, value: Option<String>, otherwise: &str| match value {
        Some(value) => (label, value, true),
        None => (label, otherwise.to_owned(), false),
    };
    vec![
        known("Username", values.username.clone()),
        known("E-mail", values.email.clone()),
        optional("Organisation", account.organisation.clone(), "None: one of the vendor's own people"),
        optional("Account expires after", values.expires_on.map(format::day), "No end"),
        optional("Function", values.job_function.clone(), "Not set"),
        optional("Organisation reference", values.organisation_reference.clone(), "Not set"),
        optional("Language", values.language.clone(), "Not set"),
        optional("Time zone", values.time_zone.clone(), "Not set"),
        optional("Last sign-in", account.last_signed_in_at.map(|at| format::ago(at, now, zone)), "Never"),
        known("Created", format::moment(account.created_at, zone)),
        known("Unique ID", account.id.to_string()),
    ]
}

fn row(account: &Account, enrolment: Enrolment, enrols: bool, zone: Tz, now: DateTime<Utc>) -> EnrolmentRow {
    let (state, style) = match term(&enrolment).standing(account.today) {
        Standing::Live => ("Live", "ok"),
        Standing::Coming => ("Not started", "off"),
        Standing::Expired => ("Expired", "off"),
    };
    let completion = enrolment.completed_on.map(|on| {
        let score = enrolment.score.as_deref().map(|score| format!("score {}", format::score(score)));
        let details: Vec<String> = enrolment.result.clone().into_iter().chain(score).collect();
        match details.as_slice() {
            [] => format::day(on),
            details => format!("{}: {}", format::day(on), details.join(", ")),
        }
    });
    let list = format!("/experiences/{}/enrolments", enrolment.experience_id);
    EnrolmentRow {
        list: (enrols && enrolment.is_visible).then(|| with_query(&list, [("q", &account.values.username)])),
        state,
        style,
        starts: format::day(enrolment.starts_on),
        expires: enrolment.expires_on.map_or("No end".to_owned(), format::day),
        due: enrolment.due_on.map(format::day).unwrap_or_default(),
        completion: completion.unwrap_or_else(|| "Not completed".to_owned()),
        accessed: enrolment.last_accessed_at.map_or("Never".to_owned(), |at| format::ago(at, now, zone)),
        title: enrolment.title,
    }
}

impl RoleRow {
    fn new(held: HeldRole, zone: Tz) -> Option<RoleRow> {
        let role = Role::from_code(&held.role)?;
        let on = match (role, held.organisation) {
            (Role::InstanceAdmin, _) => "Everything".to_owned(),
            (_, Some(path)) => path,
            (_, None) => "An organisation that you cannot see".to_owned(),
        };
        let since = format::day(held.granted_at.with_timezone(&zone).date_naive());
        Some(RoleRow { id: held.id.to_string(), role: role.label(), on, since, takeable: held.takeable })
    }
}
