//! A new expiry date for all enrolments of a learning experience: by the command that the job runs, against
//! one bare UPDATE of the same rows without triggers; and through a server, with its memory.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{Days, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Date, Uuid as SqlUuid};
use headroom::db::SESSION_SETTINGS;
use headroom::error::AppError;
use headroom::features::enrolments::commands::{self, Applied, Request};
use headroom::features::licenses::verify::differences;
use headroom::schema::{enrolments, experiences, jobs};
use headroom::web::guards::{Allowed, Enrol};
use serde_json::{Value, json};
use uuid::Uuid;

use super::data::Site;
use super::served::{PASSWORD, USERNAME};
use super::support::{Serving, Visitor};
use super::{median, ms};

const ROUNDS: usize = 5;

/// Times it and says how much the serving process needed.
pub fn measure(site: &mut Site) -> anyhow::Result<()> {
    let experience: Uuid =
        experiences::table.filter(experiences::code.eq("LX-31")).select(experiences::id).first(&mut site.conn)?;
    let count: i64 =
        enrolments::table.filter(enrolments::experience_id.eq(experience)).count().get_result(&mut site.conn)?;
    println!("\nA new expiry date for {count} enrolments, {} users", site.users);
    let date = Utc::now().date_naive() - Days::new(1);
    compare(site, experience, date)?;
    serve(site, experience, date)?;
    let wrong = differences(&mut site.conn, Utc::now().date_naive())?;
    println!("  verified: {} differences", wrong.len());
    anyhow::ensure!(wrong.is_empty(), "the figures are wrong");
    Ok(())
}

/// The two in turns, each with its commit and on a copy of its own: they find the same rows in the same places, right after
/// a checkpoint.
fn compare(site: &mut Site, experience: Uuid, date: NaiveDate) -> anyhow::Result<()> {
    let by: Allowed<Enrol> = Allowed::new(site.place.signed_in.clone()).context("may not enrol")?;
    let request: Request = serde_json::from_value(json!({
        "target": { "of": "experience", "experience": experience, "list": { "all": "1" } },
        "change": { "change": "expiry", "date": date },
        "seen": null,
    }))?;
    let now = site.place.now;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(on_a_copy(site, "alter table enrolments disable trigger user", |conn| {
            let update = diesel::sql_query(include_str!("bare_update.sql"));
            Ok(update.bind::<SqlUuid, _>(experience).bind::<Date, _>(date).execute(conn).map(drop)?)
        })?);
        ours.push(on_a_copy(site, "", |conn| {
            let applied = commands::apply(conn, &by, &request, now, &|_| {})?;
            applied.try_map(|applied| match applied {
                Applied::Done(_) => Ok(()),
                other => Err(AppError::Unusable(format!("{other:?}"))),
            })?;
            Ok(())
        })?);
    }
    let (bare, ours) = (median(bare), median(ours));
    println!("  one bare UPDATE, no triggers   {:8.0} ms", ms(bare));
    println!("  the command                    {:8.0} ms  {:.2} x", ms(ours), ours.as_secs_f64() / bare.as_secs_f64());
    Ok(())
}

/// How long `work` and its commit take on a copy of the database.
fn on_a_copy(
    site: &mut Site,
    before: &str,
    work: impl FnOnce(&mut PgConnection) -> anyhow::Result<()>,
) -> anyhow::Result<Duration> {
    let copy = site.copy()?;
    let mut conn = PgConnection::establish(&copy)?;
    conn.batch_execute(SESSION_SETTINGS)?;
    conn.batch_execute(&format!("set statement_timeout to 0; begin; {before}"))?;
    let started = Instant::now();
    work(&mut conn)?;
    conn.batch_execute("commit")?;
    Ok(started.elapsed())
}

/// The same through a server of its own: the page before, the change as a job, and undoing it.
fn serve(site: &mut Site, experience: Uuid, date: NaiveDate) -> anyhow::Result<()> {
    let serving = Serving::start(&[("DATABASE_URL", &site.url)], Stdio::inherit())?;
    let visitor = Visitor::sign_in(&serving.origin, USERNAME, PASSWORD)?;
    let address = format!("/experiences/{experience}/enrolments/expiry");
    let date = date.to_string();
    let started = Instant::now();
    visitor.get(&format!("{address}?all=1&expires_on={date}"))?;
    println!("  the page before it             {:8.0} ms", ms(started.elapsed()));
    visitor.get("/users?q=maria")?;
    println!("  memory before it               {:8.0} MiB", serving.most_memory()?);
    let started = Instant::now();
    let job = visitor.post(&address, &[("all", "1"), ("expires_on", &date)])?;
    let result = wait_for(&mut site.conn, &job)?;
    println!("  as a job, through HTTP         {:8.0} ms", ms(started.elapsed()));
    let entry = result["entry"].as_str().context("the change did nothing")?.to_owned();
    let started = Instant::now();
    let job = visitor.post("/enrolments/undo", &[("entry", &entry)])?;
    wait_for(&mut site.conn, &job)?;
    println!("  undoing it, likewise           {:8.0} ms", ms(started.elapsed()));
    println!("  the server's memory at most    {:8.0} MiB", serving.most_memory()?);
    Ok(())
}

/// Waits until a job is done, at `/jobs/{id}`.
fn wait_for(conn: &mut PgConnection, job: &str) -> anyhow::Result<Value> {
    let id: Uuid = job.trim_start_matches("/jobs/").parse().with_context(|| format!("{job} is no job"))?;
    loop {
        let (state, result, error): (String, Option<Value>, Option<String>) =
            jobs::table.find(id).select((jobs::state, jobs::result, jobs::last_error)).first(conn)?;
        anyhow::ensure!(error.is_none(), "the job failed: {error:?}");
        match result {
            Some(result) if state == "done" => return Ok(result),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
