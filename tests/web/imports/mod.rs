//! Import Users: upload, preview, confirming, restoring.

mod background;
mod confirm;
mod housekeeping;
mod preview;
mod restore;
mod result;
mod seen;
mod upload;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Uuid as SqlUuid};
use headroom::db;
use headroom::db::audit::{Actor, Audited};
use headroom::features::imports::planning::{self, Planned};
use headroom::features::imports::queries;
use headroom::ids::{ImportId, UserId};
use headroom::schema::{audit_entries, enrolments, import_pieces, imports, instance_settings, users};
use headroom::web::guards::{Allowed, Import, SignedIn};
use reqwest::blocking::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, date};
use crate::support::reading::{hidden, location, used};

struct Place {
    app: TestApp,
    acme: Uuid,
    east: Uuid,
    globex: Uuid,
    fire: Uuid,
    admin: Uuid,
}

/// "Acme" with a child "East", another tree, and somebody with each role that matters. Twenty-one more people, so
/// that deleting two is no great part.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, acme, "East", Some(50));
    let globex = builders::root(conn, "Globex", None);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let admin = builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(acme))));
    let fire = builders::experience(conn, acme, "FIRE");
    Place { app, acme, east, globex, fire, admin }
}

impl Place {
    fn conn(&self) -> PgConnection {
        self.app.conn()
    }

    /// Somebody with one enrolment that never ends, who came long ago.
    fn active(&self, username: &str) -> Uuid {
        let user = builders::user(&mut self.conn(), Some(self.east), username);
        builders::enrol(&mut self.conn(), user, self.fire, "2026-01-01", None);
        self.came_long_ago();
        user
    }

    /// Only whoever was there before the export can be missing from it.
    fn came_long_ago(&self) {
        diesel::sql_query("update users set created_at = '2026-01-01', in_organisation_since = '2026-01-01'")
            .execute(&mut self.conn())
            .unwrap();
    }

    fn completed(&self, user: Uuid) {
        diesel::update(enrolments::table.filter(enrolments::user_id.eq(user)))
            .set(enrolments::completed_on.eq(date("2026-02-01")))
            .execute(&mut self.conn())
            .unwrap();
    }

    fn threshold(&self, percent: i32) {
        diesel::update(instance_settings::table)
            .set(instance_settings::import_threshold_percent.eq(percent))
            .execute(&mut self.conn())
            .unwrap();
    }

    fn usernames(&self) -> Vec<String> {
        users::table.order(users::username).select(users::username).load(&mut self.conn()).unwrap()
    }

    fn is_there(&self, username: &str) -> bool {
        self.usernames().iter().any(|known| known == username)
    }

    /// The file's rows by their usernames; those who are there already.
    fn rows(&self, usernames: &[&str]) -> Vec<Value> {
        usernames.iter().map(|username| row(username)).collect()
    }

    /// An import of these rows by the org admin, planned as it is after reading.
    fn planned(&self, synchronize: bool, rows: &[Value]) -> Uuid {
        let id = self.import("planned", synchronize, json!({
            "format": ["Windows-1252", "semicolon"], "ignored": ["Shoe size"], "rows": rows.len(),
            "columns": { "username": "Login", "email": "email", "first_name": "first_name", "last_name": "last_name" },
        }));
        self.add_rows(id, rows);
        self.plan(id);
        id
    }

    fn add_rows(&self, id: Uuid, rows: &[Value]) {
        let rows: Vec<Value> = rows
            .iter()
            .zip(2..)
            .map(|(row, line)| {
                let mut row = row.clone();
                row["import_id"] = json!(id);
                row["line"] = json!(line);
                row
            })
            .collect();
        diesel::sql_query("insert into import_rows select * from jsonb_populate_recordset(null::import_rows, $1)")
            .bind::<Jsonb, _>(json!(rows))
            .execute(&mut self.conn())
            .unwrap();
    }

    fn import(&self, state: &str, synchronize: bool, reading: Value) -> Uuid {
        diesel::insert_into(imports::table)
            .values((
                imports::organisation_id.eq(self.acme),
                imports::created_by.eq(self.admin),
                imports::scope.eq(vec![Some(self.acme)]),
                imports::created_at.eq(self.app.clock.now()),
                imports::file_name.eq("<leavers>.csv"),
                imports::file_bytes.eq(100),
                imports::synchronize.eq(synchronize),
                imports::state.eq(state),
                imports::reading.eq(reading),
            ))
            .returning(imports::id)
            .get_result(&mut self.conn())
            .unwrap()
    }

    fn plan(&self, id: Uuid) -> Planned {
        let (now, admin) = (self.app.clock.now(), UserId(self.admin));
        db::write(&mut self.conn(), &Actor::Program { address: None }, |conn| {
            let by = SignedIn::for_account(conn, admin, now)?.expect("an account");
            let by = Allowed::<Import>::new(by).expect("an org admin");
            let import = queries::import(conn, &by, ImportId(id))?;
            Ok(Audited::unchanged(planning::plan(conn, &by, &import, now)?))
        })
        .unwrap()
    }

    fn state(&self, id: Uuid) -> String {
        imports::table.find(id).select(imports::state).first(&mut self.conn()).unwrap()
    }

    fn pieces(&self) -> Vec<Vec<u8>> {
        import_pieces::table.order(import_pieces::number).select(import_pieces::bytes).load(&mut self.conn()).unwrap()
    }

    fn entries(&self, action: &str) -> i64 {
        audit_entries::table.filter(audit_entries::action.eq(action)).count().get_result(&mut self.conn()).unwrap()
    }
}

/// A row of somebody made by `builders::user`, as they are.
fn row(username: &str) -> Value {
    json!({
        "username": username, "email": format!("{username}@people.example"), "first_name": "Test",
        "last_name": username,
    })
}

fn post(visitor: &Visitor<'_>, id: Uuid, action: &str, fields: &[(&str, &str)]) -> Response {
    visitor.post(&format!("/imports/{id}/{action}"), fields)
}

/// Confirms the plan as it is shown now.
fn confirm(visitor: &Visitor<'_>, id: Uuid, fields: &[(&str, &str)]) -> Response {
    let seen = hidden(&page(visitor, id), "seen");
    post(visitor, id, "confirm", &[&[("seen", seen.as_str())], fields].concat())
}

fn page(visitor: &Visitor<'_>, id: Uuid) -> Page {
    visitor.page(&format!("/imports/{id}"))
}

/// A part of a form: name, file name, content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

const BOUNDARY: &str = "a-boundary-that-no-file-has";

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: text/csv")).unwrap_or_default();
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

fn send(visitor: &Visitor<'_>, body: Vec<u8>) -> Response {
    visitor
        .post_request("/users/import")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(body)
        .send()
        .expect("a response")
}

fn upload(visitor: &Visitor<'_>, parts: &[Part<'_>]) -> Response {
    send(visitor, body(parts))
}
