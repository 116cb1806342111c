//! Enrolments > All, and what is done with many enrolments at once.

mod changes;
mod enrolling;
mod facts;
mod limits;
mod meanwhile;
mod page_before;

use diesel::prelude::*;
use headroom::schema::{agreements, audit_changes, audit_entries, enrolments, experiences, organisations};
use serde_json::Value;
use uuid::Uuid;

use crate::support::app::{Page, TestApp};
use crate::support::builders::{self, date};
use crate::support::reading::{answered, hidden, location, seen_and_sent, used};

struct Place {
    app: TestApp,
    root: Uuid,
    east: Uuid,
    fire: Uuid,
    other: Uuid,
}

/// "Acme" with a child "East", two learning experiences, a user manager, and a stranger's organisation.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, root, "East", None);
    builders::person(conn, Some(root), "manager", Some(("user_manager", Some(root))));
    let (fire, other) = (builders::experience(conn, root, "FIRE"), builders::experience(conn, root, "OTHER"));
    Place { app, root, east, fire, other }
}

impl Place {
    fn conn(&self) -> PgConnection {
        self.app.conn()
    }

    fn enrolled(&self, username: &str, home: Uuid, expires_on: Option<&str>) -> Uuid {
        let user = builders::user(&mut self.conn(), Some(home), username);
        builders::enrol(&mut self.conn(), user, self.fire, "2026-01-01", expires_on)
    }

    fn address(&self, change: &str) -> String {
        format!("/experiences/{}/enrolments/{change}", self.fire)
    }
}

fn user_of(conn: &mut PgConnection, enrolment: Uuid) -> Uuid {
    enrolments::table.find(enrolment).select(enrolments::user_id).first(conn).unwrap()
}

fn expiry(conn: &mut PgConnection, enrolment: Uuid) -> Option<String> {
    let date: Option<chrono::NaiveDate> =
        enrolments::table.find(enrolment).select(enrolments::expires_on).first(conn).unwrap();
    date.map(|date| date.to_string())
}
