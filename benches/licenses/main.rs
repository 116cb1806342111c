//! Measures the license figures on generated data: `scripts/bench [USERS...]`.
//!
//! For each size: makes a database of 1,000 organisations in three levels with five enrolments a
//! user, then times the root's report as the program serves it, its queries alone, and the raw
//! query on the same data, in turns.

use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer};
use headroom::config::WebSettings;
use headroom::db::SESSION_SETTINGS;
use headroom::db::embedded::{Embedded, Purpose, reachable};
use headroom::features::licenses::verify::differences;
use headroom::jobs::housekeeping;
use headroom::{db, web};

mod served;

const ROUNDS: usize = 60;

fn main() -> anyhow::Result<()> {
    let sizes: Vec<i32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100_000, 1_000_000] } else { sizes };
    let dir = reachable(&std::env::current_dir()?.join("target/bench"))?;
    for users in sizes {
        let data = dir.join(users.to_string());
        let _ = std::fs::remove_dir_all(&data);
        let embedded = Embedded::start(&data, Purpose::Lasting)?;
        let mut conn = PgConnection::establish(embedded.url())?;
        db::migrations::apply(&mut conn, db::migrations::Existing::Migrate)?;
        conn.batch_execute(SESSION_SETTINGS)?;
        conn.batch_execute("set statement_timeout to 0")?;
        println!("\n{users} users, {} enrolments, 1,000 organisations", users * 5);
        generate(&mut conn, users)?;
        measure(&mut conn, embedded.url())?;
        drop(conn);
        drop(embedded);
        std::fs::remove_dir_all(&data)?;
    }
    Ok(())
}

fn generate(conn: &mut PgConnection, users: i32) -> anyhow::Result<()> {
    let started = Instant::now();
    let today = Utc::now().date_naive();
    conn.batch_execute(include_str!("generate_organisations.sql"))?;
    diesel::sql_query(include_str!("generate_users.sql")).bind::<Integer, _>(users).execute(conn)?;
    // triggers off: 5,000,000 rows in one statement; the figures are computed once instead
    conn.batch_execute("alter table enrolments disable trigger user")?;
    diesel::sql_query(include_str!("generate_enrolments.sql")).bind::<Date, _>(today).execute(conn)?;
    conn.batch_execute("alter table enrolments enable trigger user")?;
    let inserted = started.elapsed();
    conn.batch_execute("select license_rebuild()")?;
    println!(
        "  generated in {:.1} s, of which figures {:.1} s",
        started.elapsed().as_secs_f64(),
        (started.elapsed() - inserted).as_secs_f64()
    );
    conn.batch_execute("vacuum analyze")?;
    let verifying = Instant::now();
    let differences = differences(conn, today)?;
    println!("  verified in {:.1} s: {} differences", verifying.elapsed().as_secs_f64(), differences.len());
    Ok(())
}

fn measure(conn: &mut PgConnection, url: &str) -> anyhow::Result<()> {
    let now = Utc::now();
    // the raw query gets its best case: everything before today in one row an organisation
    conn.batch_execute(&include_str!("raw_prepare.sql").replace("TODAY", &now.date_naive().to_string()))?;
    let place = served::prepare(conn)?;
    let server = served::Server::start(
        &place,
        url,
        &WebSettings {
            bind: ([127, 0, 0, 1], 0).into(),
            public_origin: None,
            database_connections: 4,
            metrics_token: None,
            smtp_url: None,
            mail_from: None,
            trust_proxy: false,
        },
    )?;

    let unfolded = compare(conn, &place, &server, "base day far back (no housekeeping ever)", 8)?;
    let yesterday = now.date_naive().pred_opt().unwrap_or_default();
    housekeeping::move_base_day(conn, yesterday)?;
    conn.batch_execute("vacuum analyze license_delta, license_base")?;
    compare(conn, &place, &server, "base day yesterday (where another day has begun than in UTC)", ROUNDS)?;
    housekeeping::tidy(conn, now)?;
    conn.batch_execute("vacuum analyze license_base")?;
    let folded = compare(conn, &place, &server, "base day today (as housekeeping leaves it)", ROUNDS)?;
    assert_eq!(unfolded, folded, "the base day must not change the figures");
    server.stop();
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
        server.get_report(place)?;
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

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The clock of the server is the system's.
fn clock() -> web::clock::Clock {
    web::clock::Clock::system()
}
