//! What a check finds about one root: a function of what was read.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::load::{InstanceTerms, Root, SoldTier, Until, limit};
use super::when::{due_at, held_until};
use crate::domain::forecast;
use crate::domain::license::{Used, UserLimit};
use crate::domain::license_year::{LicenseYear, reuses, reuses_used};
use crate::domain::news::{Because, News, Offer};
use crate::domain::overage::{Account, Cause, Dated, Episode, Event, Overage, Permitted, Stage, Step, Terms, advance};
use crate::domain::pro_rata;
use crate::domain::usage_history::{self, Recorded};
use crate::domain::warnings::warned;
use crate::features::agreements::commands::Upgrade;
use crate::ids::OrganisationId;

/// What is to be stored of a root.
pub(super) struct Finding {
    pub root: OrganisationId,
    pub name: String,
    pub account: Account,
    pub warned_percent: Option<u8>,
    pub re_uses_warned: Option<(NaiveDate, u8)>,
    pub crossing_on: Option<NaiveDate>,
    pub due_at: DateTime<Utc>,
    /// Rows of the log that are seen now.
    pub log: Vec<i64>,
    pub episodes: Vec<StoredEpisode>,
    pub notices: Vec<Notice>,
    pub upgrades: Vec<Upgrade>,
}

/// An episode as it is stored.
pub(super) struct StoredEpisode {
    pub id: Uuid,
    pub episode: Episode,
    /// When it ended, and whether by an upgrade.
    pub closed: Option<(DateTime<Utc>, bool)>,
}

/// Something to tell.
pub(super) struct Notice {
    pub at: DateTime<Utc>,
    pub overage: Option<Uuid>,
    /// The same step has the same key.
    pub key: String,
    pub news: News,
}

/// Everything that has happened since the last check, and how things stand.
pub(super) fn judge(root: &Root, instance: &InstanceTerms) -> Finding {
    let (terms, until) = (terms(root, instance), root.until.at());
    // what has changed since a check of the same moment comes after it
    let now = root.row.checked_until.map_or(until, |checked| until.max(checked + TimeDelta::microseconds(1)));
    let before = account_before(root, now);
    let events = events(root, &before, now);
    let (account, steps) = advance(&before, &events, &terms, &root.calendar, now);
    let percent = |stored: Option<i32>| stored.and_then(|percent| u8::try_from(percent).ok());
    let mut finding = Finding {
        root: root.row.id,
        name: root.row.name.clone(),
        account,
        warned_percent: percent(root.row.warned_percent),
        re_uses_warned: root.row.re_uses_warned_year.zip(percent(root.row.re_uses_warned_percent)),
        crossing_on: root.row.crossing_on,
        due_at: due_at(root, &account, &terms, now),
        log: root.log.clone(),
        episodes: Vec::new(),
        notices: Vec::new(),
        upgrades: Vec::new(),
    };
    Telling { root, instance, events: &events, limit: before.limit, price: root.row.yearly_price }.tell(
        &before,
        &steps,
        &mut finding,
    );
    // a warning is about what is coming from now on, and nobody needs one for a day that is over
    if matches!(root.until, Until::Now(_)) {
        warn(root, instance, &terms, now, &mut finding);
    }
    finding
}

/// What may be exceeded, and which tiers there are to upgrade to. Without an agreement that has a price there is none.
fn terms(root: &Root, instance: &InstanceTerms) -> Terms {
    let row = &root.row;
    let permitted = match (row.extra_users_from, row.extra_users_until, row.extra_users) {
        (Some(from), Some(until), Some(extra)) => vec![Permitted { from, until, extra: extra.unsigned_abs() }],
        _ => Vec::new(),
    };
    Terms { permitted, ladder: affordable(root, instance).map(SoldTier::step).collect() }
}

