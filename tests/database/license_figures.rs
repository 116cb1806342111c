//! License figures against a slow model that counts from the definition (`domain.md` section 3),
//! under random writes through every path.

mod writes;

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Uuid as SqlUuid};
use headroom::features::licenses::verify::differences;
use headroom::jobs::housekeeping::{add_up_figures, move_base_day, take_figures_apart};
use headroom::schema::{enrolments, organisations, users};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::builders::{self, date};
use crate::support::database::{TestDatabase, wait_until_blocked};
use writes::{Write, write};

const TODAY: &str = "2026-11-24";

fn at(offset: i64) -> NaiveDate {
    let days = Days::new(offset.unsigned_abs());
    if offset < 0 { date(TODAY) - days } else { date(TODAY) + days }
}

fn pick<T: Copy>(from: &[T], number: usize) -> Option<T> {
    from.get(number % from.len().max(1)).copied()
}

fn some_of<T: Copy>(from: &[T], first: usize, count: usize) -> Vec<T> {
    from.iter().copied().cycle().skip(first % from.len().max(1)).take(count.min(from.len())).collect()
}

struct World {
    conn: PgConnection,
    added: usize,
}

impl World {
    fn organisations(&mut self) -> Vec<Uuid> {
        organisations::table
            .order(organisations::id)
            .select(organisations::id)
            .load(&mut self.conn)
            .expect("organisations")
    }

    fn users(&mut self) -> Vec<Uuid> {
        users::table.order(users::id).select(users::id).load(&mut self.conn).expect("users")
    }

    fn enrolments(&mut self) -> Vec<Uuid> {
        enrolments::table.order(enrolments::id).select(enrolments::id).load(&mut self.conn).expect("enrolments")
    }

    fn experiences(&mut self) -> Vec<Uuid> {
        use headroom::schema::experiences::dsl;
        dsl::experiences.order(dsl::id).select(dsl::id).load(&mut self.conn).expect("experiences")
    }

