//! What each change does.

use super::*;

#[test]
fn an_account_expiry_shows_its_effect_first_and_then_frees_the_licenses_at_once() {
    let place = place();
    let ids = [place.active("ada", place.east), place.active("ben", place.west)];
    let idle = builders::user(&mut place.conn(), Some(place.east), "idle");
    let all = [ids[0], ids[1], idle];
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/users/account-expiry?{}", query(&all)));
    assert_eq!(page.status, 200);
    assert_eq!(page.text(".lede"), "3 people. Nothing has changed yet.");
    assert_eq!(page.attributes("input[name=expires_on]", "value"), ["2026-11-23"], "yesterday ends it at once");
    let told = effect(&page);
    assert!(told.contains("Test ada, Test ben, Test idle"), "{told}");
    assert!(told.contains("2 people become inactive, which frees 2 licenses: East 1, West 1."), "{told}");
    assert!(told.contains("1 person stays active or inactive as before."), "{told}");
    let back = &page.attributes(".buttons a", "href")[0];
    assert_eq!(admin.page(back).attributes("tbody input[name=ids][checked]", "value").len(), 3);
    assert_eq!((used(&admin, place.acme), place.expires(ids[0])), ("2".into(), None));

    let seen = hidden(&page, "seen");
    let fields = [("expires_on", "2026-11-23"), ("previewed", "2026-11-23"), ("seen", seen.as_str())];
    let to = location(&send(&admin, "/users/account-expiry", &all, &fields));
    assert_eq!(used(&admin, place.acme), "0");
    let notice = admin.page(&to);
    assert_eq!(notice.text(".notice h2"), "The last day of 3 accounts is 23 Nov 2026 now");
    assert_eq!(notice.text(".notice p"), "2 people became inactive, which freed 2 licenses: East 1, West 1.");
    let (detail, changes) = place.entry("user.expiry_set").unwrap();
    assert_eq!((&detail["users"], &detail["unchanged"]), (&json!(3), &json!(0)));
    assert_eq!(changes.len(), 3);
    for (person, before, after) in changes {
        assert!(all.contains(&person.unwrap()));
        assert_eq!((before, after), (Some(json!({"expires_on": null})), Some(json!({"expires_on": "2026-11-23"}))));
    }

    let to = location(&send(&admin, "/users/account-expiry", &all, &[("never", "1")]));
    assert_eq!(used(&admin, place.acme), "2", "and clearing the date brings them back");
    let notice = admin.page(&to);
    assert_eq!(notice.text(".notice h2"), "3 accounts have no expiry date now");
    assert!(!notice.texts(".notice p").join(" ").contains("over its limit"), "1 of 1 is within");
    let to = location(&send(&admin, "/users/account-expiry", &all, &[("never", "1")]));
    assert_eq!(to, "/users?done=nothing");
}

#[test]
fn a_coming_last_day_tells_what_becomes_free_from_the_day_after_it_on() {
    let place = place();
    let ada = place.active("ada", place.east);
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/users/account-expiry?ids={ada}&expires_on=2026-12-03&previewed="));
    assert!(effect(&page).contains("From 4 Dec 2026 on, 1 person becomes inactive, which frees 1 license: East 1."));
    // another date than the one whose effect was shown: its effect comes first
    let fields = [("expires_on", "2026-12-05"), ("previewed", "2026-12-03")];
    let page = Page::of(send(&admin, "/users/account-expiry", &[ada], &fields));
    assert_eq!((page.status, hidden(&page, "previewed")), (200, "2026-12-05".into()));
    assert_eq!(page.text("[autofocus] h2"), "Nothing is done yet: check what it does");
    assert!(effect(&page).contains("From 6 Dec 2026 on"));
    assert_eq!(place.expires(ada), None);
    location(&send(
        &admin,
        "/users/account-expiry",
        &[ada],
        &[("expires_on", "2026-12-05"), ("previewed", "2026-12-05")],
    ));
    assert_eq!(used(&admin, place.acme), "1");
    let page = admin.page(&format!("/users/account-expiry?ids={ada}&never=1&previewed="));
    assert!(effect(&page).contains("1 account ends later than it would have"), "{}", effect(&page));
    place.app.set_time("2026-12-06T12:00:00Z");
    assert_eq!(used(&place.app.signed_in("admin"), place.acme), "0");
}