fn affordable<'i>(root: &'i Root, instance: &'i InstanceTerms) -> impl Iterator<Item = &'i SoldTier> {
    let currency = root.row.currency.as_deref().filter(|_| root.row.yearly_price.is_some());
    instance.tiers.iter().filter(move |tier| currency == Some(tier.currency.as_str()))
}

/// As the last check left it, which is how it was for as long as nothing happened. What is checked for the first
/// time begins now.
fn account_before(root: &Root, now: DateTime<Utc>) -> Account {
    let row = &root.row;
    match (row.checked_until, row.checked_used) {
        (Some(checked_until), Some(used)) => Account {
            used: Used(u64::from(used.unsigned_abs())),
            limit: limit(row.checked_limit),
            checked_until: held_until(root, checked_until, now),
            overage: overage_before(root),
        },
        _ => Account {
            used: Used(row.used.unsigned_abs()),
            limit: limit(row.user_limit),
            checked_until: now,
            overage: Overage::Within,
        },
    }
}

fn overage_before(root: &Root) -> Overage {
    let row = &root.row;
    let (Some(opened_at), Some(notice_on), Some(stage)) = (row.opened_at, row.notice_on, row.stage.as_deref()) else {
        return Overage::Within;
    };
    let stage = match (stage, row.major_since, row.major_due_at) {
        ("major", Some(since), Some(due_at)) => Stage::Major {
            since,
            due_at,
            cause: if row.major_cause.as_deref() == Some("too_long") { Cause::TooLong } else { Cause::Above106 },
        },
        ("no_higher_tier", Some(since), _) => Stage::NoHigherTier { since },
        ("overdue", ..) => Stage::Overdue,
        _ => Stage::Minor,
    };
    Overage::Over(Episode { opened_at, notice_on, stage })
}

