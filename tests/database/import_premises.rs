//! Confirming without planning again does what confirming with it does, whatever has changed in between.

use std::cell::Cell;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use headroom::features::imports::commands::{self, Applied};
use headroom::features::imports::planning::{self, still_planned};
use headroom::features::imports::queries::import;
use headroom::ids::ImportId;
use headroom::jobs::imports::forget_disturbances;
use headroom::schema::imports;
use proptest::prelude::*;

use super::import_traps::{Place, place};
use super::imports::{allowed, confirm, now, planned, store};
use crate::support::database::TestDatabase;
use crate::support::imports::{World, cases, world};

/// A change between looking at a plan and confirming it, in SQL. `$1` and `$2` stand for people by number, the first of
/// whom imports; `$3` and `$4` for organisations, the last one of which is another tree.
const CHANGES: [&str; 30] = [
    "update users set last_signed_in_at = now() where id = $1",
    "update users set password_hash = 'x', language = 'de' where id = $1",
    "update users set username = 'Ann' where id = $1",
    "update users set username = 'new-Ben' where id = $1",
    "update users set username = lower(username) || '-former' where id = $1",
    "update users set email = 'cy@new.example' where id = $1",
    "update users set email = 'eve@people.example' where id = $1",
    "update users set email = 'former-' || email where id = $1",
    "update users set first_name = 'Other' where id = $1",
    "update users set last_name = 'Zz' where id = $1",
    "update users set organisation_id = $3 where id = $1 and not is_first",
    "update users set expires_on = '2026-11-23' where id = $1 and not is_first",
    "update users set expires_on = '2026-11-24' where id = $1 and not is_first",
    "update users set expires_on = null where id = $1",
    "update users set created_at = '2026-11-24T13:00:00Z' where id = $1",
    "delete from enrolments where user_id = $1",
    "delete from users where id = $1 and not is_first and id not in (select user_id from enrolments)",
    "insert into users (organisation_id, username, email, first_name, last_name)
     values ($3, 'gus', 'gus@people.example', 'Later', 'Gus')",
    "insert into users (organisation_id, username, email, first_name, last_name)
     values ($3, 'new-dee', 'dee@new.example', 'Later', 'Dee')",
    "insert into role_grants (user_id, role, organisation_id) values ($1, 'org_admin', $3)",
    "insert into role_grants (user_id, role, organisation_id) values ($1, 'account_manager', $3)",
    "delete from role_grants where user_id = $1 and organisation_id is not null and not is_first",
    "update role_grants set user_id = $2 where user_id = $1 and organisation_id is not null and not is_first",
    "update enrolments set completed_on = '2026-11-20' where user_id = $1",
    "update enrolments set expires_on = '2026-11-24' where user_id = $1",
    "update organisations set name = name || 'x' where id = $3",
    "insert into organisations (parent_id, name) values ($3, 'Sales')",
    "update organisations set parent_id = $4 where id = $3 and parent_id is not null",
    "update organisations set time_zone = 'Pacific/Auckland' where id = $3 and parent_id is null",
    "update exports set users = 1, finished_at = '2026-11-24'",
];

#[derive(Debug, Clone)]
struct Change {
    what: usize,
    people: [usize; 2],
    places: [usize; 2],
}

/// When somebody else commits, and when the plan is confirmed.
#[derive(Debug, Clone)]
struct Story {
    before: Vec<Change>,
    /// Made before the plan and committed after it.
    meanwhile: Vec<Change>,
    after: Vec<Change>,
    hours: i64,
    /// The one who imports is the org admin of the tree instead of an instance admin.
    is_org_admin: bool,
    exported: bool,
}

fn change() -> impl Strategy<Value = Change> {
    (0..CHANGES.len(), [0..8usize, 0..8usize], [0..6usize, 0..6usize]).prop_map(|(what, people, places)| Change {
        what,
        people,
        places,
    })
}

fn story() -> impl Strategy<Value = Story> {
    let changes = |most| prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(change(), 1..most)];
    (
        changes(6),
        changes(3),
        changes(3),
        prop_oneof![6 => Just(0i64), 1 => Just(13), 1 => Just(3)],
        prop::bool::weighted(0.4),
        any::<bool>(),
    )
        .prop_map(|(before, meanwhile, after, hours, is_org_admin, exported)| Story {
            before,
            meanwhile,
            after,
            hours,
            is_org_admin,
            exported,
        })
}

const GLOBEX: &str = "01900000-0000-7000-8000-0000000000ff";

/// Makes a change; one that the database refuses is none.
fn make(conn: &mut PgConnection, world: &World, change: &Change) {
    let person = |at: usize| format!("'{}'::uuid", world.people[change.people[at] % world.people.len()].id);
    let place = |at: usize| match world.places.get(change.places[at]) {
        Some(place) => format!("'{}'::uuid", place.id),
        None => format!("'{GLOBEX}'::uuid"),
    };
    let is_first = change.people[0].is_multiple_of(world.people.len());
    let sql = CHANGES[change.what]
        .replace("$1", &person(0))
        .replace("$2", &person(1))
        .replace("$3", &place(0))
        .replace("$4", &place(1))
        .replace("is_first", if is_first { "true" } else { "false" });
    let _: QueryResult<()> = conn.transaction(|conn| conn.batch_execute(&sql));
}

