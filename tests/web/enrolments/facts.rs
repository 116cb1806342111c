//! What is told before a change and after it is so.

use super::*;

fn notice(page: &Page) -> (String, Vec<String>) {
    (page.text(".notice h2"), page.texts(".notice p"))
}

#[test]
fn enrolling_from_a_coming_day_on_tells_what_is_going_to_be() {
    let place = place();
    let conn = &mut place.conn();
    diesel::update(organisations::table.find(place.east)).set(organisations::user_limit.eq(1)).execute(conn).unwrap();
    for name in ["ada", "ben", "cleo"] {
        builders::user(conn, Some(place.east), name);
    }
    let manager = place.app.signed_in("manager");
    let address = format!("/experiences/{}/enrol", place.fire);
    let east = place.east.to_string();
    let form = [("organisation", east.as_str()), ("all", "1"), ("starts_on", "2027-01-01")];
    let shown = format!("{address}/check?organisation={east}&all=1&starts_on=2027-01-01");
    let page = manager.page(&location(&answered(&manager, &shown, &address, &form)));
    assert_eq!(
        notice(&page),
        (
            "3 people are enrolled now".to_owned(),
            vec![
                "From 1 Jan 2027 on, 3 people become active, which takes 3 licenses: East 3.".to_owned(),
                "East will be over its limit by 2: 3 of 1.".to_owned(),
            ]
        )
    );
    assert_eq!(used(&manager, place.east), "0");
    let detail: Value = audit_entries::table
        .filter(audit_entries::action.eq("enrolment.created"))
        .select(audit_entries::detail)
        .first(conn)
        .unwrap();
    assert_eq!(detail["takes_effect_on"], "2027-01-01");
}

#[test]
fn those_who_have_the_date_already_are_told_before_and_not_counted_after() {
    let place = place();
    let conn = &mut place.conn();
    for (name, until) in [("ada", None), ("ben", Some("2026-12-31")), ("cleo", Some("2026-12-24"))] {
        place.enrolled(name, place.east, until);
    }
    let manager = place.app.signed_in("manager");
    let address = place.address("expiry");
    let shown = manager.page(&format!("{address}?all=1&expires_on=2026-12-31"));
    let told = shown.texts(".effect > p");
    for line in [
        "1 enrolment ends later than it would have, and a license may be held for as long.",
        "1 enrolment is so already.",
    ] {
        assert!(told.contains(&line.to_owned()), "{told:?}");
    }
    let over = manager.page(&format!("{address}?all=1&expires_on=2026-11-23")).texts(".effect > p");
    assert!(!over.iter().any(|line| line.contains("later than")), "nobody gains a day: {over:?}");
    let done = manager.page(&location(&manager.post(&address, &[("all", "1"), ("expires_on", "2026-12-31")])));
    assert_eq!(done.text(".notice h2"), "The expiry date of 2 enrolments of 2 people is 31 Dec 2026 now");
    let entry = hidden(&done, "entry");
    let back = manager.page(&location(&manager.post("/enrolments/undo", &[("entry", &entry)])));
    assert_eq!(back.text(".notice h2"), "The former expiry dates of 2 enrolments of 2 people are back");
    let people: Vec<Value> = audit_entries::table
        .filter(audit_entries::action.like("enrolment.%"))
        .select(audit_entries::detail)
        .load(conn)
        .unwrap();
    assert!(people.iter().all(|detail| detail["people"] == 2), "{people:?}");
}

#[test]
fn undoing_what_somebody_has_changed_since_says_so() {
    let place = place();
    let ada = place.enrolled("ada", place.east, None).to_string();
    let manager = place.app.signed_in("manager");
    let set = |date: &str| {
        manager.page(&location(&manager.post(&place.address("expiry"), &[("ids", &ada), ("expires_on", date)])))
    };
    let entry = hidden(&set("2026-11-23"), "entry");
    set("2026-12-24");
    let page = manager.page(&location(&manager.post("/enrolments/undo", &[("entry", &entry)])));
    assert_eq!(
        page.text(".notice h2"),
        "No expiry date was put back: these enrolments were changed since, or are back already"
    );
}

