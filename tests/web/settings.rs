//! Settings, and the navigation that they choose.

use diesel::prelude::*;
use headroom::schema::audit_entries;

use crate::support::app::{Page, TestApp, Visitor};
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
    assert_eq!(page.rows(), [["Acme License agreement Limits of its children", "10", "3", "7", "3 of 10 30.0 %"]]);
    assert_eq!(
        page.attributes("tbody a", "href"),
        ["licenses", "agreement", "limits"].map(|way| format!("/organisations/{root}/{way}"))
    );
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

#[test]
fn an_instance_admin_sets_what_holds_for_everybody_and_each_setting_is_in_the_audit_log() {
    let app = TestApp::start();
    builders::person(&mut app.conn(), None, "instance", Some(("instance_admin", None)));
    let instance = app.signed_in("instance");
    let fields = [
        ("vertical_navigation", "on"),
        ("restore_window", "0"),
        ("import_threshold", "25"),
        ("warnings", "95, 75 75"),
        ("mail_sender", "Licenses <licenses@example.com>"),
    ];
    assert_eq!(instance.post("/settings", &fields).status(), 303);
    let page = instance.page("/settings");
    let value = |name: &str| page.attributes(&format!("#{name}"), "value").remove(0);
    assert_eq!(value("restore_window"), "0");
    assert_eq!(value("warnings"), "75, 95");
    assert_eq!(value("mail_sender"), "Licenses <licenses@example.com>");
    let changed = audit_entries::table.filter(audit_entries::action.eq("settings.changed"));
    assert_eq!(changed.count().get_result::<i64>(&mut app.conn()).unwrap(), 4);

    for (field, value) in [
        ("restore_window", "31"),
        ("restore_window", ""),
        ("import_threshold", "101"),
        ("warnings", "0"),
        ("warnings", "90, soon"),
        ("mail_sender", "nobody"),
        ("mail_sender", "a@b.example\r\nBcc: c@d.example"),
    ] {
        let wrong = fields.map(|(name, usual)| (name, if name == field { value } else { usual }));
        let page = Page::of(instance.post("/settings", &wrong));
        assert_eq!((page.status, page.attributes(".problems a", "href")), (422, vec![format!("#{field}")]), "{value}");
    }
    assert_eq!(changed.count().get_result::<i64>(&mut app.conn()).unwrap(), 4);
}

#[test]
fn who_saves_an_older_page_is_told_and_replaces_nothing_unseen() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    builders::root(conn, "Acme", Some(10));
    for name in ["first", "second"] {
        builders::person(conn, None, name, Some(("instance_admin", None)));
    }
    let (first, second) = (app.signed_in("first"), app.signed_in("second"));
    let fields = |page: &Page| {
        ["restore_window", "import_threshold", "warnings", "mail_sender", "version"]
            .map(|name| (name, page.attributes(&format!("input[name={name}]"), "value").remove(0)))
    };
    let send = |visitor: &Visitor<'_>, page: &Page, changed: &[(&'static str, &str)]| {
        let mut form = fields(page).to_vec();
        for (name, value) in changed {
            match form.iter_mut().find(|(field, _)| field == name) {
                Some(field) => field.1 = (*value).to_owned(),
                None => form.push((name, (*value).to_owned())),
            }
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Page::of(visitor.post("/settings", &form))
    };
    let opened = first.page("/settings");
    assert_eq!(
        send(&second, &opened, &[("restore_window", "14"), ("warnings", "70"), ("vertical_navigation", "on")]).status,
        303
    );

    let told = send(&first, &opened, &[("restore_window", "20")]);
    assert_eq!(told.status, 409);
    assert!(told.text("title").starts_with("Error: "));
    assert_eq!(told.text("[autofocus] h2"), "There is a newer version");
    let lines = told.texts("[autofocus] p");
    // on which day: the audit log goes by the real time
    assert!(lines[0].starts_with("Test second changed the settings on "), "{lines:?}");
    assert!(lines[1].ends_with("Taken over from that version: Percentages of a limit to warn at."), "{lines:?}");
    assert_eq!(
        told.rows()[..2],
        [["Admin vertical navigation bar", "ticked", "not ticked"], ["Days to restore deleted users", "14", "20"]]
    );
    let values = |page: &Page| ["#restore_window", "#warnings"].map(|field| page.attributes(field, "value").remove(0));
    assert_eq!(values(&told), ["20", "70"], "what was typed, and what they set");
    assert_eq!(values(&first.page("/settings")), ["14", "70"]);
    assert_eq!(send(&first, &told, &[]).status, 303);
    assert_eq!(values(&first.page("/settings")), ["20", "70"]);
}
