//! Who and what is in the file.

use super::*;

#[test]
fn the_file_has_everybody_with_path_roles_and_state_in_the_columns_of_the_import() {
    let place = place();
    let conn = &mut place.app.conn();
    let ada = builders::user(conn, Some(place.lab), "ada");
    builders::enrol(conn, ada, place.fire, "2026-01-01", None);
    builders::grant(conn, ada, "user_manager", Some(place.lab));
    builders::grant(conn, ada, "org_admin", Some(place.lab));
    builders::grant(conn, ada, "user_manager", Some(place.east)); // not at home
    diesel::update(users::table.find(ada))
        .set((
            users::expires_on.eq(date("2026-12-31")),
            users::created_at.eq("2026-02-03T04:05:06.789Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()),
        ))
        .execute(conn)
        .unwrap();
    let response = place.app.signed_in("admin").get("/users.csv");
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(header("content-disposition"), "attachment; filename=\"users-acme-2026-11-24.csv\"");
    assert_eq!(header("cache-control"), "no-store");
    let text = response.text().unwrap();
    assert!(text.starts_with(
        "user_id,username,email,first_name,last_name,organisation,roles,account_expires_on,active,created_at,\
         exported_at,export_id\r\n"
    ));
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count(), "{text}");
    let export: Uuid = exports::table.select(exports::id).first(conn).unwrap();
    let found = lines(&text);
    let ids: Vec<&String> = found.iter().skip(1).map(|line| &line[0]).collect();
    assert!(ids.is_sorted(), "by unique ID: {ids:?}");
    let mut names: Vec<&str> = found.iter().skip(1).map(|line| line[1].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ada", "admin", "manager"], "without the other tree and the vendor");
    let of = |username: &str| found.iter().find(|line| line[1] == username).unwrap();
    assert_eq!(
        of("ada")[..],
        [
            &ada.to_string(),
            "ada",
            "ada@people.example",
            "Test",
            "ada",
            "Acme > East > Lab",
            "org_admin;user_manager",
            "2026-12-31",
            "true",
            "2026-02-03T04:05:06Z",
            "2026-11-24T12:00:00Z",
            &export.to_string()
        ]
    );
    assert_eq!(of("admin")[5..9], ["Acme", "org_admin", "", "false"]);
    assert_eq!(of("manager")[6], "", "a role elsewhere is not one at home");
    assert_eq!(recorded(conn), (Some(place.acme), true, json!({}), Some(3), true));
}

#[test]
fn what_a_spreadsheet_would_run_is_defused_and_comes_back() {
    let place = place();
    let conn = &mut place.app.conn();
    let people = [
        ["=1+1", "@SUM(A1)", "+49"],
        ["'t-hooft", "'t", "Hooft"],
        ["quoted", "A, \"B\"", "''=x"],
        ["ümlaut", "Ü", "ß"],
    ];
    for [username, first, last] in people {
        let user = builders::user(conn, Some(place.east), username);
        diesel::update(users::table.find(user))
            .set((users::first_name.eq(first), users::last_name.eq(last)))
            .execute(conn)
            .unwrap();
    }
    let found = lines(&file(&place.app.signed_in("admin"), &format!("organisation={}", place.east)));
    let mut cells: Vec<[&str; 3]> =
        found.iter().skip(1).map(|line| [&line[1], &line[3], &line[4]].map(String::as_str)).collect();
    cells.sort_unstable();
    assert_eq!(cells[0], ["'=1+1", "'@SUM(A1)", "'+49"]);
    assert_eq!(cells[1], ["'t-hooft", "'t", "Hooft"]);
    assert_eq!(cells[2], ["quoted", "A, \"B\"", "'''=x"]);
    let back: Vec<_> = cells.into_iter().map(|cells| cells.map(unescape)).collect();
    assert_eq!(back, people);
}

#[test]
fn the_file_follows_every_filter_and_what_is_ticked() {
    let place = place();
    let conn = &mut place.app.conn();
    let ada = builders::user(conn, Some(place.lab), "ada");
    builders::enrol(conn, ada, place.fire, "2026-01-01", None);
    let bob = builders::user(conn, Some(place.east), "bob");
    diesel::update(users::table.find(bob)).set(users::expires_on.eq(date("2026-01-01"))).execute(conn).unwrap();
    let admin = place.app.signed_in("admin");
    let manager = id(conn, "manager");
    for (query, names) in [
        ("", vec!["ada", "admin", "bob", "manager"]),
        ("sort=email&order=desc&page=7", vec!["ada", "admin", "bob", "manager"]),
        (&format!("organisation={}", place.east), vec!["ada", "bob"]),
        ("q=ada", vec!["ada"]),
        ("status=active", vec!["ada"]),
        ("status=inactive", vec!["admin", "manager"]),
        ("status=expired", vec!["bob"]),
        ("role=user_manager", vec!["manager"]),
        (&format!("experience={}", place.fire), vec!["ada"]),
        ("signed_in=never", vec!["ada", "bob", "manager"]),
        ("idle=never_opened", vec!["ada"]),
        ("q=ada&all=1", vec!["ada"]),
        (&format!("q=ada&ids={manager}&ids={bob}"), vec!["bob", "manager"]),
        ("q=nobody+at+all", vec![]),
    ] {
        assert_eq!(usernames(&admin, query), names, "{query}");
        let (_, whole, _, users, finished) = recorded(conn);
        assert_eq!((users, finished), (Some(names.len() as i64), true), "{query}");
        let unfiltered = query.is_empty() || query.starts_with("sort") || query.starts_with("organisation");
        assert_eq!(whole, unfiltered, "{query}");
    }
    assert_eq!(usernames(&place.app.signed_in("manager"), ""), ["ada", "bob"]);
    let actions = |query: &str| admin.page(&format!("/users?{query}")).attributes(".actions a", "href");
    assert_eq!(actions("q=ada&sort=email"), ["/users.csv?q=ada", "/users/import", "/imports", "/users/new"]);
    assert_eq!(actions("q=nobody+at+all"), ["/users/import", "/imports", "/users/new"]);
}

#[test]
fn what_is_out_of_scope_cannot_be_exported_and_leaves_no_record() {
    let place = place();
    let conn = &mut place.app.conn();
    let (stranger, bob) = (id(conn, "stranger"), builders::user(conn, Some(place.east), "bob"));
    let admin = place.app.signed_in("admin");
    for query in [
        format!("organisation={}", place.globex),
        format!("organisation={}", Uuid::now_v7()),
        format!("ids={bob}&ids={stranger}"),
        "ids=1".to_owned(),
    ] {
        assert_eq!(admin.get(&format!("/users.csv?{query}")).status(), 404, "{query}");
    }
    let at_home = place.app.signed_in("manager").get(&format!("/users.csv?organisation={}", place.acme));
    assert_eq!(at_home.status(), 404, "a home without a role there is outside the scope");
    assert_eq!(exports::table.count().get_result::<i64>(conn).unwrap(), 0);
}

#[test]
fn in_another_time_zone_active_means_today_there() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    for (zone, day) in
        [("Pacific/Kiritimati", "2026-11-25"), ("Europe/London", "2026-11-24"), ("Pacific/Pago_Pago", "2026-11-23")]
    {
        let root = builders::root(conn, zone, None);
        diesel::update(organisations::table.find(root)).set(organisations::time_zone.eq(zone)).execute(conn).unwrap();
        let experience = builders::experience(conn, root, "LX");
        let user = builders::user(conn, Some(root), zone);
        builders::enrol(conn, user, experience, day, Some(day));
    }
    let active = |at: &str| -> Vec<String> {
        app.set_time(at);
        let found = lines(&file(&app.signed_in("instance"), ""));
        let mut active: Vec<String> =
            found.into_iter().filter(|line| line[8] == "true").map(|mut line| line.swap_remove(1)).collect();
        active.sort();
        active
    };
    let [east, london, west] = ["Pacific/Kiritimati", "Europe/London", "Pacific/Pago_Pago"];
    assert_eq!(active("2026-11-24T09:30:00Z"), [london, west]);
    assert_eq!(active("2026-11-24T10:30:00Z"), [london, east, west]);
    assert_eq!(active("2026-11-24T11:30:00Z"), [london, east]);
}
