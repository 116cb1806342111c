//! Every route as every role, inside and outside the role's scope. The cases come from the route
//! table, so that a new route cannot be forgotten.

use headroom::domain::access::{Action, Role, allows};
use headroom::routes::{Access, Entry, SCREENS, WITHOUT_SESSION};
use headroom::web::guards::Thing;
use uuid::Uuid;

use crate::support::app::{TestApp, Visitor};
use crate::support::builders;

/// Ids of one kind of thing, by where they lie.
struct Things {
    inside: [Uuid; 2],
    outside: [Uuid; 2],
}

struct Place {
    app: TestApp,
    /// In the order of `Thing::SEGMENTS`.
    things: [Things; 3],
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
    let beside = builders::child(conn, above, "Beside", None);
    let foreign = builders::root(conn, "Foreign", Some(100));
    for (name, role) in PEOPLE {
        let home = (role != Some(Role::InstanceAdmin)).then_some(own);
        builders::person(conn, home, name, role.map(|role| (role.code(), home)));
    }
    let user = |conn: &mut _, home, name| builders::user(conn, Some(home), name);
    let users = Things {
        inside: [user(conn, own, "colleague"), user(conn, below, "junior")],
        outside: [user(conn, above, "boss"), user(conn, foreign, "stranger")],
    };
    let experiences = Things {
        inside: [builders::experience(conn, own, "OWN"), builders::experience(conn, below, "BELOW")],
        outside: [builders::experience(conn, beside, "BESIDE"), builders::experience(conn, foreign, "FOREIGN")],
    };
    let organisations = Things { inside: [own, below], outside: [above, foreign] };
    Place { app, things: [organisations, users, experiences] }
}

fn call(visitor: &Visitor<'_>, entry: &Entry, thing: Uuid) -> (u16, String) {
    let path = with_things(entry.path, thing);
    let response = match entry.method {
        "GET" => visitor.get(&path),
        _ => visitor.post(&path, &[]),
    };
    (response.status().as_u16(), response.text().expect("a body"))
}

/// The address with this id of a thing in it.
fn with_things(path: &str, thing: Uuid) -> String {
    let mut path = path.to_owned();
    for segment in Thing::SEGMENTS {
        path = path.replace(&format!("{{{segment}}}"), &thing.to_string());
    }
    path.replace("{entry_id}", &thing.to_string())
}

/// The page without what differs from one error to the next.
fn without_reference(body: &str) -> String {
    body.lines().filter(|line| !line.contains("Reference")).collect()
}

/// Screens for those with a role; those of one kind of thing, or those of none.
fn screens(thing: Option<&str>) -> impl Iterator<Item = (&'static Entry, Action)> {
    let segment = thing.map(|segment| format!("{{{segment}}}"));
    SCREENS.iter().filter_map(move |entry| match (entry.access, &segment) {
        (Access::To(action), Some(segment)) if entry.path.contains(segment) => Some((entry, action)),
        (Access::To(action), None) if !entry.path.contains('{') => Some((entry, action)),
        _ => None,
    })
}

#[test]
fn the_table_has_screens_of_every_kind() {
    assert!(screens(Some("organisation_id")).count() >= 2);
    assert!(screens(None).count() >= 3);
    assert!(SCREENS.iter().all(|entry| entry.access != Access::Operators));
    assert!(WITHOUT_SESSION.iter().all(|entry| entry.method == "GET"));
}

#[test]
fn a_screen_answers_exactly_those_whose_roles_allow_it() {
    let place = place();
    for (name, role) in PEOPLE {
        let visitor = place.app.signed_in(name);
        for (entry, action) in screens(None) {
            let (status, _) = call(&visitor, entry, Uuid::nil());
            let allowed = role.is_some_and(|role| allows(role, action));
            assert_eq!(status != 403, allowed, "{name} {} {}: {status}", entry.method, entry.path);
            assert!(status != 404 && status < 500, "{name} {} {}: {status}", entry.method, entry.path);
        }
    }
}

#[test]
fn a_things_page_is_there_within_the_scope_and_does_not_exist_outside() {
    let looked_at = place();
    for (segment, index) in Thing::SEGMENTS.into_iter().zip(0..) {
        for (name, role) in PEOPLE {
            for (entry, action) in screens(Some(segment)) {
                if entry.method == "GET" {
                    check_thing(&looked_at, index, name, role, entry, action);
                } else {
                    // what one changes must not be in the way of the next
                    check_thing(&place(), index, name, role, entry, action);
                }
            }
        }
    }
}

fn check_thing(place: &Place, index: usize, name: &str, role: Option<Role>, entry: &Entry, action: Action) {
    let (visitor, things) = (place.app.signed_in(name), &place.things[index]);
    let what = format!("{name} {} {}", entry.method, entry.path);
    let answered = |status: u16| if entry.method == "GET" { status == 200 } else { matches!(status, 200 | 303 | 422) };
    let allowed = role.is_some_and(|role| allows(role, action));
    let nothing = call(&visitor, entry, Uuid::now_v7());
    assert_eq!(nothing.0, 404, "{what}");
    for id in things.outside {
        let (status, body) = call(&visitor, entry, id);
        if role == Some(Role::InstanceAdmin) {
            assert!(answered(status), "{what} {status}");
        } else {
            assert_eq!(status, 404, "{what} outside");
            assert_eq!(without_reference(&body), without_reference(&nothing.1), "{what}");
        }
    }
    for id in things.inside {
        let (status, _) = call(&visitor, entry, id);
        assert!(if allowed { answered(status) } else { status == 403 }, "{what} inside: {status}");
    }
}

#[test]
fn whoever_is_not_signed_in_is_sent_to_the_sign_in_page_and_back() {
    let place = place();
    for entry in SCREENS.iter().filter(|entry| entry.access != Access::Public) {
        let visitor = place.app.visitor();
        let path = with_things(entry.path, place.things[0].inside[0]);
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
