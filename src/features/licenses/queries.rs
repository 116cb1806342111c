//! License figures. All of them are exact for the day that they are asked for.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Deserialize;

pub use super::order::{Asked, Order, SortBy};
use crate::db::prepared::prepared;
use crate::domain::license::{Used, UserLimit};
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::report_subscriptions;
use crate::web::guards::{Allowed, SeeLicenses};
use crate::web::meter::Share;

/// An organisation on a path.
#[derive(Debug, Clone, Deserialize)]
pub struct NamedOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
}

/// Whose licenses an organisation without a limit of its own draws on.
#[derive(Debug, Clone)]
pub struct Pool {
    /// The nearest ancestor with a limit; `None` when the reader may not see it.
    pub name: Option<String>,
    /// Its limit.
    pub limit: UserLimit,
    /// Active users in its whole subtree.
    pub used: Used,
}

impl Pool {
    /// As a bar shows it.
    pub fn share(&self) -> Share<'_> {
        Share { owner: self.name.as_deref(), limit: self.limit, used: self.used }
    }
}

/// A row of the report.
#[derive(Debug, Clone)]
pub struct Figures {
    /// The organisation's id.
    pub id: OrganisationId,
    /// The organisation's name.
    pub name: String,
    /// Its own limit.
    pub limit: Option<UserLimit>,
    /// Active users in its subtree.
    pub used: Used,
}

/// The report of an organisation on a day.
#[derive(Debug)]
pub struct Report {
    /// The day, in the root organisation's time zone.
    pub day: NaiveDate,
    /// Where its figures come from.
    pub source: Source,
    /// Today, in that time zone.
    pub today: NaiveDate,
    /// The first day of which anything is recorded.
    pub begins_on: NaiveDate,
    /// That time zone, an IANA name.
    pub time_zone: String,
    /// The organisations above it that the reader may see, the topmost first.
    pub ancestors: Vec<NamedOrganisation>,
    /// The organisation is at the top of its tree.
    pub is_root: bool,
    /// The organisation with its whole subtree.
    pub total: Figures,
    /// Active users whose home is the organisation itself.
    pub directly: Used,
    /// How many children it has.
    pub children: u64,
    /// A page of its children, sorted.
    pub rows: Vec<Figures>,
    /// How many children are over their own limits.
    pub over: u64,
    /// The children who are furthest over theirs, three at most.
    pub furthest_over: Vec<Figures>,
    /// The pool that rows without a limit of their own share.
    pub pool: Option<Pool>,
}

/// Where the figures of a day come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It is today.
    Now,
    /// It comes: from the enrolments that are scheduled today, and the limits that are agreed on.
    Scheduled,
    /// It is over: from the records of its end.
    Recorded,
}

/// Which of the children are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    /// All of them.
    All,
    /// Those on a page; the first is 1.
    Number(u32),
}

/// Today and on coming days, from the figures that are kept.
const REPORT: &str = concat!(include_str!("report.sql"), include_str!("report_rows.sql"));

/// On days that are over, from their records.
const PAST_REPORT: &str = concat!(include_str!("report_past.sql"), include_str!("report_rows.sql"));

/// Children on a page of the report.
pub const PAGE_SIZE: u32 = 100;

#[derive(QueryableByName)]
struct Header {
    #[diesel(sql_type = SqlUuid)]
    id: OrganisationId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Integer>)]
    user_limit: Option<i32>,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Date)]
    today: NaiveDate,
    #[diesel(sql_type = Date)]
    on_day: NaiveDate,
    #[diesel(sql_type = Date)]
    begins_on: NaiveDate,
    #[diesel(sql_type = Date)]
    closed_until: NaiveDate,
    #[diesel(sql_type = Bool)]
    is_root: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pool_id: Option<OrganisationId>,
    #[diesel(sql_type = Nullable<Text>)]
    pool_name: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pool_limit: Option<i32>,
    #[diesel(sql_type = Bool)]
    pool_in_scope: bool,
    #[diesel(sql_type = Jsonb)]
    ancestors: serde_json::Value,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    part: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<OrganisationId>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Integer>)]
    user_limit: Option<i32>,
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = BigInt)]
    children: i64,
}

fn limit(stored: Option<i32>) -> Option<UserLimit> {
    stored.map(|limit| UserLimit(limit.unsigned_abs()))
}

fn used(stored: i64) -> Used {
    Used(stored.unsigned_abs())
}

impl Row {
    fn figures(self) -> Option<Figures> {
        Some(Figures { id: self.id?, name: self.name, limit: limit(self.user_limit), used: used(self.used) })
    }
}

impl Header {
    fn source(&self) -> Source {
        match self.on_day.cmp(&self.today) {
            Ordering::Less => Source::Recorded,
            Ordering::Equal => Source::Now,
            Ordering::Greater => Source::Scheduled,
        }
    }

    /// The day is over, and its records are the only ones who know it. Since then nothing was changed otherwise.
    fn is_closed(&self) -> bool {
        self.on_day < self.today && self.on_day <= self.closed_until
    }
}

