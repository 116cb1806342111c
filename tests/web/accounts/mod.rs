//! One user: show, add, edit, roles, delete, restore.

mod adding;
mod deleting;
mod roles;

use diesel::prelude::*;
use headroom::jobs::housekeeping;
use headroom::schema::{
    audit_changes, audit_entries, deleted_users, enrolments, instance_settings, organisations, role_grants, users,
};
use serde_json::Value;
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, PASSWORD, date};
use crate::support::reading::{location, used};

struct World {
    app: TestApp,
    acme: Uuid,
    east: Uuid,
    globex: Uuid,
    experience: Uuid,
}

/// Two trees; an instance admin, and in the first an org admin and a user manager.
fn world() -> World {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(10));
    let east = builders::child(conn, acme, "East", None);
    let globex = builders::root(conn, "Globex", None);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(acme))));
    let experience = builders::experience(conn, acme, "LX");
    World { app, acme, east, globex, experience }
}

const NEW: [(&str, &str); 4] =
    [("username", "amara"), ("email", "amara@acme.example"), ("first_name", "Amara"), ("last_name", "Okafor")];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more).copied().collect()
}

fn id_of(conn: &mut PgConnection, username: &str) -> Uuid {
    users::table.filter(users::username.eq(username)).select(users::id).first(conn).unwrap()
}

fn values(conn: &mut PgConnection, id: Uuid) -> (String, Option<String>, Option<Uuid>, Option<chrono::NaiveDate>) {
    users::table
        .find(id)
        .select((users::first_name, users::job_function, users::organisation_id, users::expires_on))
        .first(conn)
        .unwrap()
}

fn actions(conn: &mut PgConnection) -> Vec<String> {
    audit_entries::table
        .filter(audit_entries::action.not_like("user.signed%"))
        .order(audit_entries::at)
        .select(audit_entries::action)
        .load(conn)
        .unwrap()
}
