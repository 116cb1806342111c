//! What an import promises for the licenses is what they are when it was applied.

use std::cell::RefCell;

use chrono::{Days, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Uuid as SqlUuid};
use headroom::domain::forecast::DAYS_AHEAD;
use headroom::domain::license::Used;
use headroom::features::imports::commands::{self, Applied};
use headroom::features::licenses::queries_history::{History, history};
use headroom::features::licenses::queries_what_if::when_an_import_is_applied;
use headroom::ids::OrganisationId;
use headroom::schema::{enrolments, experiences, organisations};
use headroom::web::guards::{Allowed, Import as MayImport};
use proptest::prelude::*;
use uuid::Uuid;

use super::imports::{allowed, confirm, now, planned, store};
use crate::support::database::TestDatabase;
use crate::support::imports::{World, cases, today, world};

/// Somebody by number, how many days from today an enrolment begins, and how long it lasts.
type Enrolled = (usize, i64, Option<i64>);

/// What matters to licenses, besides what matters to planning.
#[derive(Debug, Clone)]
struct Licenses {
    /// The organisation with a limit, if there is one: the root or "North".
    limited: Option<usize>,
    enrolled: Vec<Enrolled>,
    /// The expiry of some of the people and some of the rows, in days from today.
    expiries: Vec<Option<i64>>,
    /// Rows that move somebody to an organisation of the import, by number.
    moves: Vec<Option<usize>>,
}

fn licenses() -> impl Strategy<Value = Licenses> {
    let days = || prop_oneof![2 => -3..4i64, 1 => -30..100i64];
    let enrolled = (0..9usize, days(), prop::option::of(0..40i64));
    (
        prop_oneof![Just(None), Just(Some(0)), Just(Some(1))],
        prop::collection::vec(enrolled, 0..12),
        prop::collection::vec(prop::option::of(days()), 18),
        prop::collection::vec(prop::option::weighted(0.3, 0..5usize), 9),
    )
        .prop_map(|(limited, enrolled, expiries, moves)| Licenses { limited, enrolled, expiries, moves })
}

/// Expiries further off than those that matter to planning, and more people who are moved.
fn changed(mut world: World, licenses: &Licenses) -> World {
    let (of_people, of_rows) = licenses.expiries.split_at(9);
    let day = |offset: &i64| today() + TimeDelta::days(*offset);
    for (one, offset) in world.people.iter_mut().skip(1).zip(of_people) {
        one.expires_on = offset.as_ref().map(day).or(one.expires_on);
    }
    let (expires, moves) =
        (world.asked.columns.contains("account_expires_on"), world.asked.columns.contains("organisation"));
    let inside: Vec<&String> = world.places.iter().filter(|place| place.inside).map(|place| &place.path).collect();
    let importer = world.asked.by;
    let others = world.rows.iter_mut().filter(|row| row.user_id != Some(importer));
    for (row, (offset, to)) in others.zip(of_rows.iter().zip(&licenses.moves)) {
        if let Some(offset) = offset.as_ref().filter(|_| expires) {
            row.expires_on = Some(day(offset));
        }
        if let Some(to) = to.filter(|_| moves) {
            row.organisation = Some(inside[to % inside.len()].clone());
        }
    }
    world
}

fn enrol(conn: &mut PgConnection, world: &World, licenses: &Licenses) {
    let experience: Uuid = diesel::insert_into(experiences::table)
        .values((
            experiences::organisation_id.eq(world.places[0].id),
            experiences::code.eq("MORE"),
            experiences::title.eq("More"),
        ))
        .returning(experiences::id)
        .get_result(conn)
        .unwrap();
    // those that `store` makes have no end, which would hide the others
    diesel::update(enrolments::table).set(enrolments::expires_on.eq(today() + Days::new(2))).execute(conn).unwrap();
    let rows: Vec<_> = licenses
        .enrolled
        .iter()
        .map(|(person, starts, lasts)| {
            let starts_on = today() + TimeDelta::days(*starts);
            (
                enrolments::user_id.eq(world.people[person % world.people.len()].id),
                enrolments::experience_id.eq(experience),
                enrolments::starts_on.eq(starts_on),
                enrolments::expires_on.eq(lasts.map(|days| starts_on + TimeDelta::days(days))),
            )
        })
        .collect();
    diesel::insert_into(enrolments::table).values(rows).on_conflict_do_nothing().execute(conn).unwrap();
    if let Some(limited) = licenses.limited {
        diesel::update(organisations::table.find(world.places[limited].id))
            .set(organisations::user_limit.eq(5))
            .execute(conn)
            .unwrap();
    }
}

