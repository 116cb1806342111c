//! Files that are longer than what fits on the way to the client.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use headroom::db::stream::Pace;

use super::*;
use crate::support::app::settings;
use crate::support::database::TestDatabase;

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// With four connections to the database, and so two downloads at once.
fn pacing(pace: Pace) -> Place {
    let database = TestDatabase::new();
    let url = database.url.clone();
    in_app(TestApp::start_pacing(&settings(), database, &url, pace))
}

/// People with long names.
fn many(conn: &mut PgConnection, home: Uuid, count: i32) {
    diesel::sql_query(
        "insert into users (organisation_id, username, email, first_name, last_name)
         select $1, repeat('u', 140) || n, repeat('m', 200) || n || '@people.example', repeat('f', 150), repeat('l', 150)
         from generate_series(1, $2) n",
    )
    .bind::<diesel::sql_types::Uuid, _>(home)
    .bind::<diesel::sql_types::Integer, _>(count)
    .execute(conn)
    .unwrap();
}

/// How many other sessions are in the middle of something.
fn reading(conn: &mut PgConnection) -> i64 {
    let others = "(select count(*) from pg_stat_activity
        where datname = current_database() and xact_start is not null and pid <> pg_backend_pid())";
    diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(others)).get_result(conn).unwrap()
}

#[test]
fn a_long_file_is_complete_and_of_one_moment() {
    let place = place();
    let conn = &mut place.app.conn();
    many(conn, place.east, 20_000); // 17 MB
    let mut response = place.app.signed_in("admin").get("/users.csv");
    let mut text = String::new();
    (&mut response).take(1000).read_to_string(&mut text).unwrap();
    assert_eq!(reading(conn), 1, "the file is still being read");
    diesel::sql_query("delete from users where first_name <> 'Test'").execute(conn).unwrap();
    response.read_to_string(&mut text).unwrap();
    let ids: BTreeSet<String> = lines(&text).into_iter().skip(1).map(|mut line| line.swap_remove(0)).collect();
    assert_eq!(ids.len(), 20_002);
    assert_eq!(recorded(conn).3, Some(20_002));
}

#[test]
fn an_export_whose_client_goes_away_is_given_up_and_stays_unfinished() {
    let place = place();
    let conn = &mut place.app.conn();
    many(conn, place.east, 20_000);
    let mut response = place.app.signed_in("admin").get("/users.csv");
    let mut some = [0; 1000];
    response.read_exact(&mut some).unwrap();
    assert_eq!(reading(conn), 1, "the file is still being read");
    drop(response);
    until_nobody_reads(conn);
    assert_eq!(recorded(conn), (Some(place.acme), true, json!({}), None, false));
}

fn until_nobody_reads(conn: &mut PgConnection) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while reading(conn) > 0 {
        assert!(Instant::now() < deadline, "it is still being read");
        std::thread::yield_now();
    }
}

#[test]
fn slow_downloads_leave_connections_for_others_and_one_more_is_told_when_to_try_again() {
    let place = pacing(Pace { turn: Duration::ZERO, client: FOR_EVER });
    let conn = &mut place.app.conn();
    many(conn, place.east, 20_000);
    let admin = place.app.signed_in("admin");
    let slow = [admin.get("/users.csv"), admin.get("/users.csv")];
    assert_eq!(slow.each_ref().map(|response| response.status().as_u16()), [200, 200]);
    let refused = admin.get("/users.csv");
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "60");
    assert_eq!(Page::of(refused).text("h1"), "Too many downloads at once, try again in a minute");
    assert_eq!(admin.page("/users").status, 200);
    drop(slow);
    until_nobody_reads(conn);
    assert_eq!(admin.get("/users.csv").status(), 200);
}

#[test]
fn an_export_whose_client_takes_nothing_is_given_up() {
    let place = pacing(Pace { turn: FOR_EVER, client: Duration::from_millis(50) });
    let conn = &mut place.app.conn();
    many(conn, place.east, 20_000);
    let mut response = place.app.signed_in("admin").get("/users.csv");
    until_nobody_reads(conn);
    let mut taken = Vec::new();
    assert!(response.read_to_end(&mut taken).is_err(), "nobody takes a part for the whole");
    assert_eq!(recorded(conn), (Some(place.acme), true, json!({}), None, false));
}
