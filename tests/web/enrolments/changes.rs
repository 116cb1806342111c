//! Changes of ticked enrolments, or of all that match.

use super::*;

#[test]
fn setting_the_expiry_date_frees_exactly_the_licenses_of_those_who_have_nothing_else() {
    let place = place();
    let conn = &mut place.conn();
    let ids: Vec<Uuid> = ["ada", "ben", "cleo"].map(|name| place.enrolled(name, place.east, None)).to_vec();
    place.enrolled("dan", place.root, None);
    let ben = user_of(conn, ids[1]);
    builders::enrol(conn, ben, place.other, "2026-01-01", Some("2027-01-03"));
    diesel::update(enrolments::table.find(ids[0]))
        .set((enrolments::completed_on.eq(date("2026-05-05")), enrolments::result.eq("Pass")))
        .execute(conn)
        .unwrap();
    let manager = place.app.signed_in("manager");
    assert_eq!(used(&manager, place.root), "4");

    let list = manager.page(&format!("/experiences/{}/enrolments", place.fire));
    assert_eq!(list.texts("tbody th a"), ["Test ada", "Test ben", "Test cleo", "Test dan"]);
    assert_eq!(
        list.attributes("tbody input[name=ids]", "value")[..3],
        ids.iter().map(Uuid::to_string).collect::<Vec<_>>()
    );
    let query = format!("ids={}&ids={}&ids={}", ids[0], ids[1], ids[2]);
    let before = manager.page(&format!("{}?{query}", place.address("expiry")));
    assert_eq!(before.attributes("#expires_on", "value"), ["2026-11-23"]);
    assert_eq!(
        before.texts(".effect p")[1..],
        [
            "2 people become inactive, which frees 2 licenses: East 2.",
            "1 person stays active or inactive as before.",
            "1 completion record is kept.",
        ]
    );
    assert_eq!(used(&manager, place.root), "4", "looking changes nothing");

    let fields = [("ids", ids[0]), ("ids", ids[1]), ("ids", ids[2])].map(|(name, id)| (name, id.to_string()));
    let seen = hidden(&before, "seen");
    let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, id)| (*name, id.as_str())).collect();
    form.extend([("expires_on", "2026-11-23"), ("previewed", "2026-11-23"), ("seen", &seen)]);
    let after = manager.page(&location(&manager.post(&place.address("expiry"), &form)));
    assert_eq!(after.text(".notice h2"), "The expiry date of 3 enrolments of 3 people is 23 Nov 2026 now");
    assert_eq!(after.texts(".notice p")[0], "2 people became inactive, which freed 2 licenses: East 2.");
    assert_eq!(used(&manager, place.root), "2");
    let records: i64 = enrolments::table.filter(enrolments::result.eq("Pass")).count().get_result(conn).unwrap();
    assert_eq!(records, 1, "the completion record is still there");

    let (entry, detail): (Uuid, Value) = audit_entries::table
        .filter(audit_entries::action.eq("enrolment.expiry_set"))
        .select((audit_entries::id, audit_entries::detail))
        .first(conn)
        .unwrap();
    assert_eq!((&detail["enrolments"], &detail["people"]), (&3.into(), &3.into()));
    let changes: Vec<(Option<Value>, Option<Value>)> = audit_changes::table
        .filter(audit_changes::entry_id.eq(entry))
        .select((audit_changes::before, audit_changes::after))
        .load(conn)
        .unwrap();
    assert_eq!(changes.len(), 3);
    assert!(changes.iter().all(|(before, after)| {
        before.as_ref().unwrap()["expires_on"].is_null() && after.as_ref().unwrap()["expires_on"] == "2026-11-23"
    }));
}

#[test]
fn a_coming_expiry_date_frees_licenses_from_the_day_after_it() {
    let place = place();
    place.enrolled("ada", place.east, None);
    let manager = place.app.signed_in("manager");
    let page = manager.page(&format!("{}?all=1&expires_on=2026-12-31", place.address("expiry")));
    assert_eq!(
        page.texts(".effect p")[1],
        "From 1 Jan 2027 on, 1 person becomes inactive, which frees 1 license: East 1."
    );
    manager.post(&place.address("expiry"), &[("all", "1"), ("expires_on", "2026-12-31")]);
    assert_eq!(used(&manager, place.root), "1");
    place.app.set_time("2027-01-01T00:30:00Z");
    let manager = place.app.signed_in("manager");
    assert_eq!(used(&manager, place.root), "0");
}

