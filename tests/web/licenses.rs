//! The User License Report.

use diesel::prelude::*;
use headroom::schema::{audit_entries, organisations, users};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::builders;

fn report(organisation: Uuid) -> String {
    format!("/organisations/{organisation}/licenses")
}

/// A root of three children, one of them over its limit and one without.
fn acme(app: &TestApp) -> (Uuid, [Uuid; 3]) {
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(5000));
    let children = [("Region 10", Some(20)), ("Region 2", None), ("Region 1", Some(3))]
        .map(|(name, limit)| builders::child(conn, root, name, limit));
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, root, experience, 2);
    builders::active_users(conn, children[0], experience, 19);
    builders::active_users(conn, children[1], experience, 1200);
    builders::active_users(conn, children[2], experience, 5);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    (root, children)
}

#[test]
fn it_lists_the_organisation_its_direct_users_and_its_children_by_name() {
    let app = TestApp::start();
    let (root, children) = acme(&app);
    let page = app.signed_in("admin").page(&report(root));
    assert_eq!(page.texts("thead th")[..5], ["Name", "User Limit", "Used", "Remaining", "Percentage Used"]);
    assert_eq!(
        page.rows(),
        [
            ["Acme", "5,000", "1,226", "3,774", "1,226 of 5,000 24.5 %"],
            ["directly in Acme", "shared", "2", "", "1,226 of 5,000 24.5 % shared with Acme"],
            ["Region 1", "3", "5", "\u{2212}2", "5 of 3 166.7 %, over by 2"],
            ["Region 2", "shared", "1,200", "", "1,226 of 5,000 24.5 % shared with Acme"],
            ["Region 10", "20", "19", "1", "19 of 20 95.0 %"],
        ]
    );
    let links = page.attributes("tbody th a", "href");
    assert_eq!(links, [children[2], children[1], children[0]].map(report));
    assert_eq!(page.text(".lede"), "Acme and its 3 child organisations, now (24 Nov 2026, Europe/London)");
    assert_eq!(page.texts(".notice h2"), ["1 child organisation is over the limit"]);
}

#[test]
fn the_bar_is_full_from_100_percent_on_and_its_label_keeps_the_figure() {
    let app = TestApp::start();
    let (root, _) = acme(&app);
    let page = app.signed_in("admin").page(&report(root));
    let over = "tbody tr:nth-child(3) meter";
    assert_eq!((page.attributes(over, "max"), page.attributes(over, "value")), (vec!["3".into()], vec!["3".into()]));
}

#[test]
fn the_children_furthest_over_come_first_and_lead_to_the_others() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", None);
    let experience = builders::experience(conn, root, "LX");
    for (name, used) in [("A", 1), ("B", 5), ("C", 2), ("D", 4), ("E", 3)] {
        let child = builders::child(conn, root, name, Some(0));
        builders::active_users(conn, child, experience, used);
    }
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let page = app.signed_in("admin").page(&report(root));
    assert_eq!(page.text(".notice h2"), "5 child organisations are over the limit");
    assert_eq!(page.texts(".notice li"), ["B, over by 5", "D, over by 4", "E, over by 3", "and 2 more"]);
    assert_eq!(page.attributes(".notice a", "href")[3], format!("{}?sort=remaining", report(root)));
}

#[test]
fn every_column_sorts_both_ways_through_the_address() {
    let app = TestApp::start();
    let (root, _) = acme(&app);
    let visitor = app.signed_in("admin");
    let names = |query: &str| -> Vec<String> {
        visitor.page(&format!("{}?{query}", report(root))).rows().into_iter().map(|row| row[0].clone()).collect()
    };
    let sorted =
        |order: [&str; 3]| ["Acme", "directly in Acme"].into_iter().chain(order).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names("sort=name&order=desc"), sorted(["Region 10", "Region 2", "Region 1"]));
    assert_eq!(names("sort=used"), sorted(["Region 1", "Region 10", "Region 2"]));
    assert_eq!(names("sort=used&order=desc"), sorted(["Region 2", "Region 10", "Region 1"]));
    // what has no limit of its own comes last either way
    assert_eq!(names("sort=limit"), sorted(["Region 1", "Region 10", "Region 2"]));
    assert_eq!(names("sort=limit&order=desc"), sorted(["Region 10", "Region 1", "Region 2"]));
    assert_eq!(names("sort=remaining"), sorted(["Region 1", "Region 10", "Region 2"]));
    assert_eq!(names("sort=percentage&order=desc"), sorted(["Region 1", "Region 10", "Region 2"]));
    assert_eq!(names("sort=nonsense&order=up&page=x"), sorted(["Region 1", "Region 2", "Region 10"]));

    let page = visitor.page(&format!("{}?sort=used&order=desc", report(root)));
    assert_eq!(page.attributes("thead th", "aria-sort"), ["descending"]);
    assert!(page.attributes("thead a", "href").contains(&format!("{}?sort=used", report(root))));
}

