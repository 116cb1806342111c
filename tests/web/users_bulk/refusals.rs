//! What is refused, and what has to be confirmed.

use super::*;

#[test]
fn whom_one_may_not_change_is_named_and_nothing_is_done_until_they_are_left_out() {
    let place = place();
    let ada = place.active("ada", place.east);
    let [own, other] = ["manager", "admin"].map(|name| place.id(name));
    let ids = [ada, own, other];
    let manager = place.app.signed_in("manager");
    let west = place.west.to_string();
    let changes: [(&str, &[(&str, &str)]); 3] = [
        ("/users/account-expiry", &[("expires_on", "2026-12-03")]),
        ("/users/move", &[("move_to", &west)]),
        ("/users/delete", &[]),
    ];
    for (path, fields) in changes {
        let page = Page::of(send(&manager, path, &ids, fields));
        assert_eq!(page.status, 422, "{path}");
        let told = page.text(".problems");
        assert!(told.contains("Your own account is among them"), "{path} {told}");
        assert!(told.contains("1 of them holds a role that you cannot grant: Test admin."), "{path} {told}");
        assert_eq!(page.attributes(".problems a", "href"), ["#protected"]);
        assert_eq!(page.texts("button[name=leave_out]"), ["Leave them out, go on with 1 person"], "{path}");
        if let Some((name, value)) = fields.first() {
            let typed = [format!("input[name={name}]"), format!("select[name={name}] option[selected]")];
            let typed: Vec<_> = typed.iter().flat_map(|selector| page.attributes(selector, "value")).collect();
            assert_eq!(typed, [*value], "{path} keeps what was typed");
        }
        assert_eq!((place.expires(ada), place.home(ada)), (None, Some(place.east)), "{path}");
    }
    assert_eq!(place.entry("user.deleted"), None);
    let page = manager.page(&format!("/users/delete?{}&leave_out=1", query(&ids)));
    assert_eq!(page.texts("button.danger"), ["Delete 1 user"]);
    assert!(page.text("form.panel").contains("You and 1 person whose roles you cannot grant are left out."));
    let seen = hidden(&page, "seen");
    location(&send(&manager, "/users/delete", &ids, &[("leave_out", "1"), ("seen", &seen)]));
    assert_eq!(place.people(), 3);
    let page = manager.page(&format!("/users/delete?ids={own}&leave_out=1"));
    assert_eq!(page.text(".empty h2"), "Nobody is selected");
}

#[test]
fn an_org_admin_deletes_those_whose_roles_they_grant_and_a_user_manager_does_not() {
    let place = place();
    let conn = &mut place.conn();
    let helper = builders::person(conn, Some(place.east), "helper", Some(("user_manager", Some(place.east))));
    let manager = place.app.signed_in("manager");
    assert_eq!(send(&manager, "/users/delete", &[helper], &[]).status(), 422);
    assert_eq!(place.people(), 4);
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/users/delete?ids={helper}"));
    assert!(effect(&page).contains("What goes: 1 account, and with them 1 role."), "{}", effect(&page));
    location(&send(&admin, "/users/delete", &[helper], &[]));
    assert_eq!(place.people(), 3);
}

#[test]
fn the_last_instance_admin_stays() {
    let place = place();
    let conn = &mut place.conn();
    let own = place.id("instance");
    let second = builders::person(conn, None, "second", Some(("instance_admin", None)));
    let instance = place.app.signed_in("instance");
    for (path, fields) in [("/users/account-expiry", vec![("expires_on", "2026-12-03")]), ("/users/delete", Vec::new())]
    {
        assert_eq!(send(&instance, path, &[own, second], &fields).status(), 422, "{path}");
    }
    assert_eq!((place.people(), place.expires(own)), (4, None));
    location(&send(&instance, "/users/delete", &[second], &[]));
    assert_eq!(send(&instance, "/users/delete", &[own], &[]).status(), 422);
    assert_eq!(place.people(), 3);
}

