//! Enrolling, many at once, and in the background.

use super::*;

#[test]
fn a_whole_organisation_is_enrolled_and_a_limit_that_is_exceeded_is_told_before_and_after() {
    let place = place();
    let conn = &mut place.conn();
    diesel::update(organisations::table.find(place.east)).set(organisations::user_limit.eq(1)).execute(conn).unwrap();
    place.enrolled("ada", place.east, None);
    for name in ["ben", "cleo"] {
        builders::user(conn, Some(place.east), name);
    }
    builders::user(conn, Some(place.root), "outside");
    let manager = place.app.signed_in("manager");
    let address = format!("/experiences/{}/enrol", place.fire);
    let list = manager.page(&format!("{address}?organisation={}", place.east));
    assert_eq!(list.rows().iter().map(|row| row[3].clone()).collect::<Vec<_>>(), ["yes", "no", "no"]);
    let check = manager.page(&format!("{address}/check?organisation={}&all=1", place.east));
    assert_eq!(check.text(".lede"), "2 people on Learning FIRE. Nothing has changed yet.");
    assert_eq!(check.text(".effect .people"), "Test ben, Test cleo", "those who would be enrolled");
    assert_eq!(
        check.texts(".effect p")[1..4],
        [
            "2 people become active, which takes 2 licenses: East 2.",
            "1 person is enrolled already and stays as before.",
            "East would be over its limit by 2: 3 of 1.",
        ]
    );
    let east = place.east.to_string();
    let form =
        [("organisation", east.as_str()), ("all", "1"), ("starts_on", "2026-11-24"), ("expires_on", "2027-01-31")];
    let page = manager.page(&location(&answered(
        &manager,
        &format!("{address}/check?organisation={east}&all=1"),
        &address,
        &form,
    )));
    assert_eq!(page.text(".notice h2"), "2 people are enrolled now");
    assert!(
        page.texts(".notice p").contains(&"East is over its limit by 2: 3 of 1.".to_owned()),
        "{:?}",
        page.texts(".notice p")
    );
    assert_eq!(used(&manager, place.east), "3");
    let wrong =
        Page::of(manager.post(&address, &[("all", "1"), ("starts_on", "2026-11-24"), ("expires_on", "2026-11-23")]));
    assert_eq!(
        (wrong.status, wrong.texts(".problems a")),
        (422, vec!["The last day of access lies before the first.".to_owned()])
    );
}

#[test]
fn whose_enrolment_has_expired_is_told_and_nobody_new_means_no_button() {
    let place = place();
    place.enrolled("ada", place.east, Some("2026-06-01"));
    place.enrolled("ben", place.east, None);
    let manager = place.app.signed_in("manager");
    let address = format!("/experiences/{}/enrol", place.fire);
    let list = manager.page(&format!("{address}?organisation={}", place.east));
    assert_eq!(list.rows().iter().map(|row| row[3].clone()).collect::<Vec<_>>(), ["yes, expired", "yes"]);
    let check = manager.page(&format!("{address}/check?organisation={}&all=1", place.east));
    let told = check.texts(".effect p");
    assert!(
        told.contains(&"1 of these enrolments has expired: SET EXPIRY DATE gives access again.".to_owned()),
        "{told:?}"
    );
    assert_eq!(check.texts("main .buttons button"), ["Show the effect"]);
}

