//! What is written down about a file.

use super::*;

#[test]
fn the_record_says_whose_subtree_it_is_about_and_what_narrowed_it_down_without_personal_data() {
    let place = place();
    let conn = &mut place.app.conn();
    let bob = builders::user(conn, Some(place.lab), "bob");
    let (admin, instance) = (place.app.signed_in("admin"), place.app.signed_in("instance"));
    let (acme, east) = (Some(place.acme), Some(place.east));
    let of_east = format!("organisation={}", place.east);
    let active_in_east = format!("{of_east}&status=active");
    for (visitor, query, about, whole, filter) in [
        (&admin, "", acme, true, json!({})),
        (&admin, "q=Bob", acme, false, json!({ "q": true })),
        (&admin, &of_east, east, true, json!({ "organisation": place.east })),
        (&admin, &active_in_east, east, false, json!({ "organisation": place.east, "status": "active" })),
        (&admin, &format!("{of_east}&ids={bob}"), acme, false, json!({ "ticked": 1 })),
        (&instance, "", None, true, json!({})),
        (&instance, &of_east, east, true, json!({ "organisation": place.east })),
    ] {
        file(visitor, query);
        let found = recorded(conn);
        assert_eq!((found.0, found.1, found.2), (about, whole, filter), "{query}");
    }
    let response = instance.get("/users.csv");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"users-all-2026-11-24.csv\"");
}

#[test]
fn roles_on_several_organisations_make_one_subtree_or_several() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::user(conn, Some(place.lab), "bob");
    let twice = builders::person(conn, Some(place.lab), "twice", Some(("org_admin", Some(place.lab))));
    builders::grant(conn, twice, "user_manager", Some(place.east));
    let two = builders::person(conn, Some(place.acme), "two", Some(("org_admin", Some(place.lab))));
    builders::grant(conn, two, "user_manager", Some(place.globex));
    assert_eq!(usernames(&place.app.signed_in("twice"), ""), ["bob", "twice"]);
    assert_eq!(recorded(conn).0, Some(place.east));
    assert_eq!(usernames(&place.app.signed_in("two"), ""), ["bob", "stranger", "twice"]);
    assert_eq!((recorded(conn).0, recorded(conn).1), (None, true));
}

#[test]
fn an_instance_admin_of_a_single_tree_gets_all_of_it_without_the_vendors_own_people() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Ächmé & Söhne", None);
    builders::user(conn, Some(acme), "ada");
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let response = app.signed_in("instance").get("/users.csv");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"users-chm-s-hne-2026-11-24.csv\"");
    assert_eq!(response.text().unwrap().lines().count(), 2);
    let found = recorded(conn);
    assert_eq!((found.0, found.1), (Some(acme), true));
}

#[test]
fn an_export_is_in_the_audit_log_when_it_begins_and_when_it_is_whole() {
    let place = place();
    let conn = &mut place.app.conn();
    file(&place.app.signed_in("admin"), "q=man&status=inactive");
    let export: Uuid = exports::table.select(exports::id).first(conn).unwrap();
    let entries: Vec<(String, Option<Uuid>, Value)> = audit_entries::table
        .filter(audit_entries::action.like("user.export%"))
        .order(audit_entries::at)
        .select((audit_entries::action, audit_entries::organisation_id, audit_entries::detail))
        .load(conn)
        .unwrap();
    let begun = json!({ "export_id": export, "whole": false, "filters": ["q", "status"] });
    let finished = json!({ "export_id": export, "users": 1 });
    let acme = Some(place.acme);
    assert_eq!(
        entries,
        [("user.exported".to_owned(), acme, begun), ("user.export_finished".to_owned(), acme, finished)]
    );
}

#[test]
fn somebody_created_in_a_transaction_that_ended_after_the_snapshot_counts_as_new() {
    let place = place();
    let writer = &mut place.app.conn();
    writer.batch_execute("begin").unwrap();
    let late = builders::user(writer, Some(place.east), "late");
    assert_eq!(usernames(&place.app.signed_in("admin"), ""), ["admin", "manager"]);
    writer.batch_execute("commit").unwrap();
    let came: chrono::DateTime<chrono::Utc> = users::table.find(late).select(users::created_at).first(writer).unwrap();
    let complete: chrono::DateTime<chrono::Utc> = exports::table.select(exports::complete_until).first(writer).unwrap();
    assert!(came > complete, "{came} {complete}");
}
