//! The audit log: who sees what, filters, pages, one entry, EXPORT TO CSV, the history of a user.

use std::collections::BTreeSet;

use diesel::prelude::*;
use headroom::features::audit::queries;
use headroom::ids::UserId;
use headroom::schema::{audit_changes, audit_entries, users};
use headroom::web::guards::{Allowed, SeeUsers, SignedIn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{TestApp, Visitor};
use crate::support::builders;

struct Place {
    app: TestApp,
    root: Uuid,
    east: Uuid,
    foreign: Uuid,
    ada: Uuid,
}

/// "Acme" with a child "East" and its admin "admin", "Globex" beside it, and an instance admin.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, root, "East", None);
    let foreign = builders::root(conn, "Globex", None);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let ada = builders::user(conn, Some(east), "ada");
    Place { app, root, east, foreign, ada }
}

fn entry(conn: &mut PgConnection, at: &str, action: &str, organisation: Option<Uuid>, user: Option<Uuid>) -> Uuid {
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::at.eq(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap()),
            audit_entries::actor_kind.eq("program"),
            audit_entries::action.eq(action),
            audit_entries::organisation_id.eq(organisation),
            audit_entries::subject_kind.eq(user.map(|_| "user")),
            audit_entries::subject_id.eq(user),
        ))
        .returning(audit_entries::id)
        .get_result(conn)
        .unwrap()
}

fn change(conn: &mut PgConnection, entry: Uuid, kind: &str, subject: Uuid, person: Uuid, before: Value, after: Value) {
    diesel::insert_into(audit_changes::table)
        .values((
            audit_changes::entry_id.eq(entry),
            audit_changes::subject_kind.eq(kind),
            audit_changes::subject_id.eq(subject),
            audit_changes::person_id.eq(person),
            audit_changes::before.eq(before),
            audit_changes::after.eq(after),
        ))
        .execute(conn)
        .unwrap();
}

/// What, from the rows of a page.
fn actions(visitor: &Visitor<'_>, path: &str) -> Vec<String> {
    visitor.page(path).rows().into_iter().map(|mut row| row.swap_remove(2)).collect()
}

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
            vec!["Expires on", "none", "31 Dec 2026"],
            vec!["First name", "Ada", "<b>Ada</b>"],
        ]
    );
    assert!(page.texts("main b").is_empty());
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

#[test]
fn the_export_has_the_same_entries_safe_for_spreadsheets_and_is_itself_written_down() {
    let place = place();
    let conn = &mut place.app.conn();
    let id: Uuid = users::table.filter(users::username.eq("admin")).select(users::id).first(conn).unwrap();
    diesel::update(users::table.find(id)).set(users::first_name.eq("=1+1")).execute(conn).unwrap();
    entry(conn, "2026-11-20T10:00:00Z", "user.deleted", Some(place.foreign), None);
    let edited = entry(conn, "2026-11-20T11:00:00Z", "user.changed", Some(place.east), Some(place.ada));
    change(conn, edited, "user", place.ada, place.ada, json!({}), json!({}));
    let admin = place.app.signed_in("admin");
    let response = admin.get("/audit.csv");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"audit-log-2026-11-24.csv\"");
    let text = response.text().unwrap();
    assert_eq!(text.matches("\r\n").count(), 4, "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next(), Some("entry_id"));
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |line: usize, column: usize| lines[line].get(column).unwrap().to_owned();
    assert_eq!([of(0, 7), of(1, 7), of(2, 7)], ["audit.exported", "user.signed_in", "user.changed"]);
    assert_eq!(of(1, 2), "'=1+1 admin");
    assert_eq!([of(2, 1), of(2, 8), of(2, 12)], ["2026-11-20T11:00:00.000000Z", "East", "1"]);

    let text = admin.get("/audit.csv?person=ada").text().unwrap();
    assert_eq!(text.lines().count(), 2);
    let details: Vec<Value> = audit_entries::table
        .filter(audit_entries::action.eq("audit.exported"))
        .order(audit_entries::at)
        .select(audit_entries::detail)
        .load(conn)
        .unwrap();
    assert_eq!(details, [json!({ "filters": [] }), json!({ "filters": ["person"] })]);
}

