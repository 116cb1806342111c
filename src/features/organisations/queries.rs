//! Organisations within a scope.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::domain::license::{Used, UserLimit};
use crate::error::AppError;
use crate::features::licenses::queries::Pool;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, Permission};
use crate::web::meter::Usage;

/// Rows on a page of the Org list.
pub const PAGE_SIZE: u32 = 100;

/// Which organisations of the scope are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those with this in their name.
    pub search: Option<String>,
    /// Only the tops of the scope.
    pub tops_only: bool,
    /// The page; the first is 1.
    pub page: u32,
}

/// An organisation in the tree.
#[derive(Debug)]
pub struct Listed {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// How deep it is below the top of the reader's scope; the top is 0.
    pub level: u32,
    /// The names above it that the reader may see, joined by ` > `.
    pub above: String,
    /// Its own limit.
    pub limit: Option<UserLimit>,
    /// Without a limit of its own: the one above it that it draws on.
    pub pool: Option<Pool>,
    /// Active users in its subtree, today.
    pub used: Used,
    /// It is at the top of its tree.
    pub is_root: bool,
}

impl Listed {
    /// Its figures, as every list shows them.
    pub fn usage(&self) -> Usage {
        Usage::new(self.limit, self.used, self.pool.as_ref().map(Pool::share))
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: OrganisationId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Integer>)]
    user_limit: Option<i32>,
    #[diesel(sql_type = Integer)]
    level: i32,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = Text)]
    above: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pool_limit: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pool_used: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pool_name: Option<String>,
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = Bool)]
    is_root: bool,
}

/// A page of the organisations within the scope, as a tree, and how many there are in all.
pub fn organisations<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(Vec<Listed>, u64), AppError> {
    let rows: Vec<Row> = prepared(include_str!("list.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Text>, _>(wanted.search.clone())
        .bind::<BigInt, _>(i64::from(PAGE_SIZE))
        .bind::<BigInt, _>(i64::from(wanted.page.saturating_sub(1)) * i64::from(PAGE_SIZE))
        .bind::<Nullable<BigInt>, _>(wanted.tops_only.then_some(0))
        .load(conn)?;
    let total = rows.first().map_or(0, |row| row.total.unsigned_abs());
    let listed = rows
        .into_iter()
        .map(|row| Listed {
            id: row.id,
            name: row.name,
            level: row.level.unsigned_abs(),
            above: row.above,
            pool: row.pool_limit.zip(row.pool_used).map(|(limit, used)| Pool {
                name: row.pool_name,
                limit: UserLimit(limit.unsigned_abs()),
                used: Used(used.unsigned_abs()),
            }),
            limit: row.user_limit.map(|limit| UserLimit(limit.unsigned_abs())),
            used: Used(row.used.unsigned_abs()),
            is_root: row.is_root,
        })
        .collect();
    Ok((listed, total))
}

/// How many organisations fit into a list to choose from.
const FEW: i64 = 200;

/// An organisation to choose.
#[derive(Debug, Clone, QueryableByName)]
pub struct Offered {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// The names from the top of the reader's scope, joined by ` > `.
    #[diesel(sql_type = Text)]
    pub path: String,
    /// All organisations of the scope are offered.
    #[diesel(sql_type = Bool)]
    pub complete: bool,
}

/// Organisations to choose from: all of the scope, or, when these are too many for a list, the
/// tops of the scope and those around the chosen one.
pub fn choices<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    chosen: Option<OrganisationId>,
) -> Result<Vec<Offered>, AppError> {
    Ok(prepared(include_str!("choices.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(chosen)
        .bind::<BigInt, _>(FEW)
        .load(conn)?)
}

/// The name of an organisation within the scope.
pub fn named<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, id: OrganisationId) -> Result<String, AppError> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let found: Option<Named> = prepared(
        "select o.name from organisations o where o.id = $1 and ($2 is null or exists (
           select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($2)))",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
    .get_result(conn)
    .optional()?;
    found.map_or_else(|| Err(by.refusal(conn, id)), |found| Ok(found.name))
}