#[test]
fn a_foreign_or_unknown_id_changes_nothing() {
    let place = place();
    let ada = place.active("ada", place.east);
    let stranger = builders::user(&mut place.conn(), Some(place.globex), "stranger");
    let admin = place.app.signed_in("admin");
    let west = place.west.to_string();
    let changes: [(&str, &[(&str, &str)]); 3] = [
        ("/users/account-expiry", &[("expires_on", "2026-11-01"), ("seen", "2.2@0")]),
        ("/users/move", &[("move_to", &west), ("seen", "2.2@0")]),
        ("/users/delete", &[("seen", "2.2@0")]),
    ];
    for (path, fields) in changes {
        for other in [stranger, Uuid::now_v7()] {
            assert_eq!(admin.get(&format!("{path}?{}", query(&[ada, other]))).status(), 404, "{path}");
            assert_eq!(send(&admin, path, &[ada, other], fields).status(), 404, "{path}");
        }
    }
    assert_eq!((place.people(), place.home(ada), place.expires(ada)), (5, Some(place.east), None));
    assert_eq!(place.home(stranger), Some(place.globex));
}

#[test]
fn who_was_changed_since_the_preview_is_shown_again_and_nothing_is_done() {
    let place = place();
    let ada = place.active("ada", place.east);
    let [admin, manager] = ["admin", "manager"].map(|name| place.app.signed_in(name));
    let west = place.west.to_string();
    let shown: Vec<(&str, Page)> = [
        format!("/users/account-expiry?ids={ada}"),
        format!("/users/move?ids={ada}&move_to={west}"),
        format!("/users/delete?ids={ada}"),
    ]
    .iter()
    .zip(["/users/account-expiry", "/users/move", "/users/delete"])
    .map(|(address, path)| (path, admin.page(address)))
    .collect();
    location(&send(&manager, "/users/account-expiry", &[ada], &[("expires_on", "2026-12-24")]));
    for (path, page) in shown {
        // the tests' clock stands still, the audit log's does not
        let seen = format!("{}@0", hidden(&page, "seen").split('@').next().unwrap());
        let previewed = hidden(&page, "previewed");
        let fields = [
            ("expires_on", "2026-11-23"),
            ("move_to", west.as_str()),
            ("previewed", previewed.as_str()),
            ("seen", seen.as_str()),
        ];
        let page = Page::of(send(&admin, path, &[ada], &fields));
        assert_eq!(page.status, 409, "{path}");
        assert!(page.text(".notice h2").starts_with("Somebody has changed these people meanwhile"), "{path}");
        let told = page.texts(".notice p").join(" ");
        assert!(told.contains("Test manager changed Test ada: account expiry 24 Dec 2026, before: none."), "{told}");
        assert_eq!((place.expires(ada), place.home(ada)), (Some(date("2026-12-24")), Some(place.east)), "{path}");
    }
    // a new enrolment counts before somebody is deleted
    let page = admin.page(&format!("/users/delete?ids={ada}"));
    let other = builders::experience(&mut place.conn(), place.acme, "OTHER");
    builders::enrol(&mut place.conn(), ada, other, "2026-01-01", None);
    let page = Page::of(send(&admin, "/users/delete", &[ada], &[("seen", &hidden(&page, "seen"))]));
    assert_eq!((page.status, place.people()), (409, 4));
    location(&send(&admin, "/users/delete", &[ada], &[("seen", &hidden(&page, "seen"))]));
    assert_eq!(place.people(), 3);
}

#[test]
fn without_having_seen_what_it_does_nothing_is_done_and_it_is_shown() {
    let place = place();
    let ada = place.active("ada", place.east);
    let admin = place.app.signed_in("admin");
    let (id, west) = (ada.to_string(), place.west.to_string());
    for path in ["/users/account-expiry", "/users/move", "/users/delete"] {
        // what is no fingerprint is none
        for seen in [None, Some(("seen", "")), Some(("seen", "everybody"))] {
            let form = [("ids", id.as_str()), ("expires_on", "2026-11-23"), ("move_to", &west), ("confirm", "1")];
            let page = Page::of(admin.post(path, &form.into_iter().chain(seen).collect::<Vec<_>>()));
            assert_eq!(page.status, 409, "{path} {seen:?}");
            assert_eq!(page.text("[autofocus] h2"), "Nothing is done yet: check what it does");
            assert!(!hidden(&page, "seen").is_empty(), "{path}: from here it can be confirmed");
        }
    }
    assert_eq!((place.people(), place.expires(ada), place.home(ada)), (4, None, Some(place.east)));
}

