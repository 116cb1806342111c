//! Imports that are too large for a page to wait for them: what happens until it is their turn.

use super::*;

/// Rows from which on an import is applied in the background.
const LARGE: i64 = 10_000;

/// An import by the org admin of so many new people and `more` rows of people who are there.
fn large(place: &Place, synchronize: bool, more: &[Value]) -> Uuid {
    let columns = json!({ "username": "", "email": "", "first_name": "", "last_name": "" });
    let rows = LARGE + i64::try_from(more.len()).unwrap();
    let id = place.import("planned", synchronize, json!({ "rows": rows, "columns": columns }));
    diesel::sql_query(
        "insert into import_rows (import_id, line, username, email, first_name, last_name)
         select $1, 10 + n, 'new-' || n, 'new-' || n || '@people.example', 'New', 'User'
         from generate_series(1, $2) n",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<BigInt, _>(LARGE)
    .execute(&mut place.conn())
    .unwrap();
    place.add_rows(id, more);
    place.plan(id);
    id
}

/// What the page says is being done, while the job is at work.
fn doing(place: &Place, visitor: &Visitor<'_>, id: Uuid) -> String {
    diesel::sql_query("update jobs set state = 'running', leased_until = '2026-11-24 13:00', progress_done = 1")
        .execute(&mut place.conn())
        .unwrap();
    page(visitor, id).text("label[for=progress]")
}

#[test]
fn while_it_is_applied_the_page_says_what_is_done_with_whom() {
    let place = place();
    place.threshold(100);
    place.active("gone");
    place.active("ada");
    let mut changed = row("ada");
    changed["last_name"] = json!("Obi");
    for (missing, words, all) in [
        ("delete", "Deleting 1 user, changing 1, adding 10,000", "10,002"),
        ("expire", "Expiring all enrolments of 1 user, changing 1, adding 10,000", "10,002"),
        ("keep", "Changing 1 user, adding 10,000", "10,002"),
    ] {
        let id = large(&place, true, &[row("manager"), changed.clone()]);
        let admin = place.app.signed_in("admin");
        location(&confirm(&admin, id, &[("missing", missing)]));
        assert_eq!(doing(&place, &admin, id), format!("{words}: 1 of {all} done"));
        diesel::sql_query("delete from jobs").execute(&mut place.conn()).unwrap();
    }
}

#[test]
fn confirmed_twice_it_waits_once_and_is_done_once() {
    let place = place();
    let id = large(&place, false, &[]);
    let (admin, other) = (place.app.signed_in("admin"), place.app.signed_in("admin"));
    let seen = hidden(&page(&admin, id), "seen");
    for who in [&admin, &other, &admin] {
        assert_eq!(location(&post(who, id, "confirm", &[("seen", &seen)])), format!("/imports/{id}"));
    }
    assert_eq!(place.state(id), "applying");
    let waiting = page(&admin, id);
    assert_eq!(waiting.text("h1"), "The import is being applied");
    assert_eq!(waiting.text("label[for=progress]"), "Waiting for its turn");
    assert_eq!(admin.page("/imports").texts("tbody .badge"), ["Being applied"]);
    assert_eq!(doing(&place, &admin, id), "Adding 10,000 users: 1 of 10,000 done");
    diesel::sql_query("update jobs set state = 'queued', leased_until = null").execute(&mut place.conn()).unwrap();
    let late = Page::of(post(&admin, id, "cancel", &[]));
    assert_eq!((late.status, late.text(".notice.over h2")), (409, "It is too late to cancel".to_owned()));
    assert_eq!((place.entries("import.confirmed"), place.usernames().len()), (1, 3));
    assert_eq!(place.app.run_jobs(), 1);
    assert_eq!((place.entries("import.applied"), place.usernames().len()), (1, 10_003));
    assert_eq!(page(&admin, id).text("h1"), "10,000 users added");
    assert_eq!(location(&post(&other, id, "confirm", &[("seen", &seen)])), format!("/imports/{id}"));
    assert_eq!((place.app.run_jobs(), place.entries("import.applied")), (0, 1));
}

#[test]
fn when_the_setting_is_lowered_before_its_turn_the_number_has_to_be_typed_after_all() {
    let place = place();
    place.threshold(100);
    place.active("gone");
    let id = large(&place, true, &[row("manager")]);
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, id, &[]));
    place.threshold(10);
    assert_eq!(place.app.run_jobs(), 1);
    assert_eq!(place.state(id), "planned");
    assert!(place.is_there("gone") && !place.is_there("new-1"));
    let preview = page(&admin, id);
    let told = preview.text(".notice.over");
    assert!(told.starts_with("It could not be applied. Nothing was done."), "{told}");
    assert!(told.contains("The number of users to delete, 1, has to be entered now"), "{told}");
    assert!(preview.text("#typed-hint").contains("Enter 1 to confirm."));
    let seen = hidden(&preview, "seen");
    location(&post(&admin, id, "confirm", &[("seen", &seen), ("typed", "1")]));
    assert_eq!(place.app.run_jobs(), 1);
    assert!(!place.is_there("gone") && place.is_there("new-1"));
}

#[test]
fn rows_that_a_crash_of_the_database_took_are_missed_and_nothing_is_applied() {
    const LOST: &str = "The rows of the file are not there any more. Upload the file again.";
    let place = place();
    place.active("gone");
    let (small, large) = (place.planned(true, &[row("manager"), row("new")]), large(&place, true, &[row("manager")]));
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, large, &[("typed", "1")]));
    place.threshold(100);
    let lost = |statement: &'static str| {
        diesel::sql_query(statement).execute(&mut place.conn()).unwrap();
    };
    // one row is enough: whoever it is about would seem to be missing
    lost("delete from import_rows where username = 'manager'");
    for _ in 0..2 {
        let refused = Page::of(confirm(&admin, small, &[]));
        assert_eq!((refused.status, refused.text("main").contains(LOST)), (422, true), "{}", refused.text("main"));
        lost("truncate import_rows");
    }
    assert_eq!(place.app.run_jobs(), 1);
    let stopped = page(&admin, large);
    assert_eq!(stopped.text("h1"), "The import has stopped");
    assert!(stopped.text(".notice.over").contains(LOST), "{}", stopped.text(".notice.over"));
    assert!(stopped.attributes("main a[role=button]", "href")[0].starts_with("/users/import?organisation="));
    assert_eq!(admin.page("/imports").texts("tbody .badge"), ["Failed", "Waits for an answer"]);
    assert!(place.is_there("gone") && place.is_there("manager") && !place.is_there("new"));
    assert_eq!((place.entries("import.applied"), place.entries("user.deleted")), (0, 0));
}
