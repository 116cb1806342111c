//! One entry.

use super::*;

#[test]
fn an_entry_shows_the_values_before_and_after_as_words() {
    let place = place();
    let conn = &mut place.app.conn();
    let id = entry(conn, "2026-11-20T10:00:00Z", "user.changed", Some(place.east), Some(place.ada));
    change(
        conn,
        id,
        "user",
        place.ada,
        place.ada,
        json!({ "organisation_id": place.root, "expires_on": null, "first_name": "Ada" }),
        json!({ "organisation_id": place.east, "expires_on": "2026-12-31", "first_name": "<b>Ada</b>" }),
    );
    let page = place.app.signed_in("admin").page(&format!("/audit/{id}"));
    assert_eq!(page.text("h1"), "Edited a user");
    assert_eq!(
        page.rows(),
        [
            vec!["Test ada User", "Organisation", "Acme", "East"],
            vec!["Expiry date", "none", "31 Dec 2026"],
            vec!["First name", "Ada", "<b>Ada</b>"],
        ]
    );
    assert!(page.texts("main b").is_empty());
}

#[test]
fn a_thing_that_came_shows_what_it_has_and_agreements_have_names() {
    let place = place();
    let conn = &mut place.app.conn();
    let admin = place.app.signed_in("admin");
    let instance = place.app.signed_in("instance");
    let home = place.east.to_string();
    let fields = [
        ("first_name", "Nora"),
        ("last_name", "Quist"),
        ("username", "nora"),
        ("email", "nora@acme.example"),
        ("organisation", home.as_str()),
    ];
    assert_eq!(admin.post("/users", &fields).status(), 303);
    let terms = [("starts_on", "2026-07-01"), ("tier", "own"), ("user_limit", "500"), ("re_uses", "3")];
    let agreement = format!("/organisations/{}/agreement", place.root);
    assert_eq!(instance.post(&format!("{agreement}/terms"), &terms).status(), 303);
    let entry_of = |conn: &mut PgConnection, action: &str| -> Uuid {
        audit_entries::table.filter(audit_entries::action.eq(action)).select(audit_entries::id).first(conn).unwrap()
    };
    let created = admin.page(&format!("/audit/{}", entry_of(conn, "user.created")));
    let fields: Vec<String> = created.texts("td.field-name");
    assert_eq!(fields, ["Organisation", "E-mail address", "First name", "Last name", "Username"]);

    let agreed = admin.page(&format!("/audit/{}", entry_of(conn, "agreement.agreed")));
    let about = "License year 1 Jul 2026 to 30 Jun 2027";
    assert!(agreed.texts("dl.facts dd").contains(&about.to_owned()), "{:?}", agreed.texts("dl.facts dd"));
    assert!(agreed.attributes("dl.facts a", "href").contains(&agreement));
    builders::person(conn, Some(place.east), "eastern", Some(("org_admin", Some(place.east))));
    let told = place.app.signed_in("eastern").page("/audit").texts("main").join(" ");
    assert!(!told.contains("License year"), "the root's agreement is not theirs");
}

#[test]
fn an_entry_of_others_looks_as_if_it_did_not_exist() {
    let place = place();
    let conn = &mut place.app.conn();
    let foreign = entry(conn, "2026-11-20T10:00:00Z", "user.changed", Some(place.foreign), None);
    let admin = place.app.signed_in("admin");
    let [there, nowhere] = [foreign, Uuid::now_v7()].map(|id| admin.page(&format!("/audit/{id}")));
    assert_eq!((there.status, nowhere.status), (404, 404));
    assert_eq!(there.text("h1"), nowhere.text("h1"));
    assert_eq!(place.app.signed_in("instance").page(&format!("/audit/{foreign}")).status, 200);
}

#[test]
fn of_ones_own_deeds_elsewhere_only_what_is_within_the_scope_is_shown() {
    let place = place();
    let conn = &mut place.app.conn();
    let id: Uuid = users::table.filter(users::username.eq("admin")).select(users::id).first(conn).unwrap();
    let stranger = builders::user(conn, Some(place.foreign), "stranger");
    let entry: Uuid = diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::actor_kind.eq("person"),
            audit_entries::actor_id.eq(id),
            audit_entries::action.eq("user.expiry_set"),
            audit_entries::organisation_id.eq(place.foreign),
        ))
        .returning(audit_entries::id)
        .get_result(conn)
        .unwrap();
    for person in [place.ada, stranger] {
        change(
            conn,
            entry,
            "user",
            person,
            person,
            json!({ "job_function": "Nurse" }),
            json!({ "job_function": null }),
        );
    }
    let shown = |who: &str| {
        let page = place.app.signed_in(who).page(&format!("/audit/{entry}"));
        (page.text("caption"), page.texts("tbody th").len(), page.text("table").contains("stranger"))
    };
    assert_eq!(shown("admin"), ("What changed: 1 thing".to_owned(), 1, false));
    assert_eq!(shown("instance"), ("What changed: 2 things".to_owned(), 2, true));
}

