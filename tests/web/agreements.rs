//! License agreements: who sees and changes them, what is refused, and what it does to the limit.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use headroom::schema::{agreement_changes, agreements, audit_entries, holidays, organisations};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, Agreed, date};
use crate::support::reading::answered;

struct Place {
    app: TestApp,
    acme: Uuid,
    tiers: [Uuid; 2],
}

/// A root with 300 licenses, on 24 November 2026.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(300));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "manager", Some(("account_manager", Some(acme))));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    let tiers = builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950)]);
    Place { app, acme, tiers }
}

impl Place {
    fn address(&self) -> String {
        format!("/organisations/{}/agreement", self.acme)
    }

    fn limit(&self) -> Option<i32> {
        organisations::table.find(self.acme).select(organisations::user_limit).first(&mut self.app.conn()).unwrap()
    }

    fn kinds(&self) -> Vec<String> {
        let at = (agreement_changes::changed_at, agreement_changes::id);
        agreement_changes::table.order(at).select(agreement_changes::kind).load(&mut self.app.conn()).unwrap()
    }

    fn actions(&self) -> Vec<String> {
        audit_entries::table
            .filter(audit_entries::action.like("agreement.%"))
            .order(audit_entries::id)
            .select(audit_entries::action)
            .load(&mut self.app.conn())
            .unwrap()
    }

    /// "License year", "Tier", … of the page, with their values.
    fn facts(&self, visitor: &Visitor<'_>) -> Vec<String> {
        visitor.page(&self.address()).texts("dl.facts dd")
    }
}

