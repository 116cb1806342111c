//! The audit log: who sees what, filters, pages, one entry, EXPORT TO CSV, the history of a user.

mod entry;
mod export;
mod facts;
mod list;

use std::collections::BTreeSet;

use diesel::prelude::*;
use headroom::features::audit::queries;
use headroom::ids::UserId;
use headroom::schema::{audit_changes, audit_entries, users};
use headroom::web::guards::{Allowed, SeeUsers, SignedIn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{TestApp, Visitor};
use crate::support::builders;

struct Place {
    app: TestApp,
    root: Uuid,
    east: Uuid,
    foreign: Uuid,
    ada: Uuid,
}

/// "Acme" with a child "East" and its admin "admin", "Globex" beside it, and an instance admin.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, root, "East", None);
    let foreign = builders::root(conn, "Globex", None);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let ada = builders::user(conn, Some(east), "ada");
    Place { app, root, east, foreign, ada }
}

fn entry(conn: &mut PgConnection, at: &str, action: &str, organisation: Option<Uuid>, user: Option<Uuid>) -> Uuid {
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::at.eq(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap()),
            audit_entries::actor_kind.eq("program"),
            audit_entries::action.eq(action),
            audit_entries::organisation_id.eq(organisation),
            audit_entries::subject_kind.eq(user.map(|_| "user")),
            audit_entries::subject_id.eq(user),
        ))
        .returning(audit_entries::id)
        .get_result(conn)
        .unwrap()
}

fn change(conn: &mut PgConnection, entry: Uuid, kind: &str, subject: Uuid, person: Uuid, before: Value, after: Value) {
    diesel::insert_into(audit_changes::table)
        .values((
            audit_changes::entry_id.eq(entry),
            audit_changes::subject_kind.eq(kind),
            audit_changes::subject_id.eq(subject),
            audit_changes::person_id.eq(person),
            audit_changes::before.eq(before),
            audit_changes::after.eq(after),
        ))
        .execute(conn)
        .unwrap();
}

/// What, from the rows of a page.
fn actions(visitor: &Visitor<'_>, path: &str) -> Vec<String> {
    visitor.page(path).rows().into_iter().map(|mut row| row.swap_remove(2)).collect()
}