    fn apply(&mut self, write: &Write) {
        let (organisations, users) = (self.organisations(), self.users());
        let (all, experiences) = (self.enrolments(), self.experiences());
        let conn = &mut self.conn;
        let done: QueryResult<usize> = match write {
            Write::Enrol { user, experience, starts, lasts } => {
                let (Some(user), Some(experience)) = (pick(&users, *user), pick(&experiences, *experience)) else {
                    return;
                };
                diesel::insert_into(enrolments::table)
                    .values((
                        enrolments::user_id.eq(user),
                        enrolments::experience_id.eq(experience),
                        enrolments::starts_on.eq(at(*starts)),
                        enrolments::expires_on.eq(lasts.map(|lasts| at(starts + lasts))),
                    ))
                    .on_conflict_do_nothing()
                    .execute(conn)
            }
            Write::EnrolOrExtend { first, count, experience, starts, lasts } => {
                let Some(experience) = pick(&experiences, *experience) else { return };
                diesel::sql_query(
                    "insert into enrolments (user_id, experience_id, starts_on, expires_on)
                     select id, $2, $3, $4 from unnest($1) id
                     on conflict (user_id, experience_id) do update set expires_on = excluded.expires_on",
                )
                .bind::<diesel::sql_types::Array<SqlUuid>, _>(some_of(&users, *first, *count))
                .bind::<SqlUuid, _>(experience)
                .bind::<Date, _>(at(*starts))
                .bind::<diesel::sql_types::Nullable<Date>, _>(lasts.map(|lasts| at(starts + lasts)))
                .execute(conn)
            }
            Write::SetExpiry { first, count, ends } => {
                diesel::update(enrolments::table.filter(enrolments::id.eq_any(some_of(&all, *first, *count))))
                    .set(enrolments::expires_on.eq(ends.map(at)))
                    .execute(conn)
            }
            Write::SetStart { enrolment, starts } => {
                let Some(id) = pick(&all, *enrolment) else { return };
                diesel::update(enrolments::table.find(id)).set(enrolments::starts_on.eq(at(*starts))).execute(conn)
            }
            Write::Complete { enrolment } => {
                let Some(id) = pick(&all, *enrolment) else { return };
                diesel::update(enrolments::table.find(id)).set(enrolments::completed_on.eq(at(0))).execute(conn)
            }
            Write::PassOn { enrolment, user } => {
                let (Some(id), Some(user)) = (pick(&all, *enrolment), pick(&users, *user)) else { return };
                // refused where that user has it already
                let _ = diesel::update(enrolments::table.find(id)).set(enrolments::user_id.eq(user)).execute(conn);
                Ok(1)
            }
            Write::Unenrol { first, count } => {
                diesel::delete(enrolments::table.filter(enrolments::id.eq_any(some_of(&all, *first, *count))))
                    .execute(conn)
            }
            Write::ExpireAccount { first, count, ends } => {
                diesel::update(users::table.filter(users::id.eq_any(some_of(&users, *first, *count))))
                    .set(users::expires_on.eq(ends.map(at)))
                    .execute(conn)
            }
            Write::MoveUser { user, organisation } => {
                let Some(user) = pick(&users, *user) else { return };
                let home = organisation.and_then(|number| pick(&organisations, number));
                diesel::update(users::table.find(user)).set(users::organisation_id.eq(home)).execute(conn)
            }
            Write::MoveOrganisation { organisation, under } => {
                let (Some(id), Some(under)) = (pick(&organisations, *organisation), pick(&organisations, *under))
                else {
                    return;
                };
                // refused where it would be its own ancestor
                let _ = diesel::sql_query("update organisations set parent_id = $2, time_zone = null where id = $1")
                    .bind::<SqlUuid, _>(id)
                    .bind::<SqlUuid, _>(under)
                    .execute(conn);
                Ok(1)
            }
            Write::DeleteUser { user } => {
                let Some(user) = pick(&users, *user) else { return };
                diesel::delete(users::table.find(user)).execute(conn)
            }
            Write::DeleteUsersWithEnrolments { first, count } => diesel::sql_query(
                "with gone as (delete from enrolments where user_id = any ($1) returning user_id)
                 delete from users where id = any ($1) or id in (select user_id from gone)",
            )
            .bind::<diesel::sql_types::Array<SqlUuid>, _>(some_of(&users, *first, *count))
            .execute(conn),
            Write::DeleteExperience { experience } => {
                let Some(id) = pick(&experiences, *experience) else { return };
                if experiences.len() < 3 {
                    return;
                }
                diesel::delete(headroom::schema::experiences::table.find(id)).execute(conn)
            }
            Write::AddUser { organisation } => {
                let Some(home) = pick(&organisations, *organisation) else { return };
                self.added += 1;
                builders::user(conn, Some(home), &format!("added-{}", self.added));
                Ok(1)
            }
            Write::FoldTo { day } => {
                assert!(move_base_day(conn, at(*day)).expect("a moved base day"));
                Ok(1)
            }
            Write::AddUpFigures => {
                add_up_figures(conn).expect("figures added up");
                Ok(1)
            }
            Write::Empty => conn.batch_execute("truncate enrolments").map(|()| 1),
        };
        done.expect("a write");
    }

    /// Active users of each organisation's subtree on a day, counted one by one.
    fn model(&mut self, day: NaiveDate) -> HashMap<Uuid, i64> {
        let parents: Vec<(Uuid, Option<Uuid>)> = organisations::table
            .select((organisations::id, organisations::parent_id))
            .load(&mut self.conn)
            .expect("the tree");
        let parents: HashMap<Uuid, Option<Uuid>> = parents.into_iter().collect();
        let people: Vec<(Uuid, Option<Uuid>, Option<NaiveDate>)> = users::table
            .select((users::id, users::organisation_id, users::expires_on))
            .load(&mut self.conn)
            .expect("users");
        let live: Vec<(Uuid, NaiveDate, Option<NaiveDate>)> = enrolments::table
            .select((enrolments::user_id, enrolments::starts_on, enrolments::expires_on))
            .load(&mut self.conn)
            .expect("enrolments");
        let mut counted: HashMap<Uuid, i64> = parents.keys().map(|id| (*id, 0)).collect();
        for (id, home, expires) in people {
            let account = expires.is_none_or(|expires| day <= expires);
            let enrolled = live.iter().any(|(user, starts, expires)| {
                *user == id && *starts <= day && expires.is_none_or(|expires| day <= expires)
            });
            let mut organisation = home.filter(|_| account && enrolled);
            while let Some(id) = organisation {
                *counted.entry(id).or_default() += 1;
                organisation = parents[&id];
            }
        }
        counted
    }

