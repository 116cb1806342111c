//! The Org list.

use diesel::prelude::*;

use crate::support::app::TestApp;
use crate::support::builders;

#[test]
fn it_shows_the_scope_as_a_tree_with_a_list_icon_each() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    let east = builders::child(conn, root, "East", None);
    let shop = builders::child(conn, east, "Shop", Some(2));
    let west = builders::child(conn, root, "West", None);
    builders::root(conn, "Globex", None);
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, shop, experience, 1);
    builders::person(conn, Some(root), "admin", Some(("user_manager", Some(root))));
    let page = app.signed_in("admin").page("/organisations");
    assert_eq!(
        page.rows(),
        [
            ["Level 1: Acme", "", "10", "1", "9", "1 of 10 10.0 %"],
            ["Level 2: East", "", "shared", "1", "", "1 of 10 10.0 % shared with Acme"],
            ["Level 3: Shop", "", "2", "1", "1", "1 of 2 50.0 %"],
            ["Level 2: West", "", "shared", "0", "", "1 of 10 10.0 % shared with Acme"],
        ]
    );
    assert_eq!(
        page.attributes("tbody a", "href"),
        [root, east, shop, west].map(|id| format!("/organisations/{id}/licenses"))
    );
    assert_eq!(page.attributes("tbody a", "aria-label")[1], "User License Report of East");
}

#[test]
fn a_child_admin_sees_the_child_at_the_top_and_nothing_above_it() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    let east = builders::child(conn, root, "East", None);
    builders::child(conn, east, "Shop", None);
    builders::person(conn, Some(east), "admin", Some(("org_admin", Some(east))));
    let page = app.signed_in("admin").page("/organisations");
    let names: Vec<_> = page.rows().into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(names, ["Level 1: East", "Level 2: Shop"]);
    assert!(!page.html.html().contains("Acme"));
}

#[test]
fn someone_with_a_single_organisation_lands_on_its_report() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    let only = builders::child(conn, root, "Only", None);
    builders::person(conn, Some(only), "admin", Some(("org_admin", Some(only))));
    let response = app.signed_in("admin").get("/organisations");
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], format!("/organisations/{only}/licenses").as_str());
}

#[test]
fn with_no_organisation_at_all_it_says_how_to_get_one() {
    let app = TestApp::start();
    builders::person(&mut app.conn(), None, "instance", Some(("instance_admin", None)));
    let page = app.signed_in("instance").page("/organisations");
    assert_eq!(page.status, 200);
    assert_eq!(page.text(".empty h2"), "There is no organisation yet");
    assert!(page.text(".empty").contains("headroom load DIR"));
}

#[test]
fn a_search_finds_parts_of_names_in_any_case_and_shows_their_paths() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    let east = builders::child(conn, root, "East", None);
    builders::child(conn, east, "100% Shop", None);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let visitor = app.signed_in("admin");
    let page = visitor.page("/organisations?q=0%25+sHOP");
    assert_eq!(page.rows()[0][0], "Level 3: 100% Shop in Acme > East");
    assert_eq!(page.rows().len(), 1);
    assert_eq!(visitor.get("/organisations?q=%00shop").status(), 200);
    let nothing = visitor.page("/organisations?q=%3Cb%3E");
    assert_eq!(nothing.text(".empty h2"), "No organisation has “<b>” in its name");
    assert_eq!(nothing.attributes(".empty a", "href"), ["/organisations"]);
    assert_eq!(nothing.attributes("#q", "value"), ["<b>"]);
}

#[test]
fn many_organisations_come_in_pages() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    diesel::sql_query(
        "insert into organisations (name, time_zone) select 'Customer ' || n, 'UTC' from generate_series(1, 250) n",
    )
    .execute(conn)
    .unwrap();
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let visitor = app.signed_in("instance");
    let page = visitor.page("/organisations?page=3&q=customer");
    assert_eq!(page.rows().len(), 50);
    assert_eq!(page.rows()[49][0], "Level 1: Customer 250");
    assert_eq!(page.texts(".pager span")[0], "201 to 250 of 250");
    assert_eq!(page.attributes(".pager a", "href"), ["/organisations?q=customer&page=2"]);
}

#[test]
fn a_page_that_begins_in_the_middle_of_a_tree_says_where_it_is() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Wide", None);
    builders::units(conn, root, 150);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let rows = app.signed_in("admin").page("/organisations?page=2").rows();
    assert_eq!((rows[0][0].as_str(), rows[1][0].as_str()), ("Level 2: Unit 100 in Wide", "Level 2: Unit 101"));
}

#[test]
fn an_instance_admin_creates_a_root_and_one_below_it_and_renames_them() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let instance = app.signed_in("instance");
    let create = |fields: &[(&str, &str)]| instance.post("/organisations/new", fields).status().as_u16();
    assert_eq!(create(&[("name", "Acme"), ("time_zone", "Europe/Nowhere")]), 422);
    assert_eq!(create(&[("name", "Acme")]), 422);
    assert_eq!(create(&[("name", "Acme"), ("time_zone", "Europe/Oslo"), ("user_limit", "1,000")]), 303);
    assert_eq!(create(&[("name", "Acme"), ("time_zone", "Europe/Oslo")]), 422);
    assert_eq!(create(&[("name", "Nordics"), ("parent", "Nobody")]), 422);
    assert_eq!(create(&[("name", "Nordics"), ("parent", "Acme")]), 303);
    assert_eq!(create(&[("name", "Sales"), ("parent", "Acme > Nordics"), ("user_limit", "20")]), 303);
    assert_eq!(create(&[("name", "A > B"), ("parent", "Acme")]), 422);
    let rows = instance.page("/organisations").rows();
    let names: Vec<(&str, &str)> = rows.iter().map(|row| (row[0].as_str(), row[2].as_str())).collect();
    let expected = [("Level 1: Acme", "1,000"), ("Level 2: Nordics", "shared"), ("Level 3: Sales", "20")];
    assert_eq!(names, expected);
    let nordics: uuid::Uuid = headroom::schema::organisations::table
        .filter(headroom::schema::organisations::name.eq("Nordics"))
        .select(headroom::schema::organisations::id)
        .first(conn)
        .unwrap();
    let edit = format!("/organisations/{nordics}/edit");
    assert_eq!(instance.post(&edit, &[("name", " ")]).status(), 422);
    assert_eq!(instance.post(&edit, &[("name", "Northern Europe")]).status(), 303);
    assert_eq!(instance.page(&edit).text("h1"), "Edit Northern Europe");
}
