//! Learning experiences: the list with its counts, one of them, adding, editing, archiving.

use diesel::prelude::*;
use headroom::schema::{audit_changes, audit_entries, enrolments, experiences};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Page, TestApp};
use crate::support::builders;
use crate::support::reading::answered;

struct Place {
    app: TestApp,
    root: Uuid,
    east: Uuid,
}

/// "Acme" with its admin "top", and a child "East" with its admin "admin" and user manager "manager".
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, root, "East", None);
    builders::person(conn, Some(root), "top", Some(("org_admin", Some(root))));
    builders::person(conn, Some(east), "admin", Some(("org_admin", Some(east))));
    builders::person(conn, Some(east), "manager", Some(("user_manager", Some(east))));
    Place { app, root, east }
}

#[test]
fn the_list_counts_the_enrolments_of_the_readers_own_people() {
    let place = place();
    let conn = &mut place.app.conn();
    let west = builders::child(conn, place.root, "West", None);
    let [above, own] =
        [(place.root, "ABOVE"), (place.east, "OWN")].map(|(o, code)| builders::experience(conn, o, code));
    builders::experience(conn, west, "BESIDE");
    let mut enrol = |home: Uuid, name: &str, experience: Uuid, starts: &str, expires: Option<&str>, done: bool| {
        let user = builders::user(conn, Some(home), name);
        let id = builders::enrol(conn, user, experience, starts, expires);
        if done {
            let on = enrolments::completed_on.eq(builders::date("2026-02-01"));
            diesel::update(enrolments::table.find(id)).set(on).execute(conn).unwrap();
        }
    };
    enrol(place.east, "a", above, "2026-01-01", Some("2026-11-24"), true);
    enrol(place.east, "b", above, "2026-01-01", Some("2026-11-23"), true);
    enrol(place.east, "c", above, "2026-11-25", None, false);
    enrol(west, "d", above, "2026-01-01", None, false);
    enrol(place.east, "e", own, "2026-01-01", None, false);
    let list = |who: &str| place.app.signed_in(who).page("/experiences").rows();
    assert_eq!(
        list("manager"),
        [["Learning ABOVE", "ABOVE", "Acme", "1", "1", "2"], ["Learning OWN", "OWN", "East", "1", "0", "0"]]
    );
    assert_eq!(
        list("top"),
        [
            ["Learning ABOVE", "ABOVE", "Acme", "2", "1", "2"],
            ["Learning BESIDE", "BESIDE", "West", "0", "0", "0"],
            ["Learning OWN", "OWN", "East", "1", "0", "0"],
        ]
    );
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    assert_eq!(list("instance"), list("top"));
    let figures = place.app.signed_in("admin").page(&format!("/experiences/{above}")).texts("dl.figures dd");
    assert_eq!(figures, ["1", "1", "1", "2"]);
}

#[test]
fn the_list_is_searched_filtered_sorted_and_turned_over() {
    let place = place();
    let conn = &mut place.app.conn();
    for number in 1..=23 {
        builders::experience(conn, place.root, &format!("LX-{number}"));
    }
    let busy = builders::experience(conn, place.root, "ZZ%");
    builders::active_users(conn, place.east, busy, 3);
    diesel::update(experiences::table.filter(experiences::code.eq("LX-7")))
        .set(experiences::archived_at.eq(chrono::DateTime::UNIX_EPOCH))
        .execute(conn)
        .unwrap();
    let top = place.app.signed_in("top");
    let codes =
        |path: &str| -> Vec<String> { top.page(path).rows().into_iter().map(|mut row| row.remove(1)).collect() };
    assert_eq!(codes("/experiences").len(), 20);
    assert_eq!(top.page("/experiences").text(".pager span"), "1 to 20 of 24");
    assert_eq!(codes("/experiences?page=2"), ["LX-21", "LX-22", "LX-23", "ZZ%"]);
    assert_eq!(codes("/experiences?q=zz%25"), ["ZZ%"]);
    assert_eq!(codes("/experiences?archived=yes"), ["LX-7"]);
    assert_eq!(codes("/experiences?archived=no").len(), 20);
    assert_eq!(codes("/experiences?sort=live&order=desc")[..2], ["ZZ%", "LX-1"]);
    assert_eq!(codes("/experiences?sort=live&page=2"), ["LX-21", "LX-22", "LX-23", "ZZ%"]);
    assert_eq!(codes("/experiences?sort=code&order=desc")[..2], ["ZZ%", "LX-23"]);
    assert_eq!(top.page("/experiences?page=3").status, 404);
    let nothing = top.page("/experiences?q=nothing");
    assert_eq!(nothing.text(".empty h2"), "No learning experience matches");
    assert_eq!(nothing.attributes(".empty a", "href"), ["/experiences"]);
    assert_eq!(top.page("/experiences?sort=live&order=desc").attributes("[aria-sort]", "aria-sort"), ["descending"]);
}

