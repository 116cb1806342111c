//! What the pages of an import show besides: settings, names of organisations, the entry of the audit log.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};

use super::Import;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EntryId, OrganisationId};
use crate::people::restoring::{self, Restored};
use crate::schema::{audit_entries, instance_settings};
use crate::web::guards::{Allowed, Import as MayImport};

/// The settings that matter to an import.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From more than so many percent on, the number of people to delete has to be typed.
    pub threshold_percent: u32,
    /// For how many days deleted people can be restored.
    pub restore_window_days: u32,
}

/// The settings as they are now.
pub fn limits(conn: &mut PgConnection) -> Result<Limits, AppError> {
    let (percent, days): (i32, i32) = instance_settings::table
        .select((instance_settings::import_threshold_percent, instance_settings::restore_window_days))
        .first(conn)?;
    Ok(Limits { threshold_percent: percent.unsigned_abs(), restore_window_days: days.unsigned_abs() })
}

/// The paths of organisations, as far as the scope reaches.
pub fn paths(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    ids: Vec<OrganisationId>,
) -> Result<HashMap<OrganisationId, String>, AppError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: OrganisationId,
        #[diesel(sql_type = Nullable<Text>)]
        path: Option<String>,
    }
    let rows: Vec<Row> =
        prepared("select o.id, path_in_scope(o.id, $1) as path from organisations o where o.id = any ($2)")
            .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
            .bind::<Array<SqlUuid>, _>(ids)
            .load(conn)?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.path?))).collect())
}

/// The entry of the audit log that tells of applying the import.
pub fn applied_entry(conn: &mut PgConnection, import: &Import) -> Result<Option<EntryId>, AppError> {
    Ok(audit_entries::table
        .filter(audit_entries::subject_id.eq(import.id.0))
        .filter(audit_entries::action.eq("import.applied"))
        .order(audit_entries::at.desc())
        .select(audit_entries::id)
        .first(conn)
        .optional()?)
}

/// What the reader's entry of the audit log tells of restoring people of this import; none for any other entry.
pub fn restored(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    entry: EntryId,
) -> Result<Option<Restored>, AppError> {
    let its = audit_entries::table.find(entry).filter(audit_entries::subject_id.eq(import.id.0));
    let about_it: bool = diesel::select(diesel::dsl::exists(its)).get_result(conn)?;
    if about_it { restoring::brought_back(conn, by.by().viewer().id, entry) } else { Ok(None) }
}