#[test]
fn the_facts_of_a_bulk_change_are_words_and_only_for_who_may_see_the_entry() {
    let place = place();
    let conn = &mut place.app.conn();
    let id = builders::person(conn, Some(place.east), "manager", Some(("user_manager", Some(place.east))));
    let entry: Uuid = diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::actor_kind.eq("program"),
            audit_entries::action.eq("user.moved"),
            audit_entries::organisation_id.eq(place.root),
            audit_entries::detail.eq(json!({
                "users": 3, "unchanged": 0, "change": { "change": "move", "to": place.east },
                "effect": { "organisations": [
                    { "organisation": place.foreign, "name": "Globex", "freed": 2, "taken": 0, "people": 2 },
                    { "organisation": place.east, "name": "East", "freed": 0, "taken": 3, "people": 3 },
                ] },
                "exceeded": [{ "name": "Secret", "user_limit": 1, "used": 3 }],
            })),
        ))
        .returning(audit_entries::id)
        .get_result(conn)
        .unwrap();
    change(conn, entry, "user", place.ada, place.ada, json!({}), json!({}));
    let words = "Organisation: East, Licenses freed: 2, Licenses taken: 3, Limits exceeded: 1, Unchanged: 0, Users: 3";
    let facts = |text: &str| -> Vec<String> { text.split(", ").map(str::to_owned).collect() };
    let sorted = |mut facts: Vec<String>| {
        facts.sort();
        facts
    };
    let admin = place.app.signed_in("admin");
    let list = admin.page("/audit?action=user.moved").text("td small");
    assert_eq!(sorted(facts(&list)), sorted(facts(words)));
    let page = admin.page(&format!("/audit/{entry}")).text(".facts");
    assert!(page.contains("Licenses freed") && !page.contains(['{', '[']) && !page.contains("Secret"), "{page}");

    let now = place.app.clock.now();
    let mut told = |who: Uuid| {
        let by = SignedIn::for_account(conn, UserId(who), now).unwrap().unwrap();
        let by = Allowed::<SeeUsers>::new(by).unwrap();
        queries::history(conn, &by, UserId(place.ada), 20).unwrap().items.remove(0).facts
    };
    assert_eq!(told(id), "");
    let conn = &mut place.app.conn();
    let admin: Uuid = users::table.filter(users::username.eq("admin")).select(users::id).first(conn).unwrap();
    assert_eq!(sorted(facts(&told(admin))), sorted(facts(words)));
}

#[test]
fn the_things_of_a_bulk_change_come_in_pages() {
    let place = place();
    let conn = &mut place.app.conn();
    let id = entry(conn, "2026-11-20T10:00:00Z", "enrolment.expiry_set", Some(place.root), None);
    let people: Vec<Uuid> = (0..120).map(|n| builders::user(conn, Some(place.east), &format!("p{n}"))).collect();
    for person in &people {
        let after = json!({ "expires_on": "2026-12-31" });
        change(conn, id, "enrolment", Uuid::now_v7(), *person, json!({ "expires_on": null }), after);
    }
    let admin = place.app.signed_in("admin");
    assert_eq!(admin.page("/audit?action=enrolment.expiry_set").rows()[0][5], "120");
    let (mut seen, mut path) = (BTreeSet::new(), format!("/audit/{id}"));
    for left in [2, 1, 0] {
        let page = admin.page(&path);
        assert_eq!(page.text("caption"), "What changed: 120 things");
        seen.extend(page.attributes("tbody th a", "href"));
        let next = page.attributes("a[rel=next]", "href").pop();
        assert_eq!(next.is_some(), left > 0);
        path = next.unwrap_or_default();
    }
    assert_eq!(seen, people.iter().map(|id| format!("/users/{id}")).collect());
}
