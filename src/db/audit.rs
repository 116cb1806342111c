//! The audit log (`domain.md` section 9): who did what, on which organisation, before and after.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::AppError;
use crate::ids::{EntryId, OrganisationId, UserId};
use crate::schema::{audit_changes, audit_entries};

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

    /// The same change with another result.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Audited<U> {
        Audited { value: f(self.value), entries: self.entries }
    }

    /// Another entry of the same change.
    #[must_use]
    pub fn and(mut self, entry: Entry) -> Audited<T> {
        self.entries.push(entry);
        self
    }

    /// Two changes in one transaction, with the entries of both.
    pub fn join<U>(mut self, other: Audited<U>) -> Audited<(T, U)> {
        self.entries.extend(other.entries);
        Audited { value: (self.value, other.value), entries: self.entries }
    }

    /// It turned out that there was nothing to change.
    pub fn unchanged(value: T) -> Audited<T> {
        Audited { value, entries: Vec::new() }
    }

    /// The change's entry; none when nothing was changed.
    pub fn entry(&self) -> Option<EntryId> {
        self.entries.first().map(Entry::id)
    }
}

/// One entry of the audit log.
#[derive(Debug)]
pub struct Entry {
    id: EntryId,
    action: &'static str,
    organisation: Option<OrganisationId>,
    subject: Option<(&'static str, Uuid)>,
    detail: Value,
    changes: Vec<Change>,
}

/// A thing that an entry touched, with the values that changed, before and after. Personal data
/// stands here and nowhere else in the log.
#[derive(Debug)]
struct Change {
    kind: &'static str,
    subject: Uuid,
    person: Option<UserId>,
    before: Option<Value>,
    after: Option<Value>,
}

impl Entry {
    /// `action` is `noun.past_tense`, as in `user.signed_in`.
    pub fn new(action: &'static str) -> Entry {
        let id = EntryId(Uuid::now_v7());
        Entry { id, action, organisation: None, subject: None, detail: json!({}), changes: Vec::new() }
    }

    /// For a bulk change, which writes its rows of `audit_changes` itself, as a set, in the same
    /// transaction.
    pub fn id(&self) -> EntryId {
        self.id
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

    /// The values of the thing that it happened to, before and after; one of them is missing for
    /// what was created or deleted. Only the fields that differ are kept. `person`: in whose
    /// history it belongs.
    pub fn change(
        mut self,
        kind: &'static str,
        subject: Uuid,
        person: Option<UserId>,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Entry {
        let (before, after) = differing(before, after);
        self.changes.push(Change { kind, subject, person, before, after });
        self
    }
}

/// Leaves the fields out that are the same on both sides.
fn differing(before: Option<Value>, after: Option<Value>) -> (Option<Value>, Option<Value>) {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (&before, &after) else {
        return (before, after);
    };
    let only = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let differing = one.iter().filter(|(field, value)| other.get(*field) != Some(value));
        Value::Object(differing.map(|(field, value)| (field.clone(), value.clone())).collect())
    };
    (Some(only(before, after)), Some(only(after, before)))
}

/// An entry's action and detail, when this person did it.
pub fn done_by(conn: &mut PgConnection, person: UserId, entry: EntryId) -> Result<Option<(String, Value)>, AppError> {
    Ok(audit_entries::table
        .find(entry)
        .filter(audit_entries::actor_id.eq(person))
        .select((audit_entries::action, audit_entries::detail))
        .first(conn)
        .optional()?)
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
                audit_entries::id.eq(entry.id),
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
    let changes: Vec<_> = entries
        .iter()
        .flat_map(|entry| entry.changes.iter().map(move |change| (entry, change)))
        .map(|(entry, change)| {
            (
                audit_changes::entry_id.eq(entry.id),
                audit_changes::subject_kind.eq(change.kind),
                audit_changes::subject_id.eq(change.subject),
                audit_changes::person_id.eq(change.person),
                audit_changes::before.eq(change.before.as_ref()),
                audit_changes::after.eq(change.after.as_ref()),
            )
        })
        .collect();
    diesel::insert_into(audit_changes::table).values(changes).execute(conn)?;
    Ok(())
}