/// Whose licenses the import is about: the nearest organisation with a limit, else its own.
fn place(world: &World, licenses: &Licenses) -> OrganisationId {
    let limited = licenses.limited.map(|limited| world.places[limited].id);
    limited
        .filter(|id| *id == world.places[0].id || *id == world.asked.organisation)
        .unwrap_or(world.asked.organisation)
}

fn stands(conn: &mut PgConnection, by: &Allowed<MayImport>, place: OrganisationId) -> History {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = BigInt)]
        used: i64,
    }
    let Sum { used } = diesel::sql_query("select coalesce(sum(used), 0)::bigint as used from license_used_in($1, $2)")
        .bind::<SqlUuid, _>(place)
        .bind::<Date, _>(today())
        .get_result(conn)
        .unwrap();
    history(conn, by, place, Used(used.unsigned_abs()), now()).unwrap()
}

fn days(history: &History) -> Vec<u64> {
    (0..=DAYS_AHEAD).map(|ahead| history.used_on(today() + Days::new(ahead)).0).collect()
}

#[test]
fn the_forecast_of_an_import_is_what_comes_of_it() {
    let database = TestDatabase::new();
    let conn = RefCell::new(database.connect());
    let config = ProptestConfig {
        cases: cases(150),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let (promised, cut_or_moved) = (RefCell::new(0), RefCell::new(0));
    proptest!(config, |(world in world(), licenses in licenses())| {
        let mut outcome = Ok(());
        let rolled_back: QueryResult<()> = conn.borrow_mut().transaction(|conn| {
            outcome = case(conn, &changed(world, &licenses), &licenses).map(|(any, without_deletions)| {
                *promised.borrow_mut() += i32::from(any);
                *cut_or_moved.borrow_mut() += i32::from(any && without_deletions);
            });
            Err(diesel::result::Error::RollbackTransaction)
        });
        prop_assert!(rolled_back.is_err());
        outcome?;
    });
    let (promised, cut_or_moved) = (promised.into_inner(), cut_or_moved.into_inner());
    assert!(promised > 0 && cut_or_moved > 0, "{promised} promises, {cut_or_moved} of them without a deletion");
}

/// Returns whether anything was promised, and whether nobody was deleted.
fn case(conn: &mut PgConnection, world: &World, licenses: &Licenses) -> Result<(bool, bool), TestCaseError> {
    let id = store(conn, world);
    enrol(conn, world, licenses);
    let by = allowed(conn, world.asked.by);
    let (import, plan) = planned(conn, &by, id);
    let place = place(world, licenses);
    let before = stands(conn, &by, place);
    let what_if = when_an_import_is_applied(conn, &by, id, import.organisation_id, now()).unwrap();
    if let Some(what_if) = &what_if {
        prop_assert_eq!(days(&what_if.without), days(&before), "without the import");
    }
    let promised = what_if.as_ref().map_or_else(|| days(&before), |what_if| days(&what_if.with));

    let done = commands::apply(conn, &by, &confirm(id, &plan), now(), &|_| {}).unwrap();
    done.map(|done| assert_eq!(done, Applied::Done));
    prop_assert_eq!(days(&stands(conn, &by, place)), promised, "with the import");
    Ok((what_if.is_some(), plan.counts.deleted == 0))
}
