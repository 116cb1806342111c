//! What the log is narrowed down to, as conditions of its queries.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::calendar::Calendar;
use crate::web::moment::Moment;

/// What the log is narrowed down to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Who did it, or to whom it was done: a name, a username, an e-mail address or an ID.
    pub person: String,
    /// What was done.
    pub action: Option<String>,
    /// The kind of thing that it was done to.
    pub kind: Option<String>,
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

/// The filter, except for the person, as a condition on `audit_entries e`: only what is asked for
/// stands in the query, so that each kind of question is planned for itself.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    action: Option<String>,
    kind: Option<String>,
    from: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    after: Option<Moment>,
}

impl Conditions {
    /// Days are those of `zone`; `after`: the last entry of the page before.
    pub(super) fn new(filter: &Filter, zone: Tz, after: Option<Moment>) -> Conditions {
        let days = Calendar::new(zone, BTreeSet::new());
        Conditions {
            action: filter.action.clone(),
            kind: filter.kind.clone(),
            from: filter.from.map(|day| days.start_of(day)),
            before: filter.to.map(|day| days.end_of(day)),
            after,
        }
    }
}

impl QueryFragment<Pg> for Conditions {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("true");
        if let Some(action) = &self.action {
            out.push_sql(" and e.action = ");
            out.push_bind_param::<Text, _>(action)?;
        }
        if let Some(kind) = &self.kind {
            // what a bulk change was done to stands beside it
            out.push_sql(" and (e.subject_kind = ");
            out.push_bind_param::<Text, _>(kind)?;
            out.push_sql(" or exists (select from audit_changes k where k.entry_id = e.id and k.subject_kind = ");
            out.push_bind_param::<Text, _>(kind)?;
            out.push_sql("))");
        }
        if let Some(from) = &self.from {
            out.push_sql(" and e.at >= ");
            out.push_bind_param::<Timestamptz, _>(from)?;
        }
        if let Some(before) = &self.before {
            out.push_sql(" and e.at < ");
            out.push_bind_param::<Timestamptz, _>(before)?;
        }
        if let Some(after) = &self.after {
            out.push_sql(" and (e.at, e.id) < (");
            out.push_bind_param::<Timestamptz, _>(&after.at)?;
            out.push_sql(", ");
            out.push_bind_param::<SqlUuid, _>(&after.id)?;
            out.push_sql(")");
        }
        Ok(())
    }
}