#[test]
fn without_any_the_list_leads_to_the_first_for_whoever_may_add_it() {
    let place = place();
    let of = |who: &str| place.app.signed_in(who).page("/experiences");
    assert_eq!(of("admin").attributes(".empty a, .actions a", "href"), ["/experiences/new", "/experiences/new"]);
    assert!(of("manager").attributes("main a", "href").is_empty());
    assert_eq!(of("manager").text(".empty h2"), "There are no learning experiences yet");
}

#[test]
fn an_org_admin_adds_one_and_it_is_written_down() {
    let place = place();
    let conn = &mut place.app.conn();
    let admin = place.app.signed_in("admin");
    let description = "Ä".repeat(19_998) + "\r\n<b>";
    let east = place.east.to_string();
    let fields = [("title", " Fire\tsafety "), ("code", "FIRE"), ("description", "First\r\n\r\n<b>Second</b>")];
    let response = admin.post("/experiences", &[&fields[..], &[("organisation", &east)]].concat());
    let to = response.headers()["location"].to_str().unwrap().to_owned();
    let page = admin.page(&to);
    assert_eq!(page.text(".notice h2"), "The learning experience is added");
    assert_eq!(page.text("h1"), "Fire safety");
    assert_eq!(page.texts(".prose p"), ["First", "<b>Second</b>"]);
    let id: Uuid = to.trim_start_matches("/experiences/").split('?').next().unwrap().parse().unwrap();
    let (entry, organisation): (Uuid, Option<Uuid>) = audit_entries::table
        .filter(audit_entries::action.eq("experience.created"))
        .select((audit_entries::id, audit_entries::organisation_id))
        .first(conn)
        .unwrap();
    assert_eq!(organisation, Some(place.east));
    let after: Option<Value> = audit_changes::table.find((entry, id)).select(audit_changes::after).first(conn).unwrap();
    assert_eq!(after.unwrap()["code"], json!("FIRE"));

    // a long text in another script is not too long for the form
    let fields = [("title", "Long"), ("code", "LONG"), ("description", &description), ("organisation", &east)];
    let saved = admin.post("/experiences", &fields);
    assert_eq!(saved.status(), 422, "two characters too many");
    let description = description.replace("\r\n<b>", "\r\n!");
    let fields = [("title", "Long"), ("code", "LONG"), ("description", &description), ("organisation", &east)];
    assert_eq!(admin.post("/experiences", &fields).status(), 303);
}

#[test]
fn what_is_wrong_is_told_at_once_and_what_was_typed_stays() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::experience(conn, place.east, "TAKEN");
    let admin = place.app.signed_in("admin");
    let title = "x".repeat(301);
    let page =
        Page::of(admin.post("/experiences", &[("title", &title), ("description", "Kept"), ("organisation", "")]));
    assert_eq!(page.status, 422);
    assert!(page.text("title").starts_with("Error: Add a learning experience"));
    assert_eq!(
        page.texts(".problems li"),
        ["A title has at most 300 characters.", "Enter a code.", "Choose the organisation that it belongs to.",]
    );
    assert_eq!((page.attributes("#title", "value"), page.text("textarea")), (vec![title], "Kept".to_owned()));

    let east = place.east.to_string();
    let fields = |code, organisation| [("title", "New"), ("code", code), ("organisation", organisation)];
    let page = Page::of(admin.post("/experiences", &fields("TAKEN", &east)));
    assert_eq!((page.status, page.texts(".problems a").len()), (422, 1));
    assert_eq!(page.attributes(".problems a", "href"), ["#code"]);
    let above = Page::of(admin.post("/experiences", &fields("FREE", &place.root.to_string())));
    assert_eq!((above.status, above.text("#organisation-problem")), (422, "Choose one of your organisations.".into()));
    assert_eq!(experiences::table.count().get_result::<i64>(conn), Ok(1));
}

#[test]
fn one_that_belongs_above_is_seen_and_not_edited() {
    let place = place();
    let conn = &mut place.app.conn();
    let above = builders::experience(conn, place.root, "ABOVE");
    let admin = place.app.signed_in("admin");
    let page = admin.page(&format!("/experiences/{above}"));
    assert_eq!(page.text("h1"), "Learning ABOVE");
    assert!(page.attributes("main a", "href").contains(&format!("/experiences/{above}/enrolments")));
    assert!(page.texts("main form, .actions").is_empty());
    assert_eq!(admin.get(&format!("/experiences/{above}/edit")).status(), 403);
    for end in ["", "/archive"] {
        assert_eq!(admin.post(&format!("/experiences/{above}{end}"), &[("title", "Mine")]).status(), 403, "{end}");
    }
    assert_eq!(place.app.signed_in("top").get(&format!("/experiences/{above}/edit")).status(), 200);
}