#[test]
fn all_that_match_are_those_of_the_filter_and_of_the_scope_only() {
    let place = place();
    let conn = &mut place.conn();
    let (ada, ben) = (place.enrolled("ada", place.east, None), place.enrolled("ben", place.root, None));
    builders::person(conn, Some(place.east), "eastern", Some(("user_manager", Some(place.east))));
    let eastern = place.app.signed_in("eastern");
    let list = eastern.page(&format!("/experiences/{}/enrolments", place.fire));
    assert_eq!(list.texts("tbody th a"), ["Test ada"], "open to East, and only its people are shown");
    location(&eastern.post(&place.address("expiry"), &[("all", "1"), ("expires_on", "2026-11-01")]));
    assert_eq!((expiry(conn, ada), expiry(conn, ben)), (Some("2026-11-01".into()), None));
    let manager = place.app.signed_in("manager");
    location(&manager.post(&place.address("expiry"), &[("all", "1"), ("q", "ben"), ("expires_on", "2026-11-02")]));
    assert_eq!((expiry(conn, ada), expiry(conn, ben)), (Some("2026-11-01".into()), Some("2026-11-02".into())));
}

#[test]
fn one_foreign_or_unknown_id_and_nothing_is_done() {
    let place = place();
    let conn = &mut place.conn();
    let foreign_root = builders::root(conn, "Globex", None);
    let foreign = builders::experience(conn, foreign_root, "FOREIGN");
    let stranger = builders::user(conn, Some(foreign_root), "stranger");
    let theirs = builders::enrol(conn, stranger, foreign, "2026-01-01", None);
    let (ada, ben) = (place.enrolled("ada", place.east, None), user_of(conn, place.enrolled("ben", place.east, None)));
    let elsewhere = builders::enrol(conn, ben, place.other, "2026-01-01", None);
    let manager = place.app.signed_in("manager");
    let own = user_of(conn, ada).to_string();
    for other in [stranger, Uuid::now_v7()] {
        let form =
            [("ids", own.as_str()), ("ids", &other.to_string()), ("expires_on", "2026-11-23"), ("seen", "2.2@0")];
        assert_eq!(manager.post("/users/expire", &form).status(), 404);
    }
    for other in [theirs, elsewhere, Uuid::now_v7()] {
        for change in ["expiry", "due", "completion", "reset", "delete"] {
            let (one, two) = (ada.to_string(), other.to_string());
            let form = [
                ("ids", one.as_str()),
                ("ids", &two),
                ("expires_on", "2026-11-23"),
                ("due_on", "2026-11-23"),
                ("completed_on", "2026-11-23"),
                ("seen", "2.2@0"),
            ];
            assert_eq!(manager.post(&place.address(change), &form).status(), 404, "{change}");
        }
    }
    assert_eq!(expiry(conn, ada), None);
    let touched: i64 = audit_changes::table.count().get_result(conn).unwrap();
    assert_eq!(touched, 0);
}

#[test]
fn a_wrong_date_is_told_at_its_field_and_keeps_the_selection_and_what_was_typed() {
    let place = place();
    let ada = place.enrolled("ada", place.east, None).to_string();
    let manager = place.app.signed_in("manager");
    for (change, field, typed, told) in [
        ("expiry", "expires_on", "31.12.2026", "Enter a date as year, month and day, such as 2026-11-23."),
        ("expiry", "expires_on", "", "Enter the last day of access, or tick \u{201c}No end\u{201d}."),
        ("due", "due_on", "2026-02-30", "Enter a date as year, month and day, such as 2026-11-23."),
        ("completion", "completed_on", "2026-11-25", "A completion date cannot lie in the future."),
    ] {
        let page =
            Page::of(seen_and_sent(&manager, &place.address(change), &[("ids", &ada), (field, typed), ("q", "a")]));
        assert_eq!(page.status, 422);
        assert!(page.text("title").starts_with("Error: "));
        assert_eq!(page.texts(".problems a"), [told]);
        assert_eq!(page.text(&format!("#{field}-problem")), told);
        assert_eq!(page.attributes(&format!("#{field}"), "value"), [typed]);
        assert_eq!((hidden(&page, "ids"), hidden(&page, "q")), (ada.clone(), "a".to_owned()));
    }
}

