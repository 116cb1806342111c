//! The rows of the file, from one state of the data.
//!
//! There may be a million of them, so they are read in the order of a key that they have anyway, by
//! position instead of by name, and what many have in common is looked up beforehand.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::Wanted;
use crate::db::prepared::prepared;
use crate::db::stream::each_row;
use crate::error::AppError;
use crate::features::users::queries::{Ground, narrowed};
use crate::ids::{OrganisationId, UserId};
use crate::schema::users;
use crate::web::guards::{Allowed, SeeUsers};

/// Somebody in the file.
#[derive(Debug)]
pub struct Row<'a> {
    /// The unique ID.
    pub id: UserId,
    /// Username.
    pub username: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// First name.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// The home organisation: the path of names from the root.
    pub organisation: &'a str,
    /// The codes of the roles on it.
    pub roles: &'a str,
    /// The account's last day.
    pub expires_on: Option<NaiveDate>,
    /// Active today.
    pub active: bool,
    /// Since when the person is there.
    pub created_at: DateTime<Utc>,
}

/// The columns of `rows.sql`.
type Columns = (
    SqlUuid,
    Text,
    Text,
    Text,
    Text,
    SqlUuid,
    Nullable<Text>,
    Nullable<Date>,
    Nullable<Bool>,
    Nullable<Bool>,
    Nullable<Bool>,
    Timestamptz,
);

#[derive(Queryable)]
struct Found {
    id: UserId,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    organisation: OrganisationId,
    roles: Option<String>,
    expires_on: Option<NaiveDate>,
    active_before: Option<bool>,
    active: Option<bool>,
    active_after: Option<bool>,
    created_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    id: OrganisationId,
    #[diesel(sql_type = Text)]
    path: String,
    #[diesel(sql_type = Integer)]
    days_ahead: i32,
}

/// Hands everybody over who is wanted, by unique ID.
/// The vendor's own people are left out: they have no organisation, and on import no organisation means the one
/// that the import is for.
pub fn rows(
    conn: &mut PgConnection,
    by: &Allowed<SeeUsers>,
    wanted: &Wanted,
    now: DateTime<Utc>,
    mut each: impl FnMut(&Row<'_>) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let filter = wanted.filter();
    let places = places(conn, by, filter.organisation, now)?;
    // by a list of ids: a join with the scope would take as long again as all the rest
    let within: Vec<OrganisationId> = places.keys().copied().collect();
    let everybody = users::table.into_boxed().filter(users::organisation_id.eq_any(within));
    let chosen = match wanted {
        Wanted::Ticked(ids) => everybody.filter(users::id.eq_any(ids.clone())),
        Wanted::Matching(_) => narrowed(everybody, &filter, &Ground::of(conn, by, filter.organisation, now)?),
    };
    let declare =
        prepared(include_str!("rows.sql")).query(chosen.select(users::all_columns)).bind::<Date, _>(now.date_naive());
    each_row::<Columns, Found>(conn, declare, "fetch 2000 from users_export", |found| {
        let place =
            places.get(&found.organisation).ok_or_else(|| AppError::internal(anyhow::anyhow!("no such place")))?;
        // in every time zone it is the day before the one in UTC, that one, or the next
        let active = match place.days_ahead {
            ..0 => found.active_before,
            0 => found.active,
            1.. => found.active_after,
        };
        each(&Row {
            id: found.id,
            username: &found.username,
            email: &found.email,
            first_name: &found.first_name,
            last_name: &found.last_name,
            organisation: &place.path,
            roles: found.roles.as_deref().unwrap_or_default(),
            expires_on: found.expires_on,
            active: active.unwrap_or(false),
            created_at: found.created_at,
        })
    })
}

fn places(
    conn: &mut PgConnection,
    by: &Allowed<SeeUsers>,
    top: Option<OrganisationId>,
    now: DateTime<Utc>,
) -> Result<HashMap<OrganisationId, Place>, AppError> {
    let places: Vec<Place> = prepared(include_str!("places.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(top)
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    Ok(places.into_iter().map(|place| (place.id, place)).collect())
}
