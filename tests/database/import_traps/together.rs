//! What happens at the same time, and in between.

use std::sync::Barrier;

use headroom::features::imports::commands::Applied;

use super::{Place, Plan, place};

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
