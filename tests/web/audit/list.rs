//! The log, its filters and pages.

use super::*;

#[test]
fn an_org_admin_sees_what_happened_in_the_own_organisations_or_by_the_own_hand() {
    let place = place();
    let conn = &mut place.app.conn();
    entry(conn, "2026-11-20T10:00:00Z", "user.created", Some(place.east), Some(place.ada));
    entry(conn, "2026-11-21T10:00:00Z", "user.deleted", Some(place.foreign), None);
    entry(conn, "2026-11-22T10:00:00Z", "settings.changed", None, None);
    let admin = place.app.signed_in("admin");
    let id: Uuid = users::table.filter(users::username.eq("admin")).select(users::id).first(conn).unwrap();
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::at.eq("2026-11-23T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()),
            audit_entries::actor_kind.eq("person"),
            audit_entries::actor_id.eq(id),
            audit_entries::action.eq("user.signed_out"),
        ))
        .execute(conn)
        .unwrap();
    let page = admin.page("/audit?to=2026-11-23");
    assert_eq!(page.text("caption"), "Times in Europe/London");
    assert_eq!(
        page.rows(),
        [
            ["23 Nov 2026, 10:00:00", "Test admin", "Signed out", "", "", ""],
            ["20 Nov 2026, 10:00:00", "Headroom itself", "Added a user", "East", "Test ada", ""],
        ]
    );
    let links = page.attributes("tbody td a", "href");
    let (east, ada) = (place.east, place.ada);
    assert_eq!(links, [format!("/users/{id}"), format!("/organisations/{east}/licenses"), format!("/users/{ada}")]);
    let instance = place.app.signed_in("instance");
    assert_eq!(
        actions(&instance, "/audit?to=2026-11-23"),
        ["Signed out", "Changed a setting", "Deleted users", "Added a user"]
    );
}

#[test]
fn filters_narrow_the_log_down_and_stay_in_the_address() {
    let place = place();
    let conn = &mut place.app.conn();
    entry(conn, "2026-06-30T22:59:59Z", "user.created", Some(place.east), Some(place.ada));
    entry(conn, "2026-06-30T23:00:00Z", "experience.created", Some(place.root), None); // 1 July in London
    let bulk = entry(conn, "2026-07-02T10:00:00Z", "enrolment.expiry_set", Some(place.root), None);
    change(conn, bulk, "enrolment", Uuid::now_v7(), place.ada, json!({}), json!({}));
    let admin = place.app.signed_in("admin");
    let until = "to=2026-07-31";
    assert_eq!(actions(&admin, "/audit?from=2026-07-01&to=2026-07-01"), ["Added a learning experience"]);
    assert_eq!(actions(&admin, &format!("/audit?action=user.created&{until}")), ["Added a user"]);
    assert_eq!(actions(&admin, &format!("/audit?kind=user&{until}")), ["Added a user"]);
    let reversed = admin.page("/audit?from=2026-07-02&to=2026-07-01");
    assert!(reversed.text(".empty p").starts_with("The last day lies before the first."));
    let of_enrolments = actions(&admin, &format!("/audit?kind=enrolment&{until}"));
    assert_eq!(of_enrolments, ["Set the expiry date of enrolments"], "what stands beside the entry counts");
    for person in ["ada", "TEST AD", &place.ada.to_string()] {
        let found = actions(&admin, &format!("/audit?person={}&{until}", person.replace(' ', "+")));
        assert_eq!(found, ["Set the expiry date of enrolments", "Added a user"], "{person}");
    }
    let page = admin.page("/audit?person=ada&action=user.created&from=2026-06-01&to=2026-07-01");
    assert_eq!(page.attributes("#person", "value"), ["ada"]);
    assert_eq!(page.attributes("#action option[selected]", "value"), ["user.created"]);
    assert_eq!(page.attributes("#from, #to", "value"), ["2026-06-01", "2026-07-01"]);
    let export = page.attributes(".actions a", "href");
    assert_eq!(export, ["/audit.csv?person=ada&action=user.created&from=2026-06-01&to=2026-07-01"]);

    let nothing = admin.page("/audit?person=nobody%25");
    assert_eq!(nothing.text(".empty h2"), "No entry matches");
    assert_eq!(nothing.attributes(".empty a", "href"), ["/audit"]);
}

#[test]
fn pages_follow_each_other_without_a_gap_or_a_repetition_for_everybody() {
    let place = place();
    let conn = &mut place.app.conn();
    // many at the same moment, so that the ids have to decide
    let mut all = BTreeSet::new();
    for index in 0..120 {
        let organisation = if index % 3 == 0 { place.root } else { place.east };
        let at = format!("2026-10-0{}T10:00:00Z", 1 + index / 50);
        all.insert(entry(conn, &at, "user.changed", Some(organisation), Some(place.ada)).to_string());
    }
    for who in ["admin", "instance"] {
        let visitor = place.app.signed_in(who);
        for query in ["action=user.changed", "action=user.changed&person=ada"] {
            let (mut seen, mut path, mut pages) = (Vec::new(), format!("/audit?{query}"), 0);
            loop {
                let page = visitor.page(&path);
                let ids = page.attributes("tbody th a", "href");
                seen.extend(ids.iter().map(|address| address.trim_start_matches("/audit/").to_owned()));
                pages += 1;
                match page.attributes("a[rel=next]", "href").pop() {
                    Some(next) => path = next,
                    None => break,
                }
            }
            assert_eq!((pages, seen.len()), (3, 120), "{who} {query}");
            assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), all, "{who} {query}");
        }
    }
}

#[test]
fn what_cannot_be_read_in_an_address_counts_as_not_given() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let all = actions(&admin, "/audit");
    let nobody = Uuid::nil();
    for query in
        ["from=-9999-01-01", "to=%2B200000-01-01", "from=31.12.2026", &format!("after=-9000000000000000000.{nobody}")]
    {
        assert_eq!(actions(&admin, &format!("/audit?{query}")), all, "{query}");
    }
    assert_eq!(admin.get(&format!("/notices?after=-9000000000000000000.{nobody}")).status(), 200);
}

#[test]
fn of_the_vendors_people_nothing_but_the_name_finds_what_they_did() {
    let place = place();
    let conn = &mut place.app.conn();
    let instance: Uuid =
        users::table.filter(users::username.eq("instance")).select(users::id).first(conn).expect("the instance admin");
    diesel::update(users::table.find(instance)).set(users::email.eq("sy.secret@vendor.example")).execute(conn).unwrap();
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::at.eq("2026-11-01T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()),
            audit_entries::actor_kind.eq("person"),
            audit_entries::actor_id.eq(instance),
            audit_entries::action.eq("organisation.renamed"),
            audit_entries::organisation_id.eq(place.root),
        ))
        .execute(conn)
        .unwrap();
    let found = |who: &str, person: &str| {
        let page = place.app.signed_in(who).page(&format!("/audit?person={person}&to=2026-11-02&from=2026-10-31"));
        page.rows().len()
    };
    assert_eq!([found("admin", "test+instance"), found("admin", "secret")], [1, 0]);
    assert_eq!(found("instance", "secret"), 1, "who sees everybody finds them by everything");
}