/// How usage and the limit have changed since the last check.
fn events(root: &Root, before: &Account, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Event)> {
    if root.row.checked_until.is_none() {
        return Vec::new();
    }
    let recorded = Recorded {
        checked_until: before.checked_until,
        used_then: before.used,
        changes: &root.changes,
        closings: &root.closings,
        used_now: Used(root.row.used.unsigned_abs()),
        now,
    };
    let usage = usage_history::usage(&recorded, &root.calendar);
    let mut events: Vec<_> = usage.into_iter().map(|(at, used)| (at, Event::Used(used))).collect();
    let mut set = root.limits.iter().filter_map(|(at, limit)| Some((*at, (*limit)?)));
    events.extend(set.clone().map(|(at, limit)| (at, Event::Limit(limit))));
    // a limit that was committed later than it is dated
    let known = set.next_back().map(|(_, limit)| limit).or(before.limit);
    let of_now = limit(root.row.user_limit).filter(|_| matches!(root.until, Until::Now(_)));
    if let Some(limit) = of_now.filter(|limit| Some(*limit) != known) {
        events.push((now, Event::Limit(limit)));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// Turns the steps of an overage into episodes, notices and upgrades.
struct Telling<'r> {
    root: &'r Root,
    instance: &'r InstanceTerms,
    events: &'r [(DateTime<Utc>, Event)],
    /// The limit and the yearly price at the moment that it has come to.
    limit: Option<UserLimit>,
    price: Option<Decimal>,
}

impl Telling<'_> {
    fn tell(mut self, before: &Account, steps: &[Dated<Step>], finding: &mut Finding) {
        let mut open = match (before.overage, self.root.row.overage_id) {
            (Overage::Over(episode), Some(id)) => Some(StoredEpisode { id, episode, closed: None }),
            _ => None,
        };
        let mut seen = before.checked_until;
        for step in steps {
            self.follow_limit(seen, step.at);
            seen = step.at;
            open = self.step(step, open, finding);
        }
        if let (Some(mut last), Overage::Over(episode)) = (open, finding.account.overage) {
            last.episode = episode;
            finding.episodes.push(last);
        }
    }

    /// The limit as it was set until then.
    fn follow_limit(&mut self, after: DateTime<Utc>, until: DateTime<Utc>) {
        for (at, event) in self.events {
            if let Event::Limit(limit) = event
                && *at > after
                && *at <= until
            {
                self.limit = Some(*limit);
            }
        }
    }

    /// One step; returns the episode that is open after it.
    fn step(
        &mut self,
        step: &Dated<Step>,
        open: Option<StoredEpisode>,
        finding: &mut Finding,
    ) -> Option<StoredEpisode> {
        let (at, used) = (step.at, step.used.0);
        let allowed = step.allowed.unwrap_or(0);
        let upgraded_now = finding.upgrades.last().is_some_and(|upgrade| upgrade.at == at);
        let mut open = match (step.what, open) {
            // what an upgrade does not cover is an episode of its own
            (Step::Opened { .. } | Step::Major { .. }, Some(old)) if upgraded_now => {
                finding.episodes.push(StoredEpisode { closed: Some((at, true)), ..old });
                None
            }
            (_, open) => open,
        };
        let news = match step.what {
            Step::Opened { due_on } => Some(News::OverageMinor { used, allowed, due_on }),
            Step::Overdue { major_on } => Some(News::OverageOverdue { used, allowed, major_on, offer: self.offer(at) }),
            Step::Major { cause, due_at } => Some(News::OverageMajor {
                used,
                allowed,
                because: match cause {
                    Cause::Above106 => Because::Above106,
                    Cause::TooLong => Because::TooLong,
                },
                due_at,
                offer: self.offer(at),
            }),
            Step::BackToMinor { due_on } => Some(News::OverageMinorAgain { used, allowed, due_on }),
            Step::NoHigherTier => Some(News::NoHigherTier { used, allowed }),
            Step::Closed { by_upgrade: true } => None,
            Step::Closed { by_upgrade: false } => Some(News::OverageClosed { used, allowed: step.allowed }),
            Step::Upgraded { from, to } => {
                let offer = self.offer(at);
                let on = self.root.calendar.day_of(at);
                finding.upgrades.push(Upgrade { root: self.root.row.id, to: to.id, at, on, accepted_by: None });
                self.limit = Some(to.limit);
                self.price = self.instance.tiers.iter().find(|tier| tier.id == to.id).map(|tier| tier.yearly_price);
                offer.map(|to| News::Upgraded { used, from_limit: from.0, to })
            }
        };
        let day0 = self.root.calendar.day_of(at);
        open = match step.what {
            Step::Closed { by_upgrade } => {
                finding.episodes.extend(open.map(|old| StoredEpisode { closed: Some((at, by_upgrade)), ..old }));
                None
            }
            Step::Upgraded { .. } => open,
            _ => {
                let stage = stage_after(step, self.root);
                let (id, episode) = open.map_or_else(
                    || (Uuid::now_v7(), Episode { opened_at: at, notice_on: day0, stage }),
                    |old| (old.id, Episode { stage, ..old.episode }),
                );
                Some(StoredEpisode { id, episode, closed: None })
            }
        };
        let overage = open.as_ref().or(finding.episodes.last()).map(|episode| episode.id);
        finding.notices.extend(news.map(|news| Notice {
            at,
            overage,
            key: format!("{} {}", news.kind(), at.to_rfc3339()),
            news,
        }));
        open
    }

    /// The next tier, and what it costs from that day on.
    fn offer(&self, at: DateTime<Utc>) -> Option<Offer> {
        let (limit, year) = (self.limit?, LicenseYear::beginning(self.root.row.starts_on?));
        let higher = affordable(self.root, self.instance).filter(|tier| tier.limit() > limit);
        let next = higher.min_by_key(|tier| (tier.limit(), tier.id))?;
        let price = pro_rata::price(self.price?, next.yearly_price, self.root.calendar.day_of(at), &year)?;
        Some(Offer {
            tier: next.name.clone(),
            limit: next.limit().0,
            price: price.amount,
            currency: next.currency.clone(),
        })
    }
}

