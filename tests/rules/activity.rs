//! Why a person counts, against a model that walks day by day.

use chrono::{Days, NaiveDate};
use headroom::domain::activity::{Activity, Facts, Standing, Term};
use proptest::prelude::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

fn at(offset: i64) -> NaiveDate {
    let days = Days::new(offset.unsigned_abs());
    if offset < 0 { today() - days } else { today() + days }
}

fn term() -> impl Strategy<Value = Term> {
    (-20..20i64, prop::option::weighted(0.85, -4..12i64), any::<bool>()).prop_map(|(starts, lasts, completed)| Term {
        starts_on: at(starts),
        expires_on: lasts.map(|days| at(starts + days)),
        completed,
    })
}

/// The definition, word by word.
fn active_on(terms: &[Term], account_expires_on: Option<NaiveDate>, day: NaiveDate) -> bool {
    account_expires_on.is_none_or(|last| day <= last)
        && terms.iter().any(|term| term.starts_on <= day && term.expires_on.is_none_or(|last| day <= last))
}

/// Beyond everything that the terms reach.
const FAR: i64 = 60;

proptest! {
    #[test]
    fn a_person_is_active_exactly_when_the_definition_says_so_and_until_the_first_day_without(
        terms in prop::collection::vec(term(), 0..6),
        account in prop::option::weighted(0.4, -15..25i64),
    ) {
        let account = account.map(at);
        let activity = Activity::of(&Facts::of(&terms, account, today()), today());
        prop_assert_eq!(activity.is_active(), active_on(&terms, account, today()));
        let first_without = (0..FAR).find(|day| !active_on(&terms, account, at(*day)));
        match activity {
            Activity::Active { live, completed, until } => {
                prop_assert_eq!(until, first_without.map(|day| at(day - 1)));
                prop_assert!(live > 0 && completed <= live);
            }
            Activity::AccountExpired { since } => {
                prop_assert!(since <= today());
                prop_assert_eq!(account, since.pred_opt());
            }
            Activity::Coming { coming, on } => {
                let next = (1..FAR).find(|day| active_on(&terms, account, at(*day)));
                prop_assert_eq!(Some(on), next.map(at));
                prop_assert!(coming > 0);
            }
            Activity::ExpiresBefore { .. } => {
                prop_assert!((0..FAR).all(|day| !active_on(&terms, account, at(day))));
                prop_assert!((0..FAR).any(|day| active_on(&terms, None, at(day))));
            }
            Activity::Over { expired } => {
                prop_assert!((0..FAR).all(|day| !active_on(&terms, None, at(day))));
                prop_assert_eq!(expired as usize, terms.len());
            }
            Activity::NeverEnrolled => prop_assert!(terms.is_empty()),
        }
    }

    #[test]
    fn every_enrolment_is_counted_once(terms in prop::collection::vec(term(), 0..8)) {
        let facts = Facts::of(&terms, None, today());
        prop_assert_eq!((facts.live + facts.expired + facts.coming) as usize, terms.len());
        for term in terms {
            let live = active_on(&[term], None, today());
            prop_assert_eq!(term.standing(today()) == Standing::Live, live);
            let later = (1..FAR).any(|day| active_on(&[term], None, at(day)));
            prop_assert_eq!(term.standing(today()) == Standing::Coming, !live && later);
        }
    }
}

#[test]
fn the_words_say_why() {
    let facts =
        |live, completed_live, expired, coming| Facts { live, completed_live, expired, coming, ..Facts::default() };
    let says = |facts: Facts| {
        let activity = Activity::of(&facts, today());
        (activity.badge().0, activity.why())
    };
    let january = NaiveDate::from_ymd_opt(2027, 1, 3);
    let october = NaiveDate::from_ymd_opt(2026, 10, 31);
    assert_eq!(says(Facts { until: january, ..facts(2, 1, 0, 0) }), ("Active", "2 live, until 3 Jan 2027".into()));
    assert_eq!(says(facts(1, 0, 5, 0)), ("Active", "1 live, no end".into()));
    assert_eq!(says(facts(2, 2, 0, 0)), ("Active", "2 live, both completed".into()));
    assert_eq!(says(facts(0, 0, 3, 0)), ("Inactive", "3 expired".into()));
    assert_eq!(says(facts(0, 0, 0, 0)), ("Inactive", "no enrolments".into()));
    assert_eq!(says(Facts { next_start: january, ..facts(0, 0, 2, 1) }), ("Inactive", "1 starts on 3 Jan 2027".into()));
    assert_eq!(
        says(Facts { account_expires_on: october, ..facts(2, 0, 0, 0) }),
        ("Account expired", "since 1 Nov 2026".into())
    );
    let active = Activity::of(&Facts { until: january, ..facts(2, 0, 0, 0) }, today());
    assert_eq!(active.explanation(), "2 live enrolments, until 3 Jan 2027");
}
