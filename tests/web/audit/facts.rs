//! The facts of an entry: what its ids mean to whom.

use headroom::schema::exports;

use super::*;

/// An entry with facts, of the program.
pub(super) fn told(conn: &mut PgConnection, action: &str, organisation: Uuid, detail: Value) -> Uuid {
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::at.eq("2026-11-20T14:05:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()),
            audit_entries::actor_kind.eq("program"),
            audit_entries::action.eq(action),
            audit_entries::organisation_id.eq(organisation),
            audit_entries::detail.eq(detail),
        ))
        .returning(audit_entries::id)
        .get_result(conn)
        .unwrap()
}

/// What stands beside a fact on the entry's page, and where it leads.
fn fact(visitor: &Visitor<'_>, entry: Uuid, name: &str) -> (String, Vec<String>) {
    let page = visitor.page(&format!("/audit/{entry}"));
    assert_eq!(page.status, 200);
    let at = page.texts(".facts dt").iter().position(|term| term == name).expect("the fact") + 1;
    let here = format!(".facts > div:nth-child({at})");
    (page.text(&format!("{here} dd")), page.attributes(&format!("{here} a"), "href"))
}

#[test]
fn what_was_undone_is_told_in_words_to_whoever_may_see_it_and_leads_there() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::person(conn, Some(place.east), "eastern", Some(("org_admin", Some(place.east))));
    let [admin, eastern] = ["admin", "eastern"].map(|who| place.app.signed_in(who));
    let [of_root, of_east, foreign] = [place.root, place.east, place.foreign]
        .map(|organisation| told(conn, "enrolment.expiry_set", organisation, json!({ "enrolments": 2 })));
    let undo = |conn: &mut PgConnection, of: Uuid| {
        told(conn, "enrolment.expiry_undone", place.east, json!({ "enrolments": 2, "undone": of }))
    };
    let words = "Set the expiry date of enrolments (20 Nov 2026, 14:05 GMT, Headroom itself)";
    for (of, readers, others) in [
        (of_root, vec![&admin], vec![&eastern]),
        (of_east, vec![&admin, &eastern], vec![]),
        (foreign, vec![], vec![&admin, &eastern]),
    ] {
        let entry = undo(conn, of);
        for reader in readers {
            assert_eq!(fact(reader, entry, "Undone"), (words.to_owned(), vec![format!("/audit/{of}")]));
        }
        for reader in others {
            assert_eq!(fact(reader, entry, "Undone"), (of.to_string(), vec![]), "nothing but the id");
        }
    }
    let list = eastern.page("/audit?action=enrolment.expiry_undone").texts("td small").join(" ");
    assert!(list.contains(words) && list.contains(&of_root.to_string()), "{list}");
}

#[test]
fn who_undid_or_exported_something_is_named_and_an_export_of_others_is_not_told() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::person(conn, Some(place.east), "eastern", Some(("org_admin", Some(place.east))));
    let [admin, eastern] = ["admin", "eastern"].map(|who| place.app.signed_in(who));
    let export = |conn: &mut PgConnection, organisation: Uuid, by: Option<Uuid>| -> Uuid {
        let at = "2026-11-20T14:05:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        diesel::insert_into(exports::table)
            .values((
                exports::created_at.eq(at),
                exports::created_by.eq(by),
                exports::organisation_id.eq(organisation),
                exports::whole.eq(true),
                exports::filter.eq(json!({})),
                exports::complete_until.eq(at),
            ))
            .returning(exports::id)
            .get_result(conn)
            .unwrap()
    };
    let [of_root, of_east] = [place.root, place.east].map(|organisation| export(conn, organisation, Some(place.ada)));
    let nobodys = export(conn, place.east, None);
    let mut finished =
        |export: Uuid| told(conn, "user.export_finished", place.east, json!({ "export_id": export, "users": 3 }));
    let words = |who: &str| (format!("20 Nov 2026, 14:05 GMT ({who})"), Vec::<String>::new());
    assert_eq!(fact(&eastern, finished(of_east), "Export"), words("Test ada"));
    assert_eq!(fact(&eastern, finished(nobodys), "Export"), words("somebody who is deleted now"));
    assert_eq!(fact(&eastern, finished(of_root), "Export"), (of_root.to_string(), vec![]));
    assert_eq!(fact(&admin, finished(of_root), "Export"), words("Test ada"));
}

#[test]
fn an_organisation_that_a_fact_names_leads_to_its_report() {
    let place = place();
    let conn = &mut place.app.conn();
    let granted = told(conn, "role.granted", place.east, json!({ "role": "org_admin", "organisation_id": place.east }));
    let admin = place.app.signed_in("admin");
    let report = format!("/organisations/{}/licenses", place.east);
    assert_eq!(fact(&admin, granted, "Organisation"), ("East".to_owned(), vec![report]));
}

#[test]
fn days_and_times_among_the_facts_are_those_of_the_reader_s_organisation() {
    let place = place();
    let conn = &mut place.app.conn();
    diesel::sql_query("update organisations set time_zone = 'Asia/Tokyo' where parent_id is null")
        .execute(conn)
        .unwrap();
    let detail = json!({ "users": 2, "restorable_until": "2026-12-06T16:58:52.599210625Z", "day": "2026-12-06" });
    let deleted = told(conn, "user.deleted", place.root, detail);
    let detail = json!({ "setting": "export_kept_until", "before": null, "after": "2026-12-06T16:58:52.599210+00:00" });
    told(conn, "settings.changed", place.root, detail);
    let admin = place.app.signed_in("admin");
    let moment = "7 Dec 2026, 01:58 JST";
    assert_eq!(fact(&admin, deleted, "Restorable until").0, moment);
    assert_eq!(fact(&admin, deleted, "Day").0, "6 Dec 2026");
    let list = admin.page("/audit").texts("td small").join(" ");
    assert!(list.contains(&format!("Restorable until: {moment}")), "{list}");
    assert!(list.contains(&format!("Export kept until: {moment}, before: none")), "{list}");
    assert!(!list.contains("T16:58"), "{list}");
}
