//! The rule of section 5 as a walk through time, from one moment at which something changes or falls due to
//! the next. It never looks at when it is asked, so a check that comes late finds what an earlier one had found.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    Account, Cause, DUE_BUSINESS_DAY, Dated, Episode, Event, HOURS_TO_UPGRADE, MAJOR_BUSINESS_DAY, Overage, Situation,
    Stage, Step, Terms, situation,
};
use crate::domain::calendar::Calendar;

/// What happened since the account was last checked, until a moment and at it, and how the account stands then.
///
/// `events` are all changes after `checked_until`, in any order; those of the same moment are applied in the
/// order given, then judged once. Earlier ones have been judged and are left out, later ones are for the next time.
///
/// `terms` and `calendar` hold for the whole time. When they change, advance to right before that moment with the old
/// ones first: what the new ones make of the account is judged at `checked_until`, or together with what happens at
/// the very next moment.
pub fn advance(
    account: &Account,
    events: &[(DateTime<Utc>, Event)],
    terms: &Terms,
    calendar: &Calendar,
    until: DateTime<Utc>,
) -> (Account, Vec<Dated<Step>>) {
    if until < account.checked_until {
        return (*account, Vec::new());
    }
    let mut events: Vec<_> = events.iter().filter(|(at, _)| *at > account.checked_until && *at <= until).collect();
    events.sort_by_key(|(at, _)| *at);
    let mut events = events.into_iter().peekable();
    let mut machine = Machine { account: *account, terms, calendar, steps: Vec::new() };
    let next_moment = account.checked_until.checked_add_signed(TimeDelta::microseconds(1));
    if events.peek().is_none_or(|(at, _)| Some(*at) != next_moment) {
        machine.judge();
        machine.meet_deadlines();
    }
    loop {
        let next = [events.peek().map(|(at, _)| *at), machine.next_deadline()].into_iter().flatten().min();
        let Some(now) = next.filter(|at| *at <= until) else { break };
        machine.account.checked_until = now;
        while let Some((_, event)) = events.next_if(|(at, _)| *at == now) {
            machine.apply(*event);
        }
        machine.judge();
        machine.meet_deadlines();
    }
    machine.account.checked_until = until;
    (machine.account, machine.steps)
}

/// When to advance again although nothing happens: something falls due, or a permitted overage begins or ends.
pub fn next_deadline(account: &Account, terms: &Terms, calendar: &Calendar) -> Option<DateTime<Utc>> {
    Machine { account: *account, terms, calendar, steps: Vec::new() }.next_deadline()
}

/// `account.checked_until` is the moment that the walk has come to.
struct Machine<'a> {
    account: Account,
    terms: &'a Terms,
    calendar: &'a Calendar,
    steps: Vec<Dated<Step>>,
}

