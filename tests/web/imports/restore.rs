//! Bringing back whom an import has deleted.

use headroom::schema::organisations;

use super::*;

const GONE: [&str; 3] = ["ben", "cleo", "dan"];

/// An import that has deleted three people.
fn applied(place: &Place) -> (Uuid, Vec<Uuid>) {
    place.threshold(100);
    let people = GONE.map(|name| place.active(name)).to_vec();
    let id = place.planned(true, &place.rows(&["manager"]));
    location(&confirm(&place.app.signed_in("admin"), id, &[]));
    assert!(GONE.iter().all(|name| !place.is_there(name)));
    (id, people)
}

#[test]
fn everybody_comes_back_and_a_second_time_nobody_is_left() {
    let place = place();
    let (id, people) = applied(&place);
    place.completed(people[0]);
    let admin = place.app.signed_in("admin");
    let result = page(&admin, id);
    assert!(result.texts("main button").contains(&"Restore all 3 users".to_owned()));
    let back = admin.page(&location(&post(&admin, id, "restore", &[])));
    assert_eq!(back.text("section.notice h2"), "3 users are restored");
    assert!(GONE.iter().all(|name| place.is_there(name)));
    assert_eq!(used(&admin, place.acme), "3");
    assert!(!back.texts("main button").iter().any(|words| words.starts_with("Restore")), "nobody is left");
    let again = admin.page(&location(&post(&admin, id, "restore", &[])));
    assert_eq!(again.text("section.notice h2"), "Nobody was left to restore");
    assert_eq!(place.entries("user.restored"), 1);
}

#[test]
fn a_limit_that_is_exceeded_by_those_who_come_back_is_told_to_whoever_restores_them() {
    let place = place();
    let (id, _) = applied(&place);
    diesel::update(organisations::table.find(place.east))
        .set(organisations::user_limit.eq(2))
        .execute(&mut place.conn())
        .unwrap();
    let admin = place.app.signed_in("admin");
    let back = location(&post(&admin, id, "restore", &[]));
    assert_eq!(
        admin.page(&back).texts("section.notice[role=status] p")[1..3],
        ["3 people became active, which took 3 licenses: East 3.", "East is over its limit by 1: 3 of 2."]
    );
    let instance = place.app.signed_in("instance");
    assert!(instance.page(&back).texts("section.notice[role=status]").iter().all(|told| !told.contains("restored")));
}

#[test]
fn what_the_page_says_was_restored_is_what_the_audit_log_has() {
    let place = place();
    let (id, people) = applied(&place);
    let admin = place.app.signed_in("admin");
    let other = place.planned(false, &place.rows(&["manager", "new"]));
    location(&confirm(&admin, other, &[]));
    let ids = people[0].to_string();
    let back = location(&post(&admin, id, "restore", &[("ids", &ids), ("ticked", "1")]));
    assert_eq!(admin.page(&back).text("section.notice h2"), "1 user is restored");
    let entry = back.split_once("?done=").unwrap().1.to_owned();
    let applied: Uuid = audit_entries::table
        .filter(audit_entries::action.eq("import.applied"))
        .filter(audit_entries::subject_id.eq(id))
        .select(audit_entries::id)
        .first(&mut place.conn())
        .unwrap();
    let made_up = [
        format!("/imports/{id}?restored=500"),
        format!("/imports/{id}?done=500"),
        format!("/imports/{id}?done=nothing"),
        format!("/imports/{id}?done={}", Uuid::now_v7()),
        format!("/imports/{id}?done={applied}"),
        format!("/imports/{other}?done={entry}"),
    ];
    for address in made_up {
        let page = admin.page(&address);
        assert_eq!((page.status, page.text("section.notice h2").as_str()), (200, "Done"), "{address}");
    }
}

