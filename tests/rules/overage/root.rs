//! A root and its story, told in one line, and the steps as they are expected.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use headroom::domain::calendar::Calendar;
use headroom::domain::license::{Used, UserLimit};
use headroom::domain::overage::{Account, Cause, Dated, Event, Overage, Permitted, Stage, Step, Terms, advance};

use super::history::tier;
use crate::moments::{day, moment};

/// A root with 100 licenses and 90 active users, until something is said to be otherwise.
pub struct Root {
    pub account: Account,
    pub terms: Terms,
    pub calendar: Calendar,
    pub events: Vec<(DateTime<Utc>, Event)>,
}

pub const MONDAY: &str = "2026-11-02T09:00:00Z";

pub fn root() -> Root {
    let checked_until = moment("2026-11-01T00:00:00Z");
    Root {
        account: Account { used: Used(90), limit: Some(UserLimit(100)), checked_until, overage: Overage::Within },
        terms: Terms::default(),
        calendar: Calendar::new(Tz::UTC, BTreeSet::new()),
        events: Vec::new(),
    }
}

impl Root {
    pub fn tiers(mut self, limits: &[u32]) -> Root {
        self.terms.ladder = limits.iter().copied().map(tier).collect();
        self
    }

    pub fn permitted(mut self, from: &str, until: &str, extra: u32) -> Root {
        self.terms.permitted.push(Permitted { from: day(from), until: day(until), extra });
        self
    }

    pub fn holidays(mut self, days: &[&str]) -> Root {
        self.calendar = Calendar::new(Tz::UTC, days.iter().copied().map(day).collect());
        self
    }

    pub fn uses(mut self, at: &str, used: u64) -> Root {
        self.events.push((moment(at), Event::Used(Used(used))));
        self
    }

    pub fn may_use(mut self, at: &str, limit: u32) -> Root {
        self.events.push((moment(at), Event::Limit(UserLimit(limit))));
        self
    }

    pub fn until(&self, until: &str) -> (Account, Vec<Dated<Step>>) {
        advance(&self.account, &self.events, &self.terms, &self.calendar, moment(until))
    }

    /// What happened, with the moments.
    pub fn steps(&self, until: &str) -> Vec<(DateTime<Utc>, Step)> {
        self.until(until).1.into_iter().map(|step| (step.at, step.what)).collect()
    }

    pub fn stage(&self, until: &str) -> Option<Stage> {
        match self.until(until).0.overage {
            Overage::Within => None,
            Overage::Over(episode) => Some(episode.stage),
        }
    }
}

pub fn opened(at: &str, due_on: &str) -> (DateTime<Utc>, Step) {
    (moment(at), Step::Opened { due_on: day(due_on) })
}

pub fn overdue(at: &str, major_on: &str) -> (DateTime<Utc>, Step) {
    (moment(at), Step::Overdue { major_on: day(major_on) })
}

pub fn major(at: &str, due_at: &str) -> (DateTime<Utc>, Step) {
    (moment(at), Step::Major { cause: Cause::Above106, due_at: moment(due_at) })
}

pub fn too_long(at: &str, due_at: &str) -> (DateTime<Utc>, Step) {
    (moment(at), Step::Major { cause: Cause::TooLong, due_at: moment(due_at) })
}

pub fn back(at: &str) -> (DateTime<Utc>, Step) {
    (moment(at), Step::BackToMinor { due_on: day("2026-11-16") })
}

pub fn upgraded(at: &str, from: u32, to: u32) -> (DateTime<Utc>, Step) {
    (moment(at), Step::Upgraded { from: UserLimit(from), to: tier(to) })
}

pub fn closed(at: &str, by_upgrade: bool) -> (DateTime<Utc>, Step) {
    (moment(at), Step::Closed { by_upgrade })
}
