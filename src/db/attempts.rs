//! Counting attempts that somebody could make without end, such as sign-ins, by account, by
//! address, and by both; `domain::throttle` says how long the next one has to wait.

use std::net::Ipv6Addr;

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::types::lower;
use crate::domain::throttle::{self, Counted, Failures};
use crate::error::AppError;
use crate::schema::sign_in_failures;

/// What an attempt is counted under.
#[derive(Debug, Clone)]
pub struct Keys {
    purpose: &'static str,
    name: String,
    network: Option<String>,
}

struct Key {
    counted: Counted,
    text: String,
}

impl Keys {
    /// For attempts to sign in; a name in whatever case. Where nobody's address is known, it is
    /// taken for one.
    pub fn sign_in(name: &str, address: Option<&str>) -> Keys {
        Keys::new("", name, address)
    }

    /// For asking for a link to set a password.
    pub fn password_link(name: &str, address: Option<&str>) -> Keys {
        Keys::new("link ", name, address)
    }

    fn new(purpose: &'static str, name: &str, address: Option<&str>) -> Keys {
        // long enough for any username, short enough for an index
        let name = name.trim().chars().filter(|c| !c.is_control()).take(200).collect();
        Keys { purpose, name, network: address.map(network) }
    }

    /// In their order. The database makes the lower case, as it does where the account is looked
    /// up: others do it differently for some letters, and the account would have several keys.
    fn in_order(&self, conn: &mut PgConnection) -> QueryResult<Vec<Key>> {
        let name: String = diesel::select(lower(&self.name)).get_result(conn)?;
        let (purpose, from) = (self.purpose, self.network.as_deref());
        let mut keys = vec![
            Key { counted: Counted::Account, text: format!("{purpose}account {name}") },
            Key {
                counted: Counted::AccountFromAddress,
                text: format!("{purpose}from {} account {name}", from.unwrap_or("anywhere")),
            },
        ];
        let address = from.map(|from| Key { counted: Counted::Address, text: format!("{purpose}address {from}") });
        keys.extend(address);
        keys.sort_unstable_by(|left, right| left.text.cmp(&right.text));
        Ok(keys)
    }
}

/// What counts as one address. Of IPv6 that is the network: whoever has one address there has 2^64.
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Err(_) => address.to_owned(),
    }
}

/// Counts an attempt as failed before it is made, unless it has to wait: then it is told how
/// long, and only its address may count it. One attempt at a time for a key, in key order.
pub fn count(conn: &mut PgConnection, keys: &Keys, now: DateTime<Utc>) -> Result<Option<Duration>, AppError> {
    let keys = keys.in_order(conn)?;
    let mut before = Vec::new();
    for key in &keys {
        before.push(lock(conn, key)?);
    }
    let pauses = keys.iter().zip(&before).map(|(key, failures)| throttle::pause(key.counted, *failures, now));
    let longest = pauses.max().flatten();
    for (key, failures) in keys.iter().zip(before) {
        let after = match longest {
            None => Some(throttle::after_failure(key.counted, failures, now)),
            Some(_) => throttle::after_refusal(key.counted, failures, now),
        };
        if let Some(after) = after {
            store(conn, key, after)?;
        }
    }
    Ok(longest)
}

/// An attempt that was counted was no failure: its address has one less, and its account none.
pub fn succeeded(conn: &mut PgConnection, keys: &Keys) -> Result<(), AppError> {
    let all = keys.in_order(conn)?;
    let of_address = all.iter().filter(|key| key.counted == Counted::Address).map(|key| &key.text);
    diesel::update(sign_in_failures::table.filter(sign_in_failures::key.eq_any(of_address)))
        .filter(sign_in_failures::failures.gt(0))
        .set(sign_in_failures::failures.eq(sign_in_failures::failures - 1))
        .execute(conn)?;
    forget_account(conn, &all)
}

/// There is another password, so the account's count begins anew.
pub fn begin_anew(conn: &mut PgConnection, keys: &Keys) -> Result<(), AppError> {
    let all = keys.in_order(conn)?;
    forget_account(conn, &all)
}

/// Attempts at the account from other addresses than this one keep their own count.
fn forget_account(conn: &mut PgConnection, keys: &[Key]) -> Result<(), AppError> {
    let of_account = keys.iter().filter(|key| key.counted != Counted::Address).map(|key| &key.text);
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::key.eq_any(of_account))).execute(conn)?;
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