#[test]
fn a_wrong_date_keeps_the_form_and_the_selection() {
    let place = place();
    let ada = place.active("ada", place.east);
    let admin = place.app.signed_in("admin");
    for (typed, words) in [("", "Enter the account\u{2019}s last day"), ("3.12.2026", "Enter a date as year")] {
        let page = Page::of(send(&admin, "/users/account-expiry", &[ada], &[("expires_on", typed)]));
        assert_eq!(page.status, 422);
        assert!(page.text("title").starts_with("Error: Set the account expiry"));
        assert!(page.text(".problems a").starts_with(words), "{}", page.text(".problems a"));
        assert_eq!(page.attributes("input[name=expires_on]", "value"), [typed]);
        assert_eq!(hidden(&page, "ids"), ada.to_string());
    }
    assert_eq!(place.expires(ada), None);
}

#[test]
fn moving_tells_who_gains_and_loses_licenses_and_which_limits_are_exceeded() {
    let place = place();
    let conn = &mut place.conn();
    let ids = [place.active("ada", place.east), place.active("ben", place.east)];
    let idle = builders::user(conn, Some(place.acme), "idle");
    let there = place.active("there", place.west);
    let all = [ids[0], ids[1], idle, there];
    let local = builders::experience(conn, place.east, "LOCAL");
    builders::enrol(conn, ids[0], local, "2026-01-01", None);
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/users/move?{}", query(&all)));
    assert_eq!((page.status, effect(&page).contains("Licenses")), (200, false), "nothing is chosen yet");
    assert_eq!(page.texts("form.panel button"), ["Show the effect"]);
    let page = admin.page(&format!("/users/move?{}&move_to={}&previewed=", query(&all), place.west));
    let told = effect(&page);
    assert!(told.contains("Licenses become free in: East 2. Licenses are taken in: West 2."), "{told}");
    assert!(told.contains("1 person is there already and stays as before."), "{told}");
    assert!(told.contains("1 enrolment stays although its learning experience is not open to the new"), "{told}");
    assert!(told.contains("West would be over its limit by 2: 3 of 1."), "{told}");
    assert!(!told.contains("Acme would be"), "the tree's own use stays the same: {told}");

    let (west, seen) = (place.west.to_string(), hidden(&page, "seen"));
    let fields = [("move_to", west.as_str()), ("previewed", west.as_str()), ("seen", seen.as_str())];
    let to = location(&send(&admin, "/users/move", &all, &fields));
    assert_eq!([place.acme, place.east, place.west].map(|id| used(&admin, id)), ["3", "0", "3"]);
    let notice = admin.page(&to);
    assert_eq!(notice.text(".notice h2"), "3 people are in West now");
    let lines = notice.texts(".notice p").join(" ");
    assert!(lines.contains("Licenses became free in: East 2. Licenses were taken in: West 2."), "{lines}");
    assert!(lines.contains("West is over its limit by 2: 3 of 1. 1 account was so already."), "{lines}");
    let (_, changes) = place.entry("user.moved").unwrap();
    assert_eq!(changes.len(), 3);
    assert!(changes.iter().all(|(_, _, after)| *after == Some(json!({ "organisation_id": place.west }))));
    assert_eq!(changes[0].1, Some(json!({ "organisation_id": place.east })));
    assert_eq!(enrolments::table.filter(enrolments::user_id.eq(ids[0])).count().get_result(conn), Ok(2_i64));
}

#[test]
fn only_an_instance_admin_moves_people_from_one_tree_to_another() {
    let place = place();
    let conn = &mut place.conn();
    let ada = place.active("ada", place.east);
    let admin_id = place.id("admin");
    builders::grant(conn, admin_id, "org_admin", Some(place.globex));
    let globex = place.globex.to_string();
    let admin = place.app.signed_in("admin");
    let page = Page::of(send(&admin, "/users/move", &[ada], &[("move_to", &globex)]));
    assert_eq!(page.status, 422);
    assert!(page.text(".problems").contains("1 person is in another organisation tree."), "{}", page.text(".problems"));
    assert_eq!(place.home(ada), Some(place.east));
    let instance = place.app.signed_in("instance");
    location(&send(&instance, "/users/move", &[ada], &[("move_to", &globex)]));
    assert_eq!(place.home(ada), Some(place.globex));
    assert_eq!([place.acme, place.globex].map(|id| used(&instance, id)), ["0", "1"]);
}

#[test]
fn nobody_moves_people_to_where_they_may_not_look() {
    let place = place();
    let ada = place.active("ada", place.east);
    let admin = place.app.signed_in("admin");
    let foreign = place.globex.to_string();
    for to in [foreign.as_str(), "", "Nowhere", "none"] {
        let page = Page::of(send(&admin, "/users/move", &[ada], &[("move_to", to)]));
        assert_eq!((page.status, place.home(ada)), (422, Some(place.east)), "{to}");
        assert!(!page.text("small.problem").is_empty(), "{to}");
    }
    let to = location(&send(&admin, "/users/move", &[ada], &[("move_to", "acme > west")]));
    assert_eq!(
        (admin.page(&to).text(".notice h2"), place.home(ada)),
        ("1 person is in West now".into(), Some(place.west))
    );
}

