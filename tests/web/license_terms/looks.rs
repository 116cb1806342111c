//! When a root is looked at: not at each midnight, but at each that makes a difference.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Uuid as SqlUuid};
use headroom::schema::{license_checks, notices, overages};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::builders::{date, experience, root};

/// A root of ten licenses, with an agreement for a year from 1 January 2027 on.
struct Place {
    app: TestApp,
    root: Uuid,
    course: Uuid,
}

impl Place {
    fn begin(terms: &str) -> Place {
        let app = TestApp::start();
        app.set_time("2027-01-01T09:00:00Z");
        let mut conn = app.conn_now();
        let root = root(&mut conn, "Northwind", Some(10));
        let course = experience(&mut conn, root, "COURSE");
        let place = Place { app, root, course };
        place.agree("2027-01-01", 10, true);
        if !terms.is_empty() {
            place.set(terms);
        }
        place.app.check_licenses();
        place
    }

    fn agree(&self, starts_on: &str, limit: i32, is_in_force: bool) {
        diesel::sql_query(
            "insert into agreements (organisation_id, starts_on, ends_on, user_limit, re_uses_per_license, in_force_since)
             values ($1, $2, ($2 + interval '1 year')::date - 1, $3, 1, case when $4 then now() end)",
        )
        .bind::<SqlUuid, _>(self.root)
        .bind::<Date, _>(date(starts_on))
        .bind::<Integer, _>(limit)
        .bind::<diesel::sql_types::Bool, _>(is_in_force)
        .execute(&mut self.app.conn_now())
        .expect("an agreement");
    }

    fn set(&self, sql: &str) {
        self.app.conn_now().batch_execute(sql).expect("something that is set");
    }

    fn enrol(&self, name: &str, people: i32, from: &str, until: Option<&str>) {
        diesel::sql_query(
            "with people as (
               insert into users (organisation_id, username, email, first_name, last_name)
               select $1, name, name || '@people.example', 'Test', name
               from generate_series(1, $4) n, lateral (select concat($3, '-', n) as name) named returning id)
             insert into enrolments (user_id, experience_id, starts_on, expires_on) select id, $2, $5, $6 from people",
        )
        .bind::<SqlUuid, _>(self.root)
        .bind::<SqlUuid, _>(self.course)
        .bind::<Text, _>(name)
        .bind::<Integer, _>(people)
        .bind::<Date, _>(date(from))
        .bind::<Nullable<Date>, _>(until.map(date))
        .execute(&mut self.app.conn_now())
        .expect("people");
        self.app.check_licenses();
    }

    fn check(&self, at: &str) {
        self.app.set_time(at);
        self.app.check_licenses();
    }

    fn checked_until(&self) -> String {
        let until: DateTime<Utc> =
            license_checks::table.select(license_checks::checked_until).first(&mut self.app.conn()).expect("a check");
        until.format("%F %T").to_string()
    }

    /// When and what was told, besides percentages of the limit.
    fn told(&self) -> Vec<String> {
        self.notices().into_iter().filter(|notice| !notice.ends_with(" limit_warning")).collect()
    }

    fn notices(&self) -> Vec<String> {
        let told: Vec<(DateTime<Utc>, String)> = notices::table
            .order((notices::at, notices::id))
            .select((notices::at, notices::kind))
            .load(&mut self.app.conn())
            .expect("notices");
        told.iter().map(|(at, kind)| format!("{} {kind}", at.format("%F %T"))).collect()
    }
}

#[test]
fn a_midnight_for_which_nothing_is_scheduled_is_no_reason_to_look() {
    let place = Place::begin("");
    place.enrol("a", 5, "2027-01-01", Some("2027-01-05"));
    let before = place.checked_until();
    for day in ["02", "03", "05"] {
        place.check(&format!("2027-01-{day}T09:00:00Z"));
        assert_eq!(place.checked_until(), before);
    }
    place.check("2027-01-06T00:00:05Z");
    assert_eq!(place.checked_until(), "2027-01-06 00:00:05");
    // and once in a while anyway
    place.check("2027-04-05T09:00:00Z");
    assert_eq!(place.checked_until(), "2027-01-06 00:00:05");
    place.check("2027-04-06T09:00:00Z");
    assert_eq!(place.checked_until(), "2027-04-06 09:00:00");
}

#[test]
fn an_overage_is_found_at_the_midnight_of_its_day_long_after_the_last_look() {
    let place = Place::begin("");
    place.enrol("a", 8, "2027-01-01", None);
    place.enrol("b", 3, "2027-03-01", Some("2027-03-04"));
    place.check("2027-02-28T23:59:59Z");
    place.check("2027-03-01T00:00:05Z");
    assert_eq!(place.told(), ["2027-01-01 09:00:00 limit_crossing", "2027-03-01 00:00:00 overage_major"]);
    place.check("2027-03-05T00:00:05Z");
    assert_eq!(place.told().last().unwrap(), "2027-03-05 00:00:00 overage_closed");
}

#[test]
fn looks_that_were_missed_find_the_days_on_which_usage_was_like_the_day_before() {
    let place = Place::begin("");
    place.enrol("a", 11, "2027-02-01", Some("2027-02-03"));
    place.check("2027-03-01T09:00:00Z");
    assert_eq!(
        place.told()[1..],
        [
            "2027-02-01 00:00:00 overage_major",
            "2027-02-02 00:00:00 no_higher_tier",
            "2027-02-04 00:00:00 overage_closed"
        ]
    );
}

