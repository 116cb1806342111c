//! Files that are longer than what fits on the way to the client.

use std::collections::BTreeSet;

use super::*;

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
    for _ in 0..20_000 {
        if reading(conn) == 0 {
            assert_eq!(recorded(conn), (Some(place.acme), true, json!({}), None, false));
            return;
        }
        std::thread::yield_now();
    }
    panic!("it is still being read");
}