#[derive(QueryableByName)]
struct Dump {
    #[diesel(sql_type = Array<Text>)]
    lines: Vec<String>,
}

/// Everything that confirming may change. New people have no lasting ids.
fn dump(conn: &mut PgConnection) -> Vec<String> {
    let dump: Dump = diesel::sql_query(
        "select array(
           select concat_ws('|', 'user', username, email, first_name, last_name, organisation_id, expires_on) from users
           union all
           select concat_ws('|', 'role', u.username, g.role, g.organisation_id) from role_grants g join users u on u.id = g.user_id
           union all
           select concat_ws('|', 'enrolled', user_id, starts_on, expires_on, completed_on) from enrolments
           union all
           select concat_ws('|', 'import', state, counts - 'took_ms', fingerprint, result - 'took_ms') from imports
           union all
           select concat_ws('|', 'plan', kind, number, case kind when 'create' then null else person_id end, name, username,
             before, after, active, records, reason) from import_plan
           union all
           select concat_ws('|', 'refused', line, column_name, reason) from import_refusals
           order by 1) as lines",
    )
    .get_result(conn)
    .unwrap();
    dump.lines
}

/// What came of confirming, and whether the plan was made again for it; nothing of it stays.
fn tried(
    conn: &mut PgConnection,
    world: &World,
    (id, seen): (ImportId, &commands::Confirm),
    at: DateTime<Utc>,
    again: bool,
) -> (bool, Applied, Vec<String>) {
    let mut tried = None;
    let rolled_back: QueryResult<()> = conn.transaction(|conn| {
        if again {
            diesel::update(imports::table.find(id))
                .set(imports::premises.eq(None::<serde_json::Value>))
                .execute(conn)?;
        }
        let by = allowed(conn, world.asked.by);
        let found = import(conn, &by, id).unwrap();
        let told = still_planned(conn, &by, &found, at).unwrap().is_some();
        let mut applied = Applied::NotPlanned;
        commands::apply(conn, &by, seen, at, &|_| {}).unwrap().map(|done| applied = done);
        tried = Some((told, applied, dump(conn)));
        Err(diesel::result::Error::RollbackTransaction)
    });
    assert!(rolled_back.is_err());
    tried.unwrap()
}

/// Whether the plan could be told to be the same, of how many.
#[derive(Default)]
struct Told {
    same: Cell<u32>,
    other: Cell<u32>,
}

/// The world of a story before the plan.
fn begin(conn: &mut PgConnection, world: &World, story: &Story) -> ImportId {
    let id = store(conn, world);
    conn.batch_execute(&format!(
        "insert into organisations (id, name, time_zone) values ('{GLOBEX}', 'Globex', 'UTC');
         insert into exports (id, created_at, organisation_id, whole, filter, complete_until)
         values ('{GLOBEX}', '2026-11-24', '{}', true, '{{}}', '2026-11-24')",
        world.asked.organisation
    ))
    .unwrap();
    if story.exported {
        conn.batch_execute(&format!("update imports set reading = reading || '{{\"export_ids\": [\"{GLOBEX}\"]}}'"))
            .unwrap();
    }
    if story.is_org_admin {
        conn.batch_execute(&format!(
            "insert into role_grants (user_id, role, organisation_id)
             select user_id, 'org_admin', '{}' from role_grants where role = 'instance_admin' on conflict do nothing;
             delete from role_grants where role = 'instance_admin'",
            world.places[0].id
        ))
        .unwrap();
    }
    story.before.iter().for_each(|change| make(conn, world, change));
    id
}

fn case(world: &World, story: &Story, told: &Told) -> Result<(), TestCaseError> {
    let database = TestDatabase::new();
    let (conn, other) = (&mut database.connect(), &mut database.connect());
    let id = begin(conn, world, story);
    other.batch_execute("begin").unwrap();
    story.meanwhile.iter().for_each(|change| make(other, world, change));
    let first = conn
        .transaction(|conn| {
            let by = allowed(conn, world.asked.by);
            QueryResult::Ok(planned(conn, &by, id).1)
        })
        .unwrap();
    other.batch_execute("commit").unwrap();
    story.after.iter().for_each(|change| make(conn, world, change));
    forget_disturbances(conn).unwrap();

    let (at, seen) = (now() + TimeDelta::hours(story.hours), confirm(id, &first));
    let (same, applied, after) = tried(conn, world, (id, &seen), at, false);
    let (_, applied_again, after_again) = tried(conn, world, (id, &seen), at, true);
    prop_assert_eq!(applied, applied_again);
    prop_assert_eq!(after, after_again);
    if same {
        told.same.set(told.same.get() + 1);
    } else {
        told.other.set(told.other.get() + 1);
    }
    Ok(())
}