#[test]
fn many_people_or_a_deletion_for_good_have_to_be_confirmed_by_their_number() {
    let place = place();
    let conn = &mut place.conn();
    builders::active_users(conn, place.east, place.fire, 51);
    let admin = place.app.signed_in("admin");
    let east = place.east.to_string();
    let all = [("organisation", east.as_str()), ("all", "1")];
    for typed in ["", "50", "many"] {
        let page = Page::of(seen_and_sent(&admin, "/users/delete", &[all[0], all[1], ("confirm", typed)]));
        assert_eq!((page.status, place.people()), (422, 54), "{typed}");
        assert_eq!(page.text("#confirm-problem"), "Enter the number of users that are to be deleted: 51.");
        assert_eq!(page.attributes("input[name=confirm]", "value"), [typed]);
    }
    location(&seen_and_sent(&admin, "/users/delete", &[all[0], all[1], ("confirm", " 51 ")]));
    assert_eq!(place.people(), 3);
    diesel::update(instance_settings::table).set(instance_settings::restore_window_days.eq(0)).execute(conn).unwrap();
    let ada = place.active("ada", place.east);
    let page = admin.page(&format!("/users/delete?ids={ada}"));
    assert!(effect(&page).contains("This cannot be undone"), "{}", effect(&page));
    assert_eq!(send(&admin, "/users/delete", &[ada], &[]).status(), 422);
    let to = location(&send(&admin, "/users/delete", &[ada], &[("confirm", "1")]));
    let notice = admin.page(&to);
    assert!(notice.texts(".notice p").contains(&"They are gone for good.".to_owned()));
    assert_eq!(notice.attributes(".notice a", "href"), Vec::<String>::new());
}

#[test]
fn the_organisation_to_move_to_is_not_the_filter_of_the_list() {
    let place = place();
    let ada = place.active("ada", place.east);
    place.active("ben", place.acme);
    diesel::update(organisations::table.find(place.west))
        .set(organisations::name.eq("West & South"))
        .execute(&mut place.conn())
        .unwrap();
    let admin = place.app.signed_in("admin");
    let (east, west) = (place.east.to_string(), place.west.to_string());
    let page = admin.page(&format!("/users/move?organisation={east}&all=1&move_to={west}"));
    assert_eq!(
        (page.text(".lede"), hidden(&page, "organisation")),
        ("1 person. Nothing has changed yet.".into(), east.clone())
    );
    assert_eq!(page.attributes("select[name=move_to] option[selected]", "value"), [west.as_str()]);
    let to =
        location(&seen_and_sent(&admin, "/users/move", &[("organisation", &east), ("all", "1"), ("move_to", &west)]));
    assert_eq!(admin.page(&to).text(".notice h2"), "1 person is in West & South now");
    assert_eq!((place.home(ada), used(&admin, place.east)), (Some(place.west), "0".into()));
}

#[test]
fn many_people_are_changed_in_the_background_or_the_page_says_why_not() {
    let place = place();
    builders::active_users(&mut place.conn(), place.east, place.fire, 10_000);
    let admin = place.app.signed_in("admin");
    let all = [("all", "1"), ("expires_on", "2026-11-23")];
    let refused = location(&seen_and_sent(&admin, "/users/account-expiry", &all));
    let done = location(&seen_and_sent(&admin, "/users/account-expiry", &[all[0], all[1], ("leave_out", "1")]));
    assert_eq!(used(&admin, place.acme), "10,000");
    assert_eq!(place.app.run_jobs(), 2);
    let page = admin.page(&refused);
    assert_eq!(page.text(".notice h2"), "Nothing was done");
    assert!(page.text(".notice p").starts_with("Your own account is among them"), "{}", page.text(".notice p"));
    assert_eq!(admin.get(&done).status(), 303);
    assert_eq!(used(&admin, place.acme), "0");
}

