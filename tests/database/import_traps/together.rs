//! What happens at the same time, and in between.

use std::sync::Barrier;

use diesel::prelude::*;
use headroom::features::imports::commands::Applied;

use super::{Place, Plan, place};
use crate::support::database::wait_until_blocked;

#[test]
fn when_the_people_have_changed_since_the_preview_nothing_is_done_and_the_new_plan_is_there() {
    let place = place();
    let plan = place.synchronize(place.export(place.acme).without("east-0").with("east-1", "last_name", "New").csv());
    assert_eq!(plan.figures(), [0, 1, 1, 0, 0]);
    place.run("update users set last_name = 'New' where username = 'east-1'");
    let before = place.usernames();
    assert_eq!((place.apply(&plan), place.usernames()), (Applied::Moved, before));
    let fresh = place.plan(plan.id);
    assert_eq!(fresh.figures(), [0, 0, 1, 0, 0]);
    assert_eq!(place.apply(&fresh), Applied::Done);
}

#[test]
fn a_newcomer_since_the_preview_is_shown_before_anything_is_done() {
    let place = place();
    let plan = place.synchronize(place.export(place.acme).without("east-0").csv());
    crate::support::builders::user(&mut place.conn(), Some(place.east), "newcomer");
    assert_eq!(place.apply(&plan), Applied::Moved);
    assert_eq!(place.plan(plan.id).figures(), [0, 0, 1, 1, 0]);
}

/// Each plan applied by a thread of its own, all at once.
fn at_once(place: &Place, plans: &[&Plan]) -> Vec<Applied> {
    let barrier = Barrier::new(plans.len());
    std::thread::scope(|scope| {
        let applying: Vec<_> = plans
            .iter()
            .map(|plan| {
                scope.spawn(|| {
                    barrier.wait();
                    place.apply(plan)
                })
            })
            .collect();
        applying.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn confirmed_twenty_times_at_once_it_is_done_once() {
    let place = place();
    let plan = place.synchronize(place.export(place.acme).without("east-0").csv());
    assert_eq!(at_once(&place, &[&plan; 20]), vec![Applied::Done; 20]);
    assert_eq!((place.entries("import.applied"), place.entries("user.deleted")), (1, 1));
}

#[test]
fn of_two_imports_at_once_the_second_shows_its_plan_again() {
    let place = place();
    let sheet = place.export(place.acme);
    let one = place.synchronize(sheet.clone().without("east-0").with("east-2", "last_name", "One").csv());
    let other = place.synchronize(sheet.without("east-1").with("east-2", "last_name", "Other").csv());
    let mut done = at_once(&place, &[&one, &other]);
    let first = if done[0] == Applied::Done { &one } else { &other };
    done.sort_by_key(|applied| *applied != Applied::Done);
    assert_eq!(done, [Applied::Done, Applied::Moved]);
    let second = if first.id == one.id { &other } else { &one };
    // whom the first one has deleted is nobody now: their row cannot be taken, so nobody else goes
    let fresh = place.plan(second.id);
    assert_eq!(fresh.figures(), [0, 1, 0, 0, 1]);
    assert_eq!(place.entries("import.applied"), 1);
}

#[test]
fn a_username_that_is_taken_at_the_very_moment_of_applying_shows_the_plan_again() {
    let place = place();
    let mut sheet = place.export(place.acme).without("east-0").with("east-1", "last_name", "New");
    sheet = sheet.with("east-2", "username", "wanted");
    let plan = place.synchronize(sheet.csv());
    assert_eq!(plan.figures(), [0, 2, 1, 0, 0]);
    let before = place.usernames();
    let other = &mut place.conn();
    let applied = std::thread::scope(|scope| {
        let transaction = other.transaction(|other| {
            crate::support::builders::user(other, Some(place.globex), "wanted");
            // planning does not see the other one, and the change waits for what becomes of them
            let applying = scope.spawn(|| place.apply(&plan));
            wait_until_blocked(&mut place.conn());
            QueryResult::Ok(applying)
        });
        transaction.unwrap().join().unwrap()
    });
    assert_eq!(applied, Applied::Moved);
    let fresh = place.plan(plan.id);
    assert_eq!((fresh.figures(), place.entries("import.applied")), ([0, 1, 0, 0, 1], 0));
    assert_eq!(place.refused(&fresh), [format!("{} username: Somebody else has this username.", sheet.line("wanted"))]);
    assert!(before.iter().all(|username| place.usernames().contains(username)), "nobody was deleted on the way");
    assert_eq!(place.apply(&fresh), Applied::Done);
}
