//! A page of the log, newest first. It begins after the last entry of the page before, so that the
//! thousandth page costs what the first one does.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};

use super::filter::{Conditions, Filter};
use super::listed::{self, Listed};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EntryId, UserId};
use crate::web::guards::{Allowed, SeeAudit};
use crate::web::moment::Moment;

/// Entries on a page.
pub const PAGE_SIZE: usize = 50;

/// Some entries.
#[derive(Debug)]
pub struct Page {
    /// The entries.
    pub rows: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Moment>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: EntryId,
}

/// The entries after `after` that match; `people`: only those that concern one of them.
pub fn page(
    conn: &mut PgConnection,
    by: &Allowed<SeeAudit>,
    filter: &Filter,
    people: Option<&[UserId]>,
    after: Option<Moment>,
) -> Result<Page, AppError> {
    let viewer = by.by().viewer();
    let conditions = Conditions::new(filter, viewer.time_zone, after);
    let one_more = PAGE_SIZE as i64 + 1;
    let query = match (people, by.scope_parameter()) {
        (Some(people), scope) => prepared(include_str!("page_of_people.sql"))
            .bind::<Nullable<Array<SqlUuid>>, _>(scope)
            .query(conditions)
            .bind::<SqlUuid, _>(viewer.id)
            .bind::<BigInt, _>(one_more)
            .bind::<Array<SqlUuid>, _>(people.to_vec()),
        (None, Some(scope)) => prepared(include_str!("page_within.sql"))
            .bind::<Array<SqlUuid>, _>(scope)
            .query(conditions)
            .bind::<SqlUuid, _>(viewer.id)
            .bind::<BigInt, _>(one_more),
        (None, None) => prepared(include_str!("page_everywhere.sql")).query(conditions).bind::<BigInt, _>(one_more),
    };
    let found: Vec<Row> = query.load(conn)?;
    let ids: Vec<EntryId> = found.iter().take(PAGE_SIZE).map(|row| row.id).collect();
    let rows = listed::listed(conn, by, ids)?;
    let next = rows.last().filter(|_| found.len() > PAGE_SIZE).map(|last| Moment { at: last.at, id: last.id.0 });
    Ok(Page { rows, next })
}