#[test]
fn the_export_has_the_same_rows_as_plain_numbers() {
    let app = TestApp::start();
    let (root, _) = acme(&app);
    let visitor = app.signed_in("admin");
    let export = visitor.page(&report(root)).attributes(".actions a", "href").remove(0);
    let response = visitor.get(&export);
    assert_eq!(
        response.headers()["content-disposition"],
        "attachment; filename=\"user-license-report-acme-2026-11-24.csv\""
    );
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/csv; charset=utf-8"));
    assert_eq!(
        response.text().unwrap(),
        "Name,User Limit,Used,Remaining,Percentage Used\r\n\
         Acme,5000,1226,3774,24.5\r\n\
         directly in Acme,,2,,\r\n\
         Region 1,3,5,-2,166.7\r\n\
         Region 2,,1200,,\r\n\
         Region 10,20,19,1,95.0\r\n"
    );
    let entries: Vec<(String, Option<Uuid>)> = audit_entries::table
        .filter(audit_entries::action.eq("license_report.exported"))
        .select((audit_entries::action, audit_entries::organisation_id))
        .load(&mut app.conn())
        .unwrap();
    assert_eq!(entries, [("license_report.exported".to_owned(), Some(root))]);
}

#[test]
fn the_export_follows_the_sorting_and_defuses_formulas() {
    let app = TestApp::start();
    let (root, children) = acme(&app);
    diesel::update(organisations::table.find(children[1]))
        .set(organisations::name.eq("=cmd|' /C calc'!A0"))
        .execute(&mut app.conn())
        .unwrap();
    let csv = app.signed_in("admin").get(&format!("{}.csv?sort=used&order=desc", report(root))).text().unwrap();
    let names: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(names, ["Acme", "directly in Acme", "'=cmd|' /C calc'!A0", "Region 10", "Region 1"]);
}

#[test]
fn an_organisation_without_children_is_one_row() {
    let app = TestApp::start();
    let (_, children) = acme(&app);
    let page = app.signed_in("admin").page(&report(children[0]));
    assert_eq!(page.rows(), [["Region 10", "20", "19", "1", "19 of 20 95.0 %"]]);
    assert_eq!(page.text(".lede"), "Region 10, now (24 Nov 2026, Europe/London)");
}

#[test]
fn a_limit_of_0_no_limit_at_all_and_a_share_of_a_hidden_pool_say_so() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Free", None);
    let zero = builders::child(conn, root, "Zero", Some(0));
    let experience = builders::experience(conn, root, "LX");
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let visitor = app.signed_in("admin");
    let zero_row = |page: crate::support::app::Page| page.rows()[2].clone();
    assert_eq!(visitor.page(&report(root)).rows()[0], ["Free", "no limit", "0", "", "no limit"]);
    assert_eq!(zero_row(visitor.page(&report(root))), ["Zero", "0", "0", "0", "0 of 0 0.0 %"]);
    builders::active_users(conn, zero, experience, 2);
    assert_eq!(zero_row(visitor.page(&report(root))), ["Zero", "0", "2", "\u{2212}2", "2 of 0 over by 2"]);
    assert!(visitor.get(&format!("{}.csv", report(root))).text().unwrap().contains("Zero,0,2,-2,over\r\n"));
    let page = visitor.page(&report(zero));
    assert_eq!(page.text(".notice"), "Zero is over its limit by 22 people are active, and the limit is 0.");
    // the bar is in the red: full, above its upper mark
    let meter = |name| page.attributes("tbody meter", name).remove(0).parse::<f64>().unwrap();
    assert!(meter("value") > meter("high") && meter("high") > meter("low") && meter("low") > 0.0);

    // below an organisation that the reader may not see
    let pool = builders::root(conn, "Secret Holding", Some(10));
    let own = builders::child(conn, pool, "Own", None);
    builders::person(conn, Some(own), "below", Some(("org_admin", Some(own))));
    let page = app.signed_in("below").page(&report(own));
    assert_eq!(page.rows()[0], ["Own", "shared", "0", "", "0.0 % 0.0 % shared with the organisation above"]);
    assert!(!page.html.html().contains("Secret Holding"));
    assert_eq!(page.texts(".crumbs li"), ["Org list", "Own"]);
}