/// The stage that a step leads to.
fn stage_after(step: &Dated<Step>, root: &Root) -> Stage {
    match step.what {
        Step::Major { cause, due_at } => Stage::Major { since: step.at, due_at, cause },
        Step::Overdue { .. } => Stage::Overdue,
        Step::NoHigherTier => Stage::NoHigherTier { since: step.at },
        Step::BackToMinor { due_on } if step.at >= root.calendar.end_of(due_on) => Stage::Overdue,
        Step::Opened { .. } | Step::BackToMinor { .. } | Step::Upgraded { .. } | Step::Closed { .. } => Stage::Minor,
    }
}

/// What is coming: a limit that is nearly reached, one that will be exceeded, re-uses that run out.
fn warn(root: &Root, instance: &InstanceTerms, terms: &Terms, now: DateTime<Utc>, finding: &mut Finding) {
    let (row, account) = (&root.row, finding.account);
    let today = root.calendar.day_of(now);
    let allowed = account.limit.map_or(0, |limit| terms.allowed_on(limit, today));
    let percent = |stored: Option<i32>| stored.and_then(|percent| u8::try_from(percent).ok());

    let before = percent(row.warned_percent);
    let (kept, warning) = warned(before, account.used, account.limit, allowed, &instance.warning_percents);
    finding.warned_percent = kept;
    if let (Some(warning), Some(limit)) = (warning, account.limit) {
        let news = News::LimitWarning { percent: warning.percent, used: account.used.0, limit: limit.0 };
        finding.notices.push(notice(now, &format!("{} %", warning.percent), news));
    }

    let allowed_on = |day: NaiveDate| {
        let renewed = limit(row.renewal_limit).filter(|_| row.renewal_on.is_some_and(|on| on <= day));
        Some(terms.allowed_on(renewed.or(account.limit)?, day))
    };
    let last = today.checked_add_days(Days::new(forecast::DAYS_AHEAD)).unwrap_or(today);
    let crossing = forecast::crossing(today, account.used, &root.scheduled, allowed_on, last);
    finding.crossing_on = crossing.map(|crossing| crossing.on);
    // one that comes later than was told is no news
    if let Some(crossing) = crossing.filter(|crossing| row.crossing_on.is_none_or(|told| crossing.on < told)) {
        let news = News::LimitCrossing { on: crossing.on, used: crossing.used.0, allowed: crossing.allowed };
        finding.notices.push(notice(now, &crossing.on.to_string(), news));
    }

    finding.re_uses_warned = None;
    let (Some(starts_on), Some(holders), Some(highest)) = (row.starts_on, row.holders, limit(row.highest_limit)) else {
        return;
    };
    let of = reuses(highest, row.re_uses_per_license.unwrap_or(0).unsigned_abs());
    let re_uses = reuses_used(holders.unsigned_abs(), highest);
    let before = percent(row.re_uses_warned_percent).filter(|_| row.re_uses_warned_year == Some(starts_on));
    let as_limit = UserLimit(u32::try_from(of).unwrap_or(u32::MAX));
    let (kept, warning) = warned(before, Used(re_uses), Some(as_limit), u64::MAX, &instance.warning_percents);
    finding.re_uses_warned = kept.map(|percent| (starts_on, percent));
    if let Some(warning) = warning {
        let year_ends_on = LicenseYear::beginning(starts_on).ends_on();
        let news = News::ReUsesWarning { percent: warning.percent, re_uses, of, year_ends_on };
        finding.notices.push(notice(now, &format!("{starts_on} {} %", warning.percent), news));
    }
}

fn notice(at: DateTime<Utc>, what: &str, news: News) -> Notice {
    Notice { at, overage: None, key: format!("{} {what} {}", news.kind(), at.to_rfc3339()), news }
}