    fn reported(&mut self, organisation: Uuid, day: NaiveDate) -> i64 {
        self.sum("select coalesce(sum(used), 0)::bigint as used from license_used_in($1, $2)", organisation, day)
    }

    /// The same from all changes until the day.
    fn changed(&mut self, organisation: Uuid, day: NaiveDate) -> i64 {
        let changes = "select coalesce(sum(delta), 0)::bigint as used from license_changes($1, '1800-01-01', $2)";
        self.sum(changes, organisation, day)
    }

    fn lists(&mut self) -> i64 {
        diesel::dsl::sql::<BigInt>("select count(*) from license_batches").get_result(&mut self.conn).expect("a count")
    }

    fn sum(&mut self, query: &str, organisation: Uuid, day: NaiveDate) -> i64 {
        #[derive(QueryableByName)]
        struct Sum {
            #[diesel(sql_type = BigInt)]
            used: i64,
        }
        diesel::sql_query(query)
            .bind::<SqlUuid, _>(organisation)
            .bind::<Date, _>(day)
            .get_result::<Sum>(&mut self.conn)
            .expect("a figure")
            .used
    }
}

fn small_world(conn: &mut PgConnection) {
    let root = builders::root(conn, "Root", Some(10));
    let east = builders::child(conn, root, "East", None);
    let west = builders::child(conn, root, "West", Some(3));
    let far_east = builders::child(conn, east, "Far East", Some(0));
    let other = builders::root(conn, "Other", None);
    for (number, home) in [root, east, west, far_east, other].into_iter().cycle().take(12).enumerate() {
        builders::user(conn, Some(home), &format!("user-{number}"));
    }
    for number in 0..5 {
        builders::experience(conn, root, &format!("LX-{number}"));
    }
}

/// From how many sums on these are written down as lists.
fn write_lists_from(conn: &mut PgConnection, sums: i32) {
    let body = format!("language sql immutable parallel safe as 'select {sums}'");
    conn.batch_execute(&format!("create or replace function license_batch_from() returns integer {body}"))
        .expect("another number");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_figures_are_what_the_definition_says_on_every_day_after_any_writes(
        writes in prop::collection::vec(write(), 1..40),
        days in prop::collection::vec(-40..80i64, 6),
        lists_from in prop::sample::select(vec![1, 4, 1000]),
    ) {
        let database = TestDatabase::new();
        let mut world = World { conn: database.connect(), added: 0 };
        small_world(&mut world.conn);
        write_lists_from(&mut world.conn, lists_from);
        for write in &writes {
            world.apply(write);
        }
        for day in days.into_iter().map(at) {
            for (organisation, expected) in world.model(day) {
                prop_assert_eq!(world.reported(organisation, day), expected, "on {}", day);
                prop_assert_eq!(world.changed(organisation, day), expected, "until {}", day);
            }
        }
        let differences = differences(&mut world.conn, date(TODAY)).expect("a comparison");
        prop_assert!(differences.is_empty(), "{:?}", differences);
    }
}

