//! Every route as every role, inside and outside the role's scope. The cases come from the route
//! table, so that a new route cannot be forgotten.

use headroom::domain::access::{Action, Role, allows};
use headroom::routes::{Access, Entry, SCREENS, WITHOUT_SESSION};
use uuid::Uuid;

use crate::support::app::{TestApp, Visitor};
use crate::support::builders;

struct Place {
    app: TestApp,
    /// The organisation that people hold their roles on.
    own: Uuid,
    below: Uuid,
    above: Uuid,
    foreign: Uuid,
}

const PEOPLE: [(&str, Option<Role>); 5] = [
    ("instance", Some(Role::InstanceAdmin)),
    ("manager", Some(Role::AccountManager)),
    ("admin", Some(Role::OrgAdmin)),
    ("usermanager", Some(Role::UserManager)),
    ("learner", None),
];

fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let above = builders::root(conn, "Root", Some(100));
    let own = builders::child(conn, above, "Own", Some(50));
    let below = builders::child(conn, own, "Below", None);
    let foreign = builders::root(conn, "Foreign", Some(100));
    for (name, role) in PEOPLE {
        let home = (role != Some(Role::InstanceAdmin)).then_some(own);
        builders::person(conn, home, name, role.map(|role| (role.code(), home)));
    }
    Place { app, own, below, above, foreign }
}

fn call(visitor: &Visitor<'_>, entry: &Entry, organisation: Uuid) -> (u16, String) {
    let path = entry.path.replace("{organisation_id}", &organisation.to_string());
    let response = match entry.method {
        "GET" => visitor.get(&path),
        _ => visitor.post(&path, &[]),
    };
    (response.status().as_u16(), response.text().expect("a body"))
}

/// The page without what differs from one error to the next.
fn without_reference(body: &str) -> String {
    body.lines().filter(|line| !line.contains("Reference")).collect()
}

fn screens(organisations: bool) -> impl Iterator<Item = (&'static Entry, Action)> {
    SCREENS.iter().filter_map(move |entry| match entry.access {
        Access::To(action) if entry.path.contains("{organisation_id}") == organisations => Some((entry, action)),
        _ => None,
    })
}

#[test]
fn the_table_has_screens_of_every_kind() {
    assert!(screens(true).count() >= 2);
    assert!(screens(false).count() >= 3);
    assert!(SCREENS.iter().all(|entry| entry.access != Access::Operators));
    assert!(WITHOUT_SESSION.iter().all(|entry| entry.method == "GET"));
}

#[test]
fn a_screen_answers_exactly_those_whose_roles_allow_it() {
    let place = place();
    for (name, role) in PEOPLE {
        let visitor = place.app.signed_in(name);
        for (entry, action) in screens(false) {
            let (status, _) = call(&visitor, entry, place.own);
            let allowed = role.is_some_and(|role| allows(role, action));
            assert_eq!(status != 403, allowed, "{name} {} {}: {status}", entry.method, entry.path);
        }
    }
}

#[test]
fn an_organisations_page_is_there_within_the_scope_and_does_not_exist_outside() {
    let place = place();
    for (name, role) in PEOPLE {
        let visitor = place.app.signed_in(name);
        for (entry, action) in screens(true) {
            let allowed = role.is_some_and(|role| allows(role, action));
            let nothing = call(&visitor, entry, Uuid::now_v7());
            assert_eq!(nothing.0, 404, "{name} {}", entry.path);
            for organisation in [place.own, place.below] {
                let (status, _) = call(&visitor, entry, organisation);
                assert_eq!(status, if allowed { 200 } else { 403 }, "{name} {} inside", entry.path);
            }
            for organisation in [place.above, place.foreign] {
                let (status, body) = call(&visitor, entry, organisation);
                if role == Some(Role::InstanceAdmin) {
                    assert_eq!(status, 200, "{name} {}", entry.path);
                } else {
                    assert_eq!(status, 404, "{name} {} outside", entry.path);
                    assert_eq!(without_reference(&body), without_reference(&nothing.1), "{name} {}", entry.path);
                }
            }
        }
    }
}

#[test]
fn whoever_is_not_signed_in_is_sent_to_the_sign_in_page_and_back() {
    let place = place();
    for entry in SCREENS.iter().filter(|entry| entry.access != Access::Public) {
        let visitor = place.app.visitor();
        let path = entry.path.replace("{organisation_id}", &place.own.to_string());
        let response = if entry.method == "GET" { visitor.get(&path) } else { visitor.post(&path, &[]) };
        assert_eq!(response.status(), 303, "{} {path}", entry.method);
        let to = response.headers()["location"].to_str().expect("an address").to_owned();
        if entry.method == "GET" {
            assert_eq!(to, format!("/sign-in?next={}", path.replace('/', "%2F")));
        } else {
            assert_eq!(to, "/sign-in");
        }
    }
}

#[test]
fn an_id_that_is_no_id_leads_nowhere() {
    let place = place();
    for (name, _) in PEOPLE {
        let visitor = place.app.signed_in(name);
        for path in ["/organisations/1/licenses", "/organisations/%27%20or%201=1/licenses.csv"] {
            assert_eq!(visitor.get(path).status(), 404, "{name} {path}");
        }
    }
}
