//! License years that begin while nobody checks: what happened before is judged by the terms of then.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use headroom::schema::{license_checks, notices, outbox, overages, user_limit_changes};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::builders::{self, Agreed, date};

/// A customer with the tier "Team" for 2027, "Business" and "Growth" above it, and another tier agreed on for 2028.
struct Customer {
    app: TestApp,
    root: Uuid,
    course: Uuid,
    /// Somebody checks all the time.
    attended: bool,
}

impl Customer {
    fn renewed_as(renewal: &str, price_in: &'static str, attended: bool) -> Customer {
        let app = TestApp::start();
        app.set_time("2027-01-01T09:00:00Z");
        let conn = &mut app.conn_now();
        let root = builders::root(conn, "Northwind", Some(100));
        let course = builders::experience(conn, root, "COURSE");
        builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
        let [team, business, growth] =
            builders::tiers(conn, [("Team", 100, 1000), ("Business", 150, 1800), ("Growth", 200, 2700)]);
        builders::agreement(conn, root, &Agreed { tier: Some(team), ..Agreed::of("2027-01-01", 100) });
        let (tier, limit) = match renewal {
            "Team" => (team, 100),
            "Business" => (business, 150),
            _ => (growth, 200),
        };
        let agreed = Agreed { tier: Some(tier), in_force_since: None, ..Agreed::of("2028-01-01", limit) };
        builders::agreement(conn, root, &Agreed { currency: Some(price_in), ..agreed });
        diesel::sql_query("update agreements a set yearly_price = t.yearly_price from tiers t where t.id = a.tier_id")
            .execute(conn)
            .unwrap();
        app.check_licenses();
        Customer { app, root, course, attended }
    }

    /// Time passes, in which there is a check every three hours, or none.
    fn at(&self, moment: &str) -> &Customer {
        let end: DateTime<Utc> = moment.parse().unwrap();
        while self.attended && self.app.clock.now() + TimeDelta::hours(3) < end {
            self.app.clock.set(self.app.clock.now() + TimeDelta::hours(3));
            self.check();
        }
        self.app.set_time(moment);
        self
    }

    fn check(&self) {
        self.app.check_licenses();
    }

    fn enrol(&self, name: &str, people: i32, from: &str) {
        diesel::sql_query(
            "with people as (
               insert into users (organisation_id, username, email, first_name, last_name)
               select $1, name, name || '@people.example', 'Cohort', name
               from generate_series(1, $4) n, lateral (select concat($3, '-', n) as name) named returning id)
             insert into enrolments (user_id, experience_id, starts_on) select id, $2, $5 from people",
        )
        .bind::<SqlUuid, _>(self.root)
        .bind::<SqlUuid, _>(self.course)
        .bind::<Text, _>(name)
        .bind::<Integer, _>(people)
        .bind::<Date, _>(date(from))
        .execute(&mut self.app.conn_now())
        .unwrap();
    }

    /// Everything that is recorded about the terms, without what tells when it was found.
    fn records(&self) -> Records {
        #[derive(QueryableByName)]
        struct Agreement {
            #[diesel(sql_type = Text)]
            agreement: String,
        }
        #[derive(QueryableByName)]
        struct Change {
            #[diesel(sql_type = Timestamptz)]
            changed_at: DateTime<Utc>,
            #[diesel(sql_type = Text)]
            kind: String,
            #[diesel(sql_type = Integer)]
            user_limit: i32,
            #[diesel(sql_type = Nullable<Text>)]
            price: Option<String>,
        }
        let conn = &mut self.app.conn();
        let agreements: Vec<Agreement> = diesel::sql_query(
            "select concat_ws(' ', a.starts_on, t.name, a.user_limit, a.yearly_price, a.in_force_since) as agreement
             from agreements a join tiers t on t.id = a.tier_id order by a.starts_on",
        )
        .load(conn)
        .unwrap();
        let changes: Vec<Change> = diesel::sql_query(
            "select changed_at, kind, user_limit, pro_rata_price::text as price
             from agreement_changes order by changed_at, id",
        )
        .load(conn)
        .unwrap();
        Records {
            limits: user_limit_changes::table
                .order((user_limit_changes::changed_at, user_limit_changes::id))
                .select((user_limit_changes::changed_at, user_limit_changes::user_limit))
                .load(conn)
                .unwrap(),
            agreements: agreements.into_iter().map(|row| row.agreement).collect(),
            changes: changes.into_iter().map(|row| (row.changed_at, row.kind, row.user_limit, row.price)).collect(),
            // warnings are given when somebody looks
            told: notices::table
                .filter(notices::kind.ne_all(["limit_warning", "limit_crossing", "re_uses_warning"]))
                .order((notices::at, notices::id))
                .select((notices::at, notices::kind, notices::facts))
                .load(conn)
                .unwrap(),
            episodes: overages::table
                .order(overages::opened_at)
                .select((overages::opened_at, overages::stage, overages::closed_at, overages::closed_by))
                .load(conn)
                .unwrap(),
            known: license_checks::table.select((license_checks::used, license_checks::user_limit)).load(conn).unwrap(),
            mails: outbox::table.select(outbox::subject).load(conn).unwrap(),
        }
    }
}

