//! The monthly report by mail: on the first day of each month in the root's time zone, to everybody who asked for it
//! and may still see it. Whatever was missed while no server ran is made up. A row for each reader and month makes it
//! once, however many servers look.

mod letter;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::json;

use crate::app::AppState;
use crate::db::audit::{Actor, Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::licenses::csv_export;
use crate::features::licenses::queries::{self, Asked, Page, Report};
use crate::features::licenses::queries_history::{self, History};
use crate::ids::{OrganisationId, UserId};
use crate::mail::{self, Attachment};
use crate::schema::report_mails;
use crate::web::guards::{Allowed, SeeLicenses, SignedIn};

const EVERY: Duration = Duration::from_secs(60);

/// Writes the mails that are due as long as the program runs.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = write_due(&state).await {
            tracing::warn!(error = ?error.to_string(), "monthly reports could not be written, and are tried again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Writes all that is due, each in a transaction of its own. One that fails waits for the next round.
pub async fn write_due(state: &AppState) -> Result<(), AppError> {
    let now = state.clock.now();
    let origin = state.origins().first().cloned().unwrap_or_default();
    let mut before = None;
    loop {
        let link = origin.clone();
        let by_itself = Actor::Program { address: None };
        before = state.database.write(by_itself, move |conn| write_next(conn, &link, before, now)).await?;
        if before.is_none() {
            return Ok(());
        }
    }
}

/// A report that somebody is to get.
#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    user_id: UserId,
    #[diesel(sql_type = SqlUuid)]
    organisation_id: OrganisationId,
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = Date)]
    last_day: NaiveDate,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    first_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<String>,
    #[diesel(sql_type = Text)]
    time_zone: String,
}

/// Which report it is: month, reader, organisation. They are written in this order.
pub type Which = (NaiveDate, UserId, OrganisationId);

/// What was in the month.
#[derive(QueryableByName)]
struct Month {
    #[diesel(sql_type = Integer)]
    peak: i32,
    #[diesel(sql_type = Date)]
    peak_on: NaiveDate,
    #[diesel(sql_type = Nullable<BigInt>)]
    holders: Option<i64>,
    #[diesel(sql_type = Nullable<Integer>)]
    highest_limit: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    re_uses_per_license: Option<i32>,
}

/// What the mail tells.
struct Told {
    month: Month,
    report: Report,
    history: History,
}

/// Writes the next one after `before`, and tells which it was; none when none is due. One that cannot be written is left
/// for another time. `origin`: where people reach this program.
pub fn write_next(
    conn: &mut PgConnection,
    origin: &str,
    before: Option<Which>,
    now: DateTime<Utc>,
) -> Result<Audited<Option<Which>>, AppError> {
    let due: Option<Due> = prepared(include_str!("due.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Date>, _>(before.map(|(month, ..)| month))
        .bind::<Nullable<SqlUuid>, _>(before.map(|(_, reader, _)| reader))
        .bind::<Nullable<SqlUuid>, _>(before.map(|(.., organisation)| organisation))
        .get_result(conn)
        .optional()?;
    let Some(due) = due else { return Ok(Audited::unchanged(None)) };
    let which = Some((due.month, due.user_id, due.organisation_id));
    match conn.transaction(|conn| write(conn, &due, origin, now)) {
        Ok(written) => Ok(written.map(|()| which)),
        Err(AppError::Unavailable(reason)) => Err(AppError::Unavailable(reason)),
        Err(error) => {
            let (reader, organisation) = (due.user_id, due.organisation_id);
            let error = error.to_string();
            tracing::warn!(%reader, %organisation, ?error, "a monthly report could not be written, and is tried again");
            Ok(Audited::unchanged(which))
        }
    }
}

fn write(conn: &mut PgConnection, due: &Due, origin: &str, now: DateTime<Utc>) -> Result<Audited<()>, AppError> {
    let written = diesel::insert_into(report_mails::table)
        .values((
            report_mails::user_id.eq(due.user_id),
            report_mails::organisation_id.eq(due.organisation_id),
            report_mails::month.eq(due.month),
            report_mails::written_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    // another server was faster, or the reader may not see it any more
    let told = if written == 0 { None } else { told(conn, due, now)? };
    let Some(told) = told else { return Ok(Audited::unchanged(())) };
    let attachment = Attachment { name: csv_export::file_name(&told.report), bytes: csv_export::file(&told.report)? };
    mail::enqueue_with(conn, &letter::letter(due, &told, origin), &attachment)?;
    let entry = Entry::new("license_report.mailed")
        .on(Some(due.organisation_id))
        .about("user", due.user_id.0)
        .detail(json!({ "month": due.month, "rows": told.report.rows.len() + 1 }));
    Ok(Audited::new((), entry))
}

/// The report as the reader sees it; none when they do not.
fn told(conn: &mut PgConnection, due: &Due, now: DateTime<Utc>) -> Result<Option<Told>, AppError> {
    let reader = SignedIn::for_account(conn, due.user_id, now)?.and_then(Allowed::<SeeLicenses>::new);
    let Some(by) = reader else { return Ok(None) };
    match queries::within(conn, &by, due.organisation_id) {
        Err(AppError::NotFound | AppError::Forbidden) => return Ok(None),
        within => within?,
    }
    let at_its_end = Asked { on: Some(due.last_day), ..Asked::default() };
    let report = queries::report(conn, &by, due.organisation_id, now, at_its_end, Page::All)?;
    let today = queries::report(conn, &by, due.organisation_id, now, Asked::default(), Page::Number(1))?;
    let history = queries_history::history(conn, &by, due.organisation_id, today.total.used, now)?;
    let month = prepared(include_str!("month.sql"))
        .bind::<SqlUuid, _>(due.organisation_id)
        .bind::<Date, _>(due.month)
        .bind::<Date, _>(due.last_day)
        .get_result(conn)?;
    Ok(Some(Told { month, report, history }))
}
