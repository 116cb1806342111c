//! What a file is, found out while it is uploaded: its pieces need not be read for that again.

use std::io::{self, Read};

use actix_web::rt::task::{JoinHandle, spawn_blocking};
use actix_web::web::Bytes;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::domain::users_csv::{Survey, is_workbook};

/// How many uploads are surveyed at the same time, each of which takes a thread until it ends. Others are surveyed when
/// they are read.
const AT_ONCE: usize = 4;
static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// How many pieces may wait before the upload does.
const WAITING: usize = 2;

/// A file on its way.
pub struct Surveying {
    pieces: Sender<Bytes>,
    survey: JoinHandle<Option<Survey>>,
}

impl Surveying {
    /// Of a file that begins like this; none of a workbook, which is unpacked into memory, one at a time.
    pub fn begin(head: &[u8]) -> Option<Surveying> {
        let permit = PERMITS.try_acquire().ok().filter(|_| !is_workbook(head))?;
        let (pieces, coming) = channel(WAITING);
        let survey = spawn_blocking(move || {
            let _permit = permit;
            // what speaks against the file is told when it is read
            Survey::of(Coming { pieces: coming, piece: Bytes::new() }).ok()
        });
        Some(Surveying { pieces, survey })
    }

    /// The next piece.
    pub async fn look(&self, piece: Bytes) {
        // nobody listens when it is known already that the file cannot be read
        let _ = self.pieces.send(piece).await;
    }

    /// What it is, after the last piece.
    pub async fn end(self) -> Option<Survey> {
        drop(self.pieces);
        self.survey.await.ok().flatten()
    }
}

struct Coming {
    pieces: Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Coming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            let Some(piece) = self.pieces.blocking_recv() else { return Ok(0) };
            self.piece = piece;
        }
        let taken = self.piece.split_to(buffer.len().min(self.piece.len()));
        buffer[..taken.len()].copy_from_slice(&taken);
        Ok(taken.len())
    }
}
