//! An uploaded file as something to read from.

use std::cell::RefCell;
use std::io::{self, Read};

use diesel::prelude::*;

use crate::ids::ImportId;
use crate::schema::import_pieces;

/// Reads the pieces one after the other, on a connection that others use in between.
pub struct Pieces<'c> {
    conn: &'c RefCell<&'c mut PgConnection>,
    import: ImportId,
    next: i32,
    piece: Vec<u8>,
    at: usize,
    passed: &'c dyn Fn(u64),
    read: u64,
}

impl<'c> Pieces<'c> {
    /// From the beginning. `passed` is told how many bytes are read.
    pub fn of(conn: &'c RefCell<&'c mut PgConnection>, import: ImportId, passed: &'c dyn Fn(u64)) -> Pieces<'c> {
        Pieces { conn, import, next: 0, piece: Vec::new(), at: 0, passed, read: 0 }
    }

    /// The next piece; false at the end.
    fn turn(&mut self) -> io::Result<bool> {
        let found: Option<Vec<u8>> = import_pieces::table
            .find((self.import, self.next))
            .select(import_pieces::bytes)
            .first(&mut **self.conn.borrow_mut())
            .optional()
            .map_err(io::Error::other)?;
        let Some(piece) = found else { return Ok(false) };
        self.next += 1;
        self.read += piece.len() as u64;
        (self.passed)(self.read);
        (self.piece, self.at) = (piece, 0);
        Ok(true)
    }
}

impl Read for Pieces<'_> {
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