#[test]
fn somebody_who_follows_on_somebody_else_is_a_license_holder_from_that_day_on() {
    let place = Place::begin("");
    place.enrol("a", 10, "2027-01-01", Some("2027-01-31"));
    place.enrol("b", 6, "2027-02-01", None);
    // the others come on a day on which as many go: usage stays the same
    place.enrol("c", 2, "2027-02-01", Some("2027-02-09"));
    place.enrol("d", 2, "2027-02-10", None);
    place.check("2027-02-01T00:00:05Z");
    let told = place.told();
    place.check("2027-02-10T00:00:05Z");
    // 20 holders of 10 licenses with a re-use each
    assert_eq!(place.told()[told.len()..], ["2027-02-10 00:00:05 re_uses_warning"]);
}

#[test]
fn a_crossing_is_told_when_its_day_comes_into_view() {
    let place = Place::begin("");
    place.enrol("a", 11, "2027-06-01", None);
    place.check("2027-03-02T23:59:00Z");
    assert!(place.told().is_empty());
    place.check("2027-03-03T00:00:05Z");
    assert_eq!(place.told(), ["2027-03-03 00:00:05 limit_crossing"]);
}

#[test]
fn the_end_of_a_permitted_overage_is_seen_to_come() {
    let place = Place::begin(
        "update agreements set extra_users = 2, extra_users_from = '2027-01-01', extra_users_until = '2027-05-31'",
    );
    place.enrol("a", 12, "2027-01-01", None);
    place.check("2027-03-02T23:59:00Z");
    assert!(place.told().is_empty(), "{:?}", place.told());
    place.check("2027-03-03T00:00:05Z");
    assert_eq!(place.told(), ["2027-03-03 00:00:05 limit_crossing"]);
    place.check("2027-05-31T23:00:05Z");
    assert_eq!(place.told()[1..], ["2027-05-31 23:00:00 overage_major"]);
}

#[test]
fn a_renewal_with_a_lower_limit_is_seen_to_come() {
    let place = Place::begin("");
    place.agree("2028-01-01", 5, false);
    place.enrol("a", 6, "2027-01-01", None);
    // an hour later in London
    place.check("2027-10-02T22:59:00Z");
    assert!(place.told().is_empty(), "{:?}", place.told());
    place.check("2027-10-02T23:00:05Z");
    assert_eq!(place.told(), ["2027-10-02 23:00:05 limit_crossing"]);
    place.check("2028-01-01T00:00:05Z");
    assert_eq!(place.told()[1..], ["2028-01-01 00:00:00 overage_major"]);
}

#[test]
fn terms_that_end_with_their_year_end_on_its_last_day() {
    let place = Place::begin(
        "update agreements set extra_users = 2, extra_users_from = '2027-01-01', extra_users_until = '2028-06-30'",
    );
    place.enrol("a", 12, "2027-01-01", None);
    place.check("2027-12-31T23:59:59Z");
    assert!(place.told().is_empty(), "{:?}", place.told());
    place.check("2028-01-01T00:00:05Z");
    assert_eq!(place.told(), ["2028-01-01 00:00:00 overage_major"]);
}

#[test]
fn terms_that_change_are_not_applied_to_the_days_before() {
    let place = Place::begin(
        "update agreements set extra_users = 2, extra_users_from = '2027-01-01', extra_users_until = '2027-12-31'",
    );
    place.enrol("a", 12, "2027-01-01", None);
    place.app.set_time("2027-01-20T15:00:00Z");
    place.set("update agreements set extra_users = 0, extra_users_from = null, extra_users_until = null");
    place.check("2027-01-20T15:00:10Z");
    assert_eq!(place.told(), ["2027-01-20 15:00:00 overage_major"]);
}

#[test]
fn a_renewal_that_replaces_a_permitted_overage_by_a_higher_limit_is_no_overage() {
    let place = Place::begin(
        "update agreements set extra_users = 4, extra_users_from = '2027-01-01', extra_users_until = '2027-12-31'",
    );
    place.agree("2028-01-01", 20, false);
    place.enrol("a", 14, "2027-01-01", None);
    place.check("2027-12-31T12:00:00Z");
    place.check("2028-01-01T00:00:05Z");
    assert!(place.told().is_empty(), "{:?}", place.told());
}

#[test]
fn other_percentages_to_warn_at_count_at_once() {
    let place = Place::begin("");
    place.enrol("a", 7, "2027-01-01", None);
    place.app.set_time("2027-01-20T15:00:00Z");
    place.set("update instance_settings set warning_percents = '{70}'");
    place.check("2027-01-20T15:00:10Z");
    assert_eq!(place.notices(), ["2027-01-20 15:00:10 limit_warning"]);
}

#[test]
fn a_holiday_that_is_none_after_all_brings_the_days_of_an_overage_forward() {
    let place =
        Place::begin("update organisations set user_limit = 100; insert into holidays values ('2027-01-05', 'A day')");
    place.enrol("a", 104, "2027-01-04", None);
    place.check("2027-01-04T09:00:00Z");
    place.app.set_time("2027-01-06T15:00:00Z");
    place.set("delete from holidays");
    place.check("2027-01-06T15:00:10Z");
    place.check("2027-01-19T00:00:05Z");
    assert_eq!(place.told().last().unwrap(), "2027-01-19 00:00:00 overage_overdue");
}

#[test]
fn a_day_begins_by_the_clock_that_a_tree_has_now() {
    let place = Place::begin("");
    place.enrol("a", 11, "2027-01-20", None);
    place.app.set_time("2027-01-10T15:00:00Z");
    place.set("update organisations set time_zone = 'Pacific/Auckland'");
    place.check("2027-01-10T15:00:10Z");
    place.check("2027-01-19T11:00:05Z");
    let open: Vec<DateTime<Utc>> = overages::table.select(overages::opened_at).load(&mut place.app.conn()).unwrap();
    assert_eq!(open, ["2027-01-19T11:00:00Z".parse::<DateTime<Utc>>().unwrap()]);
}
