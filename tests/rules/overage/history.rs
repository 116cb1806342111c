//! Random histories of a root's usage, with everything on whole hours.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use headroom::domain::calendar::Calendar;
use headroom::domain::license::{Used, UserLimit};
use headroom::domain::overage::{Account, Event, Overage, Permitted, Terms, Tier};
use headroom::ids::TierId;
use proptest::prelude::*;
use uuid::Uuid;

use crate::moments::day;

#[derive(Debug, Clone)]
pub struct History {
    pub zone: Tz,
    pub holidays: BTreeSet<NaiveDate>,
    pub account: Account,
    pub events: Vec<(DateTime<Utc>, Event)>,
    pub terms: Terms,
    pub until: DateTime<Utc>,
}

impl History {
    pub fn calendar(&self) -> Calendar {
        Calendar::new(self.zone, self.holidays.clone())
    }
}

pub fn tier(limit: u32) -> Tier {
    Tier {
        id: TierId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(limit))),
        limit: UserLimit(limit),
    }
}

/// Whole hours away from UTC; with days that lack midnight, or have it twice, within the 60 days.
fn place() -> impl Strategy<Value = (Tz, NaiveDate)> {
    prop::sample::select(vec![
        (Tz::UTC, "2026-11-02"),
        (Tz::Europe__Vienna, "2026-03-10"),
        (Tz::America__New_York, "2026-10-14"),
        (Tz::America__Sao_Paulo, "2017-09-28"),
        (Tz::America__Sao_Paulo, "2018-02-01"),
        (Tz::Asia__Beirut, "2022-03-11"),
        (Tz::America__Havana, "2022-10-20"),
        (Tz::Atlantic__Azores, "2024-10-10"),
        (Tz::Pacific__Auckland, "2026-09-10"),
    ])
    .prop_map(|(zone, from)| (zone, day(from)))
}

/// Around a limit: the last within, the first over, the last minor, the first major, far above.
fn usage(limit: u32) -> impl Strategy<Value = u64> {
    let limit = u64::from(limit);
    let minor = limit * 106 / 100;
    prop_oneof![
        2 => Just(limit),
        3 => Just(limit + 1),
        3 => Just(minor),
        3 => Just(minor + 1),
        1 => Just(limit.saturating_sub(3)),
        1 => 0..2 * limit + 3,
    ]
}

/// Hours from one event to the next; 24 is what an upgrade takes.
fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 1..30i64, Just(23), Just(24), Just(25), 30..200i64, 200..900i64]
}

#[derive(Debug, Clone)]
enum Change {
    Used(u64),
    Limit(u32),
}

fn changes(limit: u32) -> impl Strategy<Value = Vec<(i64, bool, Change)>> {
    let change = prop_oneof![
        6 => usage(limit).prop_map(Change::Used),
        1 => (limit.saturating_sub(2)..limit + 8).prop_map(Change::Limit),
    ];
    prop::collection::vec((gap(), prop::bool::weighted(0.2), change), 0..14)
}

fn permitted(from: NaiveDate) -> impl Strategy<Value = Vec<Permitted>> {
    let one = (0..60u64, -1..30i64, 1..8u32).prop_map(move |(begins, lasts, extra)| {
        let from = from + Days::new(begins);
        Permitted { from, until: from + TimeDelta::days(lasts), extra }
    });
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(one, 1..4)]
}

pub fn history() -> impl Strategy<Value = History> {
    let limit = prop::sample::select(vec![0, 1, 7, 16, 17, 20, 33, 50, 100, 150]);
    (place(), limit, any::<bool>()).prop_flat_map(|((zone, from), limit, mostly_quiet)| {
        let holidays = prop::collection::btree_set(0..60u64, 0..6);
        let ladder = prop::collection::vec((0..limit + 12).prop_map(tier), 0..5);
        let first = (usage(limit), prop::option::weighted(0.97, Just(UserLimit(limit))), 0..48i64);
        (Just((zone, from)), holidays, ladder, permitted(from), first, changes(limit), Just(mostly_quiet)).prop_map(
            |((zone, from), holidays, ladder, permitted, (used, limit, hour), changes, mostly_quiet)| {
                let holidays: BTreeSet<_> = holidays.into_iter().map(|days| from + Days::new(days)).collect();
                let calendar = Calendar::new(zone, holidays.clone());
                let start = calendar.start_of(from) + TimeDelta::hours(hour);
                let mut at = start;
                // episodes that nobody disturbs grow old
                let taken = if mostly_quiet { 3 } else { changes.len() };
                let events = changes.into_iter().take(taken).map(|(gap, at_midnight, change)| {
                    at += TimeDelta::hours(gap);
                    if at_midnight {
                        at = calendar.end_of(calendar.day_of(at));
                    }
                    let event = match change {
                        Change::Used(used) => Event::Used(Used(used)),
                        Change::Limit(limit) => Event::Limit(UserLimit(limit)),
                    };
                    (at.max(start + TimeDelta::hours(1)), event)
                });
                let events: Vec<_> = events.collect();
                let account = Account { used: Used(used), limit, checked_until: start, overage: Overage::Within };
                let terms = Terms { permitted, ladder };
                History { zone, holidays, account, events, terms, until: start + TimeDelta::days(60) }
            },
        )
    })
}