#[test]
fn without_having_seen_what_it_does_nothing_is_done_but_for_a_script_that_says_which_and_until_when() {
    let place = place();
    let conn = &mut place.conn();
    let ada = place.enrolled("ada", place.east, None);
    let (id, person) = (ada.to_string(), user_of(conn, ada).to_string());
    let manager = place.app.signed_in("manager");
    let addresses = ["expiry", "due", "completion", "reset", "delete"].map(|change| place.address(change));
    let addresses = addresses.iter().map(|address| (address.as_str(), &id)).chain([("/users/expire", &person)]);
    for (address, id) in addresses {
        // what is no fingerprint is none
        for seen in [None, Some(("seen", "")), Some(("seen", "everything"))] {
            if seen.is_none() && address.ends_with("/enrolments/expiry") {
                continue;
            }
            let form = [("ids", id.as_str()), ("expires_on", "2026-11-23"), ("due_on", "2026-11-23")];
            let form: Vec<_> = form.into_iter().chain([("completed_on", "2026-11-23")]).chain(seen).collect();
            let page = Page::of(manager.post(address, &form));
            assert_eq!(page.status, 409, "{address} {seen:?}");
            assert_eq!(page.text("[autofocus] h2"), "Nothing is done yet: check what it does");
            assert!(!hidden(&page, "seen").is_empty(), "{address}: from here it can be confirmed");
        }
    }
    let touched: i64 = audit_changes::table.count().get_result(conn).unwrap();
    assert_eq!((touched, expiry(conn, ada)), (0, None));
    location(&manager.post(&place.address("expiry"), &[("ids", &id), ("expires_on", "2026-11-23")]));
    assert_eq!(expiry(conn, ada), Some("2026-11-23".into()));
}

#[test]
fn expiring_from_a_persons_page_leads_back_there_and_the_audit_log_can_undo_it() {
    let place = place();
    let ada = place.enrolled("ada", place.east, None);
    let conn = &mut place.conn();
    let person = user_of(conn, ada);
    builders::person(conn, Some(place.root), "admin", Some(("org_admin", Some(place.root))));
    let admin = place.app.signed_in("admin");
    let expire = admin.page(&format!("/users/{person}")).attributes(".bulk a", "href").remove(0);
    let page = admin.page(&expire);
    assert!(page.attributes(".crumbs a", "href")[0].starts_with(&format!("/users/{person}?")));
    let id = person.to_string();
    let fields = [("ids", id.as_str()), ("from", "person"), ("expires_on", "2026-11-23")];
    let to = location(&seen_and_sent(&admin, "/users/expire", &fields));
    assert!(to.starts_with(&format!("/users/{person}?")), "{to}");
    let after = admin.page(&to);
    assert_eq!(after.text(".notice h2"), "The expiry date of 1 enrolment of 1 person is 23 Nov 2026 now");
    let entry = hidden(&after, "entry");

    let shown = admin.page(&format!("/audit/{entry}"));
    assert_eq!(
        (shown.attributes(".aside form", "action"), hidden(&shown, "entry")),
        (vec!["/enrolments/undo".into()], entry.clone())
    );
    assert_eq!(admin.post("/enrolments/undo", &[("entry", &entry)]).status(), 303);
    assert_eq!(expiry(conn, ada), None);
}

