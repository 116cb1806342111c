//! Notices within a scope.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use crate::db::prepared::{planned_for_values, prepared};
use crate::domain::news::Topic;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::holidays;
use crate::web::guards::{Allowed, SeeNotices};
use crate::web::moment::Moment;

/// Notices on a page.
pub const PAGE_SIZE: usize = 20;

/// What the list is narrowed down to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of an organisation's name.
    pub name: String,
    /// What they are about.
    pub topic: Option<Topic>,
}

/// A notice.
#[derive(Debug, Clone, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// When what it tells of happened.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Which kind of news.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The news, as stored.
    #[diesel(sql_type = Jsonb)]
    pub facts: Value,
    /// The root.
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrganisationId,
    /// What it is called now.
    #[diesel(sql_type = Text)]
    pub organisation_name: String,
    /// Its time zone.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// Of the overage that it belongs to, as far as it has come by now.
    #[diesel(sql_type = Nullable<Text>)]
    pub stage: Option<String>,
    /// Its day 0.
    #[diesel(sql_type = Nullable<Date>)]
    pub notice_on: Option<NaiveDate>,
    /// When it leads to an upgrade.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub major_due_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<DateTime<Utc>>,
    /// By what: `usage`, `upgrade`.
    #[diesel(sql_type = Nullable<Text>)]
    pub closed_by: Option<String>,
}

/// Some notices.
#[derive(Debug)]
pub struct Page {
    /// The notices, newest first.
    pub rows: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Moment>,
}

/// The notices after `after` that match.
pub fn page(
    conn: &mut PgConnection,
    by: &Allowed<SeeNotices>,
    filter: &Filter,
    after: Option<Moment>,
) -> Result<Page, AppError> {
    let query = prepared(include_str!("list.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<Text>, _>((!filter.name.is_empty()).then(|| filter.name.clone()))
        .bind::<Nullable<Array<Text>>, _>(filter.topic.map(|topic| topic.kinds().to_vec()))
        .bind::<Nullable<Timestamptz>, _>(after.map(|after| after.at))
        .bind::<Nullable<SqlUuid>, _>(after.map(|after| after.id))
        .bind::<BigInt, _>(PAGE_SIZE as i64 + 1);
    // which index is the short way depends on the kinds: those of a rare one are found by it, those of all by their time
    let mut rows: Vec<Listed> = planned_for_values(conn, |conn| Ok(query.load(conn)?))?;
    let more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let next = rows.last().filter(|_| more).map(|last| Moment { at: last.at, id: last.id });
    Ok(Page { rows, next })
}

/// The days that are no business days, for everybody.
pub fn days_off(conn: &mut PgConnection) -> Result<BTreeSet<NaiveDate>, AppError> {
    let days: Vec<NaiveDate> = holidays::table.select(holidays::day).load(conn)?;
    Ok(days.into_iter().collect())
}