#[test]
fn only_people_whom_a_learning_experience_is_open_to_can_be_enrolled_and_nobody_on_an_archived_one() {
    let place = place();
    let conn = &mut place.conn();
    let eastern = builders::experience(conn, place.east, "EAST");
    let (inside, outside) =
        (builders::user(conn, Some(place.east), "inside"), builders::user(conn, Some(place.root), "outside"));
    let manager = place.app.signed_in("manager");
    let address = format!("/experiences/{eastern}/enrol");
    assert_eq!(manager.page(&address).texts("tbody th a"), ["Test inside"]);
    let (one, two) = (inside.to_string(), outside.to_string());
    let refused = manager.post(&address, &[("ids", &one), ("ids", &two), ("starts_on", "2026-11-24"), ("seen", "2.2")]);
    assert_eq!(refused.status(), 404);
    diesel::update(experiences::table.find(eastern))
        .set(experiences::archived_at.eq(diesel::dsl::now))
        .execute(conn)
        .unwrap();
    assert_eq!(manager.post(&address, &[("ids", &one), ("starts_on", "2026-11-24"), ("seen", "1.1")]).status(), 422);
    let count: i64 = enrolments::table.count().get_result(conn).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn all_enrolments_of_people_expire_in_one_step_and_those_that_end_earlier_stay() {
    let place = place();
    let conn = &mut place.conn();
    let early = place.enrolled("ada", place.east, Some("2026-06-01"));
    let ada = user_of(conn, early);
    let late = builders::enrol(conn, ada, place.other, "2026-01-01", None);
    let coming = builders::experience(conn, place.root, "COMING");
    let coming = builders::enrol(conn, ada, coming, "2027-01-01", Some("2027-03-01"));
    let manager = place.app.signed_in("manager");
    let id = ada.to_string();
    let page = manager.page(&format!("/users/expire?ids={id}"));
    assert_eq!(page.texts(".effect p")[1], "1 person becomes inactive, which frees 1 license: East 1.");
    let done = location(&seen_and_sent(&manager, "/users/expire", &[("ids", &id), ("expires_on", "2026-11-23")]));
    let page = manager.page(&done);
    assert_eq!(page.text(".notice h2"), "The expiry date of 2 enrolments of 1 person is 23 Nov 2026 now");
    assert_eq!([early, late, coming].map(|id| expiry(conn, id).unwrap()), ["2026-06-01", "2026-11-23", "2026-11-23"]);
    location(&manager.post("/enrolments/undo", &[("entry", &hidden(&page, "entry"))]));
    assert_eq!(expiry(conn, coming), Some("2027-03-01".into()));
    assert_eq!(used(&manager, place.root), "1");
}

#[test]
fn many_enrolments_are_changed_in_the_background_and_the_page_leads_to_what_was_done() {
    let place = place();
    let conn = &mut place.conn();
    builders::active_users(conn, place.east, place.fire, 10_001);
    let manager = place.app.signed_in("manager");
    let form = [("all", "1"), ("expires_on", "2026-11-23")];
    let moved = manager.post(&place.address("expiry"), &[&form[..], &[("seen", "1.1@0")]].concat());
    assert_eq!(moved.status(), 409, "at once, and not when it is its turn");
    let job = location(&manager.post(&place.address("expiry"), &form));
    let page = manager.page(&job);
    assert_eq!((page.status, page.text("label[for=progress]")), (200, "Waiting for its turn".to_owned()));
    for (done, words, value) in [(0, "At work on 10,001", vec![]), (5_000, "5,000 of 10,001", vec!["5000"])] {
        diesel::sql_query("update jobs set state = 'running', leased_until = '2026-11-24 13:00', progress_done = $1")
            .bind::<diesel::sql_types::BigInt, _>(done)
            .execute(conn)
            .unwrap();
        let page = manager.page(&job);
        assert_eq!(
            (page.text("label[for=progress]"), page.attributes("progress", "value")),
            (words.into(), value.iter().map(ToString::to_string).collect())
        );
    }
    diesel::sql_query("update jobs set state = 'queued', leased_until = null, progress_done = 0")
        .execute(conn)
        .unwrap();
    assert_eq!(manager.page("/jobs").rows()[0][2], "Waiting");
    builders::person(conn, Some(place.root), "other", Some(("user_manager", Some(place.root))));
    assert_eq!(place.app.signed_in("other").get(&job).status(), 404, "a job is its owner's");
    assert_eq!(used(&manager, place.root), "10,001");
    let always = "create or replace function license_batch_from() returns integer language sql immutable as 'select 1'";
    diesel::sql_query(always).execute(conn).unwrap();
    assert_eq!(place.app.run_jobs(), 1);
    let lists = diesel::dsl::sql::<diesel::sql_types::BigInt>("select count(*) from license_batches");
    assert_eq!(lists.get_result(conn), Ok(0_i64), "its sums are rows as soon as it is done");
    let page = manager.page(&location(&manager.get(&job)));
    assert_eq!(page.text(".notice h2"), "The expiry date of 10,001 enrolments of 10,001 people is 23 Nov 2026 now");
    assert_eq!(used(&manager, place.root), "0");
    assert_eq!(place.app.run_jobs(), 0, "once is enough");

    let undo = location(&manager.post("/enrolments/undo", &[("entry", &hidden(&page, "entry"))]));
    diesel::delete(headroom::schema::role_grants::table).execute(conn).unwrap();
    assert_eq!(place.app.run_jobs(), 1);
    let manager = place.app.signed_in("manager");
    assert_eq!(manager.page(&undo).text(".notice p"), "Your role does not allow it any more.");
}

#[test]
fn who_is_enrolled_is_who_was_shown_with_the_dates_that_were_shown() {
    let place = place();
    let conn = &mut place.conn();
    builders::user(conn, Some(place.east), "ada");
    let manager = place.app.signed_in("manager");
    let address = format!("/experiences/{}/enrol", place.fire);
    let shown = manager.page(&format!("{address}/check?all=1&starts_on=2026-11-24"));
    let (seen, previewed) = (hidden(&shown, "seen"), hidden(&shown, "previewed"));
    let wrong = Page::of(manager.get(&format!("{address}/check?all=1&starts_on=2026-02-31")));
    assert_eq!(wrong.status, 422, "a date that is wrong is told at once");
    assert_eq!(manager.get(&format!("{address}?page=9")).status(), 404);
    let other = [("all", "1"), ("starts_on", "2026-12-01"), ("seen", &seen), ("previewed", &previewed)];
    assert_eq!(manager.post(&address, &other).status(), 200, "the effect of other dates is shown first");
    for seen in [None, Some(("seen", ""))] {
        let unseen: Vec<_> = [("all", "1"), ("starts_on", "2026-11-24")].into_iter().chain(seen).collect();
        let page = Page::of(manager.post(&address, &unseen));
        assert_eq!(page.status, 409, "{seen:?}");
        assert_eq!(page.text("[autofocus] h2"), "Nobody is enrolled yet: check what it does");
    }
    builders::user(conn, Some(place.east), "ben");
    let form = [("all", "1"), ("starts_on", "2026-11-24"), ("seen", &seen), ("previewed", &previewed)];
    let page = Page::of(manager.post(&address, &form));
    assert_eq!(
        (page.status, page.text(".lede")),
        (409, "3 people on Learning FIRE. Nothing has changed yet.".to_owned())
    );
    let count: i64 = enrolments::table.count().get_result(conn).unwrap();
    assert_eq!(count, 0);
    let seen = hidden(&page, "seen");
    location(
        &manager
            .post(&address, &[("all", "1"), ("starts_on", "2026-11-24"), ("seen", &seen), ("previewed", &previewed)]),
    );
    assert_eq!(used(&manager, place.root), "3");
}

#[test]
fn the_number_is_typed_before_many_completion_records_are_lost() {
    let place = place();
    let conn = &mut place.conn();
    builders::active_users(conn, place.east, place.fire, 51);
    diesel::update(enrolments::table).set(enrolments::completed_on.eq(date("2026-05-05"))).execute(conn).unwrap();
    let manager = place.app.signed_in("manager");
    let page = manager.page(&format!("{}?all=1", place.address("delete")));
    let seen = hidden(&page, "seen");
    let page = Page::of(manager.post(&place.address("delete"), &[("all", "1"), ("seen", &seen), ("confirm", "50")]));
    assert_eq!((page.status, page.texts(".problems a")), (422, vec!["Type 51 to confirm.".to_owned()]));
    location(&manager.post(&place.address("delete"), &[("all", "1"), ("seen", &seen), ("confirm", "51")]));
    assert_eq!(used(&manager, place.root), "0");
}
