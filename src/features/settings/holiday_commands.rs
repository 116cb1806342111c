//! Changes of the holidays.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::schema::holidays;
use crate::web::guards::{Allowed, ChangeInstanceSettings};

/// Adds days; those that are known keep their names. Returns how many are new.
pub fn add(
    conn: &mut PgConnection,
    _by: &Allowed<ChangeInstanceSettings>,
    days: &BTreeMap<NaiveDate, String>,
) -> Result<Audited<usize>, AppError> {
    let rows: Vec<_> = days.iter().map(|(day, name)| (holidays::day.eq(day), holidays::name.eq(name))).collect();
    let added: Vec<NaiveDate> = diesel::insert_into(holidays::table)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(holidays::day)
        .get_results(conn)?;
    if added.is_empty() {
        return Ok(Audited::unchanged(0));
    }
    let named: BTreeMap<_, _> = added.iter().filter_map(|day| Some((day.to_string(), days.get(day)?))).collect();
    let count = added.len();
    Ok(Audited::new(count, Entry::new("holiday.added").detail(json!({ "holidays": count, "days": named }))))
}

/// Removes a day.
pub fn remove(
    conn: &mut PgConnection,
    _by: &Allowed<ChangeInstanceSettings>,
    day: NaiveDate,
) -> Result<Audited<()>, AppError> {
    let name: Option<String> =
        diesel::delete(holidays::table.find(day)).returning(holidays::name).get_result(conn).optional()?;
    Ok(match name {
        Some(name) => Audited::new((), Entry::new("holiday.removed").detail(json!({ "day": day, "name": name }))),
        None => Audited::unchanged(()),
    })
}
