//! The parts of an upload, in any order. The file is stored piece by piece as it comes, so that its length
//! costs no memory.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use uuid::Uuid;

use super::surveying::Surveying;
use crate::app::AppState;
use crate::domain::users_csv::Survey;
use crate::error::AppError;
use crate::features::imports::commands::{self, MOST_BYTES, PIECE};
use crate::ids::ImportId;
use crate::web::guards::{Allowed, Import as MayImport};

/// How long nothing may come before the upload is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// Bytes of a field that is no file.
const SHORT: usize = 1_024;

/// What was sent.
#[derive(Debug, Default)]
pub struct Received {
    /// The file's name and bytes; none when there is none, or an empty one.
    pub file: Option<(String, u64)>,
    /// What was found out about it on the way.
    pub survey: Option<Survey>,
    /// "Synchronize Users" is ticked.
    pub synchronize: bool,
    /// The organisation, as sent.
    pub organisation: Option<String>,
}

/// Why it is not taken.
#[derive(Debug)]
pub enum NotReceived {
    /// More than [`MOST_BYTES`].
    TooLarge,
    /// More than one file.
    SeveralFiles,
    /// It was cut off, is no form, or cannot be stored.
    Failed(AppError),
}

impl From<AppError> for NotReceived {
    fn from(error: AppError) -> NotReceived {
        NotReceived::Failed(error)
    }
}

/// Where the pieces of an upload go.
pub struct Store {
    /// Who uploads.
    pub by: Allowed<MayImport>,
    /// The application.
    pub state: AppState,
    /// Under which the pieces are kept.
    pub id: ImportId,
    /// When the upload began.
    pub began_at: DateTime<Utc>,
}

impl Store {
    /// For a new upload.
    pub fn new(by: Allowed<MayImport>, state: AppState) -> Store {
        Store { by, id: ImportId(Uuid::now_v7()), began_at: state.clock.now(), state }
    }

    async fn keep(&self, number: i32, bytes: Bytes) -> Result<(), AppError> {
        let (by, id, now) = (self.by.clone(), self.id, self.began_at);
        let actor = self.by.by().actor();
        let stored = self.state.database.write(actor, move |conn| {
            commands::store_piece(conn, &by, id, number, &bytes, now) //
        });
        stored.await
    }

    /// Drops what is kept.
    pub async fn forget(&self) -> Result<(), AppError> {
        let (by, id) = (self.by.clone(), self.id);
        let actor = self.by.by().actor();
        self.state.database.write(actor, move |conn| commands::forget_upload(conn, &by, id)).await
    }
}

/// Reads all parts.
pub async fn receive(parts: &mut Multipart, store: &Store) -> Result<Received, NotReceived> {
    let mut received = Received::default();
    let mut others = 0;
    while let Some(part) = timeout(SILENCE, parts.next()).await.map_err(|_| gave_up())? {
        let mut part = part.map_err(|error| unreadable(&error))?;
        match part.name() {
            Some("file") => {
                let name = part.content_disposition().and_then(|of| of.get_filename()).unwrap_or_default().to_owned();
                let several = received.file.is_some();
                let (bytes, survey) = keep_file(&mut part, store, several).await?;
                if bytes > 0 {
                    received.file = Some((name, bytes));
                    received.survey = survey;
                }
            }
            Some("synchronize") => {
                let value = short(&mut part).await?;
                received.synchronize = !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false");
            }
            Some("organisation") => received.organisation = Some(short(&mut part).await?),
            _ => skip(&mut part, &mut others).await?,
        }
    }
    Ok(received)
}

async fn next(part: &mut Field) -> Result<Option<Bytes>, NotReceived> {
    let chunk = timeout(SILENCE, part.next()).await.map_err(|_| gave_up())?;
    Ok(chunk.transpose().map_err(|error| unreadable(&error))?)
}

/// Stores a file in pieces; returns its bytes, and what it is when there is more than a piece. A second one that is not
/// empty is one too many.
async fn keep_file(part: &mut Field, store: &Store, several: bool) -> Result<(u64, Option<Survey>), NotReceived> {
    let (mut bytes, mut number, mut piece) = (0, 0, Vec::new());
    let mut surveying: Option<Surveying> = None;
    while let Some(chunk) = next(part).await? {
        bytes += chunk.len() as u64;
        if several && bytes > 0 {
            return Err(NotReceived::SeveralFiles);
        }
        if bytes > MOST_BYTES {
            return Err(NotReceived::TooLarge);
        }
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let (taken, left) = rest.split_at(rest.len().min(PIECE - piece.len()));
            piece.extend_from_slice(taken);
            rest = left;
            if piece.len() == PIECE {
                let full = Bytes::from(std::mem::take(&mut piece));
                if number == 0 {
                    surveying = Surveying::begin(&full);
                }
                if let Some(surveying) = &surveying {
                    surveying.look(full.clone()).await;
                }
                store.keep(number, full).await?;
                number += 1;
            }
        }
    }
    if !piece.is_empty() {
        let last = Bytes::from(piece);
        if let Some(surveying) = &surveying {
            surveying.look(last.clone()).await;
        }
        store.keep(number, last).await?;
    }
    let survey = match surveying {
        Some(surveying) => surveying.end().await,
        None => None,
    };
    Ok((bytes, survey))
}

/// The text of a short field.
async fn short(part: &mut Field) -> Result<String, NotReceived> {
    let mut text = Vec::new();
    while let Some(chunk) = next(part).await? {
        text.extend_from_slice(&chunk);
        if text.len() > SHORT {
            return Err(AppError::Unusable("A field of the form is too long.".into()).into());
        }
    }
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

/// Fields that mean nothing are ignored, as in other forms.
async fn skip(part: &mut Field, bytes: &mut u64) -> Result<(), NotReceived> {
    while let Some(chunk) = next(part).await? {
        *bytes += chunk.len() as u64;
        if *bytes > MOST_BYTES {
            return Err(NotReceived::TooLarge);
        }
    }
    Ok(())
}

fn gave_up() -> AppError {
    AppError::Unusable("The upload stopped before its end. Nothing was changed; upload the file again.".into())
}

fn unreadable(error: &MultipartError) -> AppError {
    AppError::Unusable(format!("The upload was cut off or is no form: {error}. Nothing was changed; upload it again."))
}
