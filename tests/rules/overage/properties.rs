//! What holds for every history.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom::domain::overage::{Account, Cause, Dated, Step, advance, next_deadline};
use proptest::prelude::*;

use super::history::{History, history};
use super::model::live;

fn in_one_go(history: &History) -> (Account, Vec<Dated<Step>>) {
    advance(&history.account, &history.events, &history.terms, &history.calendar(), history.until)
}

/// Checks at these moments only. Each is given all events, those of the past and of the future, too.
fn checked_at(history: &History, moments: impl IntoIterator<Item = DateTime<Utc>>) -> (Account, Vec<Dated<Step>>) {
    let (calendar, mut steps) = (history.calendar(), Vec::new());
    let account = moments.into_iter().fold(history.account, |account, until| {
        let (account, found) = advance(&account, &history.events, &history.terms, &calendar, until);
        steps.extend(found);
        account
    });
    (account, steps)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_walk_from_change_to_change_finds_what_a_life_hour_by_hour_finds(history in history()) {
        prop_assert_eq!(in_one_go(&history), live(&history));
    }

    #[test]
    fn when_it_was_checked_does_not_matter(
        history in history(),
        seconds in prop::collection::vec(0..61 * 86_400i64, 0..12),
        at_steps in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let whole = in_one_go(&history);
        let start = history.account.checked_until;
        let mut moments: Vec<_> = seconds.iter().map(|after| start + TimeDelta::seconds(*after)).collect();
        // checks at the very moments at which something happens, and just before
        for index in at_steps {
            if !whole.1.is_empty() {
                let at = index.get(&whole.1).at;
                moments.extend([at - TimeDelta::nanoseconds(1), at]);
            }
        }
        moments.retain(|at| *at <= history.until);
        moments.sort_unstable();
        prop_assert_eq!(checked_at(&history, moments.into_iter().chain([history.until])), whole);
    }

    #[test]
    fn checks_at_changes_and_deadlines_alone_miss_nothing_and_find_it_at_once(history in history()) {
        let calendar = history.calendar();
        let mut account = checked_at(&history, [history.account.checked_until]).0;
        let mut steps = checked_at(&history, [history.account.checked_until]).1;
        loop {
            let now = account.checked_until;
            let event = history.events.iter().map(|(at, _)| *at).filter(|at| *at > now).min();
            let deadline = next_deadline(&account, &history.terms, &calendar);
            prop_assert!(deadline.is_none_or(|at| at > now));
            let Some(next) = event.into_iter().chain(deadline).min().filter(|at| *at <= history.until) else { break };
            let (after, found) = advance(&account, &history.events, &history.terms, &calendar, next);
            prop_assert!(found.iter().all(|step| step.at == next), "{:?}", found);
            steps.extend(found);
            account = after;
        }
        let (whole, all) = in_one_go(&history);
        prop_assert_eq!(steps, all);
        prop_assert_eq!(Account { checked_until: history.until, ..account }, whole);
    }

    #[test]
    fn the_order_in_which_events_are_given_does_not_matter_unless_they_are_of_the_same_moment(history in history()) {
        let mut other = history.clone();
        other.events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        prop_assert_eq!(in_one_go(&history), in_one_go(&other));
    }
}

#[test]
fn the_random_histories_have_something_of_everything() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..600 {
        let history = history().new_tree(&mut runner).unwrap().current();
        for step in in_one_go(&history).1 {
            let name = match step.what {
                Step::Opened { .. } => "opened",
                Step::Overdue { .. } => "overdue",
                Step::Major { cause: Cause::Above106, .. } => "above",
                Step::Major { cause: Cause::TooLong, .. } => "too long",
                Step::BackToMinor { .. } => "back",
                Step::Upgraded { .. } => "upgraded",
                Step::NoHigherTier => "no higher tier",
                Step::Closed { by_upgrade: false } => "closed",
                Step::Closed { by_upgrade: true } => "closed by upgrade",
            };
            *seen.entry(name).or_default() += 1;
        }
    }
    assert!(seen.len() == 9 && seen.values().all(|times| *times > 30), "{seen:?}");
}
