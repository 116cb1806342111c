//! The limits of an organisation's children.

use diesel::prelude::*;
use headroom::schema::{audit_entries, organisations};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders;

struct Place {
    app: TestApp,
    acme: Uuid,
    nordics: Uuid,
    south: Uuid,
}

/// Acme with 100 licenses; Nordics has 60 and Sales below it, South shares.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(100));
    let nordics = builders::child(conn, acme, "Nordics", Some(60));
    let south = builders::child(conn, acme, "South", None);
    builders::child(conn, nordics, "Sales", None);
    let experience = builders::experience(conn, acme, "LX");
    builders::active_users(conn, south, experience, 3);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(nordics), "childadmin", Some(("org_admin", Some(nordics))));
    builders::person(conn, Some(acme), "usermanager", Some(("user_manager", Some(acme))));
    Place { app, acme, nordics, south }
}

impl Place {
    fn limit(&self, of: Uuid) -> Option<i32> {
        organisations::table.find(of).select(organisations::user_limit).first(&mut self.app.conn()).unwrap()
    }
}

/// Sends the page's form with other limits, in the order of its rows.
fn save(visitor: &Visitor<'_>, of: Uuid, page: &Page, limits: &[&str]) -> Page {
    let (ids, were) = (page.attributes("input[name=id]", "value"), page.attributes("input[name=was]", "value"));
    assert_eq!(ids.len(), limits.len());
    let rows = ids.iter().zip(&were).zip(limits);
    let fields: Vec<(&str, &str)> =
        rows.flat_map(|((id, was), limit)| [("id", id.as_str()), ("was", was.as_str()), ("limit", *limit)]).collect();
    Page::of(visitor.post(&format!("/organisations/{of}/limits"), &fields))
}

fn page(visitor: &Visitor<'_>, of: Uuid) -> Page {
    visitor.page(&format!("/organisations/{of}/limits"))
}

#[test]
fn limits_are_set_within_the_one_above_and_their_sum_may_exceed_it() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let shown = page(&admin, place.acme);
    assert_eq!(shown.texts("dl.figures dd"), ["100", "3", "60"]);
    assert_eq!(shown.attributes("input[name=limit]", "value"), ["60", ""]);
    let refused = save(&admin, place.acme, &shown, &["60", "101"]);
    assert_eq!(refused.status, 422);
    assert_eq!(refused.texts(".problems li"), ["South: at most 100, the limit above it."]);
    assert_eq!(refused.attributes("input[name=limit]", "value"), ["60", "101"]);
    assert_eq!(refused.attributes(".problems a", "href"), [format!("#limit-{}", place.south)]);
    assert_eq!(save(&admin, place.acme, &shown, &["60", "1,0"]).status, 422);
    assert_eq!(place.limit(place.south), None);

    assert_eq!(save(&admin, place.acme, &shown, &["60", "100"]).status, 303);
    assert_eq!(place.limit(place.south), Some(100));
    let shown = page(&admin, place.acme);
    assert_eq!(shown.text(".notice h2"), "The limits of the children exceed the own limit by 60");
    assert_eq!(save(&admin, place.acme, &shown, &["", "100"]).status, 303);
    assert_eq!(place.limit(place.nordics), None);
    let entries: i64 = audit_entries::table
        .filter(audit_entries::action.eq("organisation.limits_set"))
        .filter(audit_entries::organisation_id.eq(place.south))
        .count()
        .get_result(&mut place.app.conn())
        .unwrap();
    assert_eq!(entries, 1);
}

#[test]
fn a_limit_that_is_sent_twice_is_refused() {
    let place = place();
    let south = place.south.to_string();
    let of_south = |limit| [("id", south.as_str()), ("was", ""), ("limit", limit)];
    let fields = [of_south("10"), of_south("20")].concat();
    let admin = place.app.signed_in("admin");
    let refused = Page::of(admin.post(&format!("/organisations/{}/limits", place.acme), &fields));
    assert_eq!(
        (refused.status, refused.texts(".problems li")),
        (422, vec!["South: its limit was sent twice.".to_owned()])
    );
    assert_eq!(place.limit(place.south), None);
}

