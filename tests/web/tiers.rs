//! The tiers that licenses are sold in.

use diesel::prelude::*;
use headroom::schema::{agreements, audit_entries};
use rust_decimal::Decimal;

use crate::support::app::{Page, TestApp};
use crate::support::builders::{self, Agreed};

fn place() -> TestApp {
    let app = TestApp::start();
    builders::person(&mut app.conn(), None, "instance", Some(("instance_admin", None)));
    app
}

fn tier(name: &'static str, limit: &'static str, price: &'static str) -> [(&'static str, &'static str); 4] {
    [("name", name), ("user_limit", limit), ("yearly_price", price), ("currency", "gbp")]
}

#[test]
fn a_tier_is_added_edited_and_retired() {
    let app = place();
    let instance = app.signed_in("instance");
    assert_eq!(instance.page("/settings/tiers").text(".empty h2"), "There is no tier yet");
    assert_eq!(instance.post("/settings/tiers", &tier("Team", "300", "5,400.00")).status(), 303);
    let page = instance.page("/settings/tiers");
    assert_eq!(page.rows(), [["Team", "300", "GBP 5,400.00", "no license year"]]);
    let address = page.attributes("tbody a", "href").remove(0);
    assert_eq!(instance.post(&address, &tier("Team", "350", "5600")).status(), 303);
    assert_eq!(instance.page("/settings/tiers").rows(), [["Team", "350", "GBP 5,600.00", "no license year"]]);
    assert_eq!(instance.post(&format!("{address}/retire"), &[]).status(), 303);
    assert_eq!(instance.page("/settings/tiers").rows()[0][0], "Team Retired");
    // its name and its limit are free again
    assert_eq!(instance.post("/settings/tiers", &tier("Team", "350", "6000")).status(), 303);
    let actions: Vec<String> = audit_entries::table
        .filter(audit_entries::action.like("tier.%"))
        .order(audit_entries::id)
        .select(audit_entries::action)
        .load(&mut app.conn())
        .unwrap();
    assert_eq!(actions, ["tier.created", "tier.edited", "tier.retired", "tier.created"]);
}

#[test]
fn what_is_wrong_is_said_at_the_field() {
    let app = place();
    let instance = app.signed_in("instance");
    assert_eq!(instance.post("/settings/tiers", &tier("Team", "300", "5400")).status(), 303);
    for (fields, at) in [
        (tier("", "400", "1"), "#name"),
        (tier("team", "400", "1"), "#name"),
        (tier("Other", "300", "1"), "#user_limit"),
        (tier("Other", "many", "1"), "#user_limit"),
        (tier("Other", "400", "5.400,00"), "#yearly_price"),
        (tier("Other", "400", "-1"), "#yearly_price"),
    ] {
        let page = Page::of(instance.post("/settings/tiers", &fields));
        assert_eq!((page.status, page.attributes(".problems a", "href")), (422, vec![at.to_owned()]), "{fields:?}");
        assert_eq!(page.attributes("#yearly_price", "value"), [fields[2].1]);
    }
}

#[test]
fn a_license_year_keeps_its_price_and_its_limit() {
    let app = place();
    let conn = &mut app.conn();
    let [team] = builders::tiers(conn, [("Team", 300, 3650)]);
    let acme = builders::root(conn, "Acme", Some(300));
    builders::agreement(conn, acme, &Agreed { tier: Some(team), ..Agreed::of("2026-01-01", 300) });
    let instance = app.signed_in("instance");
    let address = format!("/settings/tiers/{team}");
    let refused = Page::of(instance.post(&address, &tier("Team", "350", "3650")));
    assert_eq!((refused.status, refused.attributes(".problems a", "href")), (422, vec!["#user_limit".to_owned()]));
    assert_eq!(instance.post(&address, &tier("Team", "300", "9000")).status(), 303);
    let agreed: (Option<Decimal>, i32) =
        agreements::table.select((agreements::yearly_price, agreements::user_limit)).first(conn).unwrap();
    assert_eq!(agreed, (Some(Decimal::from(3650)), 300));
}

#[test]
fn who_saves_an_older_page_of_a_tier_is_told_what_is_stored() {
    let app = place();
    builders::person(&mut app.conn(), None, "other", Some(("instance_admin", None)));
    let (first, second) = (app.signed_in("instance"), app.signed_in("other"));
    first.post("/settings/tiers", &tier("Team", "300", "5400"));
    let address = first.page("/settings/tiers").attributes("tbody a", "href").remove(0);
    let version = |page: &Page| page.attributes("input[name=version]", "value")[0].clone();
    let opened = version(&first.page(&address));
    let priced = |visitor: &crate::support::app::Visitor<'_>, price: &'static str, version: &str| {
        visitor.post(&address, &[&tier("Team", "300", price)[..], &[("version", version)]].concat())
    };
    assert_eq!(priced(&second, "6000", &opened).status(), 303);
    let told = Page::of(priced(&first, "5500", &opened));
    assert_eq!((told.status, told.attributes("#yearly_price", "value")), (409, vec!["5500".to_owned()]));
    assert_eq!(told.rows(), [["Yearly price", "6,000.00", "5,500.00"]]);
    assert_eq!(first.page("/settings/tiers").rows()[0][2], "GBP 6,000.00");
    assert_eq!(priced(&first, "5500", &version(&told)).status(), 303);
    assert_eq!(first.page("/settings/tiers").rows()[0][2], "GBP 5,500.00");

    let opened = version(&first.page(&address));
    assert_eq!(second.post(&format!("{address}/retire"), &[]).status(), 303);
    let told = Page::of(priced(&first, "7000", &opened));
    assert_eq!(told.status, 409);
    assert!(told.texts("[autofocus] p").contains(&"It is retired now: it is no longer sold.".to_owned()));
}
