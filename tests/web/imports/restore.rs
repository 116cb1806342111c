//! Bringing back whom an import has deleted.

use super::*;

const GONE: [&str; 3] = ["ben", "cleo", "dan"];

/// An import that has deleted three people.
fn applied(place: &Place) -> (Uuid, Vec<Uuid>) {
    place.threshold(100);
    let people = GONE.map(|name| place.active(name)).to_vec();
    let id = place.planned(true, &place.rows(&["manager"]));
    location(&post(&place.app.signed_in("admin"), id, "confirm", &[]));
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
    assert_eq!(hidden(&conflicts, "without"), people[0].to_string());
    location(&post(&admin, id, "restore", &[("without", &people[0].to_string())]));
    assert!(place.is_there("cleo") && place.is_there("dan"));
    assert_eq!(page(&admin, id).rows(), [["", "Test ben", "ben"]]);
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
