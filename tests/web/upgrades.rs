//! The offer of an upgrade, and accepting it once.

use diesel::prelude::*;
use headroom::schema::{agreement_changes, organisations, tiers};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, Agreed};

struct Place {
    app: TestApp,
    acme: Uuid,
    tiers: [Uuid; 3],
}

/// Acme has the tier "Team" for 2026; today is 24 November, with 38 days left.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(300));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "manager", Some(("account_manager", Some(acme))));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    let tiers = builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950), ("Growth", 2400, 14600)]);
    builders::agreement(conn, acme, Agreed { tier: Some(tiers[0]), ..Agreed::of("2026-01-01", 300) });
    Place { app, acme, tiers }
}

impl Place {
    fn address(&self) -> String {
        format!("/organisations/{}/upgrade", self.acme)
    }

    fn limit(&self) -> Option<i32> {
        organisations::table.find(self.acme).select(organisations::user_limit).first(&mut self.app.conn()).unwrap()
    }

    fn upgrades(&self) -> i64 {
        let upgraded = agreement_changes::table.filter(agreement_changes::kind.eq("upgraded"));
        upgraded.count().get_result(&mut self.app.conn()).unwrap()
    }
}

/// Sends the form of a page as it is.
fn accept(visitor: &Visitor<'_>, address: &str, page: &Page) -> Page {
    let value = |name: &str| page.attributes(&format!("input[name={name}]"), "value").pop().unwrap_or_default();
    let (tier, price, on) = (value("tier"), value("price"), value("on"));
    Page::of(visitor.post(address, &[("tier", &tier), ("price", &price), ("on", &on)]))
}

#[test]
fn the_price_is_worked_out_line_by_line() {
    let place = place();
    let rows = place.app.signed_in("admin").page(&place.address()).rows();
    let expected = [
        ["New yearly price, Business", "GBP 10,950.00"],
        ["Yearly price now", "GBP 3,650.00"],
        ["Difference for a year", "GBP 7,300.00"],
        ["Days left, 24 Nov 2026 included", "38 of 365"],
        ["Difference × days left ÷ days of the year", "GBP 760.00"],
    ];
    assert_eq!(rows, expected.map(|row| row.map(str::to_owned).to_vec()));
}

#[test]
fn the_account_manager_accepts_and_the_report_shows_the_new_limit_at_once() {
    let place = place();
    let manager = place.app.signed_in("manager");
    let answer = accept(&manager, &place.address(), &manager.page(&place.address()));
    assert_eq!(answer.status, 303);
    assert_eq!((place.limit(), place.upgrades()), (Some(1000), 1));
    let report = place.app.signed_in("admin").page(&format!("/organisations/{}/licenses", place.acme));
    assert_eq!(report.rows()[0][1], "1,000");
    let agreement = manager.page(&format!("/organisations/{}/agreement?saved=upgraded", place.acme));
    assert_eq!(agreement.text(".notice.done h2"), "The agreement is upgraded");
    assert_eq!(agreement.rows()[0][7], "GBP 760.00 for the rest of the year");
    // the next offer
    assert_eq!(manager.page(&place.address()).text("dl.figures dd"), "Growth");
}

#[test]
fn an_org_admin_sees_the_offer_and_who_can_accept_it() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let page = admin.page(&place.address());
    assert!(page.texts("form.aside").is_empty());
    assert_eq!(page.text(".notice h2"), "Your account manager can accept this offer");
    assert_eq!(accept(&admin, &place.address(), &page).status, 403);
    assert_eq!(place.upgrades(), 0);
}

#[test]
fn an_offer_that_is_another_one_by_now_is_shown_again() {
    let place = place();
    let manager = place.app.signed_in("manager");
    let shown = manager.page(&place.address());
    let conn = &mut place.app.conn();
    diesel::sql_query("update tiers set yearly_price = 11315 where name = 'Business'").execute(conn).unwrap();
    let answer = accept(&manager, &place.address(), &shown);
    assert_eq!(answer.status, 409);
    assert_eq!(answer.text(".problems h2"), "The offer is another one now");
    assert_eq!(answer.rows()[4][1], "GBP 798.00");
    // on the next day it costs less
    place.app.set_time("2026-11-25T00:00:00Z");
    let manager = place.app.signed_in("manager");
    assert_eq!(accept(&manager, &place.address(), &answer).status, 409);
    assert_eq!((place.limit(), place.upgrades()), (Some(300), 0));
    let fresh = manager.page(&place.address());
    assert_eq!(accept(&manager, &place.address(), &fresh).status, 303);
}

#[test]
fn pressed_twenty_times_at_once_it_is_one_upgrade() {
    let place = place();
    let manager = place.app.signed_in("manager");
    let shown = manager.page(&place.address());
    let (fields, address) = (fields(&shown), place.address());
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let requests: Vec<_> =
        (0..20).map(|_| manager.post_request(&address).header("sec-fetch-site", "same-origin").form(&fields)).collect();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let sent: Vec<_> =
            requests.into_iter().map(|request| scope.spawn(|| request.send().unwrap().status().as_u16())).collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 303 | 409 | 503)), "{answers:?}");
    assert_eq!((place.limit(), place.upgrades()), (Some(1000), 1));
}

fn fields(page: &Page) -> [(&'static str, String); 3] {
    ["tier", "price", "on"]
        .map(|name| (name, page.attributes(&format!("input[name={name}]"), "value").pop().unwrap_or_default()))
}

#[test]
fn why_there_is_no_offer_is_said() {
    let place = place();
    let conn = &mut place.app.conn();
    let why = || place.app.signed_in("admin").page(&place.address()).text(".empty h2");
    // what is no longer sold is not offered
    diesel::update(tiers::table.find(place.tiers[1]))
        .set(tiers::retired_at.eq(diesel::dsl::now))
        .execute(conn)
        .unwrap();
    let admin = place.app.signed_in("admin");
    assert_eq!(admin.page(&place.address()).text("dl.figures dd"), "Growth");
    diesel::sql_query("update tiers set currency = 'EUR' where name = 'Growth'").execute(conn).unwrap();
    assert_eq!(why(), "There is no larger tier");
    diesel::sql_query("update agreements set yearly_price = null, currency = null").execute(conn).unwrap();
    assert_eq!(why(), "No price was agreed on");
    place.app.set_time("2027-01-01T12:00:00Z");
    assert_eq!(why(), "The license year is over");
    diesel::sql_query("delete from agreements").execute(conn).unwrap();
    assert_eq!(why(), "There is no license year to upgrade");
}
