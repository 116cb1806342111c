//! What was and what is coming on the report, the report of another day, and its monthly mail.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::jobs::{license_checks, monthly_reports};
use headroom::schema::{audit_entries, outbox};
use uuid::Uuid;

use crate::support::app::{Page, TestApp};
use crate::support::builders;
use crate::support::smtp::{MailServer, Received, deliver, mailer};

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

fn boss_id(conn: &mut PgConnection) -> headroom::ids::UserId {
    use headroom::schema::users;
    users::table.filter(users::username.eq("boss")).select(users::id).first(conn).unwrap()
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
        "From what is scheduled today, the limit is not exceeded on any day up to 22 Feb 2027."
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
    let rows: Vec<_> = past.rows().into_iter().map(|row| row[..4].join(" ").trim().to_owned()).collect();
    assert_eq!(rows, ["Acme 3 2 1", "directly in Acme shared 1", "Branch shared 1"].map(str::to_owned));
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

/// Writes what is due and delivers it; the mails that arrived since the last time.
fn mails(app: &TestApp, server: &MailServer) -> Vec<Received> {
    let before = server.received().len();
    let state = app.state.clone();
    actix_web::rt::System::new().block_on(async move {
        license_checks::check_all(&state).await.unwrap();
        monthly_reports::write_due(&state).await.unwrap();
    });
    deliver(&app.database, &mailer(&server.url()));
    server.received().split_off(before).into_iter().filter(|mail| mail.text.contains("multipart/mixed")).collect()
}

#[test]
fn a_subscriber_gets_the_report_of_each_month_once_and_missed_ones_later() {
    let app = TestApp::start();
    let server = MailServer::start();
    let (root, branch, experience) = acme(&app);
    let conn = &mut app.conn();
    agree(conn, root, "2026-10-01", "2027-09-30", 3);
    conn.batch_execute("update users set language = 'de', time_zone = 'Europe/Berlin' where username = 'boss'")
        .unwrap();
    people(conn, branch, experience, &["a", "b"], "2026-11-01", Some("2026-11-28"));
    people(conn, root, experience, &["c", "d", "e", "f"], "2026-12-10", None);
    let boss = app.signed_in("boss");
    let address = format!("/organisations/{root}/licenses/subscription");
    let answer = boss.post(&address, &[("wanted", "1")]);
    assert_eq!(answer.headers()["location"], format!("/organisations/{root}/licenses?subscribed=1#monthly"));
    boss.post(&address, &[("wanted", "1")]);
    let page = boss.page(&format!("/organisations/{root}/licenses?subscribed=1"));
    assert_eq!(page.text(".notice.done h2"), "You get this report by mail every month");
    assert_eq!(page.texts("#monthly button"), ["Stop"]);
    assert!(mails(&app, &server).is_empty(), "the month is not over");

    app.set_time("2026-12-01T00:30:00Z");
    let sent = mails(&app, &server);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, ["boss@people.example"]);
    assert_eq!(sent[0].header("Subject"), "Licenses of Acme until 30. November 2026");
    let text = sent[0].text.replace("=\r\n", "");
    for part in [
        "Active users at the end of 30. November 2026: 0 of 3 (0.0 %)",
        "At most at once: 2, on 24. November 2026",
        "Re-uses of licenses this license year: 0 of 9",
        "On 10. Dezember 2026, 1 more person will be active than the limit allows.",
        "\"user-license-report-acme-2026-11-30.csv\"",
        "Acme,3,0,3,0.0",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(mails(&app, &server).is_empty(), "once");
    // nobody looked for two months
    app.set_time("2027-02-03T09:00:00Z");
    let subjects: Vec<String> = mails(&app, &server).iter().map(|mail| mail.header("Subject")).collect();
    assert_eq!(subjects, ["Licenses of Acme until 31. Dezember 2026", "Licenses of Acme until 31. Januar 2027"]);

    // who may not see it any more gets nothing
    conn.batch_execute("delete from role_grants").unwrap();
    app.set_time("2027-03-01T09:00:00Z");
    assert!(mails(&app, &server).is_empty());
    let files: i64 = outbox::table.filter(outbox::attachment.is_not_null()).count().get_result(conn).unwrap();
    assert_eq!(files, 0, "nothing of the files is left");
}

#[test]
fn who_stops_the_monthly_report_gets_no_more() {
    let app = TestApp::start();
    let server = MailServer::start();
    let (root, ..) = acme(&app);
    let boss = app.signed_in("boss");
    let address = format!("/organisations/{root}/licenses/subscription");
    boss.post(&address, &[("wanted", "1")]);
    boss.post(&address, &[("wanted", "0")]);
    app.set_time("2026-12-01T09:00:00Z");
    assert!(mails(&app, &server).is_empty());
    let actions: Vec<String> = audit_entries::table
        .filter(audit_entries::action.like("license_report.%"))
        .order(audit_entries::id)
        .select(audit_entries::action)
        .load(&mut app.conn())
        .unwrap();
    assert_eq!(actions, ["license_report.subscribed", "license_report.unsubscribed"]);
}

#[test]
fn a_report_that_cannot_be_written_waits_and_the_others_are_mailed() {
    let app = TestApp::start();
    let server = MailServer::start();
    let (root, ..) = acme(&app);
    let conn = &mut app.conn();
    for name in ["first", "second"] {
        let admin = builders::person(conn, Some(root), name, Some(("org_admin", Some(root))));
        diesel::sql_query(format!("insert into report_subscriptions values ('{admin}', '{root}', '2026-11-20')"))
            .execute(conn)
            .unwrap();
    }
    conn.batch_execute(
        "create function never() returns trigger language plpgsql as $$ begin raise exception 'never'; end $$;
         create trigger never before insert on outbox for each row
         when (new.recipient = 'first@people.example') execute function never()",
    )
    .unwrap();
    app.set_time("2026-12-01T09:00:00Z");
    let to = |mails: Vec<Received>| mails.into_iter().flat_map(|mail| mail.to).collect::<Vec<_>>();
    assert_eq!(to(mails(&app, &server)), ["second@people.example"]);
    conn.batch_execute("drop trigger never on outbox").unwrap();
    assert_eq!(to(mails(&app, &server)), ["first@people.example"]);
}

#[test]
fn two_servers_write_each_report_once() {
    let app = TestApp::start();
    let (root, ..) = acme(&app);
    let conn = &mut app.conn();
    for number in 0..12 {
        let admin = builders::person(conn, Some(root), &format!("admin-{number}"), Some(("org_admin", Some(root))));
        diesel::sql_query(format!("insert into report_subscriptions values ('{admin}', '{root}', '2026-11-20')"))
            .execute(conn)
            .unwrap();
    }
    app.set_time("2026-12-01T09:00:00Z");
    let state = app.state.clone();
    actix_web::rt::System::new().block_on(async move {
        license_checks::check_all(&state).await.unwrap();
        let (one, two) = tokio::join!(monthly_reports::write_due(&state), monthly_reports::write_due(&state));
        one.and(two).unwrap();
    });
    let mut to: Vec<String> =
        outbox::table.filter(outbox::attachment.is_not_null()).select(outbox::recipient).load(conn).unwrap();
    assert_eq!(to.len(), 12);
    to.sort_unstable();
    to.dedup();
    assert_eq!(to.len(), 12);
}

#[test]
fn expiring_enrolments_shows_the_forecast_with_and_without_it() {
    let app = TestApp::start();
    let (root, branch, experience) = acme(&app);
    let conn = &mut app.conn();
    // a and b are active now, b only for ten more days; c, d and e from January on
    people(conn, branch, experience, &["a"], "2026-11-01", None);
    people(conn, branch, experience, &["b"], "2026-11-01", Some("2026-12-04"));
    people(conn, root, experience, &["c", "d", "e"], "2027-01-12", None);
    let boss = app.signed_in("boss");
    let ids: Vec<Uuid> = headroom::schema::users::table
        .filter(headroom::schema::users::username.eq_any(["a", "b"]))
        .order(headroom::schema::users::username)
        .select(headroom::schema::users::id)
        .load(conn)
        .unwrap();
    let page = boss.page(&format!("/users/expire?ids={}&ids={}", ids[0], ids[1]));
    assert_eq!(page.text(".what-if caption"), "Active users of Acme, from what is scheduled");
    let cells = page.texts(".what-if tbody td");
    let rows: Vec<_> = cells.chunks(3).map(|row| row.join(" ")).collect();
    assert_eq!(rows, ["2 0 3", "1 0 3", "4 3 3", "4 3 3"]);
    assert_eq!(
        page.texts(".what-if dd"),
        [
            "On 12 Jan 2027, 1 more person will be active than the limit allows.",
            "From what is scheduled today, the limit is not exceeded on any day up to 22 Feb 2027."
        ]
    );
    // nothing changes for the licenses: nothing is shown
    let page = boss.page(&format!("/users/expire?ids={}&expires_on=2026-12-04", ids[1]));
    assert!(page.texts(".what-if").is_empty());
}

#[test]
fn an_import_that_deletes_shows_the_forecast_without_those_who_go() {
    let app = TestApp::start();
    let (root, branch, experience) = acme(&app);
    let conn = &mut app.conn();
    people(conn, branch, experience, &["a", "b"], "2026-11-01", None);
    people(conn, root, experience, &["c", "d"], "2027-01-12", None);
    let import = builders::import(conn, root);
    diesel::sql_query(format!(
        "insert into import_plan (import_id, kind, number, person_id, name, username)
         select '{import}', 'delete', row_number() over (order by id), id, username, username from users where username in ('a', 'c')"
    ))
    .execute(conn)
    .unwrap();
    let boss = boss_id(conn);
    let by = headroom::web::guards::SignedIn::for_account(conn, boss, app.clock.now()).unwrap().unwrap();
    let by = headroom::web::guards::Allowed::<headroom::web::guards::Import>::new(by).unwrap();
    let view = headroom::features::licenses::queries_what_if::when_an_import_is_applied(
        conn,
        &by,
        headroom::ids::ImportId(import),
        headroom::ids::OrganisationId(root),
        app.clock.now(),
    )
    .unwrap()
    .expect("a forecast")
    .view();
    let rows: Vec<_> = view.rows.iter().map(|row| format!("{} {}", row.without, row.with)).collect();
    assert_eq!(rows, ["2 1", "2 1", "4 2", "4 2"]);
}