/// As the page does on which this was looked at before, unless the version that was seen is among the fields.
fn send(visitor: &Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> (u16, Page) {
    let looked = fields.iter().any(|(name, _)| *name == "version") || path.ends_with("/withdraw");
    let sent = if looked { visitor.post(path, fields) } else { answered(visitor, path, path, fields) };
    let page = Page::of(sent);
    (page.status, page)
}

#[test]
fn a_first_license_year_is_agreed_on_with_a_tier_and_its_price() {
    let place = place();
    let instance = place.app.signed_in("instance");
    assert_eq!(instance.page(&place.address()).text(".empty h2"), "Nothing is agreed on yet");
    let business = place.tiers[1].to_string();
    let fields = [("starts_on", "2026-07-01"), ("tier", business.as_str()), ("re_uses", "3")];
    let (status, _) = send(&instance, &format!("{}/terms", place.address()), &fields);
    assert_eq!(status, 303);
    assert_eq!(place.limit(), Some(1000));
    let facts = place.facts(&instance);
    let year = "1 Jul 2026 to 30 Jun 2027 219 days left, today included";
    assert_eq!(facts, [year, "Business", "1,000", "GBP 10,950.00", "3", "none"]);
    assert_eq!((place.kinds(), place.actions()), (vec!["agreed".to_owned()], vec!["agreement.agreed".to_owned()]));
}

#[test]
fn the_history_has_the_days_of_the_root_whoever_looks_at_it() {
    let place = place();
    diesel::update(organisations::table.find(place.acme))
        .set(organisations::time_zone.eq("Asia/Tokyo"))
        .execute(&mut place.app.conn())
        .unwrap();
    place.app.set_time("2026-11-24T20:00:00Z");
    let instance = place.app.signed_in("instance");
    let fields = [("starts_on", "2026-11-25"), ("tier", "own"), ("user_limit", "500"), ("re_uses", "3")];
    assert_eq!(send(&instance, &format!("{}/terms", place.address()), &fields).0, 303);
    assert_eq!(instance.page(&place.address()).rows()[0][0], "25 Nov 2026, 05:00 JST");
}

#[test]
fn a_year_that_begins_later_is_in_force_from_then_on() {
    let place = place();
    let instance = place.app.signed_in("instance");
    let fields = [("starts_on", "2027-01-01"), ("tier", "own"), ("user_limit", "1,500"), ("re_uses", "2")];
    assert_eq!(send(&instance, &format!("{}/terms", place.address()), &fields).0, 303);
    assert_eq!(place.limit(), Some(300));
    assert_eq!(place.facts(&instance)[0], "1 Jan 2027 to 31 Dec 2027 begins in 38 days");
    let in_force: Option<DateTime<Utc>> =
        agreements::table.select(agreements::in_force_since).first(&mut place.app.conn()).unwrap();
    assert_eq!(in_force, None);
}

#[test]
fn what_is_wrong_is_said_at_the_field_and_nothing_is_changed() {
    let place = place();
    let instance = place.app.signed_in("instance");
    let terms = format!("{}/terms", place.address());
    let team = place.tiers[0].to_string();
    let complete = [
        ("starts_on", "2026-07-01"),
        ("tier", "own"),
        ("user_limit", "1000"),
        ("yearly_price", "31,200.00"),
        ("currency", "gbp"),
        ("re_uses", "3"),
    ];
    let wrong = [
        ("starts_on", "2024-01-01"),
        ("starts_on", "soon"),
        ("starts_on", ""),
        ("tier", ""),
        ("user_limit", ""),
        ("user_limit", "10,00"),
        ("user_limit", "-1"),
        ("yearly_price", "31.200"),
        ("yearly_price", "1,20"),
        ("yearly_price", ""),
        ("currency", "pounds"),
        ("currency", ""),
        ("re_uses", ""),
        ("re_uses", "three"),
    ];
    for (field, value) in wrong {
        let fields = complete.map(|(name, usual)| (name, if name == field { value } else { usual }));
        let (status, page) = send(&instance, &terms, &fields);
        assert_eq!(status, 422, "{field} {value}");
        assert_eq!(page.attributes(".problems a", "href"), [format!("#{field}")], "{field} {value}");
        assert!(page.text("title").starts_with("Error:"));
        let kept = complete.iter().find(|(name, _)| *name != field && *name == "re_uses");
        if let Some((_, usual)) = kept {
            assert_eq!(page.attributes("#re_uses", "value"), [*usual]);
        }
    }
    // a tier has its own limit
    let fields = complete.map(|(name, usual)| (name, if name == "tier" { team.as_str() } else { usual }));
    assert_eq!(send(&instance, &terms, &fields).0, 422);
    assert!(place.kinds().is_empty() && place.limit() == Some(300));
    assert_eq!(send(&instance, &terms, &complete).0, 303);
    assert_eq!(place.facts(&instance)[3], "GBP 31,200.00");
}

#[test]
fn terms_are_changed_from_now_on_and_both_are_kept() {
    let place = place();
    builders::agreement(&mut place.app.conn(), place.acme, &Agreed::of("2026-07-01", 300));
    let instance = place.app.signed_in("instance");
    let terms = format!("{}/terms", place.address());
    let version = instance.page(&terms).attributes("input[name=version]", "value").remove(0);
    let fields = [("tier", "own"), ("user_limit", "450"), ("re_uses", "5"), ("version", version.as_str())];
    assert_eq!(send(&instance, &terms, &fields).0, 303);
    assert_eq!(place.limit(), Some(450));
    // somebody who still sees the former terms
    let late = [("tier", "own"), ("user_limit", "350"), ("re_uses", "3"), ("version", version.as_str())];
    let (status, page) = send(&instance, &terms, &late);
    assert_eq!(status, 409);
    assert_eq!(page.attributes("#user_limit", "value"), ["350"]);
    assert_eq!(page.rows(), [["User limit", "450", "350"]]);
    assert_eq!(page.attributes("#re_uses", "value"), ["5"], "what was left as it was is what they agreed on");
    assert_eq!(place.limit(), Some(450));
    // nor without saying which ones were seen
    for path in ["terms", "renewal", "overage"].map(|form| format!("{}/{form}", place.address())) {
        let unseen = [("tier", "own"), ("user_limit", "350"), ("re_uses", "3")];
        let days = [("extra_users", "40"), ("from", "2026-12-01"), ("until", "2026-12-31")];
        let sent = instance.post(&path, &unseen.into_iter().chain(days).collect::<Vec<_>>());
        assert_eq!((sent.status().as_u16(), place.limit()), (409, Some(450)), "{path}");
    }
    let again = page.attributes("input[name=version]", "value").remove(0);
    let late = [("tier", "own"), ("user_limit", "350"), ("re_uses", "3"), ("version", again.as_str())];
    assert_eq!(send(&instance, &terms, &late).0, 303);
    assert_eq!((place.limit(), place.kinds()), (Some(350), vec!["changed".to_owned(); 2]));
    let rows = instance.page(&place.address()).rows();
    assert_eq!(rows.iter().map(|row| row[4].as_str()).collect::<Vec<_>>(), ["350", "450"]);
}

#[test]
fn an_overage_is_permitted_for_days_of_the_license_year() {
    let place = place();
    let instance = place.app.signed_in("instance");
    let overage = format!("{}/overage", place.address());
    assert_eq!(instance.get(&overage).status(), 303);
    builders::agreement(&mut place.app.conn(), place.acme, &Agreed::of("2026-07-01", 300));
    let permit = |from, until| send(&instance, &overage, &[("extra_users", "40"), ("from", from), ("until", until)]).0;
    assert_eq!(permit("2026-12-01", "2027-07-01"), 422);
    assert_eq!(permit("2026-06-30", "2026-12-31"), 422);
    assert_eq!(permit("2026-12-31", "2026-12-01"), 422);
    assert_eq!(permit("2026-12-01", ""), 422);
    assert_eq!(permit("2026-12-01", "2026-12-31"), 303);
    assert_eq!(place.facts(&instance)[5], "40 more users from 1 Dec 2026 to 31 Dec 2026");
    assert_eq!(send(&instance, &overage, &[("extra_users", "")]).0, 303);
    assert_eq!(place.facts(&instance)[5], "none");
    assert_eq!(place.kinds(), ["overage_permitted", "overage_permitted"]);
    assert_eq!(place.limit(), Some(300));
}

#[test]
fn a_renewal_can_be_changed_and_taken_back_until_it_begins() {
    let place = place();
    builders::agreement(&mut place.app.conn(), place.acme, &Agreed::of("2026-01-01", 300));
    let instance = place.app.signed_in("instance");
    let renewal = format!("{}/renewal", place.address());
    // the form is filled with the terms of the current year
    let page = instance.page(&renewal);
    assert_eq!(page.attributes("#user_limit", "value"), ["300"]);
    assert_eq!(page.text(".lede"), "Acme: license year 1 Jan 2027 to 31 Dec 2027");
    let fields = |limit| [("tier", "own"), ("user_limit", limit), ("re_uses", "3")];
    assert_eq!(send(&instance, &renewal, &fields("500")).0, 303);
    assert_eq!(send(&instance, &renewal, &fields("600")).0, 303);
    let years: Vec<(chrono::NaiveDate, i32)> = agreements::table
        .order(agreements::starts_on)
        .select((agreements::starts_on, agreements::user_limit))
        .load(&mut place.app.conn())
        .unwrap();
    assert_eq!(years, [(date("2026-01-01"), 300), (date("2027-01-01"), 600)]);
    assert_eq!(place.limit(), Some(300));
    assert_eq!(send(&instance, &format!("{renewal}/withdraw"), &[]).0, 303);
    assert_eq!(place.actions(), ["agreement.agreed", "agreement.changed", "agreement.withdrawn"]);
    assert_eq!(send(&instance, &renewal, &fields("500")).0, 303);
    place.app.set_time("2027-01-01T00:00:00Z");
    assert_eq!(send(&instance, &format!("{renewal}/withdraw"), &[]).0, 303);
    assert_eq!(agreements::table.count().get_result::<i64>(&mut place.app.conn()).unwrap(), 2);
}

#[test]
fn a_year_that_ended_is_renewed_at_once() {
    let place = place();
    builders::agreement(&mut place.app.conn(), place.acme, &Agreed::of("2025-07-01", 300));
    let instance = place.app.signed_in("instance");
    assert_eq!(instance.page(&place.address()).text(".notice.over h2"), "The license year is over");
    let fields = [("tier", "own"), ("user_limit", "500"), ("re_uses", "3")];
    assert_eq!(send(&instance, &format!("{}/renewal", place.address()), &fields).0, 303);
    assert_eq!(place.limit(), Some(500));
    assert!(place.facts(&instance)[0].starts_with("1 Jul 2026 to 30 Jun 2027"));
}

#[test]
fn those_of_the_root_see_it_and_only_an_instance_admin_changes_it() {
    let place = place();
    let conn = &mut place.app.conn();
    let child = builders::child(conn, place.acme, "Nordics", None);
    builders::person(conn, Some(child), "childadmin", Some(("org_admin", Some(child))));
    builders::agreement(conn, place.acme, &Agreed::of("2026-07-01", 300));
    for name in ["manager", "admin"] {
        let visitor = place.app.signed_in(name);
        let page = visitor.page(&place.address());
        assert_eq!(page.status, 200, "{name}");
        assert_eq!(page.texts(".actions a"), ["UPGRADE"], "{name}");
        assert_eq!(visitor.get(&format!("{}/terms", place.address())).status(), 403);
    }
    let below = place.app.signed_in("childadmin");
    assert_eq!(below.get(&place.address()).status(), 404);
    // what is not a root has no agreement, whoever asks
    for name in ["instance", "admin", "childadmin"] {
        let visitor = place.app.signed_in(name);
        assert_eq!(visitor.get(&format!("/organisations/{child}/agreement")).status(), 404, "{name}");
        assert_eq!(visitor.get(&format!("/organisations/{child}/upgrade")).status(), 404, "{name}");
    }
}

#[test]
fn a_license_is_re_used_as_in_the_guide() {
    let place = place();
    let conn = &mut place.app.conn();
    diesel::update(organisations::table.find(place.acme))
        .set(organisations::user_limit.eq(1000))
        .execute(conn)
        .unwrap();
    builders::agreement(conn, place.acme, &Agreed::of("2026-11-01", 1000));
    let experience = builders::experience(conn, place.acme, "SAFE");
    for (cohort, starts_on) in ["2026-12-01", "2027-03-01", "2027-06-01"].into_iter().enumerate() {
        diesel::sql_query("select set_config('headroom.now', $1 || ' 09:00Z', false)")
            .bind::<diesel::sql_types::Text, _>(starts_on)
            .execute(conn)
            .unwrap();
        cohort_of_a_thousand(conn, place.acme, experience, cohort, starts_on);
    }
    place.app.set_time("2027-06-02T12:00:00Z");
    let page = place.app.signed_in("admin").page(&place.address());
    let figures = page.texts("dl.figures dd");
    assert_eq!(figures, ["1,000 of 1,000", "3,000 of 4,000", "2,000 of 3,000"]);
    assert!(page.texts(".notice.over h2").is_empty());
}

/// A thousand people who are enrolled today, for 60 days.
fn cohort_of_a_thousand(conn: &mut PgConnection, home: Uuid, experience: Uuid, cohort: usize, starts_on: &str) {
    diesel::sql_query(
        "with people as (
           insert into users (organisation_id, username, email, first_name, last_name)
           select $1, name, name || '@people.example', 'Cohort', name
           from generate_series(1, 1000) n, lateral (select concat('cohort-', $3, '-', n) as name) named
           returning id)
         insert into enrolments (user_id, experience_id, starts_on, expires_on) select id, $2, $4, $4 + 60 from people",
    )
    .bind::<diesel::sql_types::Uuid, _>(home)
    .bind::<diesel::sql_types::Uuid, _>(experience)
    .bind::<diesel::sql_types::Text, _>(cohort.to_string())
    .bind::<diesel::sql_types::Date, _>(date(starts_on))
    .execute(conn)
    .unwrap();
}

