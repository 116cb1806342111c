//! An uploaded file as something to read from, on another thread than the one that has the connection.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel};

use diesel::prelude::*;

use super::staging::Batch;
use crate::ids::ImportId;
use crate::schema::import_pieces;

/// How many pieces are asked for before they are needed.
const AHEAD: usize = 2;

/// What the thread that reads wants from the one that has the connection.
pub enum Wanted {
    /// A piece of the file.
    Piece(Wish),
    /// Rows are to be stored.
    Stored(Batch),
}

/// A piece by its number, and where it is sent.
pub struct Wish {
    number: i32,
    answer: Sender<Found>,
}

/// A piece; none after the last one.
type Found = io::Result<Option<Vec<u8>>>;

impl Wish {
    /// Fetches the piece and sends it; returns how many bytes it has.
    pub fn fulfil(self, conn: &mut PgConnection, import: ImportId) -> u64 {
        let found: QueryResult<Option<Vec<u8>>> =
            import_pieces::table.find((import, self.number)).select(import_pieces::bytes).first(conn).optional();
        let bytes = found.as_ref().ok().and_then(Option::as_ref).map_or(0, |piece| piece.len() as u64);
        // nobody listens when the reader has all that it needs
        let _ = self.answer.send(found.map_err(io::Error::other));
        bytes
    }
}

/// Reads the pieces one after the other.
pub struct Pieces {
    wishes: SyncSender<Wanted>,
    /// One for each piece that was asked for. Their other ends go with the wishes, so that none is waited for in
    /// vain when these are dropped.
    coming: VecDeque<Receiver<Found>>,
    asked: i32,
    ended: bool,
    piece: Vec<u8>,
    at: usize,
}

impl Pieces {
    /// From the beginning.
    pub fn of(wishes: SyncSender<Wanted>) -> Pieces {
        Pieces { wishes, coming: VecDeque::new(), asked: 0, ended: false, piece: Vec::new(), at: 0 }
    }

    /// The next piece; false at the end.
    fn turn(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        while self.coming.len() <= AHEAD {
            let (answer, coming) = channel();
            self.wishes.send(Wanted::Piece(Wish { number: self.asked, answer })).map_err(|_| gone())?;
            self.coming.push_back(coming);
            self.asked += 1;
        }
        let next = self.coming.pop_front().ok_or_else(gone)?;
        let piece = next.recv().map_err(|_| gone())??;
        self.ended = piece.is_none();
        (self.piece, self.at) = (piece.unwrap_or_default(), 0);
        Ok(!self.ended)
    }
}

/// The other thread has given up, and knows why.
fn gone() -> io::Error {
    io::Error::other("the import was given up")
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            if !self.turn()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
