//! What the log is narrowed down to, as conditions of its queries.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};

use crate::ids::EntryId;
use crate::web::format::beginning;

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

/// An entry as a place in the log: what comes after it is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When.
    pub at: DateTime<Utc>,
    /// Which, of those at the same moment.
    pub id: EntryId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.timestamp_micros(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Cursor, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(())?;
        Ok(Cursor { at, id: id.parse().map_err(|_| ())? })
    }
}

/// The filter, except for the person, as a condition on `audit_entries e`: only what is asked for
/// stands in the query, so that each kind of question is planned for itself.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    action: Option<String>,
    kind: Option<String>,
    from: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
    after: Option<Cursor>,
}

impl Conditions {
    /// Days are those of `zone`; `after`: the last entry of the page before.
    pub(super) fn new(filter: &Filter, zone: Tz, after: Option<Cursor>) -> Conditions {
        Conditions {
            action: filter.action.clone(),
            kind: filter.kind.clone(),
            from: filter.from.map(|day| beginning(day, zone)),
            before: filter.to.and_then(|day| day.succ_opt()).map(|day| beginning(day, zone)),
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
