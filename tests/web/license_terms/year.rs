//! A license year of a made-up customer, with everything that was told in it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::London;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use headroom::schema::{holidays, notices, organisations, outbox, overages};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::builders::{date, experience, person, root};

/// The story's state: the program, and whom it is about.
struct Story {
    app: TestApp,
    root: Uuid,
    course: Uuid,
}

impl Story {
    fn begin() -> Story {
        let app = TestApp::start();
        app.set_time("2027-01-01T09:00:00Z");
        let mut conn = app.conn_now();
        let root = root(&mut conn, "Northwind", Some(100));
        let course = experience(&mut conn, root, "COURSE");
        person(&mut conn, None, "manager", Some(("account_manager", Some(root))));
        person(&mut conn, Some(root), "admin", Some(("org_admin", Some(root))));
        diesel::insert_into(holidays::table)
            .values((holidays::day.eq(date("2027-04-05")), holidays::name.eq("Founders' Day")))
            .execute(&mut conn)
            .expect("a holiday");
        diesel::sql_query(
            "with tiers as (
               insert into tiers (name, user_limit, yearly_price, currency) values
                 ('Team', 100, 1000, 'GBP'), ('Business', 150, 1800, 'GBP'), ('Growth', 200, 2700, 'GBP') returning *)
             insert into agreements (organisation_id, tier_id, starts_on, ends_on, user_limit, yearly_price, currency,
               in_force_since)
             select $1, t.id, day, (day + interval '1 year')::date - 1, t.user_limit, t.yearly_price, t.currency,
               case when day = '2027-01-01' then timestamptz '2027-01-01' end
             from tiers t join (values ('Team', date '2027-01-01'), ('Growth', date '2028-01-01')) years (name, day)
               using (name)",
        )
        .bind::<SqlUuid, _>(root)
        .execute(&mut conn)
        .expect("an agreement and its renewal");
        app.check_licenses();
        Story { app, root, course }
    }

    /// Two servers check twice a day until then.
    fn until(&self, at: &str) {
        let end: DateTime<Utc> = at.parse().expect("a time");
        while self.app.clock.now() + TimeDelta::hours(12) < end {
            self.app.clock.set(self.app.clock.now() + TimeDelta::hours(12));
            self.app.check_licenses();
            self.app.check_licenses();
        }
        self.missing(at);
        self.app.check_licenses();
    }

    /// Nobody checks until then.
    fn missing(&self, at: &str) {
        self.app.set_time(at);
    }

    /// So many people who have not been here before.
    fn cohort(&self, name: &str, people: i32, from: &str, until: Option<&str>) {
        diesel::sql_query(
            "with people as (
               insert into users (organisation_id, username, email, first_name, last_name)
               select $1, name, name || '@people.example', 'Cohort', name
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
        .expect("a cohort");
        self.app.check_licenses();
    }

    /// So many of a cohort are expired as of yesterday.
    fn expire(&self, name: &str, people: i32) {
        let now = self.app.clock.now();
        diesel::sql_query(
            "update enrolments set expires_on = ($3 at time zone 'Europe/London')::date - 1 where user_id in (
               select id from users where username like $1 || '-%' order by id limit $2)",
        )
        .bind::<Text, _>(name)
        .bind::<Integer, _>(people)
        .bind::<Timestamptz, _>(now)
        .execute(&mut self.app.conn_now())
        .expect("expired enrolments");
        self.app.check_licenses();
    }

    /// When, in London, and what was told.
    fn told(&self) -> Vec<String> {
        let told: Vec<(DateTime<Utc>, String, serde_json::Value)> = notices::table
            .order((notices::at, notices::id))
            .select((notices::at, notices::kind, notices::facts))
            .load(&mut self.app.conn())
            .expect("notices");
        let fact = |facts: &serde_json::Value, name: &str| match &facts[name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => format!(" {name} {text}"),
            other => format!(" {name} {other}"),
        };
        told.iter()
            .map(|(at, kind, facts)| {
                let moment = at.with_timezone(&London).format("%F %H:%M");
                let names = ["used", "allowed", "percent", "on", "due_on", "major_on", "because", "due_at"];
                let said: String = names.iter().map(|name| fact(facts, name)).collect();
                let price =
                    facts.pointer("/offer/price").or(facts.pointer("/to/price")).and_then(|price| price.as_str());
                format!("{moment} {kind}{said}{}", price.map_or(String::new(), |price| format!(" price {price}")))
            })
            .collect()
    }

    fn limit(&self) -> Option<i32> {
        let own = organisations::table.find(self.root).select(organisations::user_limit);
        own.first(&mut self.app.conn()).expect("a limit")
    }

    fn open_stage(&self) -> Option<String> {
        let open = overages::table.filter(overages::closed_at.is_null()).select(overages::stage);
        open.first(&mut self.app.conn()).optional().expect("overages")
    }
}