/// Since when, how far it came, until when, and what ended it.
type Episode = (DateTime<Utc>, String, Option<DateTime<Utc>>, Option<String>);

#[derive(Debug)]
struct Records {
    limits: Vec<(DateTime<Utc>, Option<i32>)>,
    agreements: Vec<String>,
    changes: Vec<(DateTime<Utc>, String, i32, Option<String>)>,
    told: Vec<(DateTime<Utc>, String, serde_json::Value)>,
    episodes: Vec<Episode>,
    known: Vec<(i32, Option<i32>)>,
    mails: Vec<String>,
}

impl Records {
    fn are(&self, others: &Records, renewal: &str) {
        assert_eq!(self.told, others.told, "{renewal}");
        assert_eq!(self.limits, others.limits, "{renewal}");
        assert_eq!(self.agreements, others.agreements, "{renewal}");
        assert_eq!(self.changes, others.changes, "{renewal}");
        assert_eq!(self.episodes, others.episodes, "{renewal}");
        assert_eq!(self.known, others.known, "{renewal}");
    }
}

fn kinds(records: &Records) -> Vec<(String, &str)> {
    records.told.iter().map(|(at, kind, _)| (at.format("%F %H:%M").to_string(), kind.as_str())).collect()
}

/// The same story twice: with somebody who checks all the time, and with nobody who does between the two moments.
fn attended_and_missed(renewal: &str, story: impl Fn(&Customer), until: &str) -> Records {
    attended_and_missed_in("GBP", renewal, story, until)
}

fn attended_and_missed_in(currency: &'static str, renewal: &str, story: impl Fn(&Customer), until: &str) -> Records {
    let [attended, missed] = [true, false].map(|attended| {
        let customer = Customer::renewed_as(renewal, currency, attended);
        story(&customer);
        customer.at(until).check();
        customer.records()
    });
    missed.are(&attended, renewal);
    missed
}