#[test]
fn the_capacity_of_a_year_goes_by_its_highest_limit() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::agreement(conn, place.acme, &Agreed::of("2026-07-01", 200));
    let set = |conn: &mut PgConnection, at: &str, limit: i32| {
        diesel::sql_query("select set_config('headroom.now', $1, false)")
            .bind::<diesel::sql_types::Text, _>(at)
            .execute(conn)
            .unwrap();
        diesel::update(organisations::table.find(place.acme))
            .set(organisations::user_limit.eq(limit))
            .execute(conn)
            .unwrap();
    };
    diesel::sql_query("update user_limit_changes set changed_at = '2026-01-01'").execute(conn).unwrap();
    // before the year, in force at its beginning, during it, now
    set(conn, "2026-05-01T12:00:00Z", 900);
    set(conn, "2026-06-30T12:00:00Z", 400);
    set(conn, "2026-10-01T12:00:00Z", 350);
    set(conn, "2026-11-01T12:00:00Z", 200);
    let figures = place.app.signed_in("admin").page(&place.address()).texts("dl.figures dd");
    assert_eq!(figures[1..], ["0 of 1,600", "0 of 1,200"]);
    // what a renewal sets at the first midnight is what the year begins with
    set(conn, "2026-06-30T23:00:00Z", 300);
    let figures = place.app.signed_in("admin").page(&place.address()).texts("dl.figures dd");
    assert_eq!(figures[1..], ["0 of 1,400", "0 of 1,050"]);
}

