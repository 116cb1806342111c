//! Answers that are too long for memory: sent piece by piece while they are read, from one state of
//! the data. The reader's pace is the sender's: only a few pieces are ever ahead. So a slow reader keeps a
//! connection of the database for long, and there are never more streams than half of the connections.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::deserialize::QueryableByName;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_dsl::LoadQuery;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Database;
use super::audit::{Actor, Audited};
use super::prepared::{Prepared, Typed, prepared};
use crate::error::AppError;

/// How many pieces may wait for the client.
const AHEAD: usize = 4;

/// Bytes of a piece.
pub const PIECE: usize = 64 * 1024;

/// How long a stream waits, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// For its turn, while there are as many streams as there may be.
    pub turn: Duration,
    /// For a client that takes nothing; then it is given up, and the connection goes back.
    pub client: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { turn: Duration::from_secs(5), client: Duration::from_secs(60) }
    }
}

/// A piece, or the end: a stream that just stops has failed.
type Sent = Result<Option<Bytes>, AppError>;

/// Where the pieces are written. Fails when the client is gone, or takes nothing for too long.
#[derive(Debug)]
pub struct Pieces {
    sender: Sender<Sent>,
    patience: Duration,
    runtime: Handle,
    /// Nothing more is tried: a writer that failed tries again when it is dropped.
    given_up: bool,
    /// Whoever comes next has its turn when this one is dropped.
    _turn: OwnedSemaphorePermit,
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.given_up {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let piece = Ok(Some(Bytes::copy_from_slice(bytes)));
        // on a thread that may wait, beside the runtime
        let sent = self.runtime.block_on(self.sender.send_timeout(piece, self.patience));
        self.given_up = sent.is_err();
        match sent {
            Ok(()) => Ok(bytes.len()),
            Err(SendTimeoutError::Closed(_)) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client is gone")),
            Err(SendTimeoutError::Timeout(_)) => {
                Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body of a response that is still being read.
#[derive(Debug)]
pub struct Streamed {
    first: Option<Bytes>,
    rest: Receiver<Sent>,
    ended: bool,
}

impl Database {
    /// Like [`Database::read`], for a query that writes its answer in pieces. What fails before the
    /// first piece is an error as usual; what fails later breaks the response off, so that nobody
    /// takes a part for the whole.
    pub async fn stream<F>(&self, query: F) -> Result<Streamed, AppError>
    where
        F: FnOnce(&mut PgConnection, Pieces) -> Result<(), AppError> + Send + 'static,
    {
        let (database, turn) = (self.clone(), self.turn().await?);
        let work = move |pieces, _| async move { database.read(at_the_readers_pace(query, pieces)).await };
        streamed(turn, self.pace.client, work).await
    }

    /// The same, and `record` writes down what came of it when the client has taken everything. The
    /// response ends after that: one that is whole has been recorded, one that was cut off has not.
    pub async fn stream_and_record<T, F, R>(&self, by: Actor, query: F, record: R) -> Result<Streamed, AppError>
    where
        F: FnOnce(&mut PgConnection, Pieces) -> Result<T, AppError> + Send + 'static,
        R: Fn(&mut PgConnection, &T) -> Result<Audited<()>, AppError> + Send + 'static,
        T: Send + Sync + 'static,
    {
        let (database, turn) = (self.clone(), self.turn().await?);
        streamed(turn, self.pace.client, move |pieces, sent| async move {
            let outcome = database.read(at_the_readers_pace(query, pieces)).await?;
            // all room is free again when the last piece was taken
            sent.reserve_many(AHEAD).await.map_err(|_| AppError::internal(anyhow::anyhow!("the client is gone")))?;
            database.write(by, move |conn| record(conn, &outcome)).await
        })
        .await
    }

    /// Waits for room for one more stream, as long as [`Pace::turn`].
    async fn turn(&self) -> Result<OwnedSemaphorePermit, AppError> {
        let turn = tokio::time::timeout(self.pace.turn, Arc::clone(&self.streams).acquire_owned()).await;
        turn.map_err(|_| AppError::TooManyDownloads)?.map_err(AppError::internal)
    }
}

/// The query, which waits in its transaction between the pieces: [`Pace::client`] says for how long, not the database.
fn at_the_readers_pace<T>(
    query: impl FnOnce(&mut PgConnection, Pieces) -> Result<T, AppError>,
    pieces: Pieces,
) -> impl FnOnce(&mut PgConnection) -> Result<T, AppError> {
    move |conn| {
        conn.batch_execute("set local idle_in_transaction_session_timeout to 0")?;
        query(conn, pieces)
    }
}

/// Runs `work` beside the response that its pieces go into, until the first of them is there.
async fn streamed<W, O>(
    turn: OwnedSemaphorePermit,
    patience: Duration,
    work: impl FnOnce(Pieces, Sender<Sent>) -> W,
) -> Result<Streamed, AppError>
where
    W: Future<Output = Result<O, AppError>> + 'static,
{
    let (sender, mut rest) = channel(AHEAD);
    let pieces = Pieces { sender: sender.clone(), patience, runtime: Handle::current(), given_up: false, _turn: turn };
    let work = work(pieces, sender.clone());
    actix_web::rt::spawn(async move {
        let outcome = work.await;
        // nobody listens any more when the client is gone
        let _ = sender.send(outcome.map(|_| None)).await;
    });
    match rest.recv().await {
        Some(Ok(first)) => Ok(Streamed { ended: first.is_none(), first, rest }),
        Some(Err(error)) => Err(error),
        None => Err(AppError::internal(anyhow::anyhow!("a stream ended before it began"))),
    }
}

impl MessageBody for Streamed {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let stream = self.get_mut();
        if let Some(first) = stream.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        if stream.ended {
            return Poll::Ready(None);
        }
        stream.rest.poll_recv(cx).map(|sent| {
            let piece = match sent {
                Some(Ok(Some(piece))) => return Some(Ok(piece)),
                Some(Ok(None)) => None,
                Some(Err(error)) => Some(Err(broken_off(&error.to_string()))),
                None => Some(Err(broken_off("it ended early"))),
            };
            stream.ended = true;
            piece
        })
    }
}

fn broken_off(error: &str) -> io::Error {
    tracing::error!(error = ?error, "a response was broken off");
    io::Error::other("the response was broken off")
}

/// Hands the rows of a cursor over, so many at a time as `fetch` says. `declare` opens the cursor;
/// it closes with the transaction.
pub fn each_batch<T>(
    conn: &mut PgConnection,
    declare: Prepared,
    fetch: &'static str,
    mut each: impl FnMut(Vec<T>) -> Result<(), AppError>,
) -> Result<(), AppError>
where
    T: QueryableByName<Pg> + 'static,
{
    declare.execute(conn)?;
    loop {
        let rows: Vec<T> = prepared(fetch).load(conn)?;
        if rows.is_empty() {
            return Ok(());
        }
        each(rows)?;
    }
}

/// [`each_batch`] for very many rows: read by position, one after another, the columns being of the
/// types `ST`.
pub fn each_row<ST, T>(
    conn: &mut PgConnection,
    declare: Prepared,
    fetch: &'static str,
    mut each: impl FnMut(T) -> Result<(), AppError>,
) -> Result<(), AppError>
where
    Typed<ST>: for<'query> LoadQuery<'query, PgConnection, T>,
{
    declare.execute(conn)?;
    loop {
        let mut rows = 0;
        for row in prepared(fetch).typed::<ST>().load_iter::<T, DefaultLoadingMode>(conn)? {
            each(row?)?;
            rows += 1;
        }
        if rows == 0 {
            return Ok(());
        }
    }
}
