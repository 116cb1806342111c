//! Tidying up once an hour: ended sessions, old failed sign-ins, and the base day of the license
//! figures. Nothing here changes what anybody sees; a server that never does it is only slower.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date};

use crate::app::AppState;
use crate::domain::throttle::FORGOTTEN_AFTER;
use crate::error::AppError;
use crate::schema::sign_in_failures;
use crate::web::session;

const EVERY: Duration = Duration::from_secs(60 * 60);

/// Tidies up now and then every hour, as long as the program runs.
pub async fn run(state: AppState) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let now = state.clock.now();
        if let Err(error) = state.database.maintain(move |conn| tidy(conn, now)).await {
            tracing::warn!(error = ?error.to_string(), "housekeeping failed, and is tried again in an hour");
        }
    }
}

/// One round. Several servers may do it at the same time.
pub fn tidy(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    session::delete_ended(conn, now)?;
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::last_failed_at.lt(now - FORGOTTEN_AFTER)))
        .execute(conn)?;
    // today in UTC, which it is in most time zones most of the day
    move_base_day(conn, now.date_naive())?;
    Ok(())
}

/// Moves the base day of the license figures; false when a bulk change was busy with them.
pub fn move_base_day(conn: &mut PgConnection, to: NaiveDate) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Moved {
        #[diesel(sql_type = Bool)]
        moved: bool,
    }
    let moved: Moved = diesel::sql_query("select license_fold($1) as moved").bind::<Date, _>(to).get_result(conn)?;
    Ok(moved.moved)
}
