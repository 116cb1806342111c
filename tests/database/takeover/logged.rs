//! What a takeover writes down, and what ends with it.

use chrono::{Duration, Utc};
use diesel::prelude::*;
use headroom::schema::{audit_changes, audit_entries, experiences, organisations, password_links, users};
use serde_json::{Value, json};
use uuid::Uuid;

use super::load_texts;
use crate::support::database::TestDatabase;

#[test]
fn every_change_is_in_the_audit_log_with_before_and_after() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    load_texts(
        &mut conn,
        [
            "name,user_limit,time_zone\nAcme,10,Asia/Tokyo\n",
            "username,email,first_name,last_name,organisation,roles\nann,ann@x.example,Ann,A,Acme,org_admin\n",
            "code,title,organisation\nLX,Fire,Acme\n",
            "username,experience,starts_on,expires_on\nann,LX,2026-01-01,2026-12-31\n",
        ],
    )
    .expect("nothing refused");
    let logged = |conn: &mut PgConnection| -> Vec<(String, bool, Option<Value>, Option<Value>)> {
        let latest: Uuid =
            audit_entries::table.order(audit_entries::id.desc()).select(audit_entries::id).first(conn).unwrap();
        audit_changes::table
            .filter(audit_changes::entry_id.eq(latest))
            .order((audit_changes::subject_kind, audit_changes::after))
            .select((
                audit_changes::subject_kind,
                audit_changes::person_id.is_not_null(),
                audit_changes::before,
                audit_changes::after,
            ))
            .load(conn)
            .unwrap()
    };
    let created = logged(&mut conn);
    let kinds: Vec<&str> = created.iter().map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(kinds, ["enrolment", "experience", "organisation", "role", "user"]);
    assert!(created.iter().all(|(_, _, before, after)| before.is_none() && after.is_some()));
    assert_eq!(created[4].3.as_ref().unwrap()["email"], "ann@x.example");

    let ann: Uuid = users::table.select(users::id).first(&mut conn).unwrap();
    let experience: Uuid = experiences::table.select(experiences::id).first(&mut conn).unwrap();
    let home: Uuid = organisations::table.select(organisations::id).first(&mut conn).unwrap();
    diesel::insert_into(password_links::table)
        .values((
            password_links::token_hash.eq(vec![7_u8; 32]),
            password_links::user_id.eq(ann),
            password_links::expires_at.eq(Utc::now() + Duration::days(1)),
        ))
        .execute(&mut conn)
        .unwrap();
    load_texts(
        &mut conn,
        [
            "name,user_limit,time_zone\nAcme,20,\n",
            "username,email,roles\nann,ann@y.example,user_manager\n",
            "code,title,organisation\nLX,Fire safety,Acme\n",
            "username,experience,starts_on,expires_on\nann,LX,2026-01-01,2026-11-30\n",
        ],
    )
    .expect("nothing refused");
    let known = |kind: &str, person, before: Value, after: Value| {
        let there = |value: Value| (!value.is_null()).then_some(value);
        (kind.to_owned(), person, there(before), there(after))
    };
    assert_eq!(
        logged(&mut conn),
        [
            known(
                "enrolment",
                true,
                json!({ "experience_id": experience, "expires_on": "2026-12-31" }),
                json!({ "experience_id": experience, "expires_on": "2026-11-30" })
            ),
            known("experience", false, json!({ "title": "Fire" }), json!({ "title": "Fire safety" })),
            known("organisation", false, json!({ "user_limit": 10 }), json!({ "user_limit": 20 })),
            known("role", true, Value::Null, json!({ "role": "user_manager", "organisation_id": home })),
            known("role", true, json!({ "role": "org_admin", "organisation_id": home }), Value::Null),
            known("user", true, json!({ "email": "ann@x.example" }), json!({ "email": "ann@y.example" })),
        ]
    );
    let links: i64 = password_links::table.count().get_result(&mut conn).unwrap();
    assert_eq!(links, 0, "a link that went to the former address works no longer");
    let zone: Option<String> = organisations::table.select(organisations::time_zone).first(&mut conn).unwrap();
    assert_eq!(zone.as_deref(), Some("Asia/Tokyo"), "an empty cell moves no days");
}
