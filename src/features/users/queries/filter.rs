//! Which users match a search and filters, as a query that others build on.

use chrono::{DateTime, Days as Span, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Timestamptz};
use uuid::Uuid;

use super::ground::{Days, Ground};
use crate::domain::access::Role;
use crate::ids::{ExperienceId, OrganisationId};
use crate::schema::{enrolments, license_spans, role_grants, users};

/// Whether somebody counts, on the day of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Holds a license.
    Active,
    /// Could sign in, but no enrolment is live.
    Inactive,
    /// The account has expired.
    Expired,
}

/// Since when somebody has not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSeen {
    /// Never signed in.
    Ever,
    /// Not for so many days, or never.
    ForDays(u32),
}

/// Why somebody who is active could give the license back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// Everything that is live is completed.
    Completed,
    /// Nothing that is live was ever opened.
    NeverOpened,
}

/// What a list of users is narrowed down to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each word is part of the name, username or e-mail address; or the unique ID.
    pub search: String,
    /// In this organisation's subtree.
    pub organisation: Option<OrganisationId>,
    /// Active or not.
    pub status: Option<Status>,
    /// Holds this role somewhere.
    pub role: Option<Role>,
    /// Is enrolled on this.
    pub experience: Option<ExperienceId>,
    /// Has not signed in.
    pub not_seen: Option<NotSeen>,
    /// Is active, and could give the license back.
    pub idle: Option<Idle>,
}

impl Filter {
    /// Nothing but the organisation and the status is asked for: their totals are kept.
    pub fn is_counted(&self) -> bool {
        let counted = Filter { organisation: self.organisation, status: self.status, ..Filter::default() };
        *self == counted
    }
}

/// The users who match, as a query without order.
pub type Matching = users::BoxedQuery<'static, Pg>;

/// The users of the ground who match the filter.
pub fn matching(ground: &Ground, filter: &Filter) -> Matching {
    narrowed(ground.everybody(), filter, ground)
}

/// The users of a query who match the filter, whatever their organisation.
pub fn narrowed(everybody: Matching, filter: &Filter, ground: &Ground) -> Matching {
    let Ground { now, days, .. } = *ground;
    let mut query = everybody;
    let words = filter.search.split_whitespace().map(|word| word.trim_matches([',', ';']));
    for word in words.filter(|word| !word.is_empty()).take(8) {
        query = match word.parse::<Uuid>() {
            Ok(id) => query.filter(users::id.eq(id)),
            Err(_) => query.filter(users::search_text.like(pattern(word))),
        };
    }
    if let Some(status) = filter.status {
        query = with_status(query, status, days);
    }
    if let Some(role) = filter.role {
        let held = role_grants::table.filter(role_grants::role.eq(role.code())).select(role_grants::user_id);
        query = query.filter(users::id.eq_any(held));
    }
    if let Some(experience) = filter.experience {
        let enrolled = enrolments::table
            .filter(enrolments::user_id.eq(users::id))
            .filter(enrolments::experience_id.eq(experience));
        query = query.filter(exists(enrolled));
    }
    if let Some(idle) = filter.idle {
        query = with_idle(query, idle, days);
    }
    match filter.not_seen {
        None => query,
        Some(not_seen) => unseen(query, not_seen, now),
    }
}

/// Only those who have not signed in, by the column that the list is sorted by, so that its index leads there either way;
/// up to the lowest time there is, which an index takes for an end as any other.
pub(super) fn unseen(query: Matching, not_seen: NotSeen, now: DateTime<Utc>) -> Matching {
    match not_seen {
        NotSeen::Ever => query.filter(sql::<Bool>("users.signed_in_order <= '0001-01-01 00:00+00'")),
        NotSeen::ForDays(days) => {
            let since = now.checked_sub_days(Span::new(u64::from(days))).unwrap_or(now);
            query.filter(users::signed_in_order.lt(since))
        }
    }
}

/// Only those who are active without a live enrolment that speaks for keeping the license.
fn with_idle(query: Matching, idle: Idle, days: Days) -> Matching {
    let query = with_status(query, Status::Active, days);
    let own = enrolments::table.filter(enrolments::user_id.eq(users::id));
    let in_use = match idle {
        Idle::Completed => {
            "enrolments.completed_on is null and license_span(enrolments.starts_on, enrolments.expires_on) @> "
        }
        Idle::NeverOpened => {
            "enrolments.last_accessed_at is not null \
             and license_span(enrolments.starts_on, enrolments.expires_on) @> "
        }
    };
    match days {
        Days::Same(day) => query.filter(not(exists(own.filter(sql::<Bool>(in_use).bind::<Date, _>(day))))),
        Days::Differ(now) => query.filter(not(exists(own.filter(
            sql::<Bool>(in_use).sql("today_in(users.organisation_id, ").bind::<Timestamptz, _>(now).sql(")"),
        )))),
    }
}

fn with_status(query: Matching, status: Status, days: Days) -> Matching {
    let spans = || license_spans::table.filter(license_spans::user_id.eq(users::id));
    // the same conditions on a day that is known, and on the day in each user's tree
    match (status, days) {
        (Status::Active, Days::Same(day)) => {
            query.filter(exists(spans().filter(sql::<Bool>("license_spans.active @> ").bind::<Date, _>(day))))
        }
        (Status::Active, Days::Differ(now)) => query.filter(exists(
            spans().filter(
                sql::<Bool>("license_spans.active @> today_in(users.organisation_id, ")
                    .bind::<Timestamptz, _>(now)
                    .sql(")"),
            ),
        )),
        (Status::Inactive, Days::Same(day)) => query
            .filter(users::expires_on.is_null().or(users::expires_on.ge(day)))
            .filter(not(exists(spans().filter(sql::<Bool>("license_spans.active @> ").bind::<Date, _>(day))))),
        (Status::Inactive, Days::Differ(now)) => query
            .filter(
                sql::<Bool>("(users.expires_on is null or users.expires_on >= today_in(users.organisation_id, ")
                    .bind::<Timestamptz, _>(now)
                    .sql("))"),
            )
            .filter(not(exists(
                spans().filter(
                    sql::<Bool>("license_spans.active @> today_in(users.organisation_id, ")
                        .bind::<Timestamptz, _>(now)
                        .sql(")"),
                ),
            ))),
        (Status::Expired, Days::Same(day)) => query.filter(users::expires_on.lt(day)),
        (Status::Expired, Days::Differ(now)) => query.filter(
            sql::<Bool>("users.expires_on < today_in(users.organisation_id, ").bind::<Timestamptz, _>(now).sql(")"),
        ),
    }
}

/// A word anywhere; one that is too short for trigrams at the beginning of a word.
fn pattern(word: &str) -> String {
    let escaped = word.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    if word.chars().count() < 3 { format!("% {escaped}%") } else { format!("%{escaped}%") }
}
