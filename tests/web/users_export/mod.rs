//! EXPORT TO CSV of users.

mod content;
mod record;
mod streaming;

use std::io::Read;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::domain::csv_text::unescape;
use headroom::schema::{audit_entries, exports, organisations, users};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, date};

struct Place {
    app: TestApp,
    acme: Uuid,
    east: Uuid,
    lab: Uuid,
    globex: Uuid,
    fire: Uuid,
}

/// "Acme" with "East" and, below that, "Lab"; another tree; an org admin, a user manager and an instance admin.
fn place() -> Place {
    in_app(TestApp::start())
}

fn in_app(app: TestApp) -> Place {
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, acme, "East", None);
    let lab = builders::child(conn, east, "Lab", None);
    let globex = builders::root(conn, "Globex", None);
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(east))));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::user(conn, Some(globex), "stranger");
    let fire = builders::experience(conn, acme, "FIRE");
    Place { app, acme, east, lab, globex, fire }
}

fn id(conn: &mut PgConnection, username: &str) -> Uuid {
    users::table.filter(users::username.eq(username)).select(users::id).first(conn).unwrap()
}

/// The lines of a file, the headings first.
fn lines(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn file(visitor: &Visitor<'_>, query: &str) -> String {
    let response = visitor.get(&format!("/users.csv?{query}"));
    assert_eq!(response.status(), 200, "{query}");
    response.text().unwrap()
}

/// The usernames in a file, sorted.
fn usernames(visitor: &Visitor<'_>, query: &str) -> Vec<String> {
    let mut names: Vec<String> =
        lines(&file(visitor, query)).into_iter().skip(1).map(|mut line| line.swap_remove(1)).collect();
    names.sort();
    names
}

/// An export as it is recorded: about which organisation, all of it, filter, how many people, finished.
type Recorded = (Option<Uuid>, bool, Value, Option<i64>, bool);

/// The latest record.
fn recorded(conn: &mut PgConnection) -> Recorded {
    exports::table
        .order(exports::id.desc())
        .select((
            exports::organisation_id,
            exports::whole,
            exports::filter,
            exports::users,
            exports::finished_at.is_not_null(),
        ))
        .first(conn)
        .unwrap()
}
