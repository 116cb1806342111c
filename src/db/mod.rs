//! The database: a pool, and the ways to use it.
//!
//! [`Database::read`] is a read-only snapshot, and so is [`Database::stream`], for answers that are too long for memory.
//! [`Database::write`] is a transaction that stores the audit entries of its change with it. A handler has no other
//! way to a connection, so a write without an audit entry fails. All run off the async threads.

mod answering;
pub mod attempts;
pub mod audit;
pub mod embedded;
pub mod migrations;
pub mod prepared;
pub mod stored;
pub mod stream;
pub mod types;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use diesel::sql_types::Text;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::error::AppError;
use audit::{Actor, Audited};
use prepared::prepared;
use stream::Pace;

/// How long a request waits for a connection before it is told that the program is busy.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);

/// How often a write is tried when it lost a deadlock.
const WRITE_ATTEMPTS: u32 = 3;

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<ConnectionManager<PgConnection>>,
    url: Arc<str>,
    /// One permit a connection: waiting for one costs no thread.
    permits: Arc<Semaphore>,
    connections: u32,
    /// One permit a stream, well below the number of connections: the client's pace is that of its connection.
    streams: Arc<Semaphore>,
    pace: Pace,
    /// What the database takes for now, when a test has stopped it.
    clock: Clock,
}

impl Database {
    /// A pool for `url`. Connects when first used: a server that is down is an error of the
    /// request that needs it.
    pub fn new(url: &str, connections: u32) -> Database {
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(WAIT_FOR_CONNECTION)
            .connection_customizer(Box::new(SessionSettings))
            .error_handler(Box::new(QuietErrors))
            .build_unchecked(ConnectionManager::new(url));
        let [permits, streams] =
            [connections, (connections / 2).max(1)].map(|some| Arc::new(Semaphore::new(some as usize)));
        let (pace, clock) = (Pace::default(), Clock::system());
        Database { pool, url: url.into(), permits, connections, streams, pace, clock }
    }

    /// The same database, which goes by this clock: what triggers record has the time of the program's
    /// rules, also in a test that sets it.
    pub fn at(self, clock: Clock) -> Database {
        Database { clock, ..self }
    }

    /// The same database, whose streams wait so long for their turn and for their clients.
    pub fn pacing(self, pace: Pace) -> Database {
        Database { pace, ..self }
    }

    /// Runs `query` in a read-only transaction that sees one state of the data throughout.
    pub async fn read<T, F>(&self, query: F) -> Result<T, AppError>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, AppError> + Send + 'static,
        T: Send + 'static,
    {
        self.run(AppError::Unavailable, move |conn| read(conn, query)).await
    }

    /// Runs `change` in a transaction and stores its audit entries in the same one. After a
    /// deadlock it runs again from the start.
    pub async fn write<T, F>(&self, by: Actor, change: F) -> Result<T, AppError>
    where
        F: Fn(&mut PgConnection) -> Result<Audited<T>, AppError> + Send + 'static,
        T: Send + 'static,
    {
        // whoever does not answer may still do it
        let (value, stored) = self.run(AppError::Unconfirmed, move |conn| tried(conn, &by, change)).await?;
        if stored {
            stored::notice();
        }
        Ok(value)
    }

    /// For sessions, throttling and housekeeping: changes that are not the business of the
    /// audit log. Not for handlers.
    pub(crate) async fn maintain<T, F>(&self, work: F) -> Result<T, AppError>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, AppError> + Send + 'static,
        T: Send + 'static,
    {
        self.run(AppError::Unavailable, work).await
    }

    /// Waits until nobody is at work with the database; false when somebody is for longer than that.
    pub async fn rests_within(&self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.permits.acquire_many(self.connections)).await.is_ok()
    }

    /// `silence`: what it means when the database does not answer any more.
    async fn run<T, F>(&self, silence: fn(String) -> AppError, work: F) -> Result<T, AppError>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, AppError> + Send + 'static,
        T: Send + 'static,
    {
        let permit = tokio::time::timeout(WAIT_FOR_CONNECTION, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| AppError::Busy("no database connection became free".into()))?
            .map_err(AppError::internal)?;
        let (pool, stopped_at) = (self.pool.clone(), self.clock.stopped_at());
        let mut working = pin!(web::block(move || {
            let _permit = permit;
            let mut conn = pool.get().map_err(|error| AppError::Unavailable(error.to_string()))?;
            if let Some(at) = stopped_at {
                prepared("select set_config('headroom.now', $1, false)")
                    .bind::<Text, _>(at.to_rfc3339())
                    .execute(&mut conn)?;
            }
            work(&mut conn)
        }));
        loop {
            match tokio::time::timeout(answering::PATIENCE, &mut working).await {
                Ok(done) => return done.map_err(AppError::internal)?,
                Err(_) if answering::answers(&self.url).await => {} // it has much to do, within its own limits
                // whatever becomes of the work, nobody is kept waiting for it
                Err(_) => return Err(silence("it does not answer".to_owned())),
            }
        }
    }
}

/// [`Database::read`] on a connection that is already at hand.
pub fn read<T, F>(conn: &mut PgConnection, query: F) -> Result<T, AppError>
where
    F: FnOnce(&mut PgConnection) -> Result<T, AppError>,
{
    conn.build_transaction().read_only().repeatable_read().run(query)
}

/// [`Database::write`] on a connection that is already at hand.
pub fn write<T, F>(conn: &mut PgConnection, by: &Actor, change: F) -> Result<T, AppError>
where
    F: Fn(&mut PgConnection) -> Result<Audited<T>, AppError>,
{
    tried(conn, by, change).map(|(value, _)| value)
}

/// The same, and whether there is an audit entry of it.
fn tried<T, F>(conn: &mut PgConnection, by: &Actor, change: F) -> Result<(T, bool), AppError>
where
    F: Fn(&mut PgConnection) -> Result<Audited<T>, AppError>,
{
    let mut attempt = 1;
    loop {
        let mut committing = false;
        let outcome = conn.build_transaction().read_committed().read_write().run(|conn| {
            let audited = change(conn)?;
            audit::store(conn, by, &audited.entries)?;
            committing = true;
            Ok::<_, AppError>((audited.value, !audited.entries.is_empty()))
        });
        match outcome {
            Err(AppError::Busy(reason)) if attempt < WRITE_ATTEMPTS && reason.contains("deadlock") => attempt += 1,
            Err(AppError::Unavailable(reason)) if committing => return Err(AppError::Unconfirmed(reason)),
            outcome => return outcome,
        }
    }
}

/// What every connection is told. A statement that waits or runs too long is given up; a
/// server that was killed leaves no statement running; and a short query is never compiled,
/// which would take longer than the query.
pub const SESSION_SETTINGS: &str = "
    set timezone to 'UTC';
    set lock_timeout to '5s';
    set statement_timeout to '30s';
    set idle_in_transaction_session_timeout to '60s';
    set client_connection_check_interval to '2s';
    set jit to off;";

#[derive(Debug)]
struct SessionSettings;

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for SessionSettings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(SESSION_SETTINGS).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// The pool reports each failed attempt to connect; one warning is enough for the log.
#[derive(Debug)]
struct QuietErrors;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for QuietErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(error = ?error.to_string(), "the database pool could not connect");
    }
}
