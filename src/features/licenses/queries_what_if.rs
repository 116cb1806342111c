//! What a change that is proposed would mean for the licenses: the forecast with it and without it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::outlook::{amount, limit_outlook};
use super::queries_history::{DAYS_AHEAD, History, history};
use crate::db::prepared::prepared;
use crate::domain::license::Used;
use crate::error::AppError;
use crate::ids::{EnrolmentId, ImportId, OrganisationId, UserId};
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

/// When these enrolments of these people expire on another day; none when no license is concerned.
pub fn when_enrolments_expire<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    (people, enrolments): (&[UserId], &[EnrolmentId]),
    expires_on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Option<WhatIf>, AppError> {
    let Some(place) = place(conn, by, people, None, now)? else { return Ok(None) };
    let changes = prepared(include_str!("what_if_enrolments.sql"))
        .bind::<Array<SqlUuid>, _>(enrolments.to_vec())
        .bind::<Nullable<Date>, _>(expires_on)
        .bind::<Bool, _>(false)
        .bind::<Date, _>(place.last())
        .load(conn)?;
    compared(conn, by, place, changes, now)
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
    let Some(place) = place(conn, by, &[], Some(organisation), now)? else { return Ok(None) };
    let changes = prepared(include_str!("what_if_import.sql"))
        .bind::<SqlUuid, _>(import)
        .bind::<SqlUuid, _>(place.id)
        .bind::<Date, _>(place.last())
        .load(conn)?;
    compared(conn, by, place, changes, now)
}

fn place<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    people: &[UserId],
    organisation: Option<OrganisationId>,
    now: DateTime<Utc>,
) -> Result<Option<Place>, AppError> {
    Ok(prepared(include_str!("what_if_place.sql"))
        .bind::<Array<SqlUuid>, _>(people.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(organisation)
        .get_result(conn)
        .optional()?)
}

fn compared<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    place: Place,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Result<Option<WhatIf>, AppError> {
    if changes.is_empty() {
        return Ok(None);
    }
    let without = history(conn, by, place.id, Used(place.used.unsigned_abs()), now)?;
    let today: i64 = changes.iter().filter(|change| change.day <= place.today).map(|change| change.delta).sum();
    let changes: Vec<_> = changes.into_iter().map(|change| (change.day, change.delta)).collect();
    let used = Used(u64::try_from(place.used + today).unwrap_or(0));
    let with = without.with(used, &changes);
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