#[test]
fn the_coming_holidays_of_the_license_year_are_shown_and_lead_to_their_list_whoever_may_see_it() {
    let place = place();
    builders::agreement(&mut place.app.conn(), place.acme, &Agreed::of("2026-01-01", 300));
    let [instance, admin] = ["instance", "admin"].map(|name| place.app.signed_in(name));
    assert!(
        admin.page(&place.address()).text("main").contains("every day from Monday to Friday: no holiday is entered")
    );
    assert_eq!(admin.page(&place.address()).texts(".holidays li"), Vec::<String>::new());

    // over, today, to come, on a Saturday, in the next year
    let days = ["2026-11-23", "2026-11-24", "2026-12-25", "2026-12-26", "2027-01-01"];
    let rows: Vec<_> = days.map(|day| (holidays::day.eq(date(day)), holidays::name.eq(format!("Day <{day}>")))).into();
    diesel::insert_into(holidays::table).values(rows).execute(&mut place.app.conn()).unwrap();
    let shown = admin.page(&place.address());
    assert_eq!(shown.texts(".holidays li"), ["24 Nov 2026, Day <2026-11-24>", "25 Dec 2026, Day <2026-12-25>"]);
    assert!(shown.text("main").contains("Until 31 Dec 2026 that is Monday to Friday without these days:"));
    let to_list = |page: &Page| page.attributes("main a[href^='/settings']", "href");
    assert!(to_list(&shown).is_empty());
    assert_eq!(to_list(&instance.page(&place.address())), ["/settings/holidays?year=2026"]);

    // no more than a few of them
    diesel::sql_query(
        "insert into holidays (day, name) select d, 'Shutdown' from generate_series(date '2026-12-01', '2026-12-24', '1 day') d",
    )
    .execute(&mut place.app.conn())
    .unwrap();
    let shown = admin.page(&place.address());
    let listed = shown.texts(".holidays li");
    // 18 weekdays of December, and two others
    assert_eq!((listed.len(), listed.last().map(String::as_str)), (9, Some("12 more")));

    // of a year that is over, nothing is counted any more
    place.app.set_time("2027-01-02T12:00:00Z");
    let admin = place.app.signed_in("admin");
    assert!(!admin.page(&place.address()).text("main").contains("Holidays that count"));
}
