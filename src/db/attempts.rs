//! Counting attempts that somebody could make without end, such as sign-ins, by account and by
//! address; `domain::throttle` says how long the next one has to wait.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::domain::throttle::{self, Counted, Failures};
use crate::error::AppError;
use crate::schema::sign_in_failures;

/// What attempts are counted under.
#[derive(Debug, Clone)]
pub struct Key {
    counted: Counted,
    text: String,
}

impl Key {
    /// For attempts to sign in; a name in whatever case.
    pub fn sign_in(counted: Counted, name: &str) -> Key {
        Key::new("", counted, name)
    }

    /// For asking for a link to set a password.
    pub fn password_link(counted: Counted, name: &str) -> Key {
        Key::new("link ", counted, name)
    }

    fn new(purpose: &str, counted: Counted, name: &str) -> Key {
        let (kind, name) = match counted {
            Counted::Account => ("account", name.trim().to_lowercase()),
            Counted::Address => ("address", name.to_owned()),
        };
        // long enough for any username, short enough for an index
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        Key { counted, text: format!("{purpose}{kind} {name}") }
    }
}

/// Counts an attempt as failed before it is made, unless it has to wait: then it is told how
/// long, and does not count. One attempt at a time for a key, in key order.
pub fn count(conn: &mut PgConnection, keys: &[Key], now: DateTime<Utc>) -> Result<Option<Duration>, AppError> {
    let mut keys: Vec<&Key> = keys.iter().collect();
    keys.sort_unstable_by_key(|key| &key.text);
    let mut before = Vec::new();
    for key in &keys {
        before.push(lock(conn, key)?);
    }
    let pauses = keys.iter().zip(&before).map(|(key, failures)| throttle::pause(key.counted, *failures, now));
    let longest = pauses.max().flatten();
    if longest.is_none() {
        for (key, failures) in keys.iter().zip(before) {
            store(conn, key, throttle::after_failure(key.counted, failures, now))?;
        }
    }
    Ok(longest)
}

/// An attempt that was counted was no failure: its address has one less, and its account none.
pub fn succeeded(conn: &mut PgConnection, keys: &[Key]) -> Result<(), AppError> {
    let with = |wanted: Counted| keys.iter().filter(move |key| key.counted == wanted).map(|key| &key.text);
    diesel::update(sign_in_failures::table.filter(sign_in_failures::key.eq_any(with(Counted::Address))))
        .filter(sign_in_failures::failures.gt(0))
        .set(sign_in_failures::failures.eq(sign_in_failures::failures - 1))
        .execute(conn)?;
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::key.eq_any(with(Counted::Account))))
        .execute(conn)?;
    Ok(())
}

/// Attempts under a key, which nobody else counts until the transaction ends.
fn lock(conn: &mut PgConnection, key: &Key) -> Result<Option<Failures>, AppError> {
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::key.eq(&key.text),
            sign_in_failures::failures.eq(0),
            sign_in_failures::last_failed_at.eq(DateTime::UNIX_EPOCH),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    let row: Option<(i32, DateTime<Utc>)> = sign_in_failures::table
        .find(&key.text)
        .select((sign_in_failures::failures, sign_in_failures::last_failed_at))
        .for_update()
        .first(conn)
        .optional()?;
    Ok(row.map(|(count, last)| Failures { count: count.unsigned_abs(), last }))
}

fn store(conn: &mut PgConnection, key: &Key, failures: Failures) -> Result<(), AppError> {
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::key.eq(&key.text),
            sign_in_failures::failures.eq(i32::try_from(failures.count).unwrap_or(i32::MAX)),
            sign_in_failures::last_failed_at.eq(failures.last),
        ))
        .on_conflict(sign_in_failures::key)
        .do_update()
        .set((
            sign_in_failures::failures.eq(excluded(sign_in_failures::failures)),
            sign_in_failures::last_failed_at.eq(excluded(sign_in_failures::last_failed_at)),
        ))
        .execute(conn)?;
    Ok(())
}
