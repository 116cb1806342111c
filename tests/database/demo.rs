//! The demo data.

use chrono::{DateTime, Days, Utc};
use diesel::prelude::*;
use headroom::db::audit::Actor;
use headroom::db::write;
use headroom::demo::accounts::{ACCOUNTS, set_passwords};
use headroom::demo::commands::fill_if_empty;
use headroom::features::licenses::verify::differences;
use headroom::schema::{enrolments, users};

use crate::support::database::TestDatabase;

fn noon() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().expect("a time")
}

fn usernames(conn: &mut PgConnection) -> Vec<String> {
    users::table.order(users::username_key).select(users::username).load(conn).expect("usernames")
}

#[test]
fn it_is_made_once_and_is_the_same_on_another_day_but_for_its_dates() {
    let now = noon();
    let (one, other) = (TestDatabase::new(), TestDatabase::new());
    let (mut one, mut other) = (one.connect(), other.connect());
    assert!(write(&mut one, &Actor::Operator, |conn| fill_if_empty(conn, now)).expect("demo data"));
    assert!(!write(&mut one, &Actor::Operator, |conn| fill_if_empty(conn, now)).expect("nothing to do"));
    write(&mut other, &Actor::Operator, |conn| fill_if_empty(conn, now + Days::new(100))).expect("demo data");
    assert_eq!(usernames(&mut one), usernames(&mut other));

    let starts = |conn: &mut PgConnection| -> Vec<chrono::NaiveDate> {
        enrolments::table
            .inner_join(users::table)
            .filter(users::username.eq("learner"))
            .order(enrolments::starts_on)
            .select(enrolments::starts_on)
            .load(conn)
            .expect("dates")
    };
    let moved: Vec<_> = starts(&mut one).into_iter().map(|day| day + Days::new(100)).collect();
    assert_eq!(moved, starts(&mut other));
    assert!(differences(&mut one, now.date_naive()).expect("a comparison").is_empty());
}

#[test]
fn every_account_gets_the_password() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    write(&mut conn, &Actor::Operator, |conn| fill_if_empty(conn, noon())).expect("demo data");
    let present = write(&mut conn, &Actor::Operator, |conn| set_passwords(conn, "look around")).expect("passwords");
    assert_eq!(present, ACCOUNTS.len());
    let without: i64 = users::table
        .filter(users::username.eq_any(ACCOUNTS.map(|account| account.username)))
        .filter(users::password_hash.is_null())
        .count()
        .get_result(&mut conn)
        .expect("a count");
    assert_eq!(without, 0);
}
