//! Which enrolments are meant, as a query that others build on.

use chrono::NaiveDate;
use diesel::dsl::{Eq, InnerJoin, InnerJoinOn, IntoBoxed};
use diesel::pg::Pg;
use diesel::prelude::*;

use crate::features::users::queries::{self as users_queries, Ground};
use crate::ids::{ExperienceId, OrganisationId};
use crate::schema::{enrolments, license_spans, organisation_closure, users};
use crate::web::selection::Selection;

/// What an enrolment is like on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Gives access.
    Live,
    /// Has ended, or ends before it would begin.
    Expired,
    /// Has not begun.
    Coming,
    /// Has a completion record.
    Completed,
    /// Has none.
    NotCompleted,
    /// The learner never opened it.
    NeverOpened,
}

/// What the enrolments on a learning experience are narrowed down to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each word is part of the learner's name, username or e-mail address.
    pub search: String,
    /// Learners of this organisation's subtree.
    pub organisation: Option<OrganisationId>,
    /// What the enrolment is like.
    pub state: Option<State>,
}

/// Enrolments with their users, for a list, as a query without order.
pub type Matching = IntoBoxed<'static, InnerJoin<enrolments::table, users::table>, Pg>;

type OfUser = Eq<license_spans::user_id, enrolments::user_id>;

/// Enrolments with what is counted of their users, for a change, as a query without order. In a large deployment it is
/// far less to read than the accounts.
pub type Meant = IntoBoxed<'static, InnerJoinOn<enrolments::table, license_spans::table, OfUser>, Pg>;

/// Narrows either down; `$home` is the column of the users' home organisation.
macro_rules! narrowed {
    ($query:expr, $home:expr, $ground:ident, $experience:ident, $filter:ident, $day:ident) => {{
        let query = $query.into_boxed().filter(enrolments::experience_id.eq($experience));
        let query = if $filter.search.is_empty() && $filter.organisation.is_none() {
            // the home is there anyway: no need to look it up twice
            match $ground.tops() {
                None => query,
                Some(tops) => query.filter(
                    $home.eq_any(
                        organisation_closure::table
                            .filter(organisation_closure::ancestor_id.eq_any(tops.to_vec()))
                            .select(organisation_closure::descendant_id.nullable()),
                    ),
                ),
            }
        } else {
            let people = users_queries::Filter {
                search: $filter.search.clone(),
                organisation: $filter.organisation,
                ..users_queries::Filter::default()
            };
            let people = users_queries::matching($ground, &people);
            query.filter(enrolments::user_id.eq_any(people.select(users::id)))
        };
        match $filter.state {
            None => query,
            Some(State::Live) => query
                .filter(enrolments::starts_on.le($day))
                .filter(enrolments::expires_on.is_null().or(enrolments::expires_on.ge($day))),
            Some(State::Expired) => query.filter(
                enrolments::expires_on.lt($day).or(enrolments::expires_on.lt(enrolments::starts_on.nullable())),
            ),
            Some(State::Coming) => query.filter(enrolments::starts_on.gt($day)).filter(
                enrolments::expires_on.is_null().or(enrolments::expires_on.ge(enrolments::starts_on.nullable())),
            ),
            Some(State::Completed) => query.filter(enrolments::completed_on.is_not_null()),
            Some(State::NotCompleted) => query.filter(enrolments::completed_on.is_null()),
            Some(State::NeverOpened) => query.filter(enrolments::last_accessed_at.is_null()),
        }
    }};
}

/// The enrolments of users of the ground on a learning experience that match. `day` is the day in the
/// learning experience's tree.
pub fn matching(ground: &Ground, experience: ExperienceId, filter: &Filter, day: NaiveDate) -> Matching {
    let query = enrolments::table.inner_join(users::table);
    narrowed!(query, users::organisation_id, ground, experience, filter, day)
}

/// The same ones, to change them.
pub fn meant(ground: &Ground, experience: ExperienceId, filter: &Filter, day: NaiveDate) -> Meant {
    narrowed!(with_spans(), license_spans::organisation_id, ground, experience, filter, day)
}

/// The selected ones of these.
pub fn selected(query: Meant, selection: &Selection) -> Meant {
    match selection {
        Selection::All => query,
        Selection::Ticked(ids) => query.filter(enrolments::id.eq_any(ids.clone())),
    }
}

/// The enrolments of these users that would still give access after `date`.
pub fn of_users(people: users_queries::Matching, date: NaiveDate) -> Meant {
    with_spans()
        .into_boxed()
        .filter(enrolments::user_id.eq_any(people.select(users::id)))
        .filter(enrolments::expires_on.is_null().or(enrolments::expires_on.gt(date)))
}

fn with_spans() -> InnerJoinOn<enrolments::table, license_spans::table, OfUser> {
    enrolments::table.inner_join(license_spans::table.on(license_spans::user_id.eq(enrolments::user_id)))
}
