//! The overages above every page of the administration.

use diesel::prelude::*;
use headroom::schema::{holidays, overages, users};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::builders;
use crate::support::builders::date;

/// A root with a limit of 100 and so many active users.
fn root(app: &TestApp, name: &str, active: i32) -> Uuid {
    let conn = &mut app.conn();
    let root = builders::root(conn, name, Some(100));
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, root, experience, active);
    root
}

#[test]
fn an_open_overage_stands_above_the_pages_of_those_who_see_notices_with_what_each_can_do() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = root(&app, "Acme", 103);
    let east = builders::child(conn, acme, "East", None);
    root(&app, "Globex", 20);
    diesel::insert_into(holidays::table)
        .values((holidays::day.eq(date("2026-12-01")), holidays::name.eq("A day off")))
        .execute(conn)
        .unwrap();
    for (name, role, on) in [
        ("instance", "instance_admin", None),
        ("manager", "account_manager", Some(acme)),
        ("admin", "org_admin", Some(acme)),
        ("usermanager", "user_manager", Some(acme)),
        ("east", "org_admin", Some(east)),
    ] {
        builders::person(conn, (role != "instance_admin").then_some(east), name, Some((role, on)));
    }
    builders::person(conn, Some(acme), "learner", None);
    app.check_licenses();

    let report = ("User License Report".to_owned(), format!("/organisations/{acme}/licenses"));
    let free_up = ("Free up licenses".to_owned(), "/free-up".to_owned());
    let upgrade = ("Upgrade".to_owned(), format!("/organisations/{acme}/upgrade"));
    for (name, links) in [
        ("instance", vec![report.clone(), free_up.clone(), upgrade.clone()]),
        ("manager", vec![report.clone(), upgrade.clone()]),
        ("admin", vec![report.clone(), free_up.clone(), upgrade]),
        ("usermanager", vec![report, free_up]),
    ] {
        let page = app.signed_in(name).page("/notices");
        assert_eq!(
            page.texts(".banners li > span:first-child"),
            ["Acme is over its limit by 3: minor overage, due until the end of 9 Dec 2026"],
            "{name}"
        );
        let found = page.texts(".banners a").into_iter().zip(page.attributes(".banners a", "href"));
        assert_eq!(found.collect::<Vec<_>>(), links, "{name}");
        assert!(app.signed_in(name).page("/learn").texts(".banners").is_empty(), "{name}");
    }
    for (name, path) in [("east", "/notices"), ("learner", "/learn"), ("learner", "/notices")] {
        assert!(app.signed_in(name).page(path).texts(".banners").is_empty(), "{name} {path}");
    }
}

#[test]
fn the_words_follow_the_stage_and_the_figure_is_that_of_the_moment() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = root(&app, "Acme", 103);
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    app.check_licenses();
    let says = |at: &str| {
        app.set_time(at);
        app.check_licenses();
        let page = app.signed_in("admin").page("/users");
        page.texts(".banners li > span:first-child")
    };
    assert_eq!(
        says("2026-12-09T12:00:00Z"),
        ["Acme is over its limit by 3: minor overage, overdue; major from 23 Dec 2026 on"]
    );
    assert_eq!(
        says("2026-12-23T12:00:00Z"),
        ["Acme is over its limit by 3: major overage, upgrade on 24 Dec 2026, 00:00 GMT"]
    );
    assert_eq!(
        says("2026-12-24T12:00:00Z"),
        ["Acme is over its limit by 3: major overage, and there is no higher tier"]
    );
    // before the next check
    let first = |count: i64| users::table.filter(users::username.like("active-%")).select(users::id).limit(count);
    let delete = |conn: &mut PgConnection, count| {
        let ids: Vec<Uuid> = first(count).load(conn).unwrap();
        diesel::delete(users::table.filter(users::id.eq_any(ids))).execute(conn).unwrap();
    };
    delete(conn, 2);
    let heading = || app.signed_in("admin").page("/users").texts(".banners strong");
    assert_eq!(heading(), ["Acme is over its limit by 1"]);
    delete(conn, 1);
    assert!(heading().is_empty());
}

#[test]
fn the_three_most_urgent_are_shown_and_the_others_counted() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    for (name, active) in [("One", 101), ("Two", 102), ("Three", 120), ("Four", 103), ("Five", 100)] {
        root(&app, name, active);
    }
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    app.check_licenses();
    let two: Uuid = headroom::schema::organisations::table
        .filter(headroom::schema::organisations::name.eq("Two"))
        .select(headroom::schema::organisations::id)
        .first(conn)
        .unwrap();
    diesel::update(overages::table.filter(overages::organisation_id.eq(two)))
        .set(overages::stage.eq("overdue"))
        .execute(conn)
        .unwrap();
    let page = app.signed_in("instance").page("/organisations");
    let shown = page.texts(".banners li > span:first-child");
    assert_eq!(shown[0], "Three is over its limit by 20: major overage, upgrade on 25 Nov 2026, 12:00 UTC");
    assert_eq!(shown[1], "Two is over its limit by 2: minor overage, overdue; major from 23 Dec 2026 on");
    assert_eq!((shown.len(), page.texts(".banners li").last().unwrap().as_str()), (3, "and 1 more"));
    // a page of an error has the same chrome
    assert_eq!(app.signed_in("instance").page("/nowhere").texts(".banners li").len(), 4);
}
