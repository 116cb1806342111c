//! The audit log (`domain.md` section 9): who did what, on which organisation, before and after.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::audit_entries;

/// Who makes a change.
#[derive(Debug, Clone)]
pub enum Actor {
    /// A signed-in person, or one who is just signing in.
    Person {
        /// The account.
        id: UserId,
        /// Where the request came from.
        address: Option<String>,
    },
    /// The program by itself; the address is of the request that made it act, if one did.
    Program {
        /// Where the request came from.
        address: Option<String>,
    },
    /// Whoever runs a command on the server.
    Operator,
}

/// The result of a change together with what it writes into the audit log.
#[derive(Debug)]
pub struct Audited<T> {
    pub(super) value: T,
    pub(super) entries: Vec<Entry>,
}

impl<T> Audited<T> {
    /// A change and its entry.
    pub fn new(value: T, entry: Entry) -> Audited<T> {
        Audited { value, entries: vec![entry] }
    }

    /// The same change with another result, or the failure that undoes it.
    pub fn try_map<U>(self, f: impl FnOnce(T) -> Result<U, AppError>) -> Result<Audited<U>, AppError> {
        Ok(Audited { value: f(self.value)?, entries: self.entries })
    }

    /// It turned out that there was nothing to change.
    pub fn unchanged(value: T) -> Audited<T> {
        Audited { value, entries: Vec::new() }
    }
}

/// One entry of the audit log.
#[derive(Debug)]
pub struct Entry {
    action: &'static str,
    organisation: Option<OrganisationId>,
    subject: Option<(&'static str, Uuid)>,
    detail: Value,
}

impl Entry {
    /// `action` is `noun.past_tense`, as in `user.signed_in`.
    pub fn new(action: &'static str) -> Entry {
        Entry { action, organisation: None, subject: None, detail: json!({}) }
    }

    /// The organisation that it happened in.
    pub fn on(mut self, organisation: Option<OrganisationId>) -> Entry {
        self.organisation = organisation;
        self
    }

    /// The thing that it happened to.
    pub fn about(mut self, kind: &'static str, id: Uuid) -> Entry {
        self.subject = Some((kind, id));
        self
    }

    /// Facts without personal data: counts, settings before and after.
    pub fn detail(mut self, detail: Value) -> Entry {
        self.detail = detail;
        self
    }
}

/// Writes the entries, in the transaction that the connection is in.
pub(super) fn store(conn: &mut PgConnection, by: &Actor, entries: &[Entry]) -> Result<(), AppError> {
    if entries.is_empty() {
        return Ok(());
    }
    let (kind, id, address) = match by {
        Actor::Person { id, address } => ("person", Some(*id), address.as_deref()),
        Actor::Program { address } => ("program", None, address.as_deref()),
        Actor::Operator => ("operator", None, None),
    };
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                audit_entries::actor_kind.eq(kind),
                audit_entries::actor_id.eq(id),
                audit_entries::address.eq(address),
                audit_entries::action.eq(entry.action),
                audit_entries::organisation_id.eq(entry.organisation),
                audit_entries::subject_kind.eq(entry.subject.map(|subject| subject.0)),
                audit_entries::subject_id.eq(entry.subject.map(|subject| subject.1)),
                audit_entries::detail.eq(&entry.detail),
            )
        })
        .collect();
    diesel::insert_into(audit_entries::table).values(rows).execute(conn)?;
    Ok(())
}