#[test]
fn a_script_that_is_not_understood_changes_nothing() {
    let place = place();
    let conn = &mut place.conn();
    let ada = place.enrolled("ada", place.east, None);
    let id = ada.to_string();
    let manager = place.app.signed_in("manager");
    let date = ("expires_on", "2026-11-23");
    for (form, told) in [
        (vec![("all", "1"), ("state", "complete"), date], "is not a state"),
        (vec![("all", "1"), ("organisation", "Acme"), date], "is not the id of an organisation"),
        (vec![("all", "1"), ("status", "expired"), date], "does not narrow down"),
        (vec![("all", "maybe"), date], "is 1 or left out"),
        (vec![("ids", &id), ("all", "1"), date], "not both"),
        (vec![("ids", &id)], "Enter the last day of access"),
        (vec![("ids", &id), ("expire_on", "2027-01-31")], "Enter the last day of access"),
    ] {
        let page = Page::of(manager.post(&place.address("expiry"), &form));
        assert_eq!(page.status, 422, "{form:?}");
        assert!(page.text("main").contains(told), "{form:?}: {}", page.text("main"));
    }
    assert!(location(&manager.post(&place.address("expiry"), &[("all", "0"), date])).ends_with("done=nothing"));
    let touched: i64 = audit_changes::table.count().get_result(conn).unwrap();
    assert_eq!((touched, expiry(conn, ada)), (0, None));
    // the query of the list as it stands in the address, and what belongs to no form
    let more = [("sort", "expires"), ("done", "nothing"), ("result", "Pass"), ("csrf", "x")];
    let understood = [&[("all", "True"), ("state", "live"), ("q", "ada"), date][..], &more].concat();
    location(&manager.post(&place.address("expiry"), &understood));
    assert_eq!(expiry(conn, ada), Some("2026-11-23".into()));
}

#[test]
fn another_date_than_the_one_that_was_shown_shows_its_effect_first() {
    let place = place();
    let ada = place.enrolled("ada", place.east, None);
    let manager = place.app.signed_in("manager");
    let id = ada.to_string();
    let form = [("ids", id.as_str()), ("expires_on", "2026-11-20"), ("previewed", "2026-11-23")];
    let page = Page::of(manager.post(&place.address("expiry"), &form));
    assert_eq!((page.status, hidden(&page, "previewed")), (200, "2026-11-20".to_owned()));
    assert_eq!(page.text("[autofocus] h2"), "Nothing is done yet: check what it does");
    let asked = manager.page(&format!("{}?ids={id}&expires_on=2026-11-20", place.address("expiry")));
    assert!(asked.texts("[autofocus]").is_empty(), "this effect was asked for");
    assert_eq!(expiry(&mut place.conn(), ada), None);
}

#[test]
fn who_comes_second_is_told_what_was_changed_meanwhile() {
    let place = place();
    let conn = &mut place.conn();
    builders::person(conn, Some(place.root), "second", Some(("user_manager", Some(place.root))));
    let ada = place.enrolled("ada", place.east, None);
    let (manager, second) = (place.app.signed_in("manager"), place.app.signed_in("second"));
    let id = ada.to_string();
    let shown = second.page(&format!("{}?ids={id}", place.address("expiry")));
    // the audit log goes by the real time, so the page says that it is as old as the test's clock
    location(&manager.post(&place.address("expiry"), &[("ids", &id), ("expires_on", "2027-01-03")]));
    let seen = format!("{}@0", hidden(&shown, "seen").split('@').next().unwrap());
    let form = [("ids", id.as_str()), ("expires_on", "2026-11-23"), ("previewed", "2026-11-23"), ("seen", &seen)];
    let page = Page::of(second.post(&place.address("expiry"), &form));
    assert_eq!(page.status, 409);
    let told = page.texts(".notice p");
    assert!(told[0].ends_with("Test manager changed Test ada: expiry date 3 Jan 2027, before: none."), "{told:?}");
    assert_eq!(expiry(conn, ada), Some("2027-01-03".into()));
    let fresh = hidden(&page, "seen");
    let form = [("ids", id.as_str()), ("expires_on", "2026-11-23"), ("previewed", "2026-11-23"), ("seen", &fresh)];
    location(&second.post(&place.address("expiry"), &form));
    assert_eq!(expiry(conn, ada), Some("2026-11-23".into()));
}

