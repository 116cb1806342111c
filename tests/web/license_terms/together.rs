//! Several servers, and checks that come late.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::jobs::housekeeping;
use headroom::schema::{license_log, notices, outbox, overages};

use crate::support::app::TestApp;
use crate::support::builders::{active_users, child, date, experience, grant, person, root};

/// A root of ten licenses with so many active users, its org admin and its account manager.
fn over(app: &TestApp, used: i32) -> uuid::Uuid {
    let mut conn = app.conn();
    let root = root(&mut conn, "Northwind", Some(10));
    let course = experience(&mut conn, root, "COURSE");
    person(&mut conn, Some(root), "admin", Some(("org_admin", Some(root))));
    person(&mut conn, None, "manager", Some(("account_manager", Some(root))));
    app.check_licenses();
    active_users(&mut conn, root, course, used);
    root
}

fn notice_kinds(app: &TestApp) -> Vec<String> {
    notices::table.order((notices::at, notices::id)).select(notices::kind).load(&mut app.conn()).expect("notices")
}

fn mails(app: &TestApp) -> i64 {
    outbox::table.count().get_result(&mut app.conn()).expect("mails")
}

#[test]
fn many_servers_that_check_at_once_tell_each_step_once() {
    let app = TestApp::start();
    over(&app, 11);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| app.check_licenses());
        }
    });
    app.check_licenses();
    assert_eq!(notice_kinds(&app), ["overage_major"]);
    assert_eq!(mails(&app), 2);
}

#[test]
fn whoever_is_account_manager_and_org_admin_is_told_how_to_free_licenses() {
    let app = TestApp::start();
    let root = over(&app, 11);
    let both = person(&mut app.conn(), None, "both", Some(("account_manager", Some(root))));
    grant(&mut app.conn(), both, "org_admin", Some(root));
    app.check_licenses();
    let told = outbox::table.filter(outbox::body.like("%/free-up%")).select(outbox::recipient);
    let told: Vec<String> = told.order(outbox::recipient).load(&mut app.conn()).expect("mails");
    assert_eq!(told, ["admin@people.example", "both@people.example"]);
}

#[test]
fn a_server_that_dies_while_it_checks_leaves_the_step_to_the_next_one() {
    let app = TestApp::start();
    over(&app, 11);
    // whatever it had done is undone with its transaction: as if its last statement had failed
    let break_log =
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$;
       create trigger refuse before insert on audit_entries for each row execute function refuse()";
    app.conn().batch_execute(break_log).expect("a log that takes nothing");
    let state = app.state.clone();
    let died =
        actix_web::rt::System::new().block_on(async move { headroom::jobs::license_checks::check_all(&state).await });
    assert!(died.is_err());
    assert!(notice_kinds(&app).is_empty());
    assert_eq!(mails(&app), 0);

    app.conn().batch_execute("drop trigger refuse on audit_entries").expect("a log that takes entries");
    app.check_licenses();
    assert_eq!(notice_kinds(&app), ["overage_major"]);
    assert_eq!(mails(&app), 2);
}

#[test]
fn without_an_agreement_a_major_overage_upgrades_nothing_and_says_so() {
    let app = TestApp::start();
    over(&app, 11);
    app.check_licenses();
    app.set_time("2026-11-25T11:59:59Z");
    app.check_licenses();
    assert_eq!(notice_kinds(&app), ["overage_major"]);
    app.set_time("2026-11-25T12:00:01Z");
    app.check_licenses();
    assert_eq!(notice_kinds(&app), ["overage_major", "no_higher_tier"]);
    let stage: String = overages::table.select(overages::stage).first(&mut app.conn()).expect("an overage");
    assert_eq!(stage, "no_higher_tier");
}