#[test]
fn who_was_ticked_and_is_deleted_meanwhile_is_told_and_left_out() {
    let place = place();
    let (ada, ben) = (place.active("ada", place.east), place.active("ben", place.east));
    let [admin, instance] = ["admin", "instance"].map(|name| place.app.signed_in(name));
    let shown = admin.page(&format!("/users/account-expiry?{}", query(&[ada, ben])));
    location(&send(&instance, "/users/delete", &[ada], &[]));
    // the tests' clock stands still, the audit log's does not
    let seen = format!("{}@0", hidden(&shown, "seen").split('@').next().unwrap());
    let fields = [("expires_on", "2026-11-23"), ("seen", seen.as_str())];
    let page = Page::of(send(&admin, "/users/account-expiry", &[ada, ben], &fields));
    assert_eq!(page.status, 409);
    assert!(
        page.texts(".notice p").iter().any(|line| line.ends_with(" deleted somebody.")),
        "{:?}",
        page.texts(".notice p")
    );
    assert_eq!(page.text(".lede"), "1 person. 1 that you ticked was deleted meanwhile. Nothing has changed yet.");
    assert_eq!(page.attributes("main input[type=hidden][name=ids]", "value"), [ben.to_string()]);
    assert_eq!(place.expires(ben), None);
}

#[test]
fn who_was_changed_and_does_not_match_any_more_is_told() {
    let place = place();
    let ada = place.active("ada", place.east);
    let [admin, instance] = ["admin", "instance"].map(|name| place.app.signed_in(name));
    let list = [("q", "ada"), ("status", "active"), ("all", "1"), ("expires_on", "2026-11-23")];
    let shown = admin.page("/users/account-expiry?q=ada&status=active&all=1&expires_on=2026-11-23");
    location(&send(&instance, "/users/account-expiry", &[ada], &[("expires_on", "2026-11-20")]));
    let seen = format!("{}@0", hidden(&shown, "seen").split('@').next().unwrap());
    let page = Page::of(admin.post("/users/account-expiry", &[&list[..], &[("seen", &seen)]].concat()));
    assert_eq!(page.status, 409);
    let told = page.texts(".notice p").join(" ");
    assert!(told.contains("changed Test ada: account expiry 20 Nov 2026, before: none."), "{told}");
    assert_eq!(place.expires(ada), Some(date("2026-11-20")));
}

#[test]
fn a_search_that_no_text_of_the_database_is_waits_in_the_queue_like_any_other() {
    let place = place();
    builders::active_users(&mut place.conn(), place.east, place.fire, 10_000);
    let admin = place.app.signed_in("admin");
    let all = [("all", "1"), ("organisation", &place.east.to_string()), ("q", "\0")]
        .map(|(name, value)| (name, value.to_owned()));
    let fields: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sent = seen_and_sent(&admin, "/users/account-expiry", &[&fields[..], &[("expires_on", "2026-12-31")]].concat());
    assert!(location(&sent).starts_with("/jobs/"), "{}", location(&sent));
    assert_eq!(place.app.run_jobs(), 1);
}

#[test]
fn all_who_match_a_filter_that_is_not_understood_are_not_everybody() {
    let place = place();
    place.active("ada", place.east);
    let admin = place.app.signed_in("admin");
    for (filter, told) in [
        ("status=foo", "“foo” is not a status"),
        ("organisation=East", "“East” is not the id of an organisation"),
        ("signed_in=lately", "“lately” is not a time since the last sign-in"),
        ("role=boss", "“boss” is not a role"),
        ("idle=yes", "“yes” is not a reason to free a license"),
        ("experience=FIRE", "“FIRE” is not the id of a learning experience"),
    ] {
        for path in ["/users/delete", "/users/move", "/users/account-expiry", "/users/expire"] {
            let page = admin.page(&format!("{path}?all=1&{filter}"));
            assert_eq!(page.status, 422, "{path} {filter}");
            assert!(page.text("main").contains(told), "{path} {filter}: {}", page.text("main"));
            let (name, value) = filter.split_once('=').unwrap();
            assert_eq!(admin.post(path, &[("all", "1"), (name, value)]).status(), 422, "{path} {filter}");
        }
        // what is ticked does not go by it, and the list still opens
        let ada = place.id("ada");
        assert_eq!(admin.page(&format!("/users/delete?ids={ada}&{filter}")).status, 200, "{filter}");
        assert_eq!(admin.page(&format!("/users?{filter}")).status, 200, "{filter}");
    }
    assert_eq!(admin.page("/users/delete?all=maybe").status, 422);
    let enrol = format!("/experiences/{}/enrol", place.fire);
    let everybody = [("all", "1"), ("organisation", "East")];
    assert_eq!(admin.page(&format!("{enrol}/check?all=1&organisation=East")).status, 422);
    assert_eq!(admin.post(&enrol, &everybody).status(), 422);
}