#[test]
fn two_who_edit_at_once_do_not_overwrite_each_other_unknowingly() {
    let place = place();
    let conn = &mut place.app.conn();
    let id = builders::experience(conn, place.east, "LX");
    let (east, path) = (place.east.to_string(), format!("/experiences/{id}"));
    let [one, other] = ["admin", "top"].map(|who| place.app.signed_in(who));
    let version = one.page(&format!("{path}/edit")).attributes("[name=version]", "value").remove(0);
    let fields = |title, version| [("title", title), ("code", "LX"), ("organisation", &east), ("version", version)];
    assert_eq!(other.post(&path, &fields("Theirs", &version)).status(), 303);
    let learner = builders::user(conn, Some(place.east), "learner");
    let (learner, until) = (learner.to_string(), [("starts_on", "2026-11-24"), ("expires_on", "2026-12-24")]);
    let form = [&[("ids", learner.as_str())][..], &until].concat();
    let check = format!("{path}/enrol/check?ids={learner}&starts_on=2026-11-24&expires_on=2026-12-24");
    let enrolled = answered(&one, &check, &format!("{path}/enrol"), &form);
    assert_eq!(enrolled.status(), 303);
    let page = Page::of(one.post(&path, &fields("Mine", &version)));
    assert_eq!(page.status, 409);
    assert_eq!(page.rows(), [["Title", "Theirs", "Mine"]]);
    assert_eq!(page.attributes("#title", "value"), ["Mine"]);
    let title = |conn: &mut _| experiences::table.find(id).select(experiences::title).first::<String>(conn).unwrap();
    assert_eq!(title(conn), "Theirs");
    // above the reader is nobody named; and enrolling somebody is no change of the learning experience
    let told = page.texts("[autofocus] p");
    assert!(told[0].starts_with("Somebody else changed this learning experience on "), "{told:?}");
    // sent twice is saved once
    assert_eq!(other.post(&path, &fields("Theirs", &version)).status(), 303);

    let fresh = page.attributes("[name=version]", "value").remove(0);
    assert_eq!(one.post(&path, &fields("Mine", &fresh)).status(), 303);
    assert_eq!(title(conn), "Mine");
    assert_eq!(one.post(&path, &fields("Script", "")).status(), 303);
    assert_eq!(title(conn), "Script");
    let edits = audit_entries::table.filter(audit_entries::action.eq("experience.edited"));
    assert_eq!(edits.count().get_result::<i64>(conn), Ok(3));

    let version = one.page(&format!("{path}/edit")).attributes("[name=version]", "value").remove(0);
    let moved = builders::child(conn, place.east, "South", None).to_string();
    let theirs = [("title", "Script"), ("code", "NEW"), ("organisation", &moved), ("version", &version)];
    assert_eq!(other.post(&path, &theirs).status(), 303);
    assert_eq!(other.post(&format!("{path}/archive"), &[]).status(), 303);
    let page = Page::of(one.post(&path, &fields("Again", &version)));
    assert_eq!((page.status, page.rows()), (409, vec![vec!["Title".into(), "Script".into(), "Again".into()]]));
    assert_eq!(page.attributes("#code", "value"), ["NEW"]);
    let told = page.texts("[autofocus] p");
    assert!(told[1].ends_with("Taken over from that version: Code, Organisation."), "{told:?}");
    assert_eq!(told[2], "It is archived now: nobody else can be enrolled.");
}

#[test]
fn archiving_can_be_taken_back_and_twice_is_as_good_as_once() {
    let place = place();
    let conn = &mut place.app.conn();
    let id = builders::experience(conn, place.east, "LX");
    let (admin, path) = (place.app.signed_in("admin"), format!("/experiences/{id}"));
    for _ in 0..2 {
        let to = admin.post(&format!("{path}/archive"), &[]).headers()["location"].to_str().unwrap().to_owned();
        let page = admin.page(&to);
        assert_eq!(page.texts(".notice h2"), ["The learning experience is archived", "It is archived"]);
    }
    admin.post(&format!("{path}/unarchive"), &[]);
    assert!(admin.page(&path).texts(".notice h2").is_empty());
    let actions: Vec<String> = audit_entries::table
        .filter(audit_entries::subject_id.eq(id))
        .order(audit_entries::at)
        .select(audit_entries::action)
        .load(conn)
        .unwrap();
    assert_eq!(actions, ["experience.archived", "experience.unarchived"]);
}
