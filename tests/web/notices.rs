//! The list of notices.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use headroom::schema::{notices, overages, users};
use serde_json::json;
use uuid::Uuid;

use crate::support::app::{Page, TestApp};
use crate::support::builders;

/// A root with a limit of 100 and so many active users, and people with a role on it.
fn acme(app: &TestApp, active: i32) -> Uuid {
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(100));
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, root, experience, active);
    builders::person(conn, None, "manager", Some(("account_manager", Some(root))));
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::person(conn, Some(root), "usermanager", Some(("user_manager", Some(root))));
    root
}

fn told(conn: &mut PgConnection, root: Uuid, kind: &str, at: &str, facts: serde_json::Value) {
    let at: DateTime<Utc> = at.parse().unwrap();
    diesel::insert_into(notices::table)
        .values((
            notices::organisation_id.eq(root),
            notices::kind.eq(kind),
            notices::at.eq(at),
            notices::key.eq(format!("{kind} {at}")),
            notices::facts.eq(facts),
        ))
        .execute(conn)
        .unwrap();
}

fn warning(conn: &mut PgConnection, root: Uuid, at: &str, used: i32) {
    told(
        conn,
        root,
        "limit_warning",
        at,
        json!({ "kind": "limit_warning", "percent": 80, "used": used, "limit": 100 }),
    );
}

fn meta(page: &Page) -> Vec<String> {
    page.texts(".told .when")
}

#[test]
fn a_minor_overage_is_told_with_its_due_day_and_with_what_the_reader_can_do() {
    let app = TestApp::start();
    let root = acme(&app, 103);
    app.check_licenses();
    let links = |name: &str| {
        let page = app.signed_in(name).page("/notices");
        assert_eq!(page.texts(".told h2"), ["Acme is over its limit by 3"], "{name}");
        assert_eq!(
            meta(&page),
            ["24 Nov 2026, 12:00 GMT · Acme · Open: minor overage, due until the end of 8 Dec 2026"
                .replace("GMT", if name == "manager" { "UTC" } else { "GMT" })]
        );
        assert_eq!(
            page.texts(".told article > p:not(.when):not(.ways)"),
            [
                "103 users are active, 100 are allowed.",
                "This is a minor overage. Please lower the number of active users until the end of 8 Dec 2026, which is ten \
             business days, or upgrade."
            ]
        );
        page.attributes(".told .ways a", "href")
    };
    let (report, upgrade) = (format!("/organisations/{root}/licenses"), format!("/organisations/{root}/upgrade"));
    assert_eq!(links("admin"), ["/free-up".to_owned(), report.clone(), upgrade.clone()]);
    assert_eq!(links("manager"), [report.clone(), upgrade]);
    assert_eq!(links("usermanager"), ["/free-up".to_owned(), report]);
}

#[test]
fn the_overage_of_a_notice_is_shown_as_it_stands_now() {
    let app = TestApp::start();
    let root = acme(&app, 103);
    app.check_licenses();
    let conn = &mut app.conn();
    diesel::sql_query("set headroom.now to '2026-11-25T11:00:00Z'").execute(conn).unwrap();
    diesel::delete(users::table.filter(users::username.like("active-%-1%"))).execute(conn).unwrap();
    app.set_time("2026-11-25T12:00:00Z");
    app.check_licenses();
    let admin = app.signed_in("admin");
    let page = admin.page("/notices");
    assert_eq!(page.texts(".told h2"), ["Acme is within its limit again", "Acme is over its limit by 3"]);
    assert!(meta(&page).iter().all(|line| line.ends_with("· Acme · Closed on 25 Nov 2026")), "{:?}", meta(&page));

    diesel::update(overages::table.filter(overages::organisation_id.eq(root)))
        .set(overages::closed_by.eq("upgrade"))
        .execute(conn)
        .unwrap();
    assert!(meta(&admin.page("/notices"))[0].ends_with("Closed on 25 Nov 2026 by an upgrade"));
}

#[test]
fn notices_of_other_roots_and_of_the_root_above_are_not_shown() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = acme(&app, 0);
    let east = builders::child(conn, root, "East", Some(5));
    let globex = builders::root(conn, "Globex", Some(100));
    builders::person(conn, Some(east), "east", Some(("org_admin", Some(east))));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    warning(conn, root, "2026-11-20T09:00:00Z", 81);
    warning(conn, globex, "2026-11-21T09:00:00Z", 82);
    assert_eq!(app.signed_in("instance").page("/notices").texts(".told .when a"), ["Globex", "Acme"]);
    assert_eq!(app.signed_in("manager").page("/notices").texts(".told .when a"), ["Acme"]);
    let page = app.signed_in("east").page("/notices");
    assert_eq!((page.status, page.texts(".empty h2")), (200, vec!["There is no notice".to_owned()]));
}

