//! Changes of people that several features make in the same way: one at a time from a page, many
//! from a list, thousands from an import. Each is one set-based change with one audit entry.

pub mod deletion;
pub mod expiring;
pub mod gone;
pub mod instance_admins;
pub mod restoring;
pub mod turns;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::{Prepared, prepared};
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::guards::{Allowed, Permission};

/// How many people are changed by one statement, so that there is progress to tell.
const STEP: usize = 5_000;

/// Does `work` with a part of the people after the other. `progress` is told how many are done.
fn in_steps(
    ids: &[UserId],
    progress: &dyn Fn(usize),
    mut work: impl FnMut(&[UserId]) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let mut done = 0;
    for step in ids.chunks(STEP) {
        work(step)?;
        done += step.len();
        progress(done);
    }
    Ok(())
}

/// A query of what speaks against a change of these people: `$1` their ids, `$2` the scope, `$3` to `$5` whose
/// accounts the person may change, `$6` the time.
fn against<P: Permission>(sql: &'static str, by: &Allowed<P>, ids: &[UserId], now: DateTime<Utc>) -> Prepared {
    let reach = by.reach();
    prepared(sql)
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.role_codes())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .bind::<Timestamptz, _>(now)
}