#[test]
fn all_organisations_of_a_change_can_be_read_where_not_all_are_named() {
    let place = place();
    let conn = &mut place.conn();
    for number in 1..=8 {
        let home = builders::child(conn, place.root, &format!("Site {number}"), None);
        place.enrolled(&format!("user{number}"), home, None);
        let had = place.enrolled(&format!("had{number}"), home, Some("2026-11-01"));
        place.enrolled(&format!("has{number}"), home, Some("2026-11-01"));
        if number == 1 {
            diesel::delete(enrolments::table.find(had)).execute(conn).unwrap();
        }
    }
    let manager = place.app.signed_in("manager");
    // some become active today, others inactive later
    let both = manager.page(&format!("{}?all=1&expires_on=2026-12-31", place.address("expiry")));
    let headings = both.texts(".effect .places summary");
    assert_eq!(headings, ["All 8 organisations", "All 8 organisations, from 1 Jan 2027 on"]);
    let count = |number| if number == 1 { 1 } else { 2 };
    let today = (2..=8).chain([1]).map(|number| format!("Site {number}: {} taken", count(number)));
    let later = (1..=8).map(|number| format!("Site {number}: 1 freed"));
    assert_eq!(both.texts(".effect .places li"), today.chain(later).collect::<Vec<_>>());
    let accounts = manager.page("/users/account-expiry?q=user&all=1&expires_on=2026-11-23");
    assert_eq!(accounts.texts(".effect .places li").len(), 8);

    let shown = manager.page(&format!("{}?all=1&expires_on=2026-11-23", place.address("expiry")));
    let all: Vec<String> = (1..=8).map(|number| format!("Site {number}: 1 freed")).collect();
    assert_eq!(shown.texts(".effect details li"), all);
    let form = [("all", "1"), ("expires_on", "2026-11-23")];
    let done = manager.page(&location(&manager.post(&place.address("expiry"), &form)));
    assert_eq!((done.text(".notice summary"), done.texts(".notice li")), ("All 8 organisations".to_owned(), all));
}

#[test]
fn a_date_that_ends_nothing_can_be_corrected() {
    let place = place();
    let conn = &mut place.conn();
    let ada = user_of(conn, place.enrolled("ada", place.east, Some("2026-12-24")));
    let manager = place.app.signed_in("manager");
    let page = manager.page(&format!("/users/expire?ids={ada}&expires_on=2030-01-01"));
    assert_eq!(
        page.text(".lede"),
        "No enrolment of these people gives access after that day. Nothing has changed yet."
    );
    assert_eq!(page.attributes("#expires_on", "value"), ["2030-01-01"]);
    assert_eq!(hidden(&page, "ids"), ada.to_string());
    assert_eq!(page.texts("main form .buttons button"), ["Show the effect"]);
}

#[test]
fn what_ends_before_it_begins_has_ended_wherever_it_is_shown() {
    let place = place();
    let conn = &mut place.conn();
    let learner = builders::person(conn, Some(place.east), "learner", None);
    builders::enrol(conn, learner, place.fire, "2027-01-01", Some("2026-12-01"));
    let manager = place.app.signed_in("manager");
    assert!(manager.page("/users?q=learner").text("tbody tr").contains("1 expired"));
    let list = format!("/experiences/{}/enrolments", place.fire);
    for (state, rows) in [("expired", 1), ("coming", 0), ("live", 0)] {
        assert_eq!(manager.page(&format!("{list}?state={state}")).rows().len(), rows, "{state}");
    }
    assert!(manager.page(&list).text("tbody tr").contains("Expired"));
    let own = place.app.signed_in("learner");
    assert_eq!(own.page("/learn").rows()[0][1..3], ["Ended", "Ended before it began"]);
    let closed = own.page(&format!("/learn/{}", place.fire));
    assert_eq!((closed.status, closed.text("h1")), (403, "Access ended before it began".to_owned()));
}

