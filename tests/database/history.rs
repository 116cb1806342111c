//! What is recorded of the past, against a slow model that looks after each write and at each midnight who is active:
//! closing and peak of each day of each organisation, and the holders of each license year (`domain.md` section 4).

mod world;
mod writes;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Uuid as SqlUuid};
use headroom::features::licenses::verify::differences;
use headroom::schema::{license_days, license_days_closed};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::builders;
use crate::support::database::TestDatabase;
use world::World;
use writes::{agree, write};

/// The recorded closing and peak of each closed day; a day without a row is like the end of the day before.
fn recorded(conn: &mut PgConnection, root: Uuid, organisation: Uuid) -> BTreeMap<NaiveDate, (i64, i64)> {
    let (from, until): (NaiveDate, NaiveDate) = license_days_closed::table
        .find(root)
        .select((license_days_closed::begins_on, license_days_closed::closed_until))
        .first(conn)
        .expect("closed days");
    let rows: Vec<(NaiveDate, i32, i32)> = license_days::table
        .filter(license_days::organisation_id.eq(organisation))
        .order(license_days::day)
        .select((license_days::day, license_days::closing, license_days::peak))
        .load(conn)
        .expect("recorded days");
    let rows: BTreeMap<NaiveDate, (i32, i32)> =
        rows.into_iter().map(|(day, closing, peak)| (day, (closing, peak))).collect();
    let mut days = BTreeMap::new();
    let mut before = 0;
    for day in from.iter_days().take_while(|day| *day <= until) {
        let (closing, peak) = rows.get(&day).copied().unwrap_or((before, before));
        days.insert(day, (i64::from(closing), i64::from(peak)));
        before = closing;
    }
    days
}

fn holders(conn: &mut PgConnection, root: Uuid, year: NaiveDate, on: NaiveDate) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        holders: i64,
    }
    diesel::sql_query("select license_holders_in($1, $2, $3) as holders")
        .bind::<SqlUuid, _>(root)
        .bind::<Date, _>(year)
        .bind::<Date, _>(on)
        .get_result::<Count>(conn)
        .expect("a number of holders")
        .holders
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_recorded_is_what_was_true_at_each_moment_whoever_closed_the_days(
        writes in prop::collection::vec(write(), 1..45),
    ) {
        let database = TestDatabase::new();
        let mut world = World::new(database.connect());
        for (minutes, write) in &writes {
            world.apply(*minutes, write);
        }
        // the day after the last write, so that its day is closed as well
        world.wait(60 * 24);
        world.close_days();
        for (root, organisation) in world.organisations() {
            let recorded = recorded(&mut world.conn, root, organisation);
            prop_assert_eq!(&recorded, &world.closed_days(organisation), "{:?}", world.name(organisation));
        }
        for (root, year, on, expected) in world.holders() {
            prop_assert_eq!(holders(&mut world.conn, root, year, on), expected, "{:?} {}", world.name(root), year);
        }
        let today = world.now().date_naive();
        let differences = differences(&mut world.conn, today).expect("a comparison");
        prop_assert!(differences.is_empty(), "{:?}", differences);
    }
}

#[test]
fn who_held_a_license_is_still_counted_when_the_organisation_is_gone() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let root = builders::root(conn, "Root", Some(10));
    let branch = builders::child(conn, root, "Branch", None);
    let experience = builders::experience(conn, root, "LX");
    agree(conn, root, builders::date("2026-11-01")).expect("an agreement");
    let user = builders::user(conn, Some(branch), "ann");
    builders::enrol(conn, user, experience, "2026-11-20", None);
    conn.batch_execute("set headroom.now to '2026-11-24T15:00:00Z'").unwrap();
    diesel::delete(headroom::schema::users::table.find(user)).execute(conn).expect("a deleted user");
    diesel::delete(headroom::schema::organisations::table.find(branch)).execute(conn).expect("a deleted branch");
    assert_eq!(holders(conn, root, builders::date("2026-11-01"), builders::date("2026-11-24")), 1);
    conn.batch_execute("set headroom.now to '2026-11-25T12:00:00Z'; select license_close_days(headroom_now())")
        .unwrap();
    // she was active during the day, and it is the root's figure too
    assert_eq!(recorded(conn, root, root)[&builders::date("2026-11-24")], (0, 1));
}

#[test]
fn who_moves_and_is_enrolled_in_one_statement_holds_a_license_in_the_new_tree_only() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let [old, new] = ["Old", "New"].map(|name| builders::root(conn, name, Some(10)));
    let experience = builders::experience(conn, old, "LX");
    let year = builders::date("2026-11-01");
    for root in [old, new] {
        agree(conn, root, year).expect("an agreement");
    }
    let user = builders::user(conn, Some(old), "ann");
    conn.batch_execute(&format!(
        "set headroom.now to '2026-11-24T15:00:00Z';
         with moved as (update users set organisation_id = '{new}' where id = '{user}')
         insert into enrolments (user_id, experience_id, starts_on) values ('{user}', '{experience}', '2026-11-20')"
    ))
    .expect("one statement");
    let on = builders::date("2026-11-24");
    assert_eq!([old, new].map(|root| holders(conn, root, year, on)), [0, 1]);
    assert!(differences(conn, on).expect("a comparison").is_empty());
}

