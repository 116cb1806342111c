//! Long chains of usernames, each waiting for the next to get free.

use std::collections::BTreeSet;

use diesel::prelude::*;
use headroom::domain::sync::plan::{Asked, Person, Place, Plan, Row, plan};
use headroom::features::imports::commands::{self, Applied};
use headroom::ids::{OrganisationId, UserId};
use headroom::schema::users;
use uuid::Uuid;

use super::imports::{allowed, check_people, compare, confirm, now, planned, store};
use crate::support::database::TestDatabase;
use crate::support::imports::{TREE, World, today};

/// What the last one of a chain wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A username that nobody has.
    Free,
    /// That of the importer, who keeps it.
    Taken,
    /// That of the first one: the chain is a ring.
    Ring,
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number as u128)
}

/// The importer `keeper`, and so many people of whom each takes the username and the e-mail address of the next.
/// Rows come in a jumble, as in a file that is sorted by something else.
fn chain(length: usize, end: End) -> World {
    let top = OrganisationId(id(0));
    let name = |number: usize| format!("user-{number}");
    let person = |number: usize, username: String| Person {
        id: UserId(id(1_000 + number)),
        email: format!("{username}@people.example"),
        first_name: "Test".to_owned(),
        last_name: "Chain".to_owned(),
        organisation: top,
        expires_on: None,
        roles: BTreeSet::new(),
        joined_since: false,
        username,
    };
    let links: Vec<Person> = (0..length).map(|number| person(1 + number, name(number))).collect();
    let next = |number: usize| match (number + 1 < length, end) {
        (true, _) => name(number + 1),
        (false, End::Free) => "free".to_owned(),
        (false, End::Taken) => "keeper".to_owned(),
        (false, End::Ring) => name(0),
    };
    let rows = (0..length).map(|place| (place * 7_919) % length).zip(2..).map(|(number, line)| {
        let username = next(number);
        Row {
            line,
            user_id: Some(links[number].id),
            email: Some(format!("{username}@people.example")),
            username: Some(username),
            ..Row::default()
        }
    });
    World {
        rows: rows.collect(),
        places: (0..TREE.len())
            .map(|number| Place {
                id: OrganisationId(id(number)),
                path: TREE[number].0.to_owned(),
                inside: true,
                root: number == 0,
            })
            .collect(),
        asked: Asked {
            organisation: top,
            synchronize: false,
            by: UserId(id(1_000)),
            columns: BTreeSet::from(["username", "email"]),
            exports: Vec::new(),
            unreadable: Vec::new(),
            today: today(),
        },
        people: std::iter::once(person(0, "keeper".to_owned())).chain(links).collect(),
    }
}

fn model(world: &World) -> Plan {
    plan(&world.places, &world.people, &world.rows, &world.asked)
}

/// In a transaction that is rolled back.
fn in_world(conn: &mut PgConnection, world: &World, check: impl FnOnce(&mut PgConnection, headroom::ids::ImportId)) {
    conn.test_transaction::<_, diesel::result::Error, _>(|conn| {
        let id = store(conn, world);
        check(conn, id);
        Ok(())
    });
}

#[test]
fn a_chain_of_usernames_is_planned_as_the_model_says_whether_its_end_is_free_or_not() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    for (end, changed, refused) in [(End::Free, 120, 0), (End::Taken, 0, 120), (End::Ring, 120, 0)] {
        let world = chain(120, end);
        let expected = model(&world);
        assert_eq!((expected.changed.len(), expected.refused.len()), (changed, refused));
        in_world(conn, &world, |conn, id| {
            let by = allowed(conn, world.asked.by);
            let (_, planned) = planned(conn, &by, id);
            compare(conn, id, &planned, &expected).unwrap();
            let done = commands::apply(conn, &by, &confirm(id, &planned), now(), &|_| {}).unwrap();
            done.map(|done| assert_eq!(done, Applied::Done));
            check_people(conn, &expected).unwrap();
        });
    }
}

/// The model would take hours; what it says of a short one holds for a long one.
#[test]
fn a_chain_of_five_thousand_usernames_moves_on_by_one_or_not_at_all() {
    const LENGTH: u64 = 5_000;
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    in_world(conn, &chain(5_000, End::Taken), |conn, id| {
        let by = allowed(conn, UserId(self::id(1_000)));
        let (_, planned) = planned(conn, &by, id);
        assert_eq!((planned.counts.changed, planned.counts.refused), (0, LENGTH));
    });
    in_world(conn, &chain(5_000, End::Free), |conn, id| {
        let by = allowed(conn, UserId(self::id(1_000)));
        let (_, planned) = planned(conn, &by, id);
        assert_eq!((planned.counts.changed, planned.counts.refused), (LENGTH, 0));
        let done = commands::apply(conn, &by, &confirm(id, &planned), now(), &|_| {}).unwrap();
        done.map(|done| assert_eq!(done, Applied::Done));
        let last: UserId = users::table.filter(users::username.eq("free")).select(users::id).first(conn).unwrap();
        let first: i64 = users::table.filter(users::username.eq("user-0")).count().get_result(conn).unwrap();
        assert_eq!((last, first), (UserId(self::id(1_000 + 5_000)), 0));
    });
}