#[test]
fn the_days_of_several_trees_are_their_own() {
    let place = place();
    let conn = &mut place.conn();
    let west = builders::root(conn, "West", None);
    let zone = |id: Uuid, zone: &str, conn: &mut PgConnection| {
        diesel::update(organisations::table.find(id)).set(organisations::time_zone.eq(zone)).execute(conn).unwrap();
    };
    zone(place.root, "Asia/Tokyo", conn);
    zone(west, "America/New_York", conn);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let there = builders::experience(conn, west, "WEST");
    let wanda = builders::user(conn, Some(west), "wanda");
    builders::enrol(conn, wanda, there, "2026-01-01", None);
    let ada = user_of(conn, place.enrolled("ada", place.east, None));
    // 23 November in New York, 24 in UTC and in Tokyo
    place.app.set_time("2026-11-24T02:00:00Z");
    let instance = place.app.signed_in("instance");
    let page = instance.page("/users/expire?all=1");
    assert_eq!(page.attributes("#expires_on", "value"), ["2026-11-22"], "over everywhere");
    let told = |address: &str| instance.page(address).texts(".effect > p");
    let lines = told("/users/expire?all=1&expires_on=2026-11-23");
    for line in [
        "1 person becomes inactive, which frees 1 license: East 1.",
        "From 24 Nov 2026 on, 1 person becomes inactive, which frees 1 license: West 1.",
    ] {
        assert_eq!(lines.iter().filter(|told| *told == line).count(), 1, "{lines:?}");
    }
    let lines = told(&format!("/users/account-expiry?ids={ada}&ids={wanda}&expires_on=2026-11-23&previewed=1"));
    assert!(
        lines.contains(&"From 24 Nov 2026 on, 1 person becomes inactive, which frees 1 license: West 1.".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn undoing_leads_back_to_the_list_as_it_was_and_its_notice_does_not_come_back() {
    let place = place();
    let ada = place.enrolled("ada", place.east, None).to_string();
    let manager = place.app.signed_in("manager");
    let form = [("ids", ada.as_str()), ("q", "ada"), ("state", "live"), ("expires_on", "2026-12-23")];
    let done = location(&manager.post(&place.address("expiry"), &form));
    let shown = manager.page(&done);
    assert_eq!(shown.texts(".notice form").len(), 1);
    let undo = manager.post_request("/enrolments/undo").header("sec-fetch-site", "same-origin");
    let undo = undo.header("referer", place.app.url(&done)).form(&[("entry", hidden(&shown, "entry"))]);
    let back = location(&undo.send().unwrap());
    assert!(back.contains("q=ada&state=live&done=") && back.starts_with(&done[..done.find('?').unwrap()]), "{back}");
    assert_eq!(manager.page(&back).text(".notice h2"), "The former expiry dates of 1 enrolment of 1 person are back");
    assert!(manager.page(&done).texts(".notice").is_empty(), "it is not so any more");
    let elsewhere = manager.post_request("/enrolments/undo").header("sec-fetch-site", "same-origin");
    let elsewhere = elsewhere.header("referer", "https://other.example/users?q=1");
    let elsewhere = location(&elsewhere.form(&[("entry", hidden(&shown, "entry"))]).send().unwrap());
    assert!(elsewhere.ends_with("/enrolments?done=kept"), "{elsewhere}");
    let undone: (Option<String>, Option<Uuid>) = audit_entries::table
        .filter(audit_entries::action.eq("enrolment.expiry_undone"))
        .select((audit_entries::subject_kind, audit_entries::subject_id))
        .first(&mut place.conn())
        .unwrap();
    assert_eq!(undone, (Some("experience".to_owned()), Some(place.fire)));
}
