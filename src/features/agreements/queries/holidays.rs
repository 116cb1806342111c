//! The holidays by which the deadlines of a license year are counted.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Root, Year};
use crate::domain::calendar::is_weekday;
use crate::error::AppError;
use crate::schema::holidays as table;

/// The coming ones of a license year, today included, with their names. One on a Saturday or Sunday counts for nothing.
pub fn holidays(conn: &mut PgConnection, root: &Root, year: &Year) -> Result<Vec<(NaiveDate, String)>, AppError> {
    let coming = table::day.between(root.today.max(year.starts_on), year.ends_on);
    let mut days: Vec<(NaiveDate, String)> = table::table.filter(coming).order(table::day).load(conn)?;
    days.retain(|(day, _)| is_weekday(*day));
    Ok(days)
}
