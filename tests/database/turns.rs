//! Writers of the same people take turns: who waited goes by what the one before has left, and many at once are
//! counted like one after the other.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::db;
use headroom::features::enrolments::commands::{self, Applied, Request};
use headroom::features::licenses::verify::differences;
use headroom::ids::UserId;
use headroom::schema::{audit_changes, enrolments, license_spans};
use headroom::web::guards::{Allowed, Enrol, SignedIn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::builders::{self, date};
use crate::support::database::{TestDatabase, wait_until_blocked};

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn expire_all(conn: &mut PgConnection, admin: Uuid, experience: Uuid) -> Applied {
    let by = Allowed::<Enrol>::new(SignedIn::for_account(conn, UserId(admin), now()).unwrap().unwrap()).unwrap();
    let request: Request = serde_json::from_value(json!({
        "target": { "of": "experience", "experience": experience, "list": { "all": "1" } },
        "change": { "change": "expiry", "date": "2026-11-23" },
        "seen": null,
    }))
    .unwrap();
    db::write(conn, &by.by().actor(), |conn| commands::apply(conn, &by, &request, now(), &|_| {})).unwrap()
}

#[test]
fn a_bulk_change_that_waited_goes_by_what_there_is_then() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let acme = builders::root(conn, "Acme", Some(10));
    let admin = builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    let experience = builders::experience(conn, acme, "A");
    let [ann, bob] = ["ann", "bob"].map(|name| builders::user(conn, Some(acme), name));
    let enrolled = builders::enrol(conn, ann, experience, "2026-01-01", Some("2026-12-31"));

    let mut other = database.connect();
    other.batch_execute("begin").unwrap();
    diesel::update(enrolments::table.find(enrolled))
        .set(enrolments::expires_on.eq(date("2027-05-05")))
        .execute(&mut other)
        .unwrap();
    let joined = builders::enrol(&mut other, bob, experience, "2026-01-01", None);
    let expiring = std::thread::spawn({
        let mut conn = database.connect();
        move || expire_all(&mut conn, admin, experience)
    });
    wait_until_blocked(conn);
    other.batch_execute("commit").unwrap();

    assert!(matches!(expiring.join().unwrap(), Applied::Done(_)));
    let logged = |conn: &mut PgConnection, id: Uuid| -> Value {
        let of = audit_changes::table.filter(audit_changes::subject_id.eq(id)).select(audit_changes::before);
        let before: Option<Value> = of.first(conn).unwrap();
        before.unwrap()["expires_on"].take()
    };
    assert_eq!(logged(conn, enrolled), json!("2027-05-05"));
    assert_eq!(logged(conn, joined), Value::Null);
    let active = license_spans::table.filter(license_spans::active.is_not_null()).count();
    assert_eq!(active.get_result(conn), Ok(2), "both were active until yesterday");
    assert!(differences(conn, date("2026-11-24")).unwrap().is_empty());
}

/// More people than are locked without a look whether they are.
#[test]
fn many_are_counted_with_or_without_their_turn_taken_before() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let acme = builders::root(conn, "Acme", Some(10));
    let experience = builders::experience(conn, acme, "A");
    builders::active_users(conn, acme, experience, 1200);
    let agrees = |conn: &mut PgConnection, statements: &str| {
        conn.batch_execute(statements).unwrap();
        let wrong = differences(conn, date("2026-11-24")).unwrap();
        assert!(wrong.is_empty(), "{statements}: {wrong:?}");
    };
    agrees(conn, "update enrolments set expires_on = '2026-11-23'");
    // twice in one transaction, where the second finds what the first has written
    agrees(
        conn,
        "begin; select from license_spans order by user_id for no key update;
         update enrolments set expires_on = '2026-12-01'; update enrolments set expires_on = null; commit",
    );
    // some of them are locked, and one is gone
    agrees(
        conn,
        "begin; delete from users where username = (select min(username) from users);
         select from license_spans order by user_id limit 600 for no key update;
         update enrolments set starts_on = '2027-01-01'; commit",
    );
    agrees(conn, "update users set expires_on = '2027-02-01'");
}
