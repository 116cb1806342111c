//! What a change that is proposed would mean for the licenses: the forecast with it and without it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::outlook::{amount, limit_outlook};
use super::queries_history::{History, history};
use crate::db::prepared::prepared;
use crate::domain::forecast::DAYS_AHEAD;
use crate::domain::license::Used;
use crate::error::AppError;
use crate::ids::{ImportId, OrganisationId};
use crate::web::format::{day, grouped};
use crate::web::guards::{Allowed, Permission};
use crate::web::what_if::{WhatIfRow, WhatIfView};

/// The days that are compared, from today on.
const COMPARED: [u64; 4] = [0, 30, 60, DAYS_AHEAD];

/// The forecast of an organisation with a change and without it.
#[derive(Debug)]
pub struct WhatIf {
    /// The organisation's name.
    pub name: String,
    /// As things are.
    pub without: History,
    /// With the change.
    pub with: History,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    id: OrganisationId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Date)]
    today: NaiveDate,
    #[diesel(sql_type = BigInt)]
    used: i64,
}

#[derive(QueryableByName)]
struct Change {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    delta: i64,
}

impl Place {
    fn last(&self) -> NaiveDate {
        self.today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(self.today)
    }
}

/// When people of these organisations become active and inactive by a change of their enrolments, as `changes` tells for
/// each day; none when no license is concerned.
pub fn when_enrolments_change<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    organisations: Vec<OrganisationId>,
    changes: &[(NaiveDate, i64)],
    now: DateTime<Utc>,
) -> Result<Option<WhatIf>, AppError> {
    let Some(place) = place(conn, by, organisations, now)? else { return Ok(None) };
    let until_then: Vec<_> = changes.iter().filter(|(day, _)| *day <= place.last()).copied().collect();
    compared(conn, by, place, &until_then, now)
}

/// When the plan of an import of an organisation's users is applied, with all whom it deletes; none when no license is
/// concerned.
pub fn when_an_import_is_applied<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    import: ImportId,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Option<WhatIf>, AppError> {
    let Some(place) = place(conn, by, vec![organisation], now)? else { return Ok(None) };
    let changes: Vec<Change> = prepared(include_str!("what_if_import.sql"))
        .bind::<SqlUuid, _>(import)
        .bind::<SqlUuid, _>(place.id)
        .bind::<Date, _>(place.last())
        .load(conn)?;
    let changes: Vec<_> = changes.into_iter().map(|change| (change.day, change.delta)).collect();
    compared(conn, by, place, &changes, now)
}

fn place<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    organisations: Vec<OrganisationId>,
    now: DateTime<Utc>,
) -> Result<Option<Place>, AppError> {
    Ok(prepared(include_str!("what_if_place.sql"))
        .bind::<Array<SqlUuid>, _>(organisations)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)
        .optional()?)
}

fn compared<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    place: Place,
    changes: &[(NaiveDate, i64)],
    now: DateTime<Utc>,
) -> Result<Option<WhatIf>, AppError> {
    if changes.is_empty() {
        return Ok(None);
    }
    let without = history(conn, by, place.id, Used(place.used.unsigned_abs()), now)?;
    let today: i64 = changes.iter().filter(|(day, _)| *day <= place.today).map(|(_, delta)| delta).sum();
    let used = Used(u64::try_from(place.used + today).unwrap_or(0));
    let with = without.with(used, changes);
    Ok(Some(WhatIf { name: place.name, without, with }))
}

impl WhatIf {
    /// As it is shown.
    pub fn view(&self) -> WhatIfView {
        let (without, with) = (&self.without, &self.with);
        let days = COMPARED.iter().filter_map(|ahead| without.today.checked_add_days(Days::new(*ahead)));
        WhatIfView {
            caption: format!("Active users of {}, from what is scheduled", self.name),
            rows: days
                .map(|on| WhatIfRow {
                    day: if on == without.today { "today".to_owned() } else { day(on) },
                    without: grouped(amount(without.used_on(on).0)),
                    with: grouped(amount(with.used_on(on).0)),
                    limit: without.allowed_on(on).map_or_else(String::new, grouped),
                })
                .collect(),
            without: limit_outlook(without, day),
            with: limit_outlook(with, day),
        }
    }
}