#[test]
fn six_levels_deep_the_breadcrumb_leads_back_up() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let mut path = vec![builders::root(conn, "Level 1", Some(10))];
    for level in 2..=6 {
        path.push(builders::child(conn, *path.last().unwrap(), &format!("Level {level}"), None));
    }
    builders::person(conn, Some(path[0]), "admin", Some(("org_admin", Some(path[0]))));
    let page = app.signed_in("admin").page(&report(path[5]));
    assert_eq!(
        page.texts(".crumbs li"),
        ["Org list", "Level 1", "Level 2", "Level 3", "Level 4", "Level 5", "Level 6"]
    );
    assert_eq!(page.attributes(".crumbs a", "href")[1..], path[..5].iter().map(|id| report(*id)).collect::<Vec<_>>());
}

#[test]
fn a_thousand_children_come_in_pages_of_a_hundred() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Wide", Some(10));
    builders::units(conn, root, 1000);
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let visitor = app.signed_in("admin");
    let page = visitor.page(&report(root));
    assert_eq!(page.rows().len(), 102);
    assert_eq!(page.rows()[101][0], "Unit 100");
    assert_eq!(page.texts(".pager span")[0], "1 to 100 of 1,000");
    let last = visitor.page(&format!("{}?page=10", report(root)));
    assert_eq!(last.rows()[101][0], "Unit 1000");
    assert_eq!(last.attributes(".pager a", "rel"), ["prev"]);
    assert_eq!(visitor.get(&format!("{}?page=11", report(root))).status(), 404);
    assert_eq!(visitor.get(&format!("{}.csv", report(root))).text().unwrap().lines().count(), 1003);
}

#[test]
fn the_figures_change_at_midnight_in_the_organisations_zone_with_no_job() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Tokyo", Some(10));
    diesel::update(organisations::table.find(root))
        .set(organisations::time_zone.eq("Asia/Tokyo"))
        .execute(conn)
        .unwrap();
    let experience = builders::experience(conn, root, "LX");
    let user = builders::user(conn, Some(root), "user");
    builders::enrol(conn, user, experience, "2026-12-01", Some("2026-12-02"));
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let used = |at: &str| {
        app.set_time(at);
        app.signed_in("instance").page(&report(root)).rows()[0][2].clone()
    };
    assert_eq!(used("2026-11-30T14:59:59Z"), "0");
    assert_eq!(used("2026-11-30T15:00:00Z"), "1");
    assert_eq!(used("2026-12-02T14:59:59Z"), "1");
    assert_eq!(used("2026-12-02T15:00:00Z"), "0");
    // and on a day that the base day has passed
    headroom::jobs::housekeeping::tidy(conn, "2027-06-01T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(used("2026-12-01T12:00:00Z"), "1");
}

#[test]
fn an_expired_account_is_not_active_and_keeps_its_enrolments() {
    let app = TestApp::start();
    let (root, children) = acme(&app);
    let conn = &mut app.conn();
    diesel::update(users::table.filter(users::organisation_id.eq(children[0])))
        .set(users::expires_on.eq(builders::date("2026-11-23")))
        .execute(conn)
        .unwrap();
    let visitor = app.signed_in("admin");
    assert_eq!(visitor.page(&report(children[0])).rows()[0][2], "0");
    diesel::update(users::table.filter(users::organisation_id.eq(children[0])))
        .set(users::expires_on.eq(builders::date("2026-11-24")))
        .execute(conn)
        .unwrap();
    assert_eq!(visitor.page(&report(children[0])).rows()[0][2], "19");
    assert_eq!(visitor.page(&report(root)).rows()[0][2], "1,226");
}

#[test]
fn stored_text_is_inert() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "<script>alert(1)</script>", Some(1));
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let body = app.signed_in("admin").get(&report(root)).text().unwrap();
    assert!(!body.contains("<script>"));
    assert!(body.contains("alert(1)"));
}