#[test]
fn without_planning_again_the_same_is_done() {
    let told = Told::default();
    let config = ProptestConfig {
        cases: cases(60),
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(world in world(), story in story())| {
        case(&world, &story, &told)?;
    });
    let (same, other) = (told.same.get(), told.other.get());
    println!("{same} told to be the same, {other} planned again");
    assert!(same > 0 && other > 0);
}

#[test]
fn no_single_change_goes_unnoticed() {
    let seen = Cell::new(0);
    let config = ProptestConfig {
        cases: cases(12),
        max_shrink_iters: 20,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(world in world(), story in story(), people in [0..8usize, 0..8usize], places in [0..6usize, 0..6usize])| {
        let database = TestDatabase::new();
        let conn = &mut database.connect();
        let id = begin(conn, &world, &Story { before: Vec::new(), ..story });
        let by = allowed(conn, world.asked.by);
        let (found, first) = conn.transaction(|conn| QueryResult::Ok(planned(conn, &by, id))).unwrap();
        if found.premises().is_none() {
            return Ok(());
        }
        for (what, change) in CHANGES.iter().enumerate() {
            let mut both = None;
            let rolled_back: QueryResult<()> = conn.transaction(|conn| {
                make(conn, &world, &Change { what, people, places });
                let seen = confirm(id, &first);
                both = Some([false, true].map(|again| tried(conn, &world, (id, &seen), now(), again)));
                Err(diesel::result::Error::RollbackTransaction)
            });
            prop_assert!(rolled_back.is_err());
            let [(_, applied, after), (_, applied_again, after_again)] = both.unwrap();
            prop_assert_eq!(applied, applied_again, "{}", change);
            prop_assert_eq!(after, after_again, "{}", change);
        }
        seen.set(seen.get() + 1);
    });
    println!("{} plans", seen.get());
    assert!(seen.get() > 0);
}

/// When the plan was made that was applied or waits.
fn planned_at(place: &Place, id: ImportId) -> Option<DateTime<Utc>> {
    imports::table.find(id).select(imports::planned_at).first(&mut place.conn()).unwrap()
}

/// How many changes are noted.
fn noted(place: &Place) -> i64 {
    #[derive(QueryableByName)]
    struct Noted {
        #[diesel(sql_type = BigInt)]
        noted: i64,
    }
    diesel::sql_query("select count(*) as noted from import_disturbances")
        .get_result::<Noted>(&mut place.conn())
        .unwrap()
        .noted
}

#[test]
fn a_plan_that_nothing_has_touched_is_applied_as_it_is() {
    let place = place();
    let plan = place.synchronize(place.export(place.acme).without("east-0").with("east-1", "last_name", "New").csv());
    let made = planned_at(&place, plan.id);
    // of other trees, of what no plan reads, and below an organisation that the import is for
    place.run("update users set last_name = 'Other' where username = 'stranger'");
    place.run("update users set last_signed_in_at = now(), password_hash = 'x'");
    place.run("update organisations set user_limit = 5");
    assert_eq!((place.apply(&plan), planned_at(&place, plan.id)), (Applied::Done, made));
}

#[test]
fn a_plan_of_another_cluster_version_or_plan_is_made_again_and_applied_when_it_is_the_same() {
    for changed in ["{given,noted_in}", "{given,version}", "{fingerprint}"] {
        let place = place();
        let plan = place.synchronize(place.export(place.acme).without("east-0").csv());
        let made = planned_at(&place, plan.id);
        place
            .conn()
            .batch_execute(&format!("update imports set premises = jsonb_set(premises, '{changed}', '\"other\"')"))
            .unwrap();
        assert_eq!(place.apply(&plan), Applied::Done);
        assert!(planned_at(&place, plan.id) > made, "{changed}");
    }
}

#[test]
fn what_is_noted_goes_as_soon_as_no_plan_needs_it() {
    let place = place();
    let forget = || forget_disturbances(&mut place.conn()).unwrap();
    forget();
    assert_eq!(noted(&place), 0);
    let plan = place.synchronize(place.export(place.acme).without("east-0").csv());
    place.run("update users set last_name = 'Other'");
    assert_eq!(noted(&place), 3, "of Acme, East and Globex");
    forget();
    assert_eq!(noted(&place), 2, "nobody plans for Globex");
    assert_eq!(place.apply(&plan), Applied::Moved);
    place.run("update imports set state = 'cancelled'");
    forget();
    assert_eq!(noted(&place), 0);
}

#[test]
fn while_somebody_plans_nothing_that_is_noted_goes() {
    let place = place();
    assert!(noted(&place) > 0);
    let planning = &mut place.conn();
    planning
        .transaction(|planning| {
            let by = place.by(place.admin);
            let found = import(planning, &by, place.synchronize(place.export(place.acme).csv()).id).unwrap();
            planning::plan(planning, &by, &found, Utc::now()).unwrap();
            forget_disturbances(&mut place.conn()).unwrap();
            assert!(noted(&place) > 0);
            QueryResult::Ok(())
        })
        .unwrap();
    diesel::delete(imports::table).execute(planning).unwrap();
    forget_disturbances(&mut place.conn()).unwrap();
    assert_eq!(noted(&place), 0);
}
