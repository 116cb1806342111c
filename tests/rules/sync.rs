//! Planning an import.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use headroom::domain::access::Role;
use headroom::domain::sync::guards::{CannotSynchronize, ExportOf, Facts, must_be_typed, objections};
use headroom::domain::sync::plan::{Asked, Person, Place, Plan, Protection, Row, Wanted, plan};
use headroom::ids::{OrganisationId, UserId};
use proptest::prelude::*;
use uuid::Uuid;

use crate::imports::{World, cases, world};

fn planned(world: &World) -> Plan {
    plan(&world.places, &world.people, &world.rows, &world.asked)
}

/// The people after the plan. New ones were not there at the export.
fn apply(world: &World, plan: &Plan) -> Vec<Person> {
    let becomes = |was: Option<&Person>, id: UserId, wanted: &Wanted| {
        let mut roles: BTreeSet<_> = was.map(|was| was.roles.clone()).unwrap_or_default();
        if let Some(at_home) = &wanted.roles {
            roles.retain(|(_, place)| {
                was.is_some_and(|was| *place != was.organisation) && *place != wanted.organisation
            });
            roles.extend(at_home.iter().map(|role| (*role, wanted.organisation)));
        }
        Person {
            id,
            username: wanted.username.clone(),
            email: wanted.email.clone(),
            first_name: wanted.first_name.clone(),
            last_name: wanted.last_name.clone(),
            organisation: wanted.organisation,
            expires_on: wanted.expires_on,
            roles,
            joined_since: was.is_none_or(|was| was.joined_since),
        }
    };
    let kept =
        world.people.iter().filter(|one| !plan.deleted.contains(&one.id)).map(|one| match plan.changed.get(&one.id) {
            Some((_, wanted)) => becomes(Some(one), one.id, wanted),
            None => one.clone(),
        });
    let created = plan.created.iter().map(|(line, wanted)| {
        becomes(None, UserId(Uuid::from_u128(0x0190_0000_0000_7000_8000_ffff_0000_0000 + u128::from(*line))), wanted)
    });
    kept.chain(created).collect()
}

/// Without rows that are refused, which may fit once the others are there, and without those by username, which
/// find somebody no longer who was given another one.
fn clean(mut world: World) -> World {
    world.rows.retain(|row| row.user_id.is_some());
    world.asked.unreadable.clear();
    loop {
        let refused = planned(&world).refused;
        if refused.is_empty() {
            return world;
        }
        world.rows.retain(|row| !refused.contains(&row.line));
    }
}

