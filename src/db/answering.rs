//! Telling a database that is silent, as behind a broken network or on a stopped machine, from one that has much to do:
//! a driver that waits for an answer cannot.

use std::time::{Duration, Instant};

use actix_web::web;
use diesel::Connection;
use diesel::pg::PgConnection;

/// After how long without an answer it is asked whether the database is there at all.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How long a new connection may take.
const TO_CONNECT: Duration = Duration::from_secs(2);

/// Whether a database that is asked by somebody new says anything, be it that it is full or shutting down.
pub(super) async fn answers(url: &str) -> bool {
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}connect_timeout={}", TO_CONNECT.as_secs());
    let asked = web::block(move || {
        let started = Instant::now();
        PgConnection::establish(&url).is_ok() || started.elapsed() < TO_CONNECT
    });
    matches!(tokio::time::timeout(2 * TO_CONNECT, asked).await, Ok(Ok(true)))
}
