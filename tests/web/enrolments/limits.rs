//! Limits that are exceeded by a change, and what is permitted beyond them.

use super::*;

#[test]
fn a_limit_that_is_exceeded_is_told_after_more_access_and_after_an_undo() {
    let place = place();
    let conn = &mut place.conn();
    diesel::update(organisations::table.find(place.east)).set(organisations::user_limit.eq(1)).execute(conn).unwrap();
    for name in ["ada", "ben", "cleo"] {
        place.enrolled(name, place.east, Some("2026-11-20"));
    }
    let manager = place.app.signed_in("manager");
    let set = |date: &str| {
        manager.page(&location(&manager.post(&place.address("expiry"), &[("all", "1"), ("expires_on", date)])))
    };
    let told = "East is over its limit by 2: 3 of 1.";
    let more = set("2027-01-31");
    assert_eq!(
        more.texts(".notice p"),
        ["3 people became active, which took 3 licenses: East 3.", told],
        "as it is now, and once"
    );
    let less = set("2026-11-23");
    assert_eq!(less.texts(".notice p"), ["3 people became inactive, which freed 3 licenses: East 3."]);
    let entry = hidden(&less, "entry");
    let back = manager.page(&location(&manager.post("/enrolments/undo", &[("entry", &entry)])));
    assert_eq!(back.text(".notice h2"), "The former expiry dates of 3 enrolments of 3 people are back");
    assert_eq!(back.texts(".notice p"), ["3 people became active, which took 3 licenses: East 3.", told]);
    let later = set("2027-02-28");
    assert_eq!(later.texts(".notice p"), ["No license was freed or taken today."], "nothing new");
}

#[test]
fn an_overage_that_is_permitted_in_writing_is_no_exceeded_limit_on_the_days_for_which_it_is_permitted() {
    let place = place();
    let conn = &mut place.conn();
    diesel::update(organisations::table.find(place.root)).set(organisations::user_limit.eq(1)).execute(conn).unwrap();
    let agreement = builders::agreement(conn, place.root, &builders::Agreed::of("2026-07-01", 1));
    let permit = |users: i32, from: &str, until: &str| {
        diesel::update(agreements::table.find(agreement))
            .set((
                agreements::extra_users.eq(users),
                agreements::extra_users_from.eq(date(from)),
                agreements::extra_users_until.eq(date(until)),
            ))
            .execute(&mut place.conn())
            .unwrap();
    };
    for name in ["ada", "ben", "cleo"] {
        place.enrolled(name, place.east, Some("2026-11-20"));
    }
    let manager = place.app.signed_in("manager");
    // told before the change, and after it; whatever it did is taken back then
    let told = || {
        let before = manager.page(&format!("{}?all=1&expires_on=2027-01-31", place.address("expiry")));
        let form = [("all", "1"), ("expires_on", "2027-01-31")];
        let after = manager.page(&location(&manager.post(&place.address("expiry"), &form)));
        location(&manager.post(&place.address("expiry"), &[("all", "1"), ("expires_on", "2026-11-20")]));
        [before.texts(".effect .over p"), after.texts(".notice p")]
            .map(|lines| lines.into_iter().filter(|line| line.contains("over its limit")).collect::<Vec<_>>())
    };
    permit(2, "2026-11-24", "2026-11-24");
    assert_eq!(told(), [Vec::<String>::new(), Vec::new()], "3 of 3");
    permit(1, "2026-11-24", "2026-11-24");
    let more = "over its limit by 1: 3 of 1 and 1 more that is permitted in writing.";
    assert_eq!(told(), [vec![format!("Acme would be {more}")], vec![format!("Acme is {more}")]]);
    for (from, until) in [("2026-11-01", "2026-11-23"), ("2026-11-25", "2026-12-31")] {
        permit(2, from, until);
        let [before, after] = told();
        assert_eq!(before, ["Acme would be over its limit by 2: 3 of 1."], "{from} to {until}");
        assert_eq!(after, ["Acme is over its limit by 2: 3 of 1."], "{from} to {until}");
    }

    // who is enrolled from a later day on is judged on that day
    let check = |starts_on: &str| {
        let people = format!("organisation={}&all=1&starts_on={starts_on}", place.east);
        manager.page(&format!("/experiences/{}/enrol/check?{people}", place.other)).texts(".effect p").join(" ")
    };
    assert!(!check("2026-12-31").contains("over its limit"), "{}", check("2026-12-31"));
    assert!(check("2027-01-01").contains("Acme would be over its limit by 2: 3 of 1."), "{}", check("2027-01-01"));
}
