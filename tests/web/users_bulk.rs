//! SET ACCOUNT EXPIRY, MOVE and DELETE of many users at once.

use diesel::prelude::*;
use headroom::schema::{
    audit_changes, audit_entries, deleted_users, enrolments, instance_settings, organisations, users,
};
use reqwest::blocking::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, date};

/// In whose history, before, after.
type Changed = (Option<Uuid>, Option<Value>, Option<Value>);

struct Place {
    app: TestApp,
    acme: Uuid,
    east: Uuid,
    west: Uuid,
    globex: Uuid,
    fire: Uuid,
}

/// "Acme" with "East" and "West", another tree, and somebody with each role.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, acme, "East", Some(50));
    let west = builders::child(conn, acme, "West", Some(1));
    let globex = builders::root(conn, "Globex", None);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(acme))));
    let fire = builders::experience(conn, acme, "FIRE");
    Place { app, acme, east, west, globex, fire }
}

impl Place {
    fn conn(&self) -> PgConnection {
        self.app.conn()
    }

    /// Somebody in an organisation with one enrolment that never ends.
    fn active(&self, username: &str, home: Uuid) -> Uuid {
        let user = builders::user(&mut self.conn(), Some(home), username);
        builders::enrol(&mut self.conn(), user, self.fire, "2026-01-01", None);
        user
    }

    fn id(&self, username: &str) -> Uuid {
        users::table.filter(users::username.eq(username)).select(users::id).first(&mut self.conn()).unwrap()
    }

    fn home(&self, user: Uuid) -> Option<Uuid> {
        users::table.find(user).select(users::organisation_id).first(&mut self.conn()).unwrap()
    }

    fn expires(&self, user: Uuid) -> Option<chrono::NaiveDate> {
        users::table.find(user).select(users::expires_on).first(&mut self.conn()).unwrap()
    }

    fn people(&self) -> i64 {
        users::table.count().get_result(&mut self.conn()).unwrap()
    }

    /// Action, detail and the number of changes of the last entry of this kind.
    fn entry(&self, action: &str) -> Option<(Value, Vec<Changed>)> {
        let conn = &mut self.conn();
        let (id, detail): (Uuid, Value) = audit_entries::table
            .filter(audit_entries::action.eq(action))
            .order(audit_entries::at.desc())
            .select((audit_entries::id, audit_entries::detail))
            .first(conn)
            .optional()
            .unwrap()?;
        let changes = audit_changes::table
            .filter(audit_changes::entry_id.eq(id))
            .order(audit_changes::subject_id)
            .select((audit_changes::person_id, audit_changes::before, audit_changes::after))
            .load(conn)
            .unwrap();
        Some((detail, changes))
    }
}

fn used(visitor: &Visitor<'_>, organisation: Uuid) -> String {
    visitor.page(&format!("/organisations/{organisation}/licenses")).rows()[0][2].clone()
}

fn query(ids: &[Uuid]) -> String {
    ids.iter().map(|id| format!("ids={id}")).collect::<Vec<_>>().join("&")
}

fn hidden(page: &Page, name: &str) -> String {
    page.attributes(&format!("form input[type=hidden][name={name}]"), "value").into_iter().next().unwrap_or_default()
}

fn send(visitor: &Visitor<'_>, path: &str, ids: &[Uuid], more: &[(&str, &str)]) -> Response {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    fields.extend(more);
    visitor.post(path, &fields)
}

fn location(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// The text of what the change does.
fn effect(page: &Page) -> String {
    page.texts(".effect p").join(" ")
}

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
    assert!(effect(&page).contains("From 4 Dec 2026 on: 1 person becomes inactive, which frees 1 license: East 1."));
    // another date than the one whose effect was shown: its effect comes first
    let fields = [("expires_on", "2026-12-05"), ("previewed", "2026-12-03")];
    let page = Page::of(send(&admin, "/users/account-expiry", &[ada], &fields));
    assert_eq!((page.status, hidden(&page, "previewed")), (200, "2026-12-05".into()));
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
    assert!(told.contains("2 people become inactive, which frees 2 licenses: East 1, West 1."), "{told}");
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
        ("/users/account-expiry", &[("expires_on", "2026-11-01")]),
        ("/users/move", &[("move_to", &west)]),
        ("/users/delete", &[]),
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
fn many_people_or_a_deletion_for_good_have_to_be_confirmed_by_their_number() {
    let place = place();
    let conn = &mut place.conn();
    builders::active_users(conn, place.east, place.fire, 51);
    let admin = place.app.signed_in("admin");
    let east = place.east.to_string();
    let all = [("organisation", east.as_str()), ("all", "1")];
    for typed in ["", "50", "many"] {
        let page = Page::of(admin.post("/users/delete", &[all[0], all[1], ("confirm", typed)]));
        assert_eq!((page.status, place.people()), (422, 54), "{typed}");
        assert_eq!(page.text("#confirm-problem"), "Enter the number of users that are to be deleted: 51.");
        assert_eq!(page.attributes("input[name=confirm]", "value"), [typed]);
    }
    location(&admin.post("/users/delete", &[all[0], all[1], ("confirm", " 51 ")]));
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
    let to = location(&admin.post("/users/move", &[("organisation", &east), ("all", "1"), ("move_to", &west)]));
    assert_eq!(admin.page(&to).text(".notice h2"), "1 person is in West & South now");
    assert_eq!((place.home(ada), used(&admin, place.east)), (Some(place.west), "0".into()));
}

#[test]
fn many_people_are_changed_in_the_background_or_the_page_says_why_not() {
    let place = place();
    builders::active_users(&mut place.conn(), place.east, place.fire, 10_000);
    let admin = place.app.signed_in("admin");
    let all = [("all", "1"), ("expires_on", "2026-11-23")];
    let refused = location(&admin.post("/users/account-expiry", &all));
    let done = location(&admin.post("/users/account-expiry", &[all[0], all[1], ("leave_out", "1")]));
    assert_eq!(used(&admin, place.acme), "10,000");
    assert_eq!(place.app.run_jobs(), 2);
    let page = admin.page(&refused);
    assert_eq!(page.text(".notice h2"), "Nothing was done");
    assert!(page.text(".notice p").starts_with("Your own account is among them"), "{}", page.text(".notice p"));
    assert_eq!(admin.get(&done).status(), 303);
    assert_eq!(used(&admin, place.acme), "0");
}
