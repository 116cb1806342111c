//! A root organisation, for whoever may see what is agreed on with it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, Permission, Thing};

/// A root organisation today.
#[derive(Debug, Clone, QueryableByName)]
pub struct Root {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its time zone.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// The day in its time zone.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
    /// The limit that is in force.
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_limit: Option<i32>,
    /// Active users today.
    #[diesel(sql_type = BigInt)]
    pub used: i64,
}

/// A root within the scope.
pub fn root<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    id: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Root, AppError> {
    let found = prepared(include_str!("root.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)
        .optional()?;
    found.map_or_else(|| Err(by.refusal(conn, Thing::Root(id))), Ok)
}
