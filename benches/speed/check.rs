//! The check of the license terms with 10,000 roots: when nothing has happened, and at the midnights that all of them share.

use std::time::{Duration, Instant};

use chrono::{DateTime, Days, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Timestamptz};
use headroom::db;
use headroom::db::audit::Actor;
use headroom::jobs::license_checks::check;

use super::data::Site;
use super::{median, ms};

const ROOTS: i32 = 10_000;

/// What autovacuum does as soon as it sees that much has changed, which it cannot within a transaction.
const ANALYZE: &str = "analyze users; analyze enrolments; analyze organisations; analyze organisation_closure;
  analyze agreements; analyze license_delta_rows; analyze license_rollup_rows; analyze license_batches; analyze license_base; analyze license_log; analyze license_days;
  analyze license_days_closed; analyze license_checks; analyze license_holder_days; analyze user_limit_changes";

/// Roots with an agreement, two organisations below each, and twenty active users; all of it is taken back.
pub fn measure(site: &mut Site) -> anyhow::Result<()> {
    let conn = &mut site.conn;
    conn.batch_execute("begin")?;
    diesel::sql_query(include_str!("generate_roots.sql")).bind::<Integer, _>(ROOTS).execute(conn)?;
    // usage falls in two days, and rises in five
    conn.batch_execute(
        "insert into enrolments (user_id, experience_id, starts_on, expires_on)
         select u.id, x.id, current_date + case when n > 20 then 5 else -10 end,
           current_date + case when n <= 5 then 1 else 10 + length(u.username) end
         from users u cross join lateral (select split_part(u.username, '-', 3)::integer as n) number
         join experiences x on x.code = 'CHECK' where u.username like 'check-%'",
    )?;
    conn.batch_execute(ANALYZE)?;
    let now = Utc::now();
    println!("  the first check of {ROOTS} roots: {:.0} ms", ms(all(conn, now)?.0));
    conn.batch_execute(ANALYZE)?;
    let idle: Vec<Duration> = (0..9).map(|_| Ok(all(conn, now)?.0)).collect::<anyhow::Result<_>>()?;
    println!("  when nothing has happened: {:.2} ms", ms(median(idle)));
    let nights = [
        "all were changed the day before",
        "usage falls in all",
        "usage fell in all the day before",
        "nothing is scheduled, and nothing has happened",
        "usage rises in all, which is told",
    ];
    for (days, what) in (1..).zip(nights) {
        let then = now.checked_add_days(Days::new(days)).unwrap_or(now);
        let begun = Instant::now();
        diesel::sql_query("select license_close_days($1)").bind::<Timestamptz, _>(then).execute(conn)?;
        let closed = begun.elapsed();
        let (took, checked) = all(conn, then)?;
        println!(
            "  a midnight of all roots, {what}: {:.0} ms to close the day, {:.0} ms to check {checked} roots",
            ms(closed),
            ms(took)
        );
    }
    conn.batch_execute("rollback")?;
    Ok(())
}

fn all(conn: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<(Duration, usize)> {
    let (begun, mut checked) = (Instant::now(), 0);
    loop {
        let some = db::write(conn, &Actor::Program { address: None }, |conn| check(conn, "http://localhost", now))?;
        checked += some;
        if some == 0 {
            return Ok((begun.elapsed(), checked));
        }
    }
}