#[test]
fn an_org_admin_sets_those_below_and_not_the_own_one() {
    let place = place();
    let admin = place.app.signed_in("childadmin");
    assert_eq!(admin.get(&format!("/organisations/{}/limits", place.acme)).status(), 404);
    let shown = page(&admin, place.nordics);
    assert_eq!(save(&admin, place.nordics, &shown, &["61"]).status, 422);
    assert_eq!(save(&admin, place.nordics, &shown, &["60"]).status, 303);
    // a limit without the one that was shown before
    let (path, child) =
        (format!("/organisations/{}/limits", place.nordics), shown.attributes("input[name=id]", "value").remove(0));
    for was in [None, Some(("was", "any"))] {
        let form: Vec<_> = [("id", child.as_str()), ("limit", "7")].into_iter().chain(was).collect();
        let page = Page::of(admin.post(&path, &form));
        assert_eq!(
            (page.status, page.attributes("input[name=limit]", "value")),
            (409, vec!["7".to_owned()]),
            "{was:?}"
        );
    }
    // the id of another organisation's child is none of this page
    let foreign = place.south.to_string();
    let sent = admin
        .post(&format!("/organisations/{}/limits", place.nordics), &[("id", &foreign), ("was", ""), ("limit", "5")]);
    assert_eq!(sent.status(), 303);
    assert_eq!(place.limit(place.south), None);
    let manager = place.app.signed_in("usermanager");
    assert_eq!(manager.get(&format!("/organisations/{}/limits", place.acme)).status(), 403);
}

#[test]
fn an_instance_admin_may_go_beyond_and_is_led_to_the_agreement() {
    let place = place();
    let instance = place.app.signed_in("instance");
    let shown = page(&instance, place.acme);
    let agreement = format!("/organisations/{}/agreement", place.acme);
    assert_eq!(shown.attributes(".actions a", "href"), [agreement]);
    assert_eq!(save(&instance, place.acme, &shown, &["500", ""]).status, 303);
    assert_eq!(place.limit(place.nordics), Some(500));
}

#[test]
fn a_limit_that_somebody_else_set_meanwhile_is_shown_first() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let shown = page(&admin, place.acme);
    diesel::update(organisations::table.find(place.south))
        .set(organisations::user_limit.eq(40))
        .execute(&mut place.app.conn())
        .unwrap();
    let answer = save(&admin, place.acme, &shown, &["60", "30"]);
    assert_eq!(answer.status, 409);
    assert_eq!(place.limit(place.south), Some(40));
    assert_eq!(answer.attributes("input[name=was]", "value"), ["60", "40"]);
    assert_eq!(answer.texts("td.limit small"), ["stored now: 40"]);
    assert_eq!(save(&admin, place.acme, &answer, &["60", "30"]).status, 303);
    assert_eq!(place.limit(place.south), Some(30));
}

#[test]
fn a_limit_that_was_left_alone_is_not_turned_back_and_a_mistake_elsewhere_hides_nothing() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let shown = page(&admin, place.acme);
    let set = |limit: i32| {
        diesel::update(organisations::table.find(place.south))
            .set(organisations::user_limit.eq(limit))
            .execute(&mut place.app.conn())
            .unwrap();
    };
    let was = shown.attributes("input[name=limit]", "value").remove(1);
    set(40);
    // both typed, one of them wrong: what was shown is still what it was
    let wrong = save(&admin, place.acme, &shown, &["many", "30"]);
    assert_eq!((wrong.status, wrong.attributes("input[name=was]", "value").remove(1)), (422, was.clone()));
    assert_eq!(save(&admin, place.acme, &wrong, &["50", "30"]).status, 409);
    // the other one left alone
    let left = save(&admin, place.acme, &shown, &["50", &was]);
    assert_eq!((left.status, place.limit(place.south)), (303, Some(40)));
    let shown = page(&admin, place.acme);
    set(45);
    diesel::update(organisations::table.find(place.nordics))
        .set(organisations::user_limit.eq(55))
        .execute(&mut place.app.conn())
        .unwrap();
    let told = save(&admin, place.acme, &shown, &["52", "40"]);
    assert_eq!((told.status, told.attributes("input[name=limit]", "value")), (409, vec!["52".into(), "45".into()]));
}