#[test]
fn a_long_export_is_complete() {
    let place = place();
    let conn = &mut place.app.conn();
    diesel::sql_query(
        "insert into audit_entries (actor_kind, action, organisation_id, detail)
         select 'program', 'user.changed', $1, jsonb_build_object('number', n) from generate_series(1, 5000) n",
    )
    .bind::<diesel::sql_types::Uuid, _>(place.east)
    .execute(conn)
    .unwrap();
    let text = place.app.signed_in("admin").get("/audit.csv?action=user.changed").text().unwrap();
    let ids: BTreeSet<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(ids.len(), 5000);
}

/// A page that includes the history, as the page of a user does.
#[derive(askama::Template)]
#[template(
    source = "{% import \"audit/history.html\" as audit %}{% call audit::history(history) %}{% endcall %}",
    ext = "html"
)]
struct Including {
    history: queries::History,
}

fn included(history: queries::History) -> scraper::Html {
    scraper::Html::parse_fragment(&askama::Template::render(&Including { history }).unwrap())
}

#[test]
fn the_history_of_a_user_tells_what_happened_to_account_and_enrolments() {
    let place = place();
    let conn = &mut place.app.conn();
    let learning = builders::experience(conn, place.root, "LX");
    let enrolment = builders::enrol(conn, place.ada, learning, "2026-01-01", None);
    let other = builders::user(conn, Some(place.east), "other");
    let created = entry(conn, "2026-11-20T10:00:00Z", "user.created", Some(place.east), Some(place.ada));
    entry(conn, "2026-11-20T10:30:00Z", "user.created", Some(place.east), Some(other));
    let bulk = entry(conn, "2026-11-20T11:00:00Z", "enrolment.expiry_set", None, None);
    let after = json!({ "expires_on": "2026-12-31" });
    change(conn, bulk, "enrolment", enrolment, place.ada, json!({ "expires_on": null }), after.clone());
    change(conn, bulk, "enrolment", Uuid::now_v7(), other, json!({ "expires_on": "2026-12-01" }), after);

    let now = place.app.clock.now();
    let mut seen_by = |username: &str| {
        let id: UserId = users::table.filter(users::username.eq(username)).select(users::id).first(conn).unwrap();
        let by = SignedIn::for_account(conn, id, now).unwrap().unwrap();
        queries::history(conn, &Allowed::<SeeUsers>::new(by).unwrap(), UserId(place.ada), 20)
    };
    let history = seen_by("admin").unwrap();
    assert_eq!(history.all, Some(format!("/audit?person={}", place.ada)));
    let [newest, oldest] = history.items.try_into().unwrap_or_else(|items| panic!("{items:?}"));
    assert_eq!((oldest.what.as_str(), oldest.address), ("Added a user", Some(format!("/audit/{created}"))));
    assert_eq!((newest.what.as_str(), newest.address), ("Set the expiry date of enrolments", None));
    let [changed] = newest.changes.try_into().unwrap_or_else(|changes| panic!("{changes:?}"));
    let difference = &changed.differences[0];
    assert_eq!(changed.thing, "Learning LX");
    assert_eq!((difference.before.as_str(), difference.after.as_str()), ("none", "31 Dec 2026"));
    let page = included(seen_by("instance").unwrap());
    let texts = |selector: &str| -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        page.select(&selector).map(|element| element.text().collect()).collect()
    };
    assert_eq!(texts("li strong"), ["Set the expiry date of enrolments", "Added a user"]);
    assert_eq!([texts("del"), texts("ins")], [["none"], ["31 Dec 2026"]]);
    assert!(texts("h2 ~ p a").contains(&"All of it in the audit log".to_owned()));

    let conn = &mut place.app.conn();
    builders::person(conn, Some(place.foreign), "stranger", Some(("org_admin", Some(place.foreign))));
    builders::person(conn, Some(place.east), "manager", Some(("user_manager", Some(place.east))));
    assert!(seen_by("stranger").is_err());
    let manager = seen_by("manager").unwrap();
    assert_eq!((manager.items.len(), manager.all), (2, None));
    assert!(manager.items.iter().all(|item| item.address.is_none()));
}