#[test]
fn deleting_tells_what_goes_and_frees_the_licenses_at_once() {
    let place = place();
    let conn = &mut place.conn();
    let ids = [place.active("ada", place.east), place.active("ben", place.west)];
    diesel::update(enrolments::table.filter(enrolments::user_id.eq(ids[0])))
        .set(enrolments::completed_on.eq(date("2026-11-01")))
        .execute(conn)
        .unwrap();
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/users/delete?{}", query(&ids)));
    let told = effect(&page);
    assert!(told.contains("What goes: 2 accounts, and with them 2 enrolments and 1 completion record."), "{told}");
    assert!(told.contains("2 licenses become free: East 1, West 1."), "{told}");
    assert!(told.contains("Until 1 Dec 2026, 12:00 GMT they can be restored"), "{told}");
    assert_eq!(page.texts("button.danger"), ["Delete 2 users"]);
    let instead = &page.attributes(".effect a", "href")[0];
    assert!(instead.starts_with("/users/expire?ids="), "{instead}");
    assert_eq!(admin.page(instead).status, 200);

    let seen = hidden(&page, "seen");
    let to = location(&send(&admin, "/users/delete", &ids, &[("seen", &seen), ("previewed", "")]));
    assert_eq!(used(&admin, place.acme), "0");
    let notice = admin.page(&to);
    assert_eq!(notice.text(".notice h2"), "2 users are deleted");
    let lines = notice.texts(".notice p").join(" ");
    assert!(lines.contains("With them went 2 enrolments and 1 completion record. 2 licenses are free now."), "{lines}");
    assert_eq!(notice.attributes(".notice a", "href"), ["/users/deleted"]);
    assert_eq!(deleted_users::table.count().get_result(conn), Ok(2_i64));
    let (detail, changes) = place.entry("user.deleted").unwrap();
    let told = (&detail["users"], changes.len());
    assert_eq!(told, (&json!(2), 4), "two accounts, each with an enrolment");
}

#[test]
fn all_that_match_a_filter_are_meant_and_nobody_else() {
    let place = place();
    builders::active_users(&mut place.conn(), place.east, place.fire, 30);
    let ada = place.active("ada", place.west);
    let admin = place.app.signed_in("admin");
    let east = place.east.to_string();
    let list = format!("organisation={east}&signed_in=never&q=active&all=1");
    let page = admin.page(&format!("/users/delete?{list}"));
    assert_eq!(page.text(".lede"), "30 people. Nothing has changed yet.");
    let seen = hidden(&page, "seen");
    let fields = ["organisation", "signed_in", "q", "all"].map(|name| (name, hidden(&page, name)));
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("seen", &seen));
    let to = location(&admin.post("/users/delete", &fields));
    assert!(to.starts_with(&format!("/users?q=active&organisation={east}&signed_in=never&done=")), "{to}");
    assert_eq!([place.east, place.acme].map(|id| used(&admin, id)), ["0", "1"]);
    assert_eq!(place.home(ada), Some(place.west));
}

#[test]
fn the_filter_by_last_sign_in_goes_along_with_expiring_all_enrolments_too() {
    let place = place();
    let ada = place.active("ada", place.east);
    let manager = place.app.signed_in("manager");
    let page = manager.page("/users/expire?signed_in=never&all=1");
    let seen = hidden(&page, "seen");
    let fields = [
        ("signed_in", "never"),
        ("all", "1"),
        ("expires_on", "2026-11-23"),
        ("previewed", "2026-11-23"),
        ("seen", &seen),
    ];
    let to = location(&manager.post("/users/expire", &fields));
    assert!(manager.page(&to).text(".notice h2").starts_with("The expiry date of 1 enrolment"));
    assert_eq!((used(&manager, place.acme), place.expires(ada)), ("0".into(), None));
}

#[test]
fn moving_people_to_where_they_are_changes_nothing_and_says_so() {
    let place = place();
    let ada = place.active("ada", place.east);
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/users/move?ids={ada}&move_to={}", place.east));
    assert!(
        effect(&page).ends_with("Everybody who is selected is there already: nothing changes."),
        "{}",
        effect(&page)
    );
    assert_eq!(page.texts("form.fields .buttons button"), ["Show the effect"]);
}
