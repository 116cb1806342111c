//! The export, and the history of a user.

use super::facts::told;
use super::*;

#[test]
fn the_export_has_the_same_entries_safe_for_spreadsheets_and_is_itself_written_down() {
    let place = place();
    let conn = &mut place.app.conn();
    let id: Uuid = users::table.filter(users::username.eq("admin")).select(users::id).first(conn).unwrap();
    diesel::update(users::table.find(id)).set(users::first_name.eq("=1+1")).execute(conn).unwrap();
    entry(conn, "2026-11-20T10:00:00Z", "user.deleted", Some(place.foreign), None);
    let edited = entry(conn, "2026-11-20T11:00:00Z", "user.changed", Some(place.east), Some(place.ada));
    change(conn, edited, "user", place.ada, place.ada, json!({ "first_name": "Ada" }), json!({ "first_name": "=2" }));
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
    assert_eq!([of(2, 14), of(2, 15)], [r#"{"first_name":"Ada"}"#, r#"{"first_name":"=2"}"#], "of a single thing");
    assert_eq!([of(1, 14), of(1, 15)], ["", ""]);

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
fn whoever_does_not_see_every_organisation_gets_the_sums_of_an_effect_and_no_names() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::person(conn, Some(place.east), "eastern", Some(("org_admin", Some(place.east))));
    let organisation = |name: &str, taken: i64| json!({ "name": name, "people": 3, "freed": 1, "taken": taken });
    let detail = json!({
        "users": 3,
        "effect": { "organisations": [organisation("Acme", 2), organisation("East", 40)] },
        "exceeded": [{ "name": "Acme", "user_limit": 100, "used": 1041 }],
    });
    told(conn, "user.moved", place.east, detail.clone());
    told(conn, "enrolment.expiry_set", place.east, json!({ "effect": null, "enrolments": 1 }));
    let of = |username: &str, action: &str| -> Value {
        let text = place.app.signed_in(username).get(&format!("/audit.csv?action={action}")).text().unwrap();
        let line = csv::Reader::from_reader(text.as_bytes()).records().next().unwrap().unwrap();
        serde_json::from_str(line.get(13).unwrap()).unwrap()
    };
    let sums = json!({ "users": 3, "effect": { "freed": 2, "taken": 42 }, "exceeded": 1 });
    assert_eq!(of("eastern", "user.moved"), sums);
    assert_eq!(of("eastern", "enrolment.expiry_set"), json!({ "effect": null, "enrolments": 1 }));
    assert_eq!(of("instance", "user.moved"), detail);
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
