//! A page of the learning experiences that are open to a scope.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use serde::Deserialize;

use super::counts::{Counts, counts};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::ExperienceId;
use crate::web::guards::{Allowed, Permission};

/// Rows on a page.
pub const PAGE_SIZE: u32 = 20;

/// What the list is narrowed down to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the title or the code.
    pub search: String,
    /// Only archived ones, or only the others.
    pub archived: Option<bool>,
}

/// What the list is sorted by; by title and id after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortBy {
    /// Title.
    #[default]
    Title,
    /// Code.
    Code,
    /// How many have access today.
    Live,
}

/// A column, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// Which column.
    pub by: SortBy,
    /// The last first.
    pub descending: bool,
}

/// A row of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: ExperienceId,
    /// Its title.
    pub title: String,
    /// Its code.
    pub code: String,
    /// The owner's name.
    pub organisation: String,
    /// Nobody else can be enrolled.
    pub archived: bool,
    /// Its enrolments, of people within the scope.
    pub counts: Counts,
}

/// A page, and how many there are in all.
#[derive(Debug)]
pub struct Shown {
    /// The rows.
    pub rows: Vec<Listed>,
    /// How many match.
    pub total: u64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: ExperienceId,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    organisation: String,
    #[diesel(sql_type = Bool)]
    archived: bool,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Page `number` (the first is 1). Enrolments are counted for its rows only, unless the counts
/// decide which rows these are.
pub fn page<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    filter: &Filter,
    order: Order,
    number: u32,
    now: DateTime<Utc>,
) -> Result<Shown, AppError> {
    let offset = i64::from(number.max(1) - 1) * i64::from(PAGE_SIZE);
    let by_count = order.by == SortBy::Live;
    let rows: Vec<Row> = prepared(include_str!("list.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Text, _>(filter.search.clone())
        .bind::<Nullable<Bool>, _>(filter.archived)
        .bind::<Bool, _>(order.by == SortBy::Code)
        .bind::<Bool, _>(order.descending && !by_count)
        .bind::<Nullable<BigInt>, _>((!by_count).then_some(i64::from(PAGE_SIZE)))
        .bind::<BigInt, _>(if by_count { 0 } else { offset })
        .load(conn)?;
    let total = rows.first().map_or(0, |row| row.total.unsigned_abs());
    let ids: Vec<ExperienceId> = rows.iter().map(|row| row.id).collect();
    let counted = counts(conn, by, &ids, now)?;
    let mut rows: Vec<Listed> = rows
        .into_iter()
        .map(|row| Listed {
            counts: counted.get(&row.id).copied().unwrap_or_default(),
            id: row.id,
            title: row.title,
            code: row.code,
            organisation: row.organisation,
            archived: row.archived,
        })
        .collect();
    if by_count {
        // stable: those with the same count stay sorted by title
        rows.sort_by_key(|row| if order.descending { -row.counts.live } else { row.counts.live });
        let begin = usize::try_from(offset).unwrap_or(usize::MAX);
        rows = rows.into_iter().skip(begin).take(PAGE_SIZE as usize).collect();
    }
    Ok(Shown { rows, total })
}
