//! The answer to a plan.

use diesel::prelude::*;
use headroom::schema::users;

use super::*;

/// A plan that deletes one person, changes one and adds one.
fn plan(place: &Place) -> Uuid {
    place.threshold(100);
    place.active("gone");
    place.active("ada");
    let mut changed = row("ada");
    changed["last_name"] = json!("Obi");
    place.planned(true, &[changed, row("new"), row("manager")])
}

#[test]
fn confirming_does_exactly_what_was_shown_and_tells_it() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    assert_eq!(used(&admin, place.acme), "2");
    let seen = hidden(&page(&admin, id), "seen");
    assert_eq!(
        location(&post(&admin, id, "confirm", &[("seen", &seen), ("missing", "delete")])),
        format!("/imports/{id}")
    );
    assert_eq!(place.usernames(), ["ada", "admin", "instance", "manager", "new"]);
    assert_eq!(used(&admin, place.acme), "1");
    let result = page(&admin, id);
    assert_eq!(result.text("h1"), "1 user deleted, 1 changed, 1 added");
    assert_eq!(result.text(".lede"), "Imported 24 Nov 2026, 12:00 GMT by Test admin, for Acme.");
    assert!(result.text(".notice.done").contains("They can be restored until 1 Dec 2026, 12:00 GMT, below."));
    let entries = result.attributes(".facts a[href^='/audit/']", "href");
    assert_eq!(entries.len(), 2);
    for entry in entries {
        assert_eq!(admin.get(&entry).status(), 200, "{entry}");
    }
    assert_eq!(admin.page("/imports").rows()[0][4], "1 user deleted, 1 changed, 1 added");
    assert!(admin.page("/audit").text("main").contains("<leavers>.csv"), "the audit log names the file");
}

#[test]
fn whoever_confirms_twice_lands_on_the_result_and_it_is_done_once() {
    let place = place();
    let id = plan(&place);
    let (admin, other) = (place.app.signed_in("admin"), place.app.signed_in("admin"));
    let seen = hidden(&page(&admin, id), "seen");
    let answers = std::thread::scope(|scope| {
        let both = [&admin, &other].map(|who| {
            let seen = &seen;
            scope.spawn(move || location(&post(who, id, "confirm", &[("seen", seen)])))
        });
        both.map(|answer| answer.join().unwrap())
    });
    assert_eq!(answers, [format!("/imports/{id}"), format!("/imports/{id}")]);
    assert_eq!(place.entries("import.applied"), 1);
    assert_eq!(location(&post(&admin, id, "confirm", &[("seen", "something else")])), format!("/imports/{id}"));
    let late = Page::of(post(&admin, id, "cancel", &[]));
    assert_eq!((late.status, late.text(".notice.over h2")), (409, "It is too late to cancel".to_owned()));
}

#[test]
fn confirmed_by_twenty_requests_at_once_it_is_done_once_and_all_land_on_the_result() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    let seen = hidden(&page(&admin, id), "seen");
    let barrier = std::sync::Barrier::new(20);
    let pages = std::thread::scope(|scope| {
        let pressing: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    admin.page(&location(&post(&admin, id, "confirm", &[("seen", &seen)]))).text("h1")
                })
            })
            .collect();
        pressing.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(pages, vec!["1 user deleted, 1 changed, 1 added"; 20]);
    assert_eq!((place.entries("import.applied"), place.entries("user.deleted")), (1, 1));
    assert_eq!(place.usernames(), ["ada", "admin", "instance", "manager", "new"]);
}

#[test]
fn when_the_people_have_changed_the_new_plan_is_shown_and_nothing_is_done() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    let seen = hidden(&page(&admin, id), "seen");
    place.active("latecomer");
    let moved = Page::of(post(&admin, id, "confirm", &[("seen", &seen)]));
    assert_eq!(moved.status, 409);
    let told = moved.text(".notice.over");
    assert!(told.starts_with("The people have changed since you looked. Nothing was done."), "{told}");
    assert!(told.contains("Deleted: 2 now, 1 before."), "{told}");
    assert_eq!(moved.texts("#confirm button")[0], "Delete 2 users, change 1, add 1");
    assert!(place.is_there("gone") && place.is_there("latecomer") && !place.is_there("new"));
    let fresh = hidden(&moved, "seen");
    assert_ne!(fresh, seen);
    location(&post(&admin, id, "confirm", &[("seen", &fresh)]));
    assert!(!place.is_there("gone") && !place.is_there("latecomer"));
}

#[test]
fn with_an_empty_fingerprint_nothing_is_applied_and_the_plan_is_shown() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    for fields in [&[("seen", "")][..], &[("seen", ""), ("missing", "expire")], &[("seen", ""), ("typed", "1")]] {
        let shown = Page::of(post(&admin, id, "confirm", fields));
        assert_eq!(shown.status, 409, "{fields:?}");
        assert_eq!(shown.text(".notice.over h2"), "Nothing was done: look at the plan first");
        assert!(shown.text("title").starts_with("Error: "));
        assert_eq!(shown.texts("#confirm button")[0], "Delete 1 user, change 1, add 1");
        assert!(place.is_there("gone") && !place.is_there("new"), "{fields:?}");
    }
    // a script that leaves the field out means the plan that the page shows
    assert_eq!(location(&post(&admin, id, "confirm", &[])), format!("/imports/{id}"));
    assert!(!place.is_there("gone") && place.is_there("new"));
    assert_eq!(location(&post(&admin, id, "confirm", &[])), format!("/imports/{id}"), "it is done: its result");
}

