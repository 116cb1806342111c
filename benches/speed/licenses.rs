//! The License Report of the root: the program as it serves it, its queries alone, and the raw query on the
//! same data, in turns.

use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};
use headroom::jobs::housekeeping;

use super::data::Site;
use super::{median, served};

const ROUNDS: usize = 60;

/// Times the report with the base day far back, yesterday, and today.
pub fn measure(site: &mut Site) -> anyhow::Result<()> {
    println!("\nThe License Report of the root, {} users", site.users);
    let Site { conn, place, server, .. } = site;
    let now = Utc::now();
    // the raw query gets its best case: everything before today in one row an organisation
    conn.batch_execute(&include_str!("raw_prepare.sql").replace("TODAY", &now.date_naive().to_string()))?;
    let unfolded = compare(conn, place, server, "base day far back (no housekeeping ever)", 8)?;
    let yesterday = now.date_naive().pred_opt().unwrap_or_default();
    housekeeping::move_base_day(conn, yesterday)?;
    conn.batch_execute("vacuum analyze license_delta_rows, license_base")?;
    compare(conn, place, server, "base day yesterday (where another day has begun than in UTC)", ROUNDS)?;
    housekeeping::tidy(conn, now)?;
    conn.batch_execute("vacuum analyze license_base")?;
    let folded = compare(conn, place, server, "base day today (as housekeeping leaves it)", ROUNDS)?;
    assert_eq!(unfolded, folded, "the base day must not change the figures");
    Ok(())
}

/// Times the three in turns, so that a change of the machine's speed touches all of them.
fn compare(
    conn: &mut PgConnection,
    place: &served::Place,
    server: &served::Server,
    what: &str,
    rounds: usize,
) -> anyhow::Result<i64> {
    let (mut raw, mut queries, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    let (mut raw_used, mut used) = (0, 0);
    for round in 0..rounds + 3 {
        let started = Instant::now();
        raw_used = raw_report(conn, place)?;
        let after_raw = Instant::now();
        used = served::report(conn, place)?;
        let after_queries = Instant::now();
        server.visitor.get(&place.report())?;
        if round >= 3 {
            raw.push(after_raw - started);
            queries.push(after_queries - after_raw);
            pages.push(after_queries.elapsed());
        }
    }
    assert_eq!(raw_used, used, "the raw query and the report must agree");
    let (raw, queries, pages) = (median(raw), median(queries), median(pages));
    let ratio = |time: Duration| time.as_secs_f64() / raw.as_secs_f64();
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    println!("  {what}: {used} active");
    println!("    raw query, folded               {}", ms(raw));
    println!("    the report's queries            {}  {:.2} x", ms(queries), ratio(queries));
    println!("    the whole page through HTTP     {}  {:.2} x", ms(pages), ratio(pages));
    Ok(used)
}

/// The query of the measured design: per child of the root, the folded deltas through the closure.
fn raw_report(conn: &mut PgConnection, place: &served::Place) -> anyhow::Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        used: i64,
    }
    let rows: Vec<Row> = diesel::sql_query(include_str!("raw_report.sql"))
        .bind::<diesel::sql_types::Uuid, _>(place.root)
        .bind::<Date, _>(place.now.date_naive())
        .load(conn)?;
    Ok(rows.iter().map(|row| row.used).max().unwrap_or(0))
}