#[test]
fn the_list_is_searched_by_organisation_and_by_what_it_is_about() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = acme(&app, 0);
    let globex = builders::root(conn, "Globex", Some(100));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    warning(conn, root, "2026-11-20T09:00:00Z", 81);
    warning(conn, globex, "2026-11-21T09:00:00Z", 82);
    let facts = json!({ "kind": "overage_closed", "used": 99, "allowed": 100 });
    told(conn, globex, "overage_closed", "2026-11-22T09:00:00Z", facts);
    let instance = app.signed_in("instance");
    let found = |query: &str| instance.page(&format!("/notices?{query}")).texts(".told h2");
    assert_eq!(found("q=GLOB"), ["Globex is within its limit again", "Globex has reached 80 % of its limit"]);
    assert_eq!(found("kind=warning"), ["Globex has reached 80 % of its limit", "Acme has reached 80 % of its limit"]);
    assert_eq!(found("q=glob&kind=overage"), ["Globex is within its limit again"]);
    assert_eq!(found("kind=nonsense&after=nonsense").len(), 3);
    let page = instance.page("/notices?kind=upgrade");
    assert_eq!(page.text(".empty h2"), "No notice matches");
    assert_eq!(page.attributes(".empty a", "href"), ["/notices"]);
}

#[test]
fn pages_go_on_where_the_one_before_ended_and_keep_the_search() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = acme(&app, 0);
    let begin: DateTime<Utc> = "2026-11-01T09:00:00Z".parse().unwrap();
    for number in 0..45 {
        // every two at the same moment
        warning(conn, root, &(begin + Duration::hours(number / 2)).to_rfc3339(), 80);
        diesel::update(notices::table.filter(notices::key.like("limit_warning %")))
            .set(notices::key.eq(format!("told {number}")))
            .execute(conn)
            .unwrap();
    }
    let admin = app.signed_in("admin");
    let (mut path, mut seen) = ("/notices?kind=warning".to_owned(), Vec::new());
    loop {
        let page = admin.page(&path);
        seen.push(page.texts(".told li").len());
        assert!(path.contains("kind=warning"), "{path}");
        let Some(next) = page.attributes("a[rel=next]", "href").pop() else { break };
        path = next;
    }
    assert_eq!(seen, [20, 20, 5]);
    assert_eq!(admin.page(&path).attributes("a[rel=first]", "href"), ["/notices?kind=warning"]);
}

#[test]
fn a_notice_that_cannot_be_read_any_more_is_told_by_its_kind() {
    let app = TestApp::start();
    let root = acme(&app, 0);
    told(&mut app.conn(), root, "limit_warning", "2026-11-20T09:00:00Z", json!({ "kind": "limit_warning", "per": 1 }));
    let page = app.signed_in("admin").page("/notices");
    assert_eq!((page.status, page.text(".told h2")), (200, "Acme: limit warning".to_owned()));
}

#[test]
fn only_whoever_sees_the_agreement_is_told_prices() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = acme(&app, 1);
    let offer = json!({ "tier": "Large", "limit": 500, "price": "7399.45", "currency": "GBP" });
    let figures = json!({ "used": 120, "allowed": 100 });
    for (at, kind, more) in [
        ("2026-11-20T10:00:00Z", "overage_overdue", json!({ "major_on": "2026-12-01", "offer": offer })),
        (
            "2026-11-21T10:00:00Z",
            "overage_major",
            json!({ "because": "above106", "due_at": "2026-11-22T10:00:00Z", "offer": offer }),
        ),
        ("2026-11-22T10:00:00Z", "upgraded", json!({ "used": 120, "from_limit": 100, "to": offer })),
    ] {
        let mut facts = json!({ "kind": kind });
        for part in [&figures, &more] {
            facts.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        told(conn, root, kind, at, facts);
    }
    for (name, prices) in [("admin", 3), ("manager", 3), ("usermanager", 0)] {
        let page = app.signed_in(name).page("/notices");
        let text = page.text(".told");
        assert_eq!(text.matches("7399.45").count() + text.matches("7,399.45").count(), prices, "{name}: {text}");
        assert!(text.contains("Large"), "{name}: what happens is told to everybody");
    }
}
