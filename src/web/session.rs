//! Sessions, kept in PostgreSQL. The only user of session keys.
//!
//! The cookie holds a random token, the table its hash: whoever reads a backup cannot sign in
//! with it. A session ends after some idle time and, however busy, after a working day.
//!
//! It begins in the transaction of the sign-in. The middleware, which knows no transaction, only
//! makes the cookie for it.

use std::collections::HashMap;

use actix_session::config::CookieContentSecurity;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key};
use actix_session::{Session, SessionExt, SessionMiddleware};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Jsonb, Timestamptz};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::db::Database;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::schema::sessions;

/// A session ends when it was not used for this long.
pub const IDLE_LIMIT: TimeDelta = TimeDelta::hours(2);
/// A session ends this long after the sign-in.
pub const ABSOLUTE_LIMIT: TimeDelta = TimeDelta::hours(12);

const USER: &str = "user";

/// In the state of a session that has begun with this request: its token, for the cookie.
const TOKEN: &str = "token";

/// In the state of a session that was loaded: the hash of its token.
const PLACE: &str = "place";

/// In the state of a session that could not be loaded, instead of an error: the middleware
/// would answer that with a bare 500, outside of our error pages.
const UNAVAILABLE: &str = "unavailable";

/// The session of a request, as far as handlers may know it.
pub struct TypedSession(Session);

impl TypedSession {
    /// Who is signed in, going by the session alone; `guards::SignedIn` asks the database too.
    pub(super) fn user(&self) -> Result<Option<UserId>, AppError> {
        if let Some(reason) = self.0.entries().get(UNAVAILABLE) {
            return Err(AppError::Unavailable(reason.clone()));
        }
        Ok(self.0.get(USER).ok().flatten())
    }

    /// Signs somebody in: a new token, whatever session there was before.
    pub fn sign_in(&self, begun: &Begun) -> Result<(), AppError> {
        self.0.clear();
        self.0.renew();
        self.0.insert(TOKEN, &begun.0).map_err(|error| AppError::internal(anyhow::anyhow!("{error}")))
    }

    /// Which session of the table this is; none when nobody is signed in.
    pub fn place(&self) -> Option<Place> {
        self.0.get(PLACE).ok().flatten().map(Place)
    }

    /// Ends the session in the browser, and on the server what is not [`end`]ed there yet.
    pub fn sign_out(&self) {
        self.0.purge();
    }
}

/// Where a session is in the table.
#[derive(Debug, Clone)]
pub struct Place(Vec<u8>);

/// Ends a session in the transaction that the connection is in: what is written down of that is so.
pub fn end(conn: &mut PgConnection, session: Option<&Place>) -> Result<(), AppError> {
    if let Some(Place(token_hash)) = session {
        diesel::delete(sessions::table.find(token_hash)).execute(conn)?;
    }
    Ok(())
}

/// A session that is in the table and not yet in a cookie.
pub struct Begun(String);

/// Begins a session in the transaction that the connection is in: a password that changes later
/// finds it and ends it.
pub fn begin(conn: &mut PgConnection, user: UserId, now: DateTime<Utc>) -> Result<Begun, AppError> {
    let key = generate_session_key();
    let state = HashMap::from([(USER, serde_json::to_string(&user).map_err(AppError::internal)?)]);
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(hash(&key)),
            sessions::user_id.eq(user),
            sessions::state.eq(serde_json::to_value(state).map_err(AppError::internal)?),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(now + ABSOLUTE_LIMIT),
        ))
        .execute(conn)?;
    Ok(Begun(key.into()))
}

impl FromRequest for TypedSession {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(TypedSession(request.get_session())))
    }
}

/// The middleware. `secure`: people come by https, so the cookie gets the `__Host-` prefix,
/// which keeps other hosts of the domain from setting it.
pub fn middleware(database: Database, clock: Clock, key: Key, secure: bool) -> SessionMiddleware<Store> {
    let name = if secure { "__Host-headroom" } else { "headroom" };
    SessionMiddleware::builder(Store { database, clock }, key)
        .cookie_name(name.to_owned())
        .cookie_secure(secure)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .build()
}

/// Sessions in the table `sessions`.
#[derive(Clone)]
pub struct Store {
    database: Database,
    clock: Clock,
}

#[derive(QueryableByName)]
struct Loaded {
    #[diesel(sql_type = Jsonb)]
    state: serde_json::Value,
}

fn hash(key: &SessionKey) -> Vec<u8> {
    Sha256::digest(key.as_ref()).to_vec()
}

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let (token_hash, now) = (hash(key), self.clock.now());
        let loaded = match self.database.maintain(move |conn| Ok(load(conn, &token_hash, now)?)).await {
            Ok(loaded) => loaded,
            Err(error) => return Ok(Some(HashMap::from([(UNAVAILABLE.to_owned(), error.to_string())]))),
        };
        loaded
            .map(|loaded| {
                let mut state: HashMap<String, String> = serde_json::from_value(loaded.state)?;
                state.insert(PLACE.to_owned(), serde_json::to_string(&hash(key))?);
                Ok(state)
            })
            .transpose()
            .map_err(|error: serde_json::Error| LoadError::Deserialization(error.into()))
    }

    /// The session is in the table already.
    async fn save(&self, mut state: HashMap<String, String>, _: &Duration) -> Result<SessionKey, SaveError> {
        let begun = |token: String| {
            let token: String = serde_json::from_str(&token)?;
            anyhow::Ok(SessionKey::try_from(token)?)
        };
        let token = state.remove(TOKEN).ok_or_else(|| anyhow::anyhow!("a session that has not begun"));
        token.and_then(begun).map_err(SaveError::Other)
    }

    /// Nothing changes in a session between its begin and its end.
    async fn update(
        &self,
        key: SessionKey,
        _: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        Ok(key)
    }

    /// Nothing to do: `load` notes that the session was used.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let token_hash = hash(key);
        self.database
            .maintain(move |conn| {
                diesel::delete(sessions::table.find(token_hash)).execute(conn)?;
                Ok(())
            })
            .await?;
        Ok(())
    }
}

/// Reads a session that has not ended, and once a minute notes that it was used: one statement,
/// since every request makes it.
fn load(conn: &mut PgConnection, token_hash: &[u8], now: DateTime<Utc>) -> QueryResult<Option<Loaded>> {
    prepared(
        "with found as (
           select token_hash, state, last_seen_at from sessions
           where token_hash = $1 and expires_at > $2 and last_seen_at > $3
         ), touched as (
           update sessions s set last_seen_at = $2 from found f
           where s.token_hash = f.token_hash and f.last_seen_at < $2 - interval '1 minute'
         )
         select state from found",
    )
    .bind::<Binary, _>(token_hash.to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now - IDLE_LIMIT)
    .get_result(conn)
    .optional()
}

/// Deletes sessions that have ended. Returns how many.
pub fn delete_ended(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(now).or(sessions::last_seen_at.le(now - IDLE_LIMIT))))
        .execute(conn)
}