fn does_nothing(plan: &Plan) -> bool {
    plan.created.is_empty() && plan.changed.is_empty() && plan.deleted.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(600), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_applied_leaves_nothing_to_do(world in world()) {
        let world = clean(world);
        let first = planned(&world);
        let after = World { people: apply(&world, &first), ..world };
        let second = planned(&after);
        prop_assert!(does_nothing(&second), "{second:?}");
    }

    #[test]
    fn nobody_who_is_protected_goes(world in world()) {
        let plan = planned(&world);
        for id in &plan.deleted {
            let one = world.people.iter().find(|one| one.id == *id).unwrap();
            prop_assert!(one.id != world.asked.by);
            prop_assert!(!one.joined_since);
            prop_assert!(world.places.iter().any(|place| place.inside && place.id == one.organisation));
            prop_assert!(!world.rows.iter().any(|row| row.user_id == Some(one.id)));
        }
        prop_assert!(plan.deleted.is_empty() || world.asked.synchronize);
        // an organisation that loses an org admin still has one who can sign in, after all that the file changes
        let after = apply(&world, &plan);
        let is_admin = |one: &Person, place| {
            one.roles.contains(&(Role::OrgAdmin, place)) && one.expires_on.is_none_or(|day| day >= world.asked.today)
        };
        for one in world.people.iter().filter(|one| plan.deleted.contains(&one.id)) {
            for (_, place) in one.roles.iter().filter(|(role, _)| *role == Role::OrgAdmin) {
                prop_assert!(after.iter().any(|other| is_admin(other, *place)));
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(world in world(), turn in any::<prop::sample::Index>()) {
        let before = planned(&world);
        let mut rows = world.rows.clone();
        if !rows.is_empty() {
            let at = turn.index(rows.len());
            rows.rotate_left(at);
            rows.reverse();
        }
        prop_assert_eq!(before, planned(&World { rows, ..world }));
    }

    #[test]
    fn two_halves_do_what_the_whole_does(world in world(), cut in any::<prop::sample::Index>()) {
        let mut world = clean(world);
        world.asked.synchronize = false;
        let whole = planned(&world);
        let at = if world.rows.is_empty() { 0 } else { cut.index(world.rows.len()) };
        let half = |rows: &[Row], people: Vec<Person>| World { rows: rows.to_vec(), people, ..world.clone() };
        let first = half(&world.rows[..at], world.people.clone());
        let first_plan = planned(&first);
        let second = half(&world.rows[at..], apply(&first, &first_plan));
        let second_plan = planned(&second);
        // usernames that swap, or move on to the next person, need both rows at once
        if !first_plan.refused.is_empty() || !second_plan.refused.is_empty() {
            return Ok(());
        }
        let sorted = |mut people: Vec<Person>| { people.sort_by_key(|one| one.id); people };
        prop_assert_eq!(sorted(apply(&world, &whole)), sorted(apply(&second, &second_plan)));
    }
}

#[test]
fn the_random_worlds_have_something_of_everything() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut created, mut changed, mut deleted, mut refused, mut protected) = (0, 0, 0, 0, BTreeSet::new());
    for _ in 0..1_000 {
        let plan = planned(&world().new_tree(&mut runner).unwrap().current());
        created += plan.created.len();
        changed += plan.changed.len();
        deleted += plan.deleted.len();
        refused += plan.refused.len();
        protected.extend(plan.protected.values().map(|why| *why as u8));
    }
    assert!(created > 100 && changed > 100 && deleted > 20 && refused > 100, "{created} {changed} {deleted} {refused}");
    assert_eq!(protected.len(), Protection::LastOrgAdmin as usize + 1);
}

/// Two org admins whose accounts have expired; the file gives one of them a day more.
#[test]
fn an_org_admin_whom_the_file_lets_back_in_is_not_missed() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day);
    let id = |number: u128| Uuid::from_u128(number);
    let acme = Place { id: OrganisationId(id(1)), path: "Acme".into(), inside: true, root: true };
    let admin = |number: u128, name: &str| Person {
        id: UserId(id(number)),
        username: name.into(),
        email: format!("{name}@people.example"),
        first_name: name.into(),
        last_name: name.into(),
        organisation: acme.id,
        expires_on: day(23),
        roles: BTreeSet::from([(Role::OrgAdmin, acme.id)]),
        joined_since: false,
    };
    let asked = Asked {
        organisation: acme.id,
        synchronize: true,
        by: UserId(id(2)),
        columns: BTreeSet::from(["account_expires_on"]),
        exports: vec![],
        unreadable: Vec::new(),
        today: day(24).unwrap(),
    };
    let plan_with = |expires_on| {
        let row = Row { line: 2, user_id: Some(UserId(id(3))), expires_on, ..Row::default() };
        plan(std::slice::from_ref(&acme), &[admin(3, "ann"), admin(4, "ben")], &[row], &asked)
    };
    assert_eq!(plan_with(day(24)).deleted, BTreeSet::from([UserId(id(4))]));
    assert_eq!(plan_with(None).deleted, BTreeSet::from([UserId(id(4))]), "no last day");
    assert_eq!(plan_with(day(22)).protected, BTreeMap::from([(UserId(id(4)), Protection::LastOrgAdmin)]));
}

fn facts() -> Facts {
    Facts { rows: 10, known: 8, refused: 0, exports: vec![ExportOf::ThisWhole] }
}

#[test]
fn a_whole_file_can_be_synchronized() {
    assert_eq!(objections(&facts()), []);
    assert_eq!(objections(&Facts { exports: vec![], ..facts() }), []);
}

#[test]
fn a_heading_without_rows_synchronizes_nobody_away() {
    assert_eq!(objections(&Facts { rows: 0, known: 0, ..facts() }), [CannotSynchronize::NoRows]);
}

#[test]
fn a_file_of_strangers_cannot_be_synchronized() {
    assert_eq!(objections(&Facts { known: 0, ..facts() }), [CannotSynchronize::Strangers]);
}

#[test]
fn with_a_refused_row_nobody_can_say_who_is_missing() {
    assert_eq!(objections(&Facts { refused: 1, ..facts() }), [CannotSynchronize::RefusedRows]);
}

#[test]
fn one_part_of_the_file_from_a_wrong_export_is_enough() {
    for (export, objection) in [
        (ExportOf::Filtered, CannotSynchronize::FilteredExport),
        (ExportOf::Other, CannotSynchronize::OtherExport),
        (ExportOf::Unfinished, CannotSynchronize::UnfinishedExport),
    ] {
        assert_eq!(objections(&Facts { exports: vec![ExportOf::ThisWhole, export], ..facts() }), [objection]);
    }
}

#[test]
fn the_number_is_typed_above_the_threshold_only() {
    assert!(!must_be_typed(10, 100, 10));
    assert!(must_be_typed(11, 100, 10));
    assert!(must_be_typed(1, 0, 10));
    assert!(!must_be_typed(0, 0, 0));
    assert!(must_be_typed(1, 1_000_000, 0));
}