#[test]
fn verification_finds_holders_that_are_missing_or_counted_wrongly() {
    for falsify in [
        "delete from license_holders",
        "update license_holder_days set holders = holders + 1",
        "delete from license_holder_days",
        "with gone as (delete from license_holders) delete from license_holder_days",
    ] {
        let database = TestDatabase::new();
        let conn = &mut database.connect();
        let root = builders::root(conn, "Root", Some(10));
        let experience = builders::experience(conn, root, "LX");
        agree(conn, root, builders::date("2026-11-01")).expect("an agreement");
        builders::active_users(conn, root, experience, 2);
        let today = builders::date("2026-11-24");
        assert!(differences(conn, today).expect("a comparison").is_empty());
        conn.batch_execute(falsify).expect("a falsified figure");
        assert!(!differences(conn, today).expect("a comparison").is_empty(), "{falsify}");
    }
}

/// Rows of the organisation's recorded days.
fn days_of(conn: &mut PgConnection, organisation: Uuid) -> Vec<(String, i32, i32)> {
    let rows: Vec<(NaiveDate, i32, i32)> = license_days::table
        .filter(license_days::organisation_id.eq(organisation))
        .order(license_days::day)
        .select((license_days::day, license_days::closing, license_days::peak))
        .load(conn)
        .expect("recorded days");
    rows.into_iter().map(|(day, closing, peak)| (day.to_string(), closing, peak)).collect()
}

fn close_at(conn: &mut PgConnection, time: &str) {
    conn.batch_execute(&format!("set headroom.now to '{time}'; select license_close_days(headroom_now())"))
        .expect("closed days");
}

#[test]
fn only_days_with_a_change_are_written_and_only_for_organisations_that_have_it() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    conn.batch_execute("set headroom.now to '2026-11-24T15:00:00Z'").unwrap();
    let root = builders::root(conn, "Root", Some(10));
    let (north, south) = (builders::child(conn, root, "North", None), builders::child(conn, root, "South", None));
    let experience = builders::experience(conn, root, "LX");
    let user = builders::user(conn, Some(north), "ann");
    close_at(conn, "2026-11-25T00:00:05Z");
    builders::enrol(conn, user, experience, "2026-11-28", Some("2026-11-29"));
    for day in 26..=30 {
        close_at(conn, &format!("2026-11-{day}T00:00:05Z"));
    }
    // two days at once
    close_at(conn, "2026-12-02T00:00:05Z");
    let first = ("2026-11-24".to_owned(), 0, 0);
    let changes = [first.clone(), ("2026-11-28".to_owned(), 1, 1), ("2026-11-30".to_owned(), 0, 0)];
    assert_eq!(days_of(conn, root), changes);
    assert_eq!(days_of(conn, north), changes);
    assert_eq!(days_of(conn, south), [first]);
}

#[test]
fn a_change_that_was_committed_after_its_day_was_closed_is_in_the_next_days_figures() {
    let database = TestDatabase::new();
    let (conn, late) = (&mut database.connect(), &mut database.connect());
    conn.batch_execute("set headroom.now to '2026-11-24T15:00:00Z'").unwrap();
    let root = builders::root(conn, "Root", Some(10));
    let experience = builders::experience(conn, root, "LX");
    let user = builders::user(conn, Some(root), "ann");
    late.batch_execute("set headroom.now to '2026-11-24T23:59:59Z'; begin").unwrap();
    builders::enrol(late, user, experience, "2026-11-01", None);
    close_at(conn, "2026-11-25T00:00:05Z");
    late.batch_execute("commit").unwrap();
    close_at(conn, "2026-11-26T00:00:05Z");
    close_at(conn, "2026-11-27T00:00:05Z");
    assert_eq!(days_of(conn, root), [("2026-11-24".to_owned(), 0, 0), ("2026-11-25".to_owned(), 1, 1)]);
}

#[test]
fn who_was_active_before_days_were_counted_is_in_the_first_closed_day() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let root = builders::root(conn, "Root", Some(10));
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, root, experience, 3);
    // as the migration found it that began to count
    conn.batch_execute(
        "delete from license_log;
         update license_days_closed set begins_on = '2026-11-24', closed_until = '2026-11-23', next_at = '2026-11-25'",
    )
    .unwrap();
    close_at(conn, "2026-11-25T00:00:05Z");
    assert_eq!(days_of(conn, root), [("2026-11-24".to_owned(), 3, 3)]);
}

#[test]
fn an_organisation_that_moves_takes_its_users_from_one_trees_figures_to_the_others() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    conn.batch_execute("set headroom.now to '2026-11-24T15:00:00Z'").unwrap();
    let (from, to) = (builders::root(conn, "From", Some(10)), builders::root(conn, "To", Some(10)));
    let (branch, target) = (builders::child(conn, from, "Branch", None), builders::child(conn, to, "Target", None));
    let experience = builders::experience(conn, from, "LX");
    builders::active_users(conn, branch, experience, 3);
    close_at(conn, "2026-11-25T00:00:05Z");
    close_at(conn, "2026-11-27T00:00:05Z");
    diesel::sql_query("update organisations set parent_id = $1 where id = $2")
        .bind::<SqlUuid, _>(target)
        .bind::<SqlUuid, _>(branch)
        .execute(conn)
        .expect("a move");
    close_at(conn, "2026-11-28T00:00:05Z");
    let day = |day: &str, closing, peak| (day.to_owned(), closing, peak);
    assert_eq!(days_of(conn, from), [day("2026-11-24", 3, 3), day("2026-11-27", 0, 3)]);
    assert_eq!(days_of(conn, target), [day("2026-11-24", 0, 0), day("2026-11-27", 3, 3)]);
    assert_eq!(days_of(conn, to), [day("2026-11-24", 0, 0), day("2026-11-27", 3, 3)]);
}
