//! The check of the license terms with 10,000 roots: when nothing has happened, and when a day begins for all of them.

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

/// Roots with an agreement, two organisations below each, and twenty active users; all of it is taken back.
pub fn measure(site: &mut Site) -> anyhow::Result<()> {
    let conn = &mut site.conn;
    // nobody is active yet; looking for holders in each of 10,000 trees would take long for nothing
    conn.batch_execute("begin; alter table agreements disable trigger license_year_agreed")?;
    diesel::sql_query(include_str!("generate_roots.sql")).bind::<Integer, _>(ROOTS).execute(conn)?;
    conn.batch_execute(
        "insert into enrolments (user_id, experience_id, starts_on, expires_on)
         select u.id, x.id, current_date - 10, current_date + 10 + length(u.username)
         from users u join experiences x on x.code = 'CHECK' where u.username like 'check-%'",
    )?;
    conn.batch_execute("analyze users; analyze enrolments; analyze organisations; analyze organisation_closure")?;
    let now = Utc::now();
    println!("  the first check of {ROOTS} roots: {:.0} ms", ms(all(conn, now)?.0));
    let idle: Vec<Duration> = (0..9).map(|_| Ok(all(conn, now)?.0)).collect::<anyhow::Result<_>>()?;
    println!("  when nothing has happened: {:.2} ms", ms(median(idle)));
    let tomorrow = now.checked_add_days(Days::new(1)).unwrap_or(now);
    let begun = Instant::now();
    diesel::sql_query("select license_close_days($1)").bind::<Timestamptz, _>(tomorrow).execute(conn)?;
    let closed = begun.elapsed();
    let (took, checked) = all(conn, tomorrow)?;
    println!(
        "  when a day begins for all: {:.0} ms to close the day, {:.0} ms to check {checked} roots",
        ms(closed),
        ms(took)
    );
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