/// The report of an organisation at a moment, or on another day, as far as it is known; an error that tells
/// nothing when the organisation is not within the scope.
pub fn report(
    conn: &mut PgConnection,
    by: &Allowed<SeeLicenses>,
    organisation: OrganisationId,
    now: DateTime<Utc>,
    asked: Asked,
    page: Page,
) -> Result<Report, AppError> {
    let Some(header) = header(conn, by, organisation, now, asked.on)? else {
        return Err(by.refusal(conn, organisation));
    };
    let (rows_a_page, offset) = match page {
        Page::All => (None, 0),
        Page::Number(number) => (Some(PAGE_SIZE), number.saturating_sub(1).saturating_mul(PAGE_SIZE)),
    };
    let sql = if header.is_closed() { PAST_REPORT } else { REPORT };
    let mut query = prepared(sql)
        .bind::<SqlUuid, _>(organisation)
        .bind::<Date, _>(header.on_day)
        .bind::<Text, _>(asked.order.by.name())
        .bind::<Bool, _>(asked.order.descending)
        .bind::<Nullable<BigInt>, _>(rows_a_page.map(i64::from))
        .bind::<BigInt, _>(i64::from(offset));
    if header.is_closed() {
        query = query.bind::<Date, _>(header.today).bind::<Text, _>(header.time_zone.clone());
    }
    let rows: Vec<Row> = query.load(conn)?;

    let mut report = Report {
        day: header.on_day,
        source: header.source(),
        begins_on: header.begins_on,
        today: header.today,
        is_root: header.is_root,
        time_zone: header.time_zone.clone(),
        ancestors: serde_json::from_value(header.ancestors.clone()).map_err(AppError::internal)?,
        total: Figures { id: header.id, name: header.name.clone(), limit: limit(header.user_limit), used: Used(0) },
        directly: Used(0),
        children: 0,
        rows: Vec::new(),
        over: 0,
        furthest_over: Vec::new(),
        pool: None,
    };
    for row in rows {
        match row.part {
            0 => {
                report.total.used = used(row.used);
                report.children = row.children.unsigned_abs();
            }
            1 => report.directly = used(row.used),
            2 => report.rows.extend(row.figures()),
            _ => {
                report.over = row.children.unsigned_abs();
                if report.furthest_over.len() < 3 {
                    report.furthest_over.extend(row.figures());
                }
            }
        }
    }
    report.pool = pool(conn, &header, report.total.used)?;
    Ok(report)
}

/// Whether the organisation is within the scope; an error that tells nothing when it is not.
pub fn within(
    conn: &mut PgConnection,
    by: &Allowed<SeeLicenses>,
    organisation: OrganisationId,
) -> Result<(), AppError> {
    #[derive(QueryableByName)]
    struct Within {
        #[diesel(sql_type = Bool)]
        within: bool,
    }
    let found: Within = prepared(
        "select exists (select from organisation_closure
                        where descendant_id = $1 and ($2 is null or ancestor_id = any ($2))) as within",
    )
    .bind::<SqlUuid, _>(organisation)
    .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
    .get_result(conn)?;
    if found.within { Ok(()) } else { Err(by.refusal(conn, organisation)) }
}

/// Whether the person gets the report by mail every month.
pub fn is_subscribed(
    conn: &mut PgConnection,
    by: &Allowed<SeeLicenses>,
    organisation: OrganisationId,
) -> Result<bool, AppError> {
    let subscription = report_subscriptions::table.find((by.by().viewer().id, organisation));
    Ok(diesel::select(diesel::dsl::exists(subscription)).get_result(conn)?)
}

fn header(
    conn: &mut PgConnection,
    by: &Allowed<SeeLicenses>,
    organisation: OrganisationId,
    now: DateTime<Utc>,
    on: Option<NaiveDate>,
) -> Result<Option<Header>, AppError> {
    Ok(prepared(include_str!("header.sql"))
        .bind::<SqlUuid, _>(organisation)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<Date>, _>(on)
        .get_result(conn)
        .optional()?)
}

/// The organisation's own pool, or its ancestor's.
fn pool(conn: &mut PgConnection, header: &Header, used_here: Used) -> Result<Option<Pool>, AppError> {
    let (Some(id), Some(limit)) = (header.pool_id, limit(header.pool_limit)) else { return Ok(None) };
    let used = if id == header.id { used_here } else { used_of_subtree(conn, id, header)? };
    Ok(Some(Pool { name: header.pool_name.clone().filter(|_| header.pool_in_scope), limit, used }))
}

/// Active users of a whole subtree. Takes no guard: it is a part of other queries.
fn used_of_subtree(conn: &mut PgConnection, id: OrganisationId, header: &Header) -> Result<Used, AppError> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = BigInt)]
        used: i64,
    }
    let sql = if header.is_closed() {
        "select license_closing($1, $2)::bigint as used"
    } else {
        "select coalesce(sum(used), 0)::bigint as used from license_used_in($1, $2)"
    };
    let sum: Sum = prepared(sql).bind::<SqlUuid, _>(id).bind::<Date, _>(header.on_day).get_result(conn)?;
    Ok(used(sum.used))
}
