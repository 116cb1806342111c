//! Settings, and the navigation that they choose.

use diesel::prelude::*;
use headroom::schema::audit_entries;

use crate::support::app::TestApp;
use crate::support::builders;

#[test]
fn an_org_admin_sees_the_current_volume_with_the_way_to_the_report_and_nothing_to_change() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::child(conn, root, "East", None);
    builders::root(conn, "Globex", None);
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, root, experience, 3);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let page = app.signed_in("admin").page("/settings");
    assert_eq!(page.rows(), [["Acme", "10", "3", "7", "3 of 10 30.0 %"]]);
    assert_eq!(page.attributes("tbody a", "href"), [format!("/organisations/{root}/licenses")]);
    assert!(page.texts("main form").is_empty());
}

#[test]
fn without_the_vertical_bar_the_organisations_name_is_the_link() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let (admin, instance) = (app.signed_in("admin"), app.signed_in("instance"));
    let report = format!("/organisations/{root}/licenses");
    assert_eq!(admin.page(&report).texts("nav.side a")[0], "Org list");

    let saved = instance.post("/settings", &[]);
    assert_eq!(saved.headers()["location"], "/settings?saved=1");
    let page = admin.page(&report);
    assert!(page.texts("nav.side a").is_empty());
    assert_eq!(page.texts("nav.line a")[0], "Acme");
    assert_eq!(page.attributes("nav.line a", "href")[0], "/organisations");

    instance.post("/settings", &[("vertical_navigation", "on"), ("something", "else")]);
    instance.post("/settings", &[("vertical_navigation", "on")]);
    assert_eq!(admin.page(&report).texts("nav.side a")[0], "Org list");
    let details: Vec<serde_json::Value> = audit_entries::table
        .filter(audit_entries::action.eq("settings.changed"))
        .order(audit_entries::at)
        .select(audit_entries::detail)
        .load(conn)
        .unwrap();
    assert_eq!(details.len(), 2);
    assert_eq!((&details[0]["before"], &details[0]["after"]), (&true.into(), &false.into()));
}
