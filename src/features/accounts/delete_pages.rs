//! Deleting a person: what goes; deleted people; what is in the way of restoring one.

use askama::Template;
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::form_pages::name;
use super::pages::{activity, running};
use super::queries::{Account, Enrolment, HeldRole};
use super::queries_deleted::{DELETED_PAGE, DeletedUser};
use crate::people::restoring::Conflict;
use crate::web::form::Problems;
use crate::web::format::{self, counted};
use crate::web::page::{Chrome, Section};
use crate::web::pager::Pager;
use crate::web::viewer::Viewer;

/// GET `/users/{user_id}/delete`, and again after a POST that was refused.
#[derive(Template)]
#[template(path = "accounts/delete.html")]
pub struct DeletePage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// First and last name.
    pub name: String,
    /// The person's page.
    pub address: String,
    /// Username and organisation.
    pub lede: String,
    /// What goes.
    pub goes: Vec<String>,
    /// Signing in, the license, restoring: what else happens.
    pub effects: Vec<String>,
    /// Something could expire instead.
    pub expire_instead: Option<String>,
    /// The account is the reader's own.
    pub own: bool,
    /// The query of the list of users, if it leads back there.
    pub list: Option<String>,
}

impl DeletePage {
    /// Where Cancel leads.
    fn cancel(&self) -> String {
        match &self.list {
            Some(list) if list.is_empty() => "/users".to_owned(),
            Some(list) => format!("/users?{list}"),
            None => self.address.clone(),
        }
    }
}

impl DeletePage {
    /// What deleting this person would do now.
    pub fn new(
        viewer: &Viewer,
        account: &Account,
        enrolments: &[Enrolment],
        roles: &[HeldRole],
        window_days: i32,
        now: DateTime<Utc>,
        problems: Problems,
    ) -> DeletePage {
        let name = name(account);
        let active = activity(account, enrolments).is_active() && account.values.organisation_id.is_some();
        let running = running(account, enrolments);
        let title = problems.title(&format!("Delete {name}"));
        DeletePage {
            chrome: Chrome::new(&title, viewer, Section::Users),
            problems,
            address: format!("/users/{}", account.id),
            lede: match &account.organisation {
                Some(organisation) => format!("{}, {organisation}", account.values.username),
                None => account.values.username.clone(),
            },
            goes: goes(enrolments, roles),
            effects: vec![
                "Signing in stops at once, also where the person is signed in now.".to_owned(),
                license(active),
                restorable(window_days, viewer.time_zone, now),
            ],
            expire_instead: (running > 0).then(|| format!("/users/expire?ids={}", account.id)),
            own: account.id == viewer.id,
            list: None,
            name,
        }
    }
}

fn goes(enrolments: &[Enrolment], roles: &[HeldRole]) -> Vec<String> {
    let completed = enrolments.iter().filter(|enrolment| enrolment.completed_on.is_some()).count();
    let mut goes = vec![
        "the account".to_owned(),
        counted(enrolments.len() as u64, "enrolment", "enrolments"),
        counted(completed as u64, "completion record", "completion records"),
    ];
    if !roles.is_empty() {
        goes.push(counted(roles.len() as u64, "role", "roles"));
    }
    goes
}

fn license(active: bool) -> String {
    if active {
        "1 license becomes free at once: the person is active today.".to_owned()
    } else {
        "No license becomes free: the person is not active today.".to_owned()
    }
}

fn restorable(window_days: i32, zone: Tz, now: DateTime<Utc>) -> String {
    if window_days == 0 {
        return "This cannot be undone: deleted users are gone for good here.".to_owned();
    }
    let until = format::moment(now + Duration::days(i64::from(window_days)), zone);
    format!("Until {until}, the person can be restored with all of this. After that, it is gone for good.")
}

/// GET `/users/deleted`.
#[derive(Template)]
#[template(path = "accounts/deleted.html")]
pub struct DeletedPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// Somebody was just deleted.
    pub done: bool,
    /// For how long people can be restored.
    pub lede: String,
    /// The people.
    pub rows: Vec<DeletedRow>,
    /// More of them.
    pub pager: Pager,
}

/// Somebody who can be restored.
pub struct DeletedRow {
    /// First and last name.
    pub name: String,
    /// The username.
    pub username: String,
    /// The home organisation's path.
    pub organisation: String,
    /// When and by whom.
    pub deleted: String,
    /// Until when they can be restored.
    pub until: String,
    /// What would come back.
    pub enrolments: String,
    /// Where the button leads.
    pub restore: String,
}

impl DeletedPage {
    /// A page of them.
    pub fn new(viewer: &Viewer, done: bool, window_days: i32, people: Vec<DeletedUser>, number: u32) -> DeletedPage {
        let total = people.first().map_or(0, |first| first.total.unsigned_abs());
        let zone = viewer.time_zone;
        let row = |deleted: DeletedUser| DeletedRow {
            deleted: match deleted.deleted_by {
                Some(by) => format!("{} by {by}", format::moment(deleted.deleted_at, zone)),
                None => format::moment(deleted.deleted_at, zone),
            },
            until: format::moment(deleted.restorable_until, zone),
            enrolments: counted(u64::from(deleted.enrolments.unsigned_abs()), "enrolment", "enrolments"),
            restore: format!("/users/{}/restore", deleted.user_id),
            organisation: deleted.organisation.unwrap_or_default(),
            name: deleted.name,
            username: deleted.username,
        };
        DeletedPage {
            chrome: Chrome::new("Deleted users", viewer, Section::Users),
            done,
            lede: match window_days {
                0 => "Deleted users are gone at once here".to_owned(),
                days => format!(
                    "Deleted users can be restored for {}, with all their records",
                    counted(u64::from(days.unsigned_abs()), "day", "days")
                ),
            },
            rows: people.into_iter().map(row).collect(),
            pager: Pager::new("/users/deleted", "", number, DELETED_PAGE, total),
        }
    }
}

/// After a POST to `/users/{user_id}/restore`: somebody does not fit in any more.
#[derive(Template)]
#[template(path = "accounts/conflict.html")]
pub struct ConflictPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// First and last name.
    pub name: String,
    /// What is in the way, in sentences.
    pub reasons: Vec<String>,
}

impl ConflictPage {
    /// What is in the way of restoring somebody.
    pub fn new(viewer: &Viewer, conflict: &Conflict) -> ConflictPage {
        let mut reasons = Vec::new();
        if conflict.username_taken {
            reasons.push(format!("Somebody else has the username “{}” now.", conflict.username));
        }
        if conflict.email_taken {
            reasons.push(format!("Somebody else has the e-mail address “{}” now.", conflict.email));
        }
        if conflict.organisation_gone {
            reasons.push("The organisation that the person belonged to is gone.".to_owned());
        }
        let title = format!("Error: {} cannot be restored", conflict.name);
        ConflictPage { chrome: Chrome::new(&title, viewer, Section::Users), name: conflict.name.clone(), reasons }
    }
}
