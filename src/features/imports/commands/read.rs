//! Reading an uploaded file into rows, and planning with them.

use chrono::{DateTime, Utc};
use diesel::PgConnection;

use crate::db::audit::Audited;
use crate::error::AppError;
use crate::ids::ImportId;
use crate::web::guards::{Allowed, Import as MayImport};

/// Reads the file.
pub fn read(
    _conn: &mut PgConnection,
    _by: &Allowed<MayImport>,
    _id: ImportId,
    _now: DateTime<Utc>,
    _progress: &dyn Fn(usize, usize),
) -> Result<Audited<()>, AppError> {
    Err(AppError::NotFound)
}
