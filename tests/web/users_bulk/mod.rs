//! SET ACCOUNT EXPIRY, MOVE and DELETE of many users at once.

mod effects;
mod refusals;

use diesel::prelude::*;
use headroom::schema::{
    audit_changes, audit_entries, deleted_users, enrolments, instance_settings, organisations, users,
};
use reqwest::blocking::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, date};
use crate::support::reading::{hidden, location, seen_and_sent, used};

/// In whose history, before, after.
type Changed = (Option<Uuid>, Option<Value>, Option<Value>);

struct Place {
    app: TestApp,
    acme: Uuid,
    east: Uuid,
    west: Uuid,
    globex: Uuid,
    fire: Uuid,
}

/// "Acme" with "East" and "West", another tree, and somebody with each role.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, acme, "East", Some(50));
    let west = builders::child(conn, acme, "West", Some(1));
    let globex = builders::root(conn, "Globex", None);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(acme))));
    let fire = builders::experience(conn, acme, "FIRE");
    Place { app, acme, east, west, globex, fire }
}

impl Place {
    fn conn(&self) -> PgConnection {
        self.app.conn()
    }

    /// Somebody in an organisation with one enrolment that never ends.
    fn active(&self, username: &str, home: Uuid) -> Uuid {
        let user = builders::user(&mut self.conn(), Some(home), username);
        builders::enrol(&mut self.conn(), user, self.fire, "2026-01-01", None);
        user
    }

    fn id(&self, username: &str) -> Uuid {
        users::table.filter(users::username.eq(username)).select(users::id).first(&mut self.conn()).unwrap()
    }

    fn home(&self, user: Uuid) -> Option<Uuid> {
        users::table.find(user).select(users::organisation_id).first(&mut self.conn()).unwrap()
    }

    fn expires(&self, user: Uuid) -> Option<chrono::NaiveDate> {
        users::table.find(user).select(users::expires_on).first(&mut self.conn()).unwrap()
    }

    fn people(&self) -> i64 {
        users::table.count().get_result(&mut self.conn()).unwrap()
    }

    /// Action, detail and the number of changes of the last entry of this kind.
    fn entry(&self, action: &str) -> Option<(Value, Vec<Changed>)> {
        let conn = &mut self.conn();
        let (id, detail): (Uuid, Value) = audit_entries::table
            .filter(audit_entries::action.eq(action))
            .order(audit_entries::at.desc())
            .select((audit_entries::id, audit_entries::detail))
            .first(conn)
            .optional()
            .unwrap()?;
        let changes = audit_changes::table
            .filter(audit_changes::entry_id.eq(id))
            .order(audit_changes::subject_id)
            .select((audit_changes::person_id, audit_changes::before, audit_changes::after))
            .load(conn)
            .unwrap();
        Some((detail, changes))
    }
}

fn query(ids: &[Uuid]) -> String {
    ids.iter().map(|id| format!("ids={id}")).collect::<Vec<_>>().join("&")
}

/// As the page does on which this was looked at before, unless what was seen is among `more`.
fn send(visitor: &Visitor<'_>, path: &str, ids: &[Uuid], more: &[(&str, &str)]) -> Response {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    fields.extend(more);
    if more.iter().any(|(name, _)| *name == "seen") {
        return visitor.post(path, &fields);
    }
    seen_and_sent(visitor, path, &fields)
}

/// The text of what the change does.
fn effect(page: &Page) -> String {
    page.texts(".effect p").join(" ")
}
