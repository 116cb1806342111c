//! An organisation and its children with their limits.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, SetLimits};

/// Children on a page.
pub const PAGE_SIZE: u32 = 100;

/// The organisation whose children have limits.
#[derive(Debug, Clone, QueryableByName)]
pub struct Parent {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// It is at the top of its tree.
    #[diesel(sql_type = Bool)]
    pub is_root: bool,
    /// Its own limit.
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_limit: Option<i32>,
    /// Its own limit, or the nearest one above it.
    #[diesel(sql_type = Nullable<Integer>)]
    pub nearest_limit: Option<i32>,
    /// Active users in its subtree.
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    /// How many children it has.
    #[diesel(sql_type = BigInt)]
    pub children: i64,
    /// The sum of the limits of its children.
    #[diesel(sql_type = BigInt)]
    pub sum: i64,
}

/// A child.
#[derive(Debug, Clone, QueryableByName)]
pub struct Child {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its own limit.
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_limit: Option<i32>,
    /// Active users in its subtree.
    #[diesel(sql_type = BigInt)]
    pub used: i64,
}

/// The organisation, if the limits of its children may be set.
pub fn parent(
    conn: &mut PgConnection,
    by: &Allowed<SetLimits>,
    id: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Parent, AppError> {
    let found = prepared(include_str!("parent.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)
        .optional()?;
    found.map_or_else(|| Err(by.refusal(conn, id)), Ok)
}

/// A page of the children of an organisation that was read with a guard.
pub fn children(
    conn: &mut PgConnection,
    parent: OrganisationId,
    page: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Child>, AppError> {
    Ok(prepared(include_str!("children.sql"))
        .bind::<SqlUuid, _>(parent)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(PAGE_SIZE))
        .bind::<BigInt, _>(i64::from(page.saturating_sub(1)) * i64::from(PAGE_SIZE))
        .load(conn)?)
}
