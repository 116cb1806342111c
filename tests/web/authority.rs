//! Every route as every role, inside and outside the role's scope. The cases come from the route
//! table, so that a new route cannot be forgotten.

use headroom::domain::access::{Action, Role, allows};
use headroom::routes::{Access, Entry, SCREENS, WITHOUT_SESSION};
use headroom::web::guards::Thing;
use uuid::Uuid;

use crate::support::app::{TestApp, Visitor};
use crate::support::builders::{self, Agreed};

/// Ids of one kind of thing, by where they lie. Inside each person has things of their own, since one
/// may delete what the next is to find.
struct Things {
    inside: Vec<[Uuid; 2]>,
    outside: [Uuid; 2],
}

struct Place {
    app: TestApp,
    /// In the order of `Thing::SEGMENTS`.
    things: [Things; 5],
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
    let mut user = |home, name: &str| builders::user(conn, Some(home), name);
    let users = Things {
        inside: PEOPLE
            .map(|(of, _)| [user(own, &format!("colleague-{of}")), user(below, &format!("junior-{of}"))])
            .to_vec(),
        outside: [user(above, "boss"), user(foreign, "stranger")],
    };
    let inside = [builders::experience(conn, own, "OWN"), builders::experience(conn, below, "BELOW")];
    let experiences = Things {
        inside: vec![inside; PEOPLE.len()],
        outside: [builders::experience(conn, beside, "BESIDE"), builders::experience(conn, foreign, "FOREIGN")],
    };
    let organisations = Things { inside: vec![[own, below]; PEOPLE.len()], outside: [above, foreign] };
    let inside = [builders::import(conn, own), builders::import(conn, below)];
    let imports = Things {
        inside: vec![inside; PEOPLE.len()],
        outside: [builders::import(conn, above), builders::import(conn, foreign)],
    };
    Place { things: [organisations, users, experiences, imports, roots(conn, [above, foreign])], app }
}

/// What is agreed on with a root is for people of that root, who are others than those above.
fn roots(conn: &mut diesel::PgConnection, outside: [Uuid; 2]) -> Things {
    let company = builders::root(conn, "Company", Some(100));
    for (name, role) in PEOPLE {
        let home = (role != Some(Role::InstanceAdmin)).then_some(company);
        builders::person(conn, home, &format!("root-{name}"), role.map(|role| (role.code(), home)));
    }
    for root in [company, outside[0], outside[1]] {
        builders::agreement(conn, root, Agreed::of("2026-01-01", 100));
    }
    Things { inside: vec![[company; 2]; PEOPLE.len()], outside }
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
    // whatever else varies is no thing of anybody's
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, &thing.to_string());
    }
    path
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
    let place = place();
    for (segment, index) in Thing::SEGMENTS.into_iter().zip(0..) {
        for (person, (name, role)) in PEOPLE.into_iter().enumerate() {
            let username = if segment == "root_id" { format!("root-{name}") } else { name.to_owned() };
            let visitor = place.app.signed_in(&username);
            for method in ["GET", "POST"] {
                for (entry, action) in screens(Some(segment)).filter(|(entry, _)| entry.method == method) {
                    let things = (&place.things[index].inside[person], &place.things[index].outside);
                    check_thing(&visitor, things, name, role, entry, action);
                }
            }
        }
    }
}

fn check_thing(
    visitor: &Visitor<'_>,
    (inside, outside): (&[Uuid; 2], &[Uuid; 2]),
    name: &str,
    role: Option<Role>,
    entry: &Entry,
    action: Action,
) {
    let what = format!("{name} {} {}", entry.method, entry.path);
    // 409: the answer is the state in which it is
    let answered =
        |status: u16| if entry.method == "GET" { status == 200 } else { matches!(status, 200 | 303 | 409 | 422) };
    let allowed = role.is_some_and(|role| allows(role, action));
    let nothing = call(visitor, entry, Uuid::now_v7());
    assert_eq!(nothing.0, 404, "{what}");
    for id in *outside {
        let (status, body) = call(visitor, entry, id);
        if role == Some(Role::InstanceAdmin) {
            assert!(answered(status), "{what} {status}");
        } else {
            assert_eq!(status, 404, "{what} outside");
            assert_eq!(without_reference(&body), without_reference(&nothing.1), "{what}");
        }
    }
    for id in *inside {
        let (status, _) = call(visitor, entry, id);
        assert!(if allowed { answered(status) } else { status == 403 }, "{what} inside: {status}");
    }
}

#[test]
fn whoever_is_not_signed_in_is_sent_to_the_sign_in_page_and_back() {
    let place = place();
    for entry in SCREENS.iter().filter(|entry| entry.access != Access::Public) {
        let visitor = place.app.visitor();
        let path = with_things(entry.path, place.things[0].inside[0][0]);
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
