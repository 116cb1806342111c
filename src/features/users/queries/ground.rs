//! Among whom a list of users looks for those who match, and at what time: what all its statements have in common.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};

use super::filter::Matching;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::{organisation_closure, users};
use crate::web::guards::{Allowed, Permission};

/// So many organisations are named one by one: of more, planning would take longer than that saves.
const FEW_PLACES: u16 = 250;

/// The people of a scope, or those of it in the subtree of an organisation.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The time of the question.
    pub now: DateTime<Utc>,
    pub(super) days: Days,
    tops: Option<Vec<OrganisationId>>,
    /// All organisations of these subtrees, unless they are many. By them the planner knows how many people are meant,
    /// and finds those of all the organisations at once, where it would search again for each.
    places: Option<Vec<OrganisationId>>,
}

/// The day that it is in the trees of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Days {
    /// Everywhere the same, as for all of a tree.
    Same(NaiveDate),
    /// It depends on the tree, at this time.
    Differ(DateTime<Utc>),
}

#[derive(QueryableByName)]
struct DayRow {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
}

impl Ground {
    /// The scope, or what of it is in the subtree of an organisation: nobody, when that is out of scope.
    pub fn of<P: Permission>(
        conn: &mut PgConnection,
        by: &Allowed<P>,
        organisation: Option<OrganisationId>,
        now: DateTime<Utc>,
    ) -> Result<Ground, AppError> {
        let days = match days_in(conn, by, now)?.as_slice() {
            [only] => Days::Same(*only),
            _ => Days::Differ(now),
        };
        Ground::at(conn, by, organisation, days, now)
    }

    /// The same on a day that is known.
    pub fn on<P: Permission>(
        conn: &mut PgConnection,
        by: &Allowed<P>,
        organisation: Option<OrganisationId>,
        day: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Ground, AppError> {
        Ground::at(conn, by, organisation, Days::Same(day), now)
    }

    fn at<P: Permission>(
        conn: &mut PgConnection,
        by: &Allowed<P>,
        organisation: Option<OrganisationId>,
        days: Days,
        now: DateTime<Utc>,
    ) -> Result<Ground, AppError> {
        let tops = match (organisation, by.scope_parameter()) {
            (None, scope) => scope,
            (Some(organisation), None) => Some(vec![organisation]),
            (Some(organisation), Some(scope)) => {
                let within = organisation_closure::table
                    .filter(organisation_closure::descendant_id.eq(organisation))
                    .filter(organisation_closure::ancestor_id.eq_any(scope));
                Some(within.select(organisation_closure::descendant_id).limit(1).load(conn)?)
            }
        };
        let places = match &tops {
            None => None,
            Some(tops) => few_below(conn, tops.clone())?,
        };
        Ok(Ground { now, days, tops, places })
    }

    /// It is the subtrees of these organisations; none where it is everybody.
    pub fn tops(&self) -> Option<&[OrganisationId]> {
        self.tops.as_deref()
    }

    /// Everybody who is meant.
    pub(super) fn everybody(&self) -> Matching {
        let query = users::table.into_boxed();
        match (&self.places, &self.tops) {
            (Some(places), _) => query.filter(users::organisation_id.eq_any(places.clone())),
            (None, Some(tops)) => query.filter(is_below(tops.clone())),
            (None, None) => query,
        }
    }
}

/// The days that it is in the trees of the scope.
fn days_in<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>, AppError> {
    let found: Vec<DayRow> = prepared(include_str!("days.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    Ok(found.into_iter().map(|row| row.day).collect())
}

/// The earliest day that it is in a tree of the scope: the day before is over in all of them.
pub fn earliest_day<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    now: DateTime<Utc>,
) -> Result<NaiveDate, AppError> {
    Ok(days_in(conn, by, now)?.into_iter().min().unwrap_or_else(|| now.date_naive()))
}

/// All users within the scope.
pub fn within<P: Permission>(by: &Allowed<P>) -> Matching {
    let query = users::table.into_boxed();
    match by.scope_parameter() {
        None => query,
        Some(tops) => query.filter(is_below(tops)),
    }
}

/// In the subtrees of these organisations.
fn is_below(tops: Vec<OrganisationId>) -> Box<dyn BoxableExpression<users::table, Pg, SqlType = Nullable<Bool>>> {
    let below = organisation_closure::table
        .filter(organisation_closure::ancestor_id.eq_any(tops))
        .select(organisation_closure::descendant_id.nullable());
    Box::new(users::organisation_id.eq_any(below))
}

/// The organisations in these subtrees; none when they are many.
fn few_below(conn: &mut PgConnection, tops: Vec<OrganisationId>) -> Result<Option<Vec<OrganisationId>>, AppError> {
    let found: Vec<OrganisationId> = organisation_closure::table
        .filter(organisation_closure::ancestor_id.eq_any(tops))
        .select(organisation_closure::descendant_id)
        .distinct()
        .limit(i64::from(FEW_PLACES) + 1)
        .load(conn)?;
    Ok((found.len() <= usize::from(FEW_PLACES)).then_some(found))
}