#[test]
fn when_somebody_who_would_go_or_is_protected_has_another_name_the_new_plan_is_shown() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    for (who, field) in [
        ("gone", "first_name = 'Gona'"),
        ("gone", "last_name = 'Gone-Reid'"),
        ("gone", "username = 'gone.reid'"),
        ("admin", "last_name = 'Ada-Reid'"),
    ] {
        let seen = hidden(&page(&admin, id), "seen");
        diesel::sql_query(format!("update users set {field} where username = '{who}'"))
            .execute(&mut place.conn())
            .unwrap();
        let moved = Page::of(post(&admin, id, "confirm", &[("seen", &seen)]));
        assert_eq!(moved.status, 409, "{who}: {field}");
        assert_ne!(hidden(&moved, "seen"), seen);
        assert!(!place.is_there("new"), "{who}: {field}");
    }
    assert_eq!(page(&admin, id).text("#confirm .people"), "Gona Gone-Reid");
    location(&confirm(&admin, id, &[]));
    assert!(!place.is_there("gone.reid") && place.is_there("new"));
}

#[test]
fn a_great_part_has_to_be_typed() {
    let place = place();
    let id = plan(&place);
    place.threshold(10);
    let admin = place.app.signed_in("admin");
    let preview = page(&admin, id);
    assert!(
        preview
            .text("#typed-hint")
            .contains("More than 10 % of the 4 users there would be deleted. Enter 1 to confirm.")
    );
    for typed in ["", "2", "one"] {
        let again = Page::of(confirm(&admin, id, &[("typed", typed)]));
        assert_eq!(again.status, 422, "{typed}");
        assert_eq!(again.attributes(".problems a", "href"), ["#typed"]);
        assert_eq!(again.text("#typed-problem"), "Enter the number of users that are to be deleted: 1.");
        assert_eq!(again.attributes("#typed", "value"), [typed]);
        assert!(again.text("title").starts_with("Error: "));
        assert!(place.is_there("gone"));
    }
    location(&confirm(&admin, id, &[("typed", " 1 ")]));
    assert!(!place.is_there("gone"));
}

#[test]
fn the_page_says_that_all_who_would_go_stand_at_the_end_of_the_export() {
    let place = place();
    place.threshold(100);
    for number in 0..12 {
        place.active(&format!("late-{number}"));
    }
    // within a millisecond the order of unique IDs is any
    let by_id = users::table.filter(users::username.like("late-%")).order(users::id).select(users::username);
    let late: Vec<String> = by_id.load(&mut place.conn()).unwrap();
    let warned = |stay: &[&str]| {
        let id = place.planned(true, &place.rows(stay));
        let told = page(&place.app.signed_in("admin"), id).texts("#confirm .effect p");
        told.iter().any(|line| {
            line == "Everybody who would be deleted stands at the end of the export. If the download or the file was cut off, \
                     export again."
        })
    };
    assert!(warned(&["manager", "admin", &late[0], &late[1]]));
    assert!(!warned(&["manager", "admin", &late[10], &late[11]]), "those before them");
    assert!(!warned(&["manager", "admin", &late[0], &late[1], &late[2]]), "nine");
}

#[test]
fn instead_of_deleting_all_enrolments_can_be_expired_and_that_can_be_undone() {
    let place = place();
    let id = plan(&place);
    place.threshold(0);
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, id, &[("missing", "expire")]));
    assert!(place.is_there("gone"), "nothing to type, since nobody is deleted");
    assert_eq!(used(&admin, place.acme), "1");
    let result = page(&admin, id);
    assert_eq!(result.text("h1"), "1 user without access, 1 changed, 1 added");
    assert!(result.attributes("main form", "action").contains(&"/enrolments/undo".to_owned()));
    location(&admin.post("/enrolments/undo", &[("entry", &hidden(&result, "entry"))]));
    assert_eq!(used(&admin, place.acme), "2");
}

#[test]
fn those_who_are_missing_can_be_kept_and_anything_else_is_not_understood() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    assert_eq!(confirm(&admin, id, &[("missing", "promote")]).status(), 422);
    location(&confirm(&admin, id, &[("missing", "keep")]));
    assert!(place.is_there("gone") && place.is_there("new"));
}

#[test]
fn a_cancelled_import_is_never_applied() {
    let place = place();
    let id = plan(&place);
    let admin = place.app.signed_in("admin");
    for _ in 0..2 {
        assert_eq!(location(&post(&admin, id, "cancel", &[])), format!("/imports/{id}"));
    }
    assert_eq!(page(&admin, id).text("h1"), "Cancelled");
    let refused = Page::of(confirm(&admin, id, &[]));
    assert_eq!((refused.status, refused.text(".notice.over h2")), (409, "There is nothing to confirm".to_owned()));
    assert!(place.is_there("gone") && !place.is_there("new"));
    assert_eq!(place.state(id), "cancelled");
}
