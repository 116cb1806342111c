//! The file comes in pieces, each stored as it comes; the import begins when it is complete.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

use super::read::read;
use crate::db::audit::{Audited, Entry};
use crate::domain::characters::is_disturbing;
use crate::domain::users_csv::Survey;
use crate::error::AppError;
use crate::features::imports::queries::Reading;
use crate::ids::{ImportId, OrganisationId};
use crate::jobs::work::{Payload, Work};
use crate::schema::{import_pieces, imports};
use crate::web::guards::{Allowed, Import as MayImport};

/// Bytes of a piece.
pub const PIECE: usize = 1024 * 1024;

/// Bytes of a file, at most.
pub const MOST_BYTES: u64 = crate::domain::users_csv::limits::MAX_BYTES;

/// A file that is complete.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Under which its pieces are stored.
    pub id: ImportId,
    /// Whose subtree it is for.
    pub organisation: OrganisationId,
    /// Whoever is missing from the file is to be deleted.
    pub synchronize: bool,
    /// The file's name.
    pub file_name: String,
    /// Its bytes.
    pub bytes: u64,
    /// When the upload began.
    pub began_at: DateTime<Utc>,
    /// What was found out about it on the way; none: that is still to be done.
    pub survey: Option<Survey>,
}

/// Keeps a piece; the first is 0. Changes nothing that anybody sees. Does not wait for the disk: the commit that
/// begins the import does, for all that was written before it.
pub fn store_piece(
    conn: &mut PgConnection,
    _: &Allowed<MayImport>,
    id: ImportId,
    number: i32,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    conn.batch_execute("set local synchronous_commit to off")?;
    diesel::insert_into(import_pieces::table)
        .values((
            import_pieces::import_id.eq(id),
            import_pieces::number.eq(number),
            import_pieces::uploaded_at.eq(now),
            import_pieces::bytes.eq(bytes),
        ))
        .execute(conn)?;
    Ok(Audited::unchanged(()))
}

/// Drops the pieces of an upload that came to nothing.
pub fn forget_upload(conn: &mut PgConnection, _: &Allowed<MayImport>, id: ImportId) -> Result<Audited<()>, AppError> {
    diesel::delete(import_pieces::table.filter(import_pieces::import_id.eq(id))).execute(conn)?;
    Ok(Audited::unchanged(()))
}

/// Begins the import: the file is read in the background. The organisation is within the scope.
pub fn create(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    upload: &Upload,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    insert(conn, by, upload)?;
    let payload = Payload::new(Work::ReadImport { import: upload.id }, by.by(), format!("/imports/{}", upload.id));
    let job = payload.put(conn, by.by().viewer().id, upload.bytes, now)?;
    diesel::update(imports::table.find(upload.id)).set(imports::job_id.eq(job)).execute(conn)?;
    Ok(Audited::new((), uploaded(upload)))
}

/// Begins the import and reads the file at once. In one transaction: an import that is being read has a job that
/// sees to it, and without one nobody would. The organisation is within the scope.
pub fn create_and_read(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    upload: &Upload,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    insert(conn, by, upload)?;
    Ok(read(conn, by, upload.id, now, &|_| {})?.and(uploaded(upload)))
}

fn insert(conn: &mut PgConnection, by: &Allowed<MayImport>, upload: &Upload) -> Result<(), AppError> {
    let reading = upload.survey.clone().map(|survey| json!(Reading { survey: Some(survey), ..Reading::default() }));
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(upload.id),
            imports::organisation_id.eq(upload.organisation),
            imports::created_by.eq(by.by().viewer().id),
            imports::scope.eq(by.scope_parameter().map(|tops| tops.into_iter().map(Some).collect::<Vec<_>>())),
            imports::created_at.eq(upload.began_at),
            imports::file_name.eq(shown_name(&upload.file_name)),
            imports::file_bytes.eq(i64::try_from(upload.bytes).unwrap_or(i64::MAX)),
            imports::synchronize.eq(upload.synchronize),
            imports::reading.eq(reading),
        ))
        .execute(conn)?;
    Ok(())
}

fn uploaded(upload: &Upload) -> Entry {
    Entry::new("import.uploaded")
        .on(Some(upload.organisation))
        .about("import", upload.id.0)
        .detail(json!({ "bytes": upload.bytes, "synchronize": upload.synchronize }))
}

/// The client's name for the file, which is only ever shown: no path, no control characters, not too long.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|letter| !is_disturbing(*letter)).take(255).collect()
}