impl Machine<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.account.checked_until
    }

    fn allowed(&self) -> Option<u64> {
        self.account.limit.map(|limit| self.terms.allowed_on(limit, self.calendar.day_of(self.now())))
    }

    fn situation(&self) -> Situation {
        self.allowed().map_or(Situation::Within, |allowed| situation(self.account.used, allowed))
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Used(used) => self.account.used = used,
            Event::Limit(limit) => self.account.limit = Some(limit),
        }
    }

    fn tell(&mut self, what: Step) {
        let step = Dated { at: self.now(), used: self.account.used, allowed: self.allowed(), what };
        self.steps.push(step);
    }

    /// What the figures of this moment make of the episode.
    fn judge(&mut self) {
        match (self.account.overage, self.situation()) {
            (Overage::Within, Situation::Within) => {}
            (Overage::Within, found) => self.open(found),
            (Overage::Over(_), Situation::Within) => self.close(false),
            (Overage::Over(episode), found) => match (episode.stage, found) {
                (Stage::Minor | Stage::Overdue, Situation::Major) => self.become_major(episode, Cause::Above106),
                (Stage::Major { .. } | Stage::NoHigherTier { .. }, Situation::Minor) => self.fall_back(episode),
                _ => {}
            },
        }
    }

    fn open(&mut self, found: Situation) {
        let now = self.now();
        let episode = Episode { opened_at: now, notice_on: self.calendar.day_of(now), stage: Stage::Minor };
        if found == Situation::Major {
            return self.become_major(episode, Cause::Above106);
        }
        self.account.overage = Overage::Over(episode);
        self.tell(Step::Opened { due_on: self.due_on(&episode) });
    }

    fn close(&mut self, by_upgrade: bool) {
        self.account.overage = Overage::Within;
        self.tell(Step::Closed { by_upgrade });
    }

    fn enter(&mut self, episode: Episode, stage: Stage) {
        self.account.overage = Overage::Over(Episode { stage, ..episode });
    }

    fn become_major(&mut self, episode: Episode, cause: Cause) {
        let since = self.now();
        let due_at = since.checked_add_signed(TimeDelta::hours(HOURS_TO_UPGRADE)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.enter(episode, Stage::Major { since, due_at, cause });
        self.tell(Step::Major { cause, due_at });
    }

    /// 106 % or less again: in time, that cancels the upgrade.
    fn fall_back(&mut self, episode: Episode) {
        if self.now() >= self.calendar.start_of(self.major_on(&episode)) {
            return;
        }
        let due_on = self.due_on(&episode);
        let overdue = self.now() >= self.calendar.end_of(due_on);
        self.enter(episode, if overdue { Stage::Overdue } else { Stage::Minor });
        self.tell(Step::BackToMinor { due_on });
    }

    fn due_on(&self, episode: &Episode) -> NaiveDate {
        self.calendar.business_day(episode.notice_on, DUE_BUSINESS_DAY)
    }

    fn major_on(&self, episode: &Episode) -> NaiveDate {
        self.calendar.business_day(episode.notice_on, MAJOR_BUSINESS_DAY)
    }

    /// When the stage of the episode ends if nothing happens.
    fn stage_ends(&self) -> Option<(DateTime<Utc>, Episode)> {
        let Overage::Over(episode) = self.account.overage else { return None };
        let ends = match episode.stage {
            Stage::Minor => self.calendar.end_of(self.due_on(&episode)),
            Stage::Overdue => self.calendar.start_of(self.major_on(&episode)),
            Stage::Major { due_at, .. } => due_at,
            Stage::NoHigherTier { .. } => return None,
        };
        Some((ends, episode))
    }

    /// Takes the episode on, as long as something is due at this moment.
    fn meet_deadlines(&mut self) {
        while let Some((_, episode)) = self.stage_ends().filter(|(ends, _)| *ends <= self.now()) {
            match episode.stage {
                Stage::Minor => {
                    self.enter(episode, Stage::Overdue);
                    self.tell(Step::Overdue { major_on: self.major_on(&episode) });
                }
                Stage::Overdue => self.become_major(episode, Cause::TooLong),
                Stage::Major { .. } | Stage::NoHigherTier { .. } => self.upgrade(episode),
            }
        }
    }

    /// The next tier; what it does not cover is an episode of its own.
    fn upgrade(&mut self, episode: Episode) {
        let limit = self.account.limit;
        let Some((from, to)) = limit.and_then(|limit| Some((limit, self.terms.next_tier(limit)?))) else {
            self.enter(episode, Stage::NoHigherTier { since: self.now() });
            return self.tell(Step::NoHigherTier);
        };
        self.tell(Step::Upgraded { from, to });
        self.account.limit = Some(to.limit);
        match self.situation() {
            Situation::Within => self.close(true),
            found => self.open(found),
        }
    }

    /// The next moment at which something falls due, or a permitted overage begins or ends.
    fn next_deadline(&self) -> Option<DateTime<Utc>> {
        let turns = self.terms.permitted.iter().filter(|one| one.from <= one.until);
        let turns = turns.flat_map(|one| [self.calendar.start_of(one.from), self.calendar.end_of(one.until)]);
        turns.filter(|at| *at > self.now()).chain(self.stage_ends().map(|(ends, _)| ends)).min()
    }
}
