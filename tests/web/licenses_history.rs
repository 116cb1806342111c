//! What was and what is coming on the report, the report of another day, and its monthly mail.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::support::app::{Page, TestApp};
use crate::support::builders;

/// Acme with the limit 3 since 1 October, its child Branch, and an admin; the license year began on 1 November.
fn acme(app: &TestApp) -> (Uuid, Uuid, Uuid) {
    let conn = &mut app.conn();
    conn.batch_execute("set headroom.now to '2026-10-01T08:00:00Z'").unwrap();
    let root = builders::root(conn, "Acme", Some(3));
    let branch = builders::child(conn, root, "Branch", None);
    let experience = builders::experience(conn, root, "LX");
    builders::person(conn, Some(root), "boss", Some(("org_admin", Some(root))));
    (root, branch, experience)
}

/// The figures day by day: day, at its end, at most, limit.
fn days(page: &Page) -> Vec<String> {
    let (days, figures) = (page.texts("#days tbody th"), page.texts("#days tbody td.num"));
    days.iter().zip(figures.chunks(3)).map(|(day, figures)| format!("{day}: {}", figures.join(", "))).collect()
}

fn at(conn: &mut PgConnection, time: &str) {
    conn.batch_execute(&format!("set headroom.now to '{time}'")).unwrap();
}

fn people(conn: &mut PgConnection, home: Uuid, experience: Uuid, names: &[&str], starts: &str, ends: Option<&str>) {
    for name in names {
        let user = builders::user(conn, Some(home), name);
        builders::enrol(conn, user, experience, starts, ends);
    }
}

fn agree(conn: &mut PgConnection, root: Uuid, starts: &str, ends: &str, limit: i32) {
    diesel::sql_query(format!(
        "insert into agreements (organisation_id, starts_on, ends_on, user_limit) values ('{root}', '{starts}', '{ends}', {limit})"
    ))
    .execute(conn)
    .unwrap();
}

#[test]
fn the_report_says_in_words_on_which_day_the_limit_will_be_exceeded() {
    let app = TestApp::start();
    let (root, branch, experience) = acme(&app);
    let conn = &mut app.conn();
    people(conn, branch, experience, &["a", "b"], "2026-11-01", None);
    people(conn, root, experience, &["c", "d", "e"], "2027-01-12", Some("2027-01-20"));
    let page = app.signed_in("boss").page(&format!("/organisations/{root}/licenses"));
    assert_eq!(
        page.texts(".history-chart > p")[0],
        "On 12 Jan 2027, 2 more people will be active than the limit allows."
    );
    assert_eq!(page.texts("svg.chart.wide title"), ["Licenses of Acme from 1 Oct 2026 to 22 Feb 2027"]);
    assert_eq!(page.attributes("svg.chart", "role"), ["img", "img"]);
    assert_eq!(page.texts("svg.chart circle.mark").len(), 2, "the day stands out");
    let january = app.signed_in("boss").page(&format!("/organisations/{root}/licenses?month=2027-01"));
    assert_eq!(days(&january), ["21 Jan 2027 scheduled: 2, , 3", "12 Jan 2027 scheduled: 5, , 3"]);
    // the branch has no limit of its own
    let page = app.signed_in("boss").page(&format!("/organisations/{branch}/licenses"));
    assert_eq!(page.texts(".history-chart > p")[0], "It has no limit of its own and shares the 3 licenses of Acme.");
}

#[test]
fn a_coming_license_year_with_a_higher_limit_counts_in_the_forecast_and_in_the_report_of_that_day() {
    let app = TestApp::start();
    let (root, _, experience) = acme(&app);
    let conn = &mut app.conn();
    agree(conn, root, "2026-01-01", "2026-12-31", 3);
    agree(conn, root, "2027-01-01", "2027-12-31", 6);
    people(conn, root, experience, &["c", "d", "e", "f"], "2027-01-12", None);
    let boss = app.signed_in("boss");
    let page = boss.page(&format!("/organisations/{root}/licenses"));
    assert_eq!(
        page.texts(".history-chart > p")[0],
        "From what is scheduled today, the limit is not exceeded until 22 Feb 2027."
    );
    let coming = boss.page(&format!("/organisations/{root}/licenses?on=2027-01-15"));
    assert_eq!(coming.text(".notice"), "As it will be on 15 Jan 2027, from the enrolments that are scheduled today.");
    assert_eq!(coming.rows()[0][..4], ["Acme", "6", "4", "2"]);
    assert!(coming.texts("svg.chart").is_empty());
}

#[test]
fn closing_and_peak_of_a_day_are_shown_and_the_report_of_that_day_has_its_limits() {
    let app = TestApp::start();
    let (root, branch, experience) = acme(&app);
    let conn = &mut app.conn();
    at(conn, "2026-11-10T09:00:00Z");
    people(conn, branch, experience, &["a", "b"], "2026-11-01", None);
    people(conn, root, experience, &["c"], "2026-11-01", None);
    at(conn, "2026-11-10T18:00:00Z");
    conn.batch_execute("delete from users where username = 'a'").unwrap();
    at(conn, "2026-11-12T09:00:00Z");
    people(conn, branch, experience, &["x", "y", "z"], "2026-11-01", None);
    conn.batch_execute("update organisations set user_limit = 10 where name = 'Acme'").unwrap();
    let boss = app.signed_in("boss");
    let page = boss.page(&format!("/organisations/{root}/licenses"));
    assert_eq!(days(&page), ["24 Nov 2026 so far: 5, , 10", "12 Nov 2026: 5, 5, 10", "10 Nov 2026: 2, 3, 3"]);
    // of a closed day: all rows, and the limit of then
    let past = boss.page(&format!("/organisations/{root}/licenses?on=2026-11-11"));
    assert_eq!(past.text(".notice"), "As it was at the end of 11 Nov 2026, as recorded.");
    let rows: Vec<_> = past.rows().into_iter().map(|row| row[..4].join(" ")).collect();
    assert_eq!(rows, ["Acme 3 2 1", "directly in Acme shared 1", "Branch shared 1"].map(|row| row.to_owned()));
    let csv = boss.get(&format!("/organisations/{root}/licenses.csv?on=2026-11-11"));
    let name = csv.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("acme-2026-11-11.csv"), "{name}");
    assert!(csv.text().unwrap().contains("\r\nAcme,3,2,1,66.7\r\n"));
    // links stay on the day
    let links = past.attributes("main table tbody a", "href");
    assert_eq!(links, [format!("/organisations/{branch}/licenses?on=2026-11-11")]);
}

#[test]
fn a_day_that_is_not_recorded_or_no_date_is_said_and_today_is_shown() {
    let app = TestApp::start();
    let (root, ..) = acme(&app);
    let boss = app.signed_in("boss");
    let page = boss.page(&format!("/organisations/{root}/licenses?on=2026-09-30"));
    assert_eq!(
        page.text(".notice"),
        "Nothing is recorded for 30 Sep 2026, so this is today: the records begin on 1 Oct 2026."
    );
    let page = boss.page(&format!("/organisations/{root}/licenses?on=tomorrow"));
    assert_eq!(page.status, 200);
    assert!(page.text(".notice").starts_with("“tomorrow” is not a date, so this is today."));
    let page = boss.page(&format!("/organisations/{root}/licenses?on=2026-11-24"));
    assert!(page.texts(".notice").is_empty());
}