#[test]
fn undo_restores_the_former_dates_but_not_over_later_changes() {
    let place = place();
    let conn = &mut place.conn();
    let (ada, ben, cleo) = (
        place.enrolled("ada", place.east, None),
        place.enrolled("ben", place.east, Some("2027-05-01")),
        place.enrolled("cleo", place.root, Some("2027-06-01")),
    );
    let manager = place.app.signed_in("manager");
    let done = location(&manager.post(&place.address("expiry"), &[("all", "1"), ("expires_on", "2026-11-23")]));
    let entry = hidden(&manager.page(&done), "entry");
    let id = cleo.to_string();
    location(&manager.post(&place.address("expiry"), &[("ids", &id), ("expires_on", "2026-12-24")]));
    assert_eq!(used(&manager, place.root), "1");
    let page = manager.page(&location(&manager.post("/enrolments/undo", &[("entry", &entry)])));
    assert_eq!(page.text(".notice h2"), "The former expiry dates of 2 enrolments of 2 people are back");
    assert_eq!(
        [ada, ben, cleo].map(|id| expiry(conn, id)),
        [None, Some("2027-05-01".into()), Some("2026-12-24".into())]
    );
    assert_eq!(used(&manager, place.root), "3");
    let page = manager.page(&location(&manager.post("/enrolments/undo", &[("entry", &entry)])));
    assert_eq!(
        page.text(".notice h2"),
        "No expiry date was put back: these enrolments were changed since, or are back already",
        "a second time there is nothing left"
    );
    location(&manager.post(&place.address("expiry"), &[("all", "1"), ("expires_on", "2026-11-23")]));
    manager.post("/enrolments/undo", &[("entry", &entry)]);
    assert_eq!(expiry(conn, ada), Some("2026-11-23".into()), "an old undo takes back nothing that was set since");
    builders::person(conn, Some(place.east), "eastern", Some(("user_manager", Some(place.east))));
    let eastern = place.app.signed_in("eastern");
    assert_eq!(eastern.post("/enrolments/undo", &[("entry", &entry)]).status(), 404, "cleo is out of scope");
}

#[test]
fn due_date_completion_reset_and_delete_do_what_they_say() {
    let place = place();
    let conn = &mut place.conn();
    let ada = place.enrolled("ada", place.east, None);
    let id = ada.to_string();
    let manager = place.app.signed_in("manager");
    let row = |conn: &mut PgConnection| -> (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>, Option<String>) {
        enrolments::table
            .find(ada)
            .select((enrolments::due_on, enrolments::completed_on, enrolments::result))
            .first(conn)
            .unwrap()
    };
    location(&seen_and_sent(&manager, &place.address("due"), &[("ids", &id), ("due_on", "2026-12-01")]));
    location(&seen_and_sent(
        &manager,
        &place.address("completion"),
        &[("ids", &id), ("completed_on", "2026-11-20"), ("result", "Pass")],
    ));
    assert_eq!(row(conn), (Some(date("2026-12-01")), Some(date("2026-11-20")), Some("Pass".into())));
    location(&seen_and_sent(&manager, &place.address("due"), &[("ids", &id), ("never", "1")]));
    let page = manager.page(&format!("{}?ids={id}", place.address("reset")));
    let told = page.texts(".effect p");
    assert_eq!(told[1], "1 completion record is lost.");
    assert!(
        told[2].starts_with("When they were last opened is forgotten too")
            && told[2].ends_with("This cannot be undone.")
    );
    location(&seen_and_sent(&manager, &place.address("reset"), &[("ids", &id)]));
    assert_eq!(row(conn), (None, None, None));
    assert_eq!(used(&manager, place.root), "1");
    let page = manager.page(&location(&seen_and_sent(&manager, &place.address("delete"), &[("ids", &id)])));
    assert_eq!(page.text(".notice h2"), "1 enrolment of 1 person is deleted");
    assert_eq!(used(&manager, place.root), "0");
    assert_eq!(page.text(".empty h2"), "Nobody is enrolled yet");
    let actions: Vec<String> = audit_entries::table
        .filter(audit_entries::subject_id.eq(place.fire))
        .order(audit_entries::at)
        .select(audit_entries::action)
        .load(conn)
        .unwrap();
    assert_eq!(
        actions,
        ["enrolment.due_set", "enrolment.completion_set", "enrolment.due_set", "enrolment.reset", "enrolment.deleted"]
    );
}
