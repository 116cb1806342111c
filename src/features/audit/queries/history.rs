//! What happened to a user: for the end of the user's page. Display-ready, so that the page of
//! another feature can show it with `templates/audit/history.html`.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::listed::{self, Listed};
use super::names::names;
use crate::db::prepared::prepared;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::ids::{EntryId, UserId};
use crate::web::audit_words::{self, Difference, Names};
use crate::web::format;
use crate::web::guards::{Allowed, SeeUsers};

/// The history of a user, newest first.
#[derive(Debug, Default)]
pub struct History {
    /// The newest entries.
    pub items: Vec<HistoryItem>,
    /// All of them in the audit log, for whoever may see that.
    pub all: Option<String>,
}

/// An entry that concerns the user.
#[derive(Debug)]
pub struct HistoryItem {
    /// When, in the reader's zone, with the zone.
    pub at: String,
    /// Who did it.
    pub who: String,
    /// What.
    pub what: String,
    /// Facts; may be empty.
    pub facts: String,
    /// What changed about the user.
    pub changes: Vec<HistoryChange>,
    /// The entry's page, for whoever may see it.
    pub address: Option<String>,
}

/// Something of the user's that changed.
#[derive(Debug)]
pub struct HistoryChange {
    /// The learning experience of an enrolment; empty for the account itself.
    pub thing: String,
    /// The fields.
    pub differences: Vec<Difference>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: EntryId,
    #[diesel(sql_type = Bool)]
    seen: bool,
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = SqlUuid)]
    entry_id: EntryId,
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Nullable<Jsonb>)]
    before: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    after: Option<Value>,
}

/// At most so many entries about a user; the same refusal as for the user's page when that may not
/// be seen.
pub fn history(conn: &mut PgConnection, by: &Allowed<SeeUsers>, user: UserId, limit: u32) -> Result<History, AppError> {
    if !names(conn, by, vec![user.0])?.things.contains_key(&user.0) {
        return Err(by.refusal(conn, user));
    }
    let viewer = by.by().viewer();
    let audit = viewer.scope_of(Action::SeeAudit);
    let found: Vec<Found> = prepared(include_str!("history.sql"))
        .bind::<SqlUuid, _>(user)
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<Bool, _>(audit.is_some())
        .bind::<Nullable<Array<SqlUuid>>, _>(audit.as_ref().and_then(crate::db::types::scope_parameter))
        .bind::<SqlUuid, _>(viewer.id)
        .load(conn)?;
    let ids: Vec<EntryId> = found.iter().map(|found| found.id).collect();
    let changed: Vec<Changed> = prepared(
        "select entry_id, subject_id, before, after from audit_changes
         where entry_id = any ($1) and person_id = $2 order by entry_id, subject_id",
    )
    .bind::<Array<SqlUuid>, _>(ids.clone())
    .bind::<SqlUuid, _>(user)
    .load(conn)?;
    let in_values = changed.iter().flat_map(|row| [&row.before, &row.after]);
    let mut wanted: Vec<Uuid> = in_values.flat_map(|values| audit_words::ids_in(values.as_ref())).collect();
    wanted.extend(changed.iter().map(|row| row.subject_id));
    let entries = listed::listed(conn, by, ids)?;
    wanted.extend(entries.iter().flat_map(|entry| audit_words::ids_in(Some(&entry.detail))));
    let names = names(conn, by, wanted)?;
    let items = entries
        .into_iter()
        .zip(found)
        .map(|(entry, found)| HistoryItem {
            changes: changed
                .iter()
                .filter(|row| row.entry_id == entry.id)
                .map(|row| change(row, user, &names))
                .collect(),
            address: found.seen.then(|| format!("/audit/{}", entry.id)),
            at: format::moment(entry.at, viewer.time_zone),
            what: audit_words::action(&entry.action),
            // the entry may tell of organisations and figures that are not this reader's
            facts: if found.seen { audit_words::facts(&entry.detail, &names) } else { String::new() },
            who: entry.who(),
        })
        .collect();
    Ok(History { items, all: audit.map(|_| format!("/audit?person={user}")) })
}

fn change(row: &Changed, user: UserId, names: &Names) -> HistoryChange {
    let named = names.things.get(&row.subject_id).filter(|_| row.subject_id != user.0);
    let mut differences = audit_words::differences(row.before.as_ref(), row.after.as_ref(), named.is_some(), names);
    // that it is this one, its name says already
    differences.retain(|difference| named.is_none_or(|named| named.name != difference.after));
    HistoryChange { thing: named.map_or_else(String::new, |named| named.name.clone()), differences }
}

impl Listed {
    /// Who did it.
    pub fn who(&self) -> String {
        match (self.actor_kind.as_str(), &self.actor_name, self.actor_id) {
            // a request of nobody's, such as a sign-in that failed
            ("program", _, _) if self.address.is_some() => "Somebody who is not signed in".to_owned(),
            ("program", _, _) => "Headroom itself".to_owned(),
            ("operator", _, _) => "the operator".to_owned(),
            (_, Some(name), _) => name.clone(),
            (_, None, Some(id)) => format!("deleted user {id}"),
            (_, None, None) => "somebody".to_owned(),
        }
    }
}