#[test]
fn sums_of_many_are_lists_until_they_are_added_up() {
    let database = TestDatabase::new();
    let mut world = World { conn: database.connect(), added: 0 };
    small_world(&mut world.conn);
    let (users, experiences) = (world.users(), world.experiences());
    write_lists_from(&mut world.conn, 2);
    let (one, others) = users.split_first().expect("users");
    builders::enrol(&mut world.conn, *one, experiences[0], "2026-01-01", None);
    assert_eq!(world.lists(), 0, "one sum alone is a row");
    diesel::sql_query(
        "insert into enrolments (user_id, experience_id, starts_on, expires_on)
         select id, $2, '2026-01-01', '2026-12-31' from unnest($1) id",
    )
    .bind::<diesel::sql_types::Array<SqlUuid>, _>(others)
    .bind::<SqlUuid, _>(experiences[0])
    .execute(&mut world.conn)
    .expect("enrolments");
    assert_eq!(
        world.lists(),
        5 + 2,
        "one for each organisation that has people, and for each that has others below it"
    );
    for day in [-1, 0, 37, 38] {
        for (organisation, expected) in world.model(at(day)) {
            assert_eq!(world.reported(organisation, at(day)), expected, "on day {day}");
            assert_eq!(world.changed(organisation, at(day)), expected, "until day {day}");
        }
    }
    take_figures_apart(&mut world.conn).expect("no lists");
    assert_eq!(world.lists(), 0);
    assert!(differences(&mut world.conn, at(0)).expect("a comparison").is_empty());
}

#[test]
fn verification_finds_each_kind_of_falsified_figure() {
    for falsify in [
        "update license_delta_rows set delta = delta + 1 where day = (select min(day) from license_delta)",
        "delete from license_base",
        "update license_rollup_rows set delta = delta + 1 where day = (select min(day) from license_rollup)",
        "delete from license_rollup_rows",
        "update license_spans set active = active + '{[2030-01-01,2030-02-01)}'
           where user_id = (select user_id from license_spans order by user_id limit 1)",
        "delete from license_delta_rows",
        "insert into license_batches select id, false, '{2026-12-01}', '{1}' from organisations where parent_id is null",
        "insert into license_batches select id, true, '{2026-12-01}', '{1}' from organisations where parent_id is null",
        "delete from organisation_closure where depth = 2",
    ] {
        let database = TestDatabase::new();
        let mut conn = database.connect();
        small_world(&mut conn);
        let mut world = World { conn, added: 0 };
        let (users, experiences) = (world.users(), world.experiences());
        for user in &users[..4] {
            builders::enrol(&mut world.conn, *user, experiences[0], "2026-01-01", Some("2026-12-31"));
        }
        move_base_day(&mut world.conn, at(-1)).expect("a moved base day");
        assert!(differences(&mut world.conn, at(0)).expect("a comparison").is_empty());
        world.conn.batch_execute(falsify).expect("a falsified figure");
        assert!(!differences(&mut world.conn, at(0)).expect("a comparison").is_empty(), "{falsify}");
    }
}

#[test]
fn two_writers_of_one_users_enrolments_count_the_user_once() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    small_world(&mut conn);
    let mut world = World { conn, added: 0 };
    let (user, experiences) = (world.users()[0], world.experiences());
    let mut first = database.connect();
    first.batch_execute("begin").expect("a transaction");
    builders::enrol(&mut first, user, experiences[0], "2026-01-01", None);
    // waits for the first writer inside of its statement
    let second = std::thread::spawn({
        let mut conn = database.connect();
        let experience = experiences[1];
        move || builders::enrol(&mut conn, user, experience, "2026-01-01", None)
    });
    wait_until_blocked(&mut world.conn);
    first.batch_execute("commit").expect("a commit");
    second.join().expect("the second writer");
    let differences = differences(&mut world.conn, at(0)).expect("a comparison");
    assert!(differences.is_empty(), "{differences:?}");
}

#[test]
fn a_transaction_that_would_not_see_other_writers_is_refused() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    small_world(&mut conn);
    let mut world = World { conn, added: 0 };
    let (user, experience) = (world.users()[0], world.experiences()[0]);
    world.conn.batch_execute("begin isolation level repeatable read").expect("a transaction");
    let enrolled = diesel::insert_into(enrolments::table)
        .values((
            enrolments::user_id.eq(user),
            enrolments::experience_id.eq(experience),
            enrolments::starts_on.eq(at(0)),
        ))
        .execute(&mut world.conn);
    assert!(enrolled.is_err());
}
