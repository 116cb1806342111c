//! The table of section 5, lived through hour by hour with a pencil in hand: business days are ticked off as
//! they begin, the 24 hours are counted down.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use headroom::domain::license::Used;
use headroom::domain::overage::{Account, Cause, Dated, Episode, Event, Overage, Stage, Step};

use super::history::History;

/// An open episode.
struct Open {
    at: DateTime<Utc>,
    day0: NaiveDate,
    business_days: u32,
    /// The tenth business day, once it has begun.
    tenth: Option<NaiveDate>,
    overdue: bool,
    /// While it is major.
    countdown: Option<Countdown>,
    /// Since when there is no tier to go to.
    stuck: Option<DateTime<Utc>>,
}

struct Countdown {
    since: DateTime<Utc>,
    hours_left: u32,
    cause: Cause,
}

struct Life<'a> {
    history: &'a History,
    now: DateTime<Utc>,
    account: Account,
    open: Option<Open>,
    steps: Vec<Dated<Step>>,
}

pub fn live(history: &History) -> (Account, Vec<Dated<Step>>) {
    let now = history.account.checked_until;
    let mut life = Life { history, now, account: history.account, open: None, steps: Vec::new() };
    life.an_hour();
    while life.now < history.until {
        let yesterday = life.today();
        life.now += TimeDelta::hours(1);
        life.pencil(yesterday);
        life.an_hour();
    }
    (life.result(), life.steps)
}

impl Life<'_> {
    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.history.zone).date_naive()
    }

    fn works(&self, on: NaiveDate) -> bool {
        on.weekday().number_from_monday() <= 5 && !self.history.holidays.contains(&on)
    }

    fn business_day(&self, day0: NaiveDate, n: usize) -> NaiveDate {
        day0.iter_days().skip(1).filter(|on| self.works(*on)).nth(n - 1).unwrap()
    }

    fn allowed(&self) -> Option<u64> {
        let mut sum = u64::from(self.account.limit?.0);
        for one in &self.history.terms.permitted {
            if (one.from..=one.until).contains(&self.today()) {
                sum += u64::from(one.extra);
            }
        }
        Some(sum)
    }

    fn tell(&mut self, what: Step) {
        self.steps.push(Dated { at: self.now, used: self.account.used, allowed: self.allowed(), what });
    }

    /// Ticks a business day off that has begun, and an hour of the 24.
    fn pencil(&mut self, yesterday: NaiveDate) {
        let today = self.today();
        let works = today != yesterday && self.works(today);
        let Some(open) = &mut self.open else { return };
        open.business_days += u32::from(works);
        if works && open.business_days == 10 {
            open.tenth = Some(today);
        }
        if let Some(countdown) = &mut open.countdown {
            countdown.hours_left -= 1;
        }
    }

    fn an_hour(&mut self) {
        for (_, event) in self.history.events.iter().filter(|(at, _)| *at == self.now) {
            match event {
                Event::Used(used) => self.account.used = *used,
                Event::Limit(limit) => self.account.limit = Some(*limit),
            }
        }
        self.look_at_the_figures();
        self.look_at_the_clock();
    }

    fn look_at_the_figures(&mut self) {
        let Used(used) = self.account.used;
        let Some(allowed) = self.allowed().filter(|allowed| used > *allowed) else {
            if self.open.take().is_some() {
                self.tell(Step::Closed { by_upgrade: false });
            }
            return;
        };
        let above = used * 100 > allowed * 106;
        let Some(open) = &self.open else { return self.begin(above) };
        let to_be_upgraded = open.countdown.is_some() || open.stuck.is_some();
        if above && !to_be_upgraded {
            self.count_down(Cause::Above106);
        } else if !above && to_be_upgraded && open.business_days < 21 {
            let due_on = self.business_day(open.day0, 10);
            let today = self.today();
            let open = self.open.as_mut().unwrap();
            (open.countdown, open.stuck) = (None, None);
            open.overdue = open.tenth.is_some_and(|tenth| today > tenth);
            self.tell(Step::BackToMinor { due_on });
        }
    }

    fn begin(&mut self, above: bool) {
        let (at, day0) = (self.now, self.today());
        self.open =
            Some(Open { at, day0, business_days: 0, tenth: None, overdue: false, countdown: None, stuck: None });
        if above {
            self.count_down(Cause::Above106);
        } else {
            self.tell(Step::Opened { due_on: self.business_day(day0, 10) });
        }
    }

    fn count_down(&mut self, cause: Cause) {
        let since = self.now;
        self.open.as_mut().unwrap().countdown = Some(Countdown { since, hours_left: 24, cause });
        self.tell(Step::Major { cause, due_at: since + TimeDelta::hours(24) });
    }

    fn look_at_the_clock(&mut self) {
        let today = self.today();
        let Some(open) = &mut self.open else { return };
        if open.stuck.is_some() {
            return;
        }
        match &open.countdown {
            Some(Countdown { hours_left: 0, .. }) => self.upgrade(),
            Some(_) => {}
            None => {
                let day0 = open.day0;
                if open.tenth.is_some_and(|tenth| today > tenth) && !open.overdue {
                    open.overdue = true;
                    self.tell(Step::Overdue { major_on: self.business_day(day0, 21) });
                }
                if self.open.as_ref().unwrap().business_days > 20 {
                    self.count_down(Cause::TooLong);
                }
            }
        }
    }

    fn upgrade(&mut self) {
        let from = self.account.limit.unwrap();
        let mut ladder = self.history.terms.ladder.clone();
        ladder.sort_by_key(|tier| tier.limit);
        let Some(to) = ladder.into_iter().find(|tier| tier.limit > from) else {
            let open = self.open.as_mut().unwrap();
            (open.countdown, open.stuck) = (None, Some(self.now));
            return self.tell(Step::NoHigherTier);
        };
        self.tell(Step::Upgraded { from, to });
        self.account.limit = Some(to.limit);
        self.open = None;
        let (used, allowed) = (self.account.used.0, self.allowed().unwrap());
        if used <= allowed {
            self.tell(Step::Closed { by_upgrade: true });
        } else {
            self.begin(used * 100 > allowed * 106);
        }
    }

    fn result(&self) -> Account {
        let overage = match &self.open {
            None => Overage::Within,
            Some(open) => Overage::Over(Episode {
                opened_at: open.at,
                notice_on: open.day0,
                stage: match (&open.countdown, open.stuck) {
                    (Some(Countdown { since, hours_left, cause }), _) => Stage::Major {
                        since: *since,
                        due_at: self.now + TimeDelta::hours(i64::from(*hours_left)),
                        cause: *cause,
                    },
                    (None, Some(since)) => Stage::NoHigherTier { since },
                    (None, None) if open.overdue => Stage::Overdue,
                    (None, None) => Stage::Minor,
                },
            }),
        };
        Account { checked_until: self.now, overage, ..self.account }
    }
}
