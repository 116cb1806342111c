//! What housekeeping forgets, and when.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use headroom::jobs::housekeeping::tidy;
use headroom::schema::{imports, jobs};
use uuid::Uuid;

use crate::support::builders;
use crate::support::database::{NOW, TestDatabase};

/// Work that was asked for ninety days ago, and is over since a moment or not.
fn job(conn: &mut PgConnection, state: &str, finished_at: Option<DateTime<Utc>>) -> Uuid {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    diesel::insert_into(jobs::table)
        .values((
            jobs::kind.eq("enrol"),
            jobs::payload.eq(serde_json::json!({})),
            jobs::created_at.eq(now - TimeDelta::days(90)),
            jobs::state.eq(state),
            jobs::leased_until.eq((state == "running").then_some(now)),
            jobs::finished_at.eq(finished_at),
        ))
        .returning(jobs::id)
        .get_result(conn)
        .unwrap()
}

#[test]
fn work_that_has_been_over_for_thirty_days_goes_and_what_still_waits_stays_however_old() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let over = now - TimeDelta::days(30);
    let long_over = ["done", "failed"].map(|state| job(conn, state, Some(over - TimeDelta::seconds(1))));
    let mut kept = ["done", "failed"].map(|state| job(conn, state, Some(over + TimeDelta::seconds(1)))).to_vec();
    kept.extend(["queued", "running"].map(|state| job(conn, state, None)));
    // what an import did is told by the import itself
    let acme = builders::root(conn, "Acme", None);
    let import = builders::import(conn, acme);
    diesel::update(imports::table.find(import)).set(imports::job_id.eq(long_over[0])).execute(conn).unwrap();

    tidy(conn, now).unwrap();
    let mut left: Vec<Uuid> = jobs::table.select(jobs::id).load(conn).unwrap();
    left.sort_unstable();
    kept.sort_unstable();
    assert_eq!(left, kept);
    let (state, job): (String, Option<Uuid>) =
        imports::table.find(import).select((imports::state, imports::job_id)).first(conn).unwrap();
    assert_eq!((state.as_str(), job), ("applied", None));
}

#[test]
fn a_step_that_always_fails_keeps_nothing_else_from_being_forgotten() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let now: DateTime<Utc> = NOW.parse().unwrap();
    job(conn, "done", Some(now - TimeDelta::days(31)));
    for broken in ["license_add_up() returns bigint", "license_fold(to_day date) returns boolean"] {
        let name = broken.split('(').next().unwrap();
        let body = format!("language plpgsql as $$ begin raise exception '{name} never works'; end $$");
        diesel::sql_query(format!("create or replace function {broken} {body}")).execute(conn).unwrap();
    }
    let failed = tidy(conn, now).unwrap_err().to_string();
    assert!(failed.contains("license_fold never works"), "the first one: {failed}");
    assert_eq!(jobs::table.count().get_result(conn), Ok(0));
}
