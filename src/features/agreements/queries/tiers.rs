//! The tiers that licenses are sold in.

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::error::AppError;
use crate::ids::TierId;
use crate::schema::tiers as table;

/// A name, a limit, a price.
#[derive(Debug, Clone, Queryable)]
pub struct Tier {
    /// Its id.
    pub id: TierId,
    /// Its name.
    pub name: String,
    /// How many active users.
    pub user_limit: i32,
    /// For a year.
    pub yearly_price: Decimal,
    /// Of the price.
    pub currency: String,
}

type Columns = (table::id, table::name, table::user_limit, table::yearly_price, table::currency);
const COLUMNS: Columns = (table::id, table::name, table::user_limit, table::yearly_price, table::currency);

/// Those that are sold, the smallest first.
pub fn tiers(conn: &mut PgConnection) -> Result<Vec<Tier>, AppError> {
    tiers_with(conn, None)
}

/// Those that are sold, and one that may be no longer.
pub fn tiers_with(conn: &mut PgConnection, besides: Option<TierId>) -> Result<Vec<Tier>, AppError> {
    Ok(table::table
        .filter(table::retired_at.is_null().or(table::id.eq_any(besides)))
        .order((table::user_limit, table::id))
        .select(COLUMNS)
        .load(conn)?)
}