#[test]
fn a_year_of_cohorts_overages_and_an_upgrade_is_told_step_by_step_and_each_step_once() {
    let story = Story::begin();

    // the first cohort fits exactly; the second is four too many, and people see it coming
    story.until("2027-01-04T09:00:00Z");
    story.cohort("a", 100, "2027-01-04", Some("2027-03-31"));
    story.until("2027-02-01T10:00:00Z");
    story.cohort("b", 104, "2027-04-01", Some("2027-06-30"));
    story.until("2027-03-31T23:30:00Z");
    assert_eq!(story.open_stage().as_deref(), Some("minor"));

    // resolved on business day 9: Founders' Day does not count
    story.until("2027-04-15T11:00:00Z");
    story.expire("b", 4);
    assert_eq!(story.open_stage(), None);

    // the third is three too many for more than 20 business days
    story.until("2027-06-01T08:00:00Z");
    story.cohort("c", 103, "2027-07-01", Some("2027-12-31"));
    story.until("2027-07-16T08:00:00Z");
    assert_eq!(story.open_stage().as_deref(), Some("overdue"));
    story.until("2027-07-30T14:00:00Z");
    assert_eq!(story.open_stage().as_deref(), Some("major"));
    story.expire("c", 3);
    assert_eq!(story.open_stage(), None);
    assert_eq!(story.limit(), Some(100));

    // eight too many in the night in which clocks go back; nobody checks when the 24 hours are over
    story.until("2027-10-30T21:00:00Z");
    story.cohort("d", 8, "2027-10-30", None);
    assert_eq!(story.open_stage().as_deref(), Some("major"));
    story.until("2027-10-31T10:00:00Z");
    assert_eq!(story.limit(), Some(100));
    story.missing("2027-11-02T09:00:00Z");
    story.app.check_licenses();
    assert_eq!(story.limit(), Some(150));
    assert_eq!(story.open_stage(), None);

    // the renewal is in force from the first moment of its year on
    story.until("2027-12-31T23:59:59Z");
    assert_eq!(story.limit(), Some(150));
    story.until("2028-01-01T00:00:10Z");
    assert_eq!(story.limit(), Some(200));

    let expected = [
        "2027-01-04 09:00 limit_warning used 100 percent 100",
        "2027-02-01 10:00 limit_crossing used 104 allowed 100 on 2027-04-01",
        "2027-04-01 00:00 overage_minor used 104 allowed 100 due_on 2027-04-16",
        "2027-04-15 12:00 overage_closed used 100 allowed 100",
        "2027-06-01 09:00 limit_crossing used 103 allowed 100 on 2027-07-01",
        "2027-07-01 00:00 overage_minor used 103 allowed 100 due_on 2027-07-15",
        "2027-07-16 00:00 overage_overdue used 103 allowed 100 major_on 2027-07-30 price 370.41",
        "2027-07-30 00:00 overage_major used 103 allowed 100 because too_long due_at 2027-07-30T23:00:00Z price 339.73",
        "2027-07-30 15:00 overage_closed used 100 allowed 100",
        "2027-10-30 22:00 overage_major used 108 allowed 100 because above106 due_at 2027-10-31T21:00:00Z price 138.08",
        "2027-10-31 21:00 upgraded used 108 price 135.89",
    ];
    assert_eq!(story.told(), expected);

    // one mail each for the account manager and the org admin
    let mut mails: Vec<(String, String)> =
        outbox::table.select((outbox::recipient, outbox::subject)).load(&mut story.app.conn()).expect("mails");
    assert_eq!(mails.len(), 2 * expected.len());
    mails.sort();
    mails.dedup();
    assert_eq!(mails.iter().filter(|(to, _)| to == "admin@people.example").count(), mails.len() / 2);
    assert!(mails.iter().any(|(_, subject)| subject == "The agreement of Northwind is upgraded to Business"));
}
