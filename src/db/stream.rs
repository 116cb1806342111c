//! Answers that are too long for memory: sent piece by piece while they are read, from one state of
//! the data. The reader's pace is the sender's: only a few pieces are ever ahead.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::QueryableByName;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_dsl::LoadQuery;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Database;
use super::audit::{Actor, Audited};
use super::prepared::{Prepared, Typed, prepared};
use crate::error::AppError;

/// How many pieces may wait for the client.
const AHEAD: usize = 4;

/// Bytes of a piece.
pub const PIECE: usize = 64 * 1024;

/// A piece, or the end: a stream that just stops has failed.
type Sent = Result<Option<Bytes>, AppError>;

/// Where the pieces are written. Fails when the client is gone.
#[derive(Debug)]
pub struct Pieces(Sender<Sent>);

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Ok(Some(Bytes::copy_from_slice(bytes)));
        self.0.blocking_send(piece).map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the client is gone"))?;
        Ok(bytes.len())
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
        let database = self.clone();
        streamed(move |pieces, _| async move { database.read(move |conn| query(conn, pieces)).await }).await
    }

    /// The same, and `record` writes down what came of it when the client has taken everything. The
    /// response ends after that: one that is whole has been recorded, one that was cut off has not.
    pub async fn stream_and_record<T, F, R>(&self, by: Actor, query: F, record: R) -> Result<Streamed, AppError>
    where
        F: FnOnce(&mut PgConnection, Pieces) -> Result<T, AppError> + Send + 'static,
        R: Fn(&mut PgConnection, &T) -> Result<Audited<()>, AppError> + Send + 'static,
        T: Send + Sync + 'static,
    {
        let database = self.clone();
        streamed(move |pieces, sent| async move {
            let outcome = database.read(move |conn| query(conn, pieces)).await?;
            // all room is free again when the last piece was taken
            sent.reserve_many(AHEAD).await.map_err(|_| AppError::internal(anyhow::anyhow!("the client is gone")))?;
            database.write(by, move |conn| record(conn, &outcome)).await
        })
        .await
    }
}

/// Runs `work` beside the response that its pieces go into, until the first of them is there.
async fn streamed<W, O>(work: impl FnOnce(Pieces, Sender<Sent>) -> W) -> Result<Streamed, AppError>
where
    W: Future<Output = Result<O, AppError>> + 'static,
{
    let (sender, mut rest) = channel(AHEAD);
    let work = work(Pieces(sender.clone()), sender.clone());
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