#[test]
fn a_spike_between_two_checks_is_told_with_its_times() {
    let app = TestApp::start();
    let root = over(&app, 5);
    app.check_licenses();
    let conn_at = |time: &str| {
        app.set_time(time);
        app.conn_now()
    };
    let course = experience(&mut conn_at("2026-11-24T13:00:00Z"), root, "MORE");
    diesel::sql_query(
        "with people as (
           insert into users (organisation_id, username, email, first_name, last_name)
           select $1, 'spike-' || n, 'spike-' || n || '@people.example', 'S', 'P' from generate_series(1, 6) n returning id)
         insert into enrolments (user_id, experience_id, starts_on) select id, $2, '2026-01-01' from people",
    )
    .bind::<diesel::sql_types::Uuid, _>(root)
    .bind::<diesel::sql_types::Uuid, _>(course)
    .execute(&mut conn_at("2026-11-24T13:00:00Z"))
    .expect("a spike");
    conn_at("2026-11-24T13:00:40Z").batch_execute("delete from users where username like 'spike-%'").expect("its end");
    app.set_time("2026-11-24T13:01:00Z");
    app.check_licenses();
    assert_eq!(notice_kinds(&app), ["overage_major", "overage_closed"]);
    let times: Vec<String> = notices::table
        .order(notices::at)
        .select(notices::at)
        .load::<chrono::DateTime<chrono::Utc>>(&mut app.conn())
        .expect("notices")
        .iter()
        .map(|at| at.format("%H:%M:%S").to_string())
        .collect();
    assert_eq!(times, ["13:00:00", "13:00:40"]);
}

#[test]
fn of_several_days_that_were_missed_each_has_its_own_figures() {
    let app = TestApp::start();
    let root = over(&app, 5);
    app.check_licenses();
    // six more for a day and a half
    app.set_time("2026-11-26T08:00:00Z");
    let branch = child(&mut app.conn_now(), root, "Branch", None);
    let course = experience(&mut app.conn_now(), branch, "MORE");
    active_users(&mut app.conn_now(), branch, course, 6);
    app.set_time("2026-11-27T20:00:00Z");
    app.conn_now()
        .batch_execute(
            "delete from users where organisation_id <> (select id from organisations where parent_id is null)",
        )
        .expect("their end");
    app.set_time("2026-11-30T09:00:00Z");
    app.check_licenses();
    let told: Vec<(chrono::DateTime<chrono::Utc>, String)> =
        notices::table.order(notices::at).select((notices::at, notices::kind)).load(&mut app.conn()).expect("notices");
    let told: Vec<_> = told.into_iter().map(|(at, kind)| (at.format("%F %H:%M").to_string(), kind)).collect();
    let expected = [
        ("2026-11-26 08:00", "overage_major"),
        ("2026-11-27 08:00", "no_higher_tier"),
        ("2026-11-27 20:00", "overage_closed"),
    ];
    assert_eq!(told, expected.map(|(at, kind)| (at.to_owned(), kind.to_owned())));
}

#[test]
fn what_a_check_has_seen_is_not_looked_at_again() {
    let app = TestApp::start();
    over(&app, 3);
    app.check_licenses();
    let waiting: i64 =
        license_log::table.filter(license_log::checked.eq(false)).count().get_result(&mut app.conn()).expect("the log");
    assert_eq!(waiting, 0);
}

#[test]
fn the_log_of_a_closed_day_goes_with_housekeeping_when_the_next_day_is_closed_too() {
    let app = TestApp::start();
    let root = over(&app, 3);
    app.check_licenses();
    let days = |app: &TestApp| -> Vec<chrono::NaiveDate> {
        license_log::table
            .select(license_log::day)
            .distinct()
            .order(license_log::day)
            .load(&mut app.conn())
            .expect("the log")
    };
    app.set_time("2026-11-25T12:00:00Z");
    diesel::sql_query("update organisations set user_limit = 12 where id = $1")
        .bind::<diesel::sql_types::Uuid, _>(root)
        .execute(&mut app.conn_now())
        .expect("a limit");
    app.check_licenses();
    assert_eq!(days(&app), [date("2026-11-24"), date("2026-11-25")]);
    housekeeping::tidy(&mut app.conn_now(), app.clock.now()).expect("a tidy database");
    assert_eq!(days(&app), [date("2026-11-24"), date("2026-11-25")]);
    app.set_time("2026-11-26T12:00:00Z");
    app.check_licenses();
    housekeeping::tidy(&mut app.conn_now(), app.clock.now()).expect("a tidy database");
    assert_eq!(days(&app), [date("2026-11-25")]);
}