#[test]
fn a_great_many_come_back_in_the_background_and_all_are_told() {
    let place = place();
    place.threshold(100);
    builders::active_users(&mut place.conn(), place.east, place.fire, 10_000);
    place.active("ben");
    let id = place.planned(true, &[row("manager")]);
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, id, &[]));
    assert_eq!((place.app.run_jobs(), place.usernames().len()), (1, 3));
    // what stands in the way is said at once; what comes in between, by the job
    let conn = &mut place.conn();
    let other = builders::user(conn, Some(place.east), "ben");
    let conflicts = Page::of(post(&admin, id, "restore", &[]));
    assert_eq!((conflicts.status, conflicts.text("h1")), (409, "1 user cannot be restored".to_owned()));
    diesel::delete(users::table.find(other)).execute(conn).unwrap();
    let late = location(&post(&admin, id, "restore", &[]));
    builders::user(conn, Some(place.east), "ben");
    assert_eq!((place.app.run_jobs(), place.usernames().len()), (1, 4));
    let told = admin.page(&late).text("main");
    assert!(told.contains("taken before it was their turn, and nobody was restored"), "{told}");

    let without = hidden(&conflicts, "without");
    let [job, again] = [0, 1].map(|_| location(&post(&admin, id, "restore", &[("without", &without)])));
    assert!(job.starts_with("/jobs/"), "{job}");
    let waiting = admin.page(&job);
    assert_eq!((waiting.status, waiting.text("h1")), (200, "Restore users".to_owned()));
    assert_eq!(place.app.run_jobs(), 2);
    assert_eq!((place.entries("user.restored"), place.usernames().len()), (1, 10_004));
    let back = admin.page(&location(&admin.get(&job)));
    assert_eq!(back.text("section.notice h2"), "10,000 users are restored");
    assert_eq!(back.rows().last().unwrap(), &["", "Test ben", "ben"]);
    assert_eq!(location(&admin.get(&again)), format!("/imports/{id}?done=nothing"));
}

#[test]
fn ticked_people_come_back_and_no_tick_does_not_mean_everybody() {
    let place = place();
    let (id, people) = applied(&place);
    let admin = place.app.signed_in("admin");
    assert_eq!(admin.page(&format!("/imports/{id}?q=CLEO")).rows(), [["", "Test cleo", "cleo"]]);
    let ticked = admin.page(&format!("/imports/{id}?q=cleo&ids={}", people[0]));
    assert_eq!(hidden(&ticked, "ids"), people[0].to_string(), "a tick survives a search");
    assert_eq!(ticked.text("[data-select-count]"), "1");
    let none = Page::of(post(&admin, id, "restore", &[("ticked", "1")]));
    assert_eq!((none.status, none.text(".notice.over h2")), (422, "Nobody is ticked".to_owned()));
    assert!(!place.is_there("ben"));
    let ids: Vec<String> = people[..2].iter().map(Uuid::to_string).collect();
    location(&post(&admin, id, "restore", &[("ids", &ids[0]), ("ids", &ids[1]), ("ticked", "1")]));
    assert!(place.is_there("ben") && place.is_there("cleo") && !place.is_there("dan"));
    let gone = Page::of(post(&admin, id, "restore", &[("ids", &ids[0])]));
    assert_eq!((gone.status, gone.text(".notice.over h2")), (409, "Nobody was restored".to_owned()));
    assert_eq!(post(&admin, id, "restore", &[("ids", &Uuid::now_v7().to_string())]).status(), 409);
}

#[test]
fn whose_place_is_taken_is_named_and_the_others_come_back_without_them() {
    let place = place();
    let (id, people) = applied(&place);
    builders::user(&mut place.conn(), Some(place.east), "ben");
    let admin = place.app.signed_in("admin");
    let conflicts = Page::of(post(&admin, id, "restore", &[]));
    assert_eq!(conflicts.status, 409);
    assert_eq!(conflicts.text("h1"), "1 user cannot be restored");
    assert_eq!(
        conflicts.rows(),
        [[
            "Test ben ben",
            "Somebody else has the username “ben” now. Somebody else has the e-mail address “ben@people.example” now."
        ]]
    );
    assert!(!place.is_there("cleo"), "all or none");
    assert!(conflicts.texts("main button").contains(&"Restore the others".to_owned()));
    assert_eq!(hidden(&conflicts, "without"), people[0].to_string());
    location(&post(&admin, id, "restore", &[("without", &people[0].to_string())]));
    assert!(place.is_there("cleo") && place.is_there("dan"));
    let result = page(&admin, id);
    assert_eq!(result.rows().last().unwrap(), &["", "Test ben", "ben"]);
    // now there are no others
    let conflicts = Page::of(post(&admin, id, "restore", &[]));
    assert_eq!((conflicts.status, conflicts.texts("main form button")), (409, Vec::<String>::new()));
    assert_eq!(conflicts.text(".lede"), "Change what is in the way, then restore again.");
}

#[test]
fn after_the_window_they_are_gone_for_good() {
    let place = place();
    let (id, _) = applied(&place);
    place.app.set_time("2026-12-01T12:00:00Z");
    let admin = place.app.signed_in("admin");
    let result = page(&admin, id);
    assert!(
        result
            .text(".notice.done")
            .contains("They could be restored until 1 Dec 2026, 12:00 GMT, and are gone for good.")
    );
    assert!(result.texts("form#list").is_empty());
    location(&post(&admin, id, "restore", &[]));
    assert!(GONE.iter().all(|name| !place.is_there(name)));
}
