//! Answers that are too long for memory: sent piece by piece while they are read, from one state of
//! the data. The reader's pace is the sender's: only a few pieces are ever ahead.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use diesel::deserialize::QueryableByName;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Database;
use super::prepared::{Prepared, prepared};
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
        let (sender, mut rest) = channel(AHEAD);
        let (database, told) = (self.clone(), sender.clone());
        actix_web::rt::spawn(async move {
            let outcome = database.read(move |conn| query(conn, Pieces(sender))).await;
            // nobody listens any more when the client is gone
            let _ = told.send(outcome.map(|()| None)).await;
        });
        match rest.recv().await {
            Some(Ok(first)) => Ok(Streamed { ended: first.is_none(), first, rest }),
            Some(Err(error)) => Err(error),
            None => Err(AppError::internal(anyhow::anyhow!("a stream ended before it began"))),
        }
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