#[test]
fn an_upgrade_that_was_due_before_the_renewal_comes_before_it_however_late_it_is_found() {
    let story = |customer: &Customer| {
        customer.at("2027-12-30T10:00:00Z").enrol("a", 108, "2027-12-30");
        customer.check();
    };
    let records = attended_and_missed("Growth", story, "2028-01-03T09:00:00Z");
    assert_eq!(
        kinds(&records),
        [("2027-12-30 10:00".to_owned(), "overage_major"), ("2027-12-31 10:00".to_owned(), "upgraded")]
    );
    let limits: Vec<_> =
        records.limits.iter().map(|(at, limit)| (at.format("%F %H:%M").to_string(), limit.unwrap())).collect();
    let expected = [("2027-01-01 09:00", 100), ("2027-12-31 10:00", 150), ("2028-01-01 00:00", 200)];
    assert_eq!(limits, expected.map(|(at, limit)| (at.to_owned(), limit)));
    // one day of 365, at 800 a year more
    assert_eq!(records.changes[0].1, "upgraded");
    assert_eq!(records.changes[0].3.as_deref(), Some("2.19"));
    assert_eq!(records.told[1].2.pointer("/to/price"), Some(&serde_json::json!("2.19")));
    assert!(records.agreements[0].starts_with("2027-01-01 Business 150 1800.00"), "{:?}", records.agreements);
    let subject = "The agreement of Northwind is upgraded to Business";
    assert!(records.mails.iter().any(|mail| mail == subject), "{:?}", records.mails);
}

#[test]
fn a_renewal_with_a_smaller_limit_than_the_upgrade_begins_another_episode() {
    let story = |customer: &Customer| {
        customer.at("2027-12-30T10:00:00Z").enrol("a", 108, "2027-12-30");
        customer.check();
    };
    let records = attended_and_missed("Team", story, "2028-01-03T09:00:00Z");
    let expected = [
        ("2027-12-30 10:00", "overage_major"),
        ("2027-12-31 10:00", "upgraded"),
        ("2028-01-01 00:00", "overage_major"),
        ("2028-01-02 00:00", "upgraded"),
    ];
    assert_eq!(kinds(&records), expected.map(|(at, kind)| (at.to_owned(), kind)));
    let limits: Vec<_> = records.limits.iter().map(|(_, limit)| limit.unwrap()).collect();
    assert_eq!(limits, [100, 150, 100, 150]);
}

#[test]
fn an_overage_of_the_old_terms_that_the_renewal_ends_is_closed_with_its_first_moment() {
    let story = |customer: &Customer| {
        customer.at("2027-12-31T18:00:00Z").enrol("a", 108, "2027-12-31");
        customer.check();
    };
    let records = attended_and_missed("Business", story, "2028-01-03T09:00:00Z");
    let expected = [("2027-12-31 18:00", "overage_major"), ("2028-01-01 00:00", "overage_closed")];
    assert_eq!(kinds(&records), expected.map(|(at, kind)| (at.to_owned(), kind)));
}

#[test]
fn what_happens_on_both_sides_of_the_renewal_is_judged_by_the_terms_of_its_moment() {
    let story = |customer: &Customer| {
        customer.at("2027-12-20T10:00:00Z").enrol("a", 104, "2027-12-29");
        customer.check();
        customer.at("2027-12-31T10:00:00Z").enrol("b", 4, "2027-12-31");
        customer.at("2028-01-01T12:00:00Z").enrol("c", 60, "2028-01-01");
    };
    // nobody has checked since the 20th: too many from the 29th on, major on the 31st, and again in the new year
    let records = attended_and_missed("Business", story, "2028-01-04T09:00:00Z");
    let expected = [
        ("2027-12-29 00:00", "overage_minor"),
        ("2027-12-31 10:00", "overage_major"),
        ("2028-01-01 00:00", "overage_closed"),
        ("2028-01-01 12:00", "overage_major"),
        ("2028-01-02 12:00", "upgraded"),
    ];
    assert_eq!(kinds(&records), expected.map(|(at, kind)| (at.to_owned(), kind)));
}

#[test]
fn the_price_of_a_late_upgrade_is_in_the_currency_of_its_own_year() {
    let story = |customer: &Customer| {
        customer.at("2027-12-30T10:00:00Z").enrol("a", 108, "2027-12-30");
        customer.check();
    };
    let records = attended_and_missed_in("EUR", "Growth", story, "2028-01-03T09:00:00Z");
    assert_eq!(records.told[1].2.pointer("/to/currency"), Some(&serde_json::json!("GBP")));
    assert_eq!(records.changes[0].3.as_deref(), Some("2.19"));
}
