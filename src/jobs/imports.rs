//! Files of imports are kept as long as whoever an import deletes can be restored; then the list of imports still
//! tells what was done. Uploads that nothing came of go after a day, and notes of changes as soon as no plan needs them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db;
use crate::db::audit::{Actor, Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{ImportId, OrganisationId};
use crate::people::deletion::restore_window_days;
use crate::schema::imports;

/// How long an upload may take.
const UPLOADS_KEPT: TimeDelta = TimeDelta::days(1);

/// An import whose file can go.
#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    id: ImportId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation_id: Option<OrganisationId>,
    #[diesel(sql_type = Text)]
    state: String,
}

/// Drops the pieces of uploads that were cut off.
pub fn forget_uploads(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    prepared(include_str!("imports_cut_off.sql")).bind::<Timestamptz, _>(now - UPLOADS_KEPT).execute(conn)?;
    Ok(())
}

/// Drops what is noted of changes that no plan has to know any more.
pub fn forget_disturbances(conn: &mut PgConnection) -> Result<(), AppError> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }
    conn.transaction(|conn| {
        // not while somebody is planning, whose plan is not there to be seen yet: the next round is in an hour
        let nobody_plans: Locked =
            prepared("select pg_try_advisory_xact_lock(hashtext('import_disturbances')) as locked").get_result(conn)?;
        if nobody_plans.locked {
            prepared(include_str!("imports_forget_disturbances.sql")).execute(conn)?;
        }
        Ok(())
    })
}

/// How many rows of each table, and of the file how many pieces, one transaction drops, so that it ends in time.
pub const ROWS_AT_ONCE: i64 = 50_000;
const PIECES_AT_ONCE: i64 = 64;

/// Drops a part of the file, rows and plan of one import that is over for long; what still waits for an answer is
/// called off by that, before its plan lacks anybody. False when there is none left.
pub fn forget_import(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool, AppError> {
    db::write(conn, &Actor::Program { address: None }, |conn| {
        let days = restore_window_days(conn)?;
        let due: Option<Due> = prepared(include_str!("imports_due.sql"))
            .bind::<Timestamptz, _>(now)
            .bind::<Integer, _>(days.max(1))
            .get_result(conn)
            .optional()?;
        let Some(Due { id, organisation_id, state }) = due else { return Ok(Audited::unchanged(false)) };
        for (sql, at_once) in [
            (include_str!("imports_drop_pieces.sql"), PIECES_AT_ONCE),
            (include_str!("imports_drop_rows.sql"), ROWS_AT_ONCE),
            (include_str!("imports_drop_plan.sql"), ROWS_AT_ONCE),
            (include_str!("imports_drop_refusals.sql"), ROWS_AT_ONCE),
        ] {
            prepared(sql).bind::<SqlUuid, _>(id).bind::<BigInt, _>(at_once).execute(conn)?;
        }
        // headings may be somebody's name
        diesel::update(imports::table.find(id)).set(imports::reading.eq(None::<serde_json::Value>)).execute(conn)?;
        if !matches!(state.as_str(), "reading" | "planned" | "applying") {
            return Ok(Audited::unchanged(true));
        }
        diesel::update(imports::table.find(id)).set(imports::state.eq("cancelled")).execute(conn)?;
        Ok(Audited::new(true, Entry::new("import.cancelled").on(organisation_id).about("import", id.0)))
    })
}
