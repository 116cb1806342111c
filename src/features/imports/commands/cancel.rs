//! Calling an import off.

use diesel::prelude::*;

use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::features::imports::queries::{State, lock_import};
use crate::ids::ImportId;
use crate::schema::imports;
use crate::web::guards::{Allowed, Import as MayImport};

/// Calls an import off that waits for an answer; false when it is too late for that.
pub fn cancel(conn: &mut PgConnection, by: &Allowed<MayImport>, id: ImportId) -> Result<Audited<bool>, AppError> {
    let import = lock_import(conn, by, id)?;
    match import.state() {
        State::Planned => {
            diesel::update(imports::table.find(id)).set(imports::state.eq("cancelled")).execute(conn)?;
            let entry = Entry::new("import.cancelled").on(Some(import.organisation_id)).about("import", id.0);
            Ok(Audited::new(true, entry))
        }
        State::Cancelled => Ok(Audited::unchanged(true)),
        _ => Ok(Audited::unchanged(false)),
    }
}
