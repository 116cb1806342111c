//! Import Users of a file of everybody: upload to preview, and applying 1 % deletions, additions and changes,
//! through a server of its own with its memory, against raw SQL on the same rows.

use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::pg::{CopyFormat, CopyHeader};
use diesel::prelude::*;
use headroom::error::AppError;
use headroom::features::licenses::verify::differences;
use headroom::schema::imports;
use uuid::Uuid;

use super::data::Site;
use super::ms;
use super::served::{PASSWORD, USERNAME};
use super::support::{Serving, Visitor};

diesel::table! {
    raw_rows (user_id) {
        user_id -> Text, username -> Text, email -> Text, first_name -> Text, last_name -> Text,
        organisation -> Text, roles -> Text, account_expires_on -> Text, active -> Text, created_at -> Text,
        exported_at -> Text, export_id -> Text,
    }
}

/// Every so manieth person goes, another one changes, and one is added.
const EVERY: usize = 100;

/// Times both, first the raw SQL, whose changes are rolled back.
pub fn measure(site: &mut Site) -> anyhow::Result<()> {
    println!("\nImport Users with Synchronize Users, {} users", site.users);
    let serving = Serving::start(&[("DATABASE_URL", &site.url)], Stdio::inherit())?;
    let visitor = Visitor::sign_in(&serving.origin, USERNAME, PASSWORD)?;
    let mut export = String::new();
    visitor.ask("/users.csv")?.read_to_string(&mut export)?;
    let file = edited(&export);
    drop(export);
    // what other runs left would be in the way of this one
    site.conn.batch_execute("truncate imports, import_pieces, import_rows, import_refusals, import_plan")?;
    let before = serving.most_memory()?;
    let raw_plan = raw_plan(site, &file)?;
    let raw_apply = raw_apply(site)?;

    let megabytes = file.len() / 1_000_000;
    let started = Instant::now();
    let address = visitor.upload("/users/import", file, &[("synchronize", "1")])?;
    let uploaded = started.elapsed();
    let id: Uuid = address.trim_start_matches("/imports/").parse()?;
    wait_for(&mut site.conn, id, "planned")?;
    let planned = started.elapsed();
    visitor.get(&address)?;
    let (counts, fingerprint): (Option<serde_json::Value>, Option<String>) =
        imports::table.find(id).select((imports::counts, imports::fingerprint)).first(&mut site.conn)?;
    println!("  {megabytes} MB: {}", counts.context("no plan")?);
    let started = Instant::now();
    let seen = fingerprint.context("no plan")?;
    visitor.post(&format!("{address}/confirm"), &[("seen", &seen), ("missing", "delete")])?;
    wait_for(&mut site.conn, id, "applied")?;
    let applied = started.elapsed();

    let ratio = |ours: Duration, raw: Duration| ours.as_secs_f64() / raw.as_secs_f64();
    println!("  raw COPY, ANALYZE and diff     {:8.0} ms", ms(raw_plan));
    println!("  upload to preview              {:8.0} ms  {:.2} x", ms(planned), ratio(planned, raw_plan));
    println!("  of which the upload            {:8.0} ms", ms(uploaded));
    println!("  raw deletes, inserts, updates  {:8.0} ms", ms(raw_apply));
    println!("  confirm to result              {:8.0} ms  {:.2} x", ms(applied), ratio(applied, raw_apply));
    println!("  the server's memory at most    {:8.0} MiB, before it {before:.0} MiB", serving.most_memory()?);
    let wrong = differences(&mut site.conn, chrono::Utc::now().date_naive())?;
    anyhow::ensure!(wrong.is_empty(), "the figures are wrong");
    Ok(())
}

/// The file with every hundredth person gone, another with a new last name, and as many who are new.
fn edited(export: &str) -> String {
    let run = std::process::id(); // the data may be kept from another run
    let mut file = String::with_capacity(export.len() + export.len() / EVERY);
    for (number, line) in export.split_inclusive("\r\n").enumerate() {
        let is_plain = number > 0 && !line.contains(USERNAME) && !line.contains("org_admin");
        match number % EVERY {
            10 if is_plain => {}
            20 if is_plain => {
                let mut cells: Vec<&str> = line.split(',').collect();
                cells[4] = "Changed";
                file.push_str(&cells.join(","));
            }
            _ => file.push_str(line),
        }
        if number % EVERY == 30 {
            let name = format!("new-{run}-{number}");
            file.push_str(&format!(",{name},{name}@people.example,New,{name},,,,,,,\r\n"));
        }
    }
    file
}

fn raw_plan(site: &mut Site, file: &str) -> anyhow::Result<Duration> {
    site.conn.batch_execute("drop table if exists raw_rows, raw_difference")?;
    let started = Instant::now();
    site.conn.batch_execute(include_str!("raw_import_table.sql"))?;
    diesel::copy_from(raw_rows::table)
        .from_raw_data(raw_rows::table, |out: &mut dyn std::io::Write| {
            out.write_all(file.as_bytes()).map_err(AppError::internal)
        })
        .with_format(CopyFormat::Csv)
        .with_header(CopyHeader::Set(true))
        .execute(&mut site.conn)?;
    site.conn.batch_execute(include_str!("raw_import_diff.sql"))?;
    Ok(started.elapsed())
}

fn raw_apply(site: &mut Site) -> anyhow::Result<Duration> {
    site.conn.batch_execute("begin")?;
    let started = Instant::now();
    site.conn.batch_execute(include_str!("raw_import_apply.sql"))?;
    let took = started.elapsed();
    site.conn.batch_execute("rollback; drop table raw_rows, raw_difference")?;
    Ok(took)
}

fn wait_for(conn: &mut PgConnection, id: Uuid, state: &str) -> anyhow::Result<()> {
    loop {
        let is: String = imports::table.find(id).select(imports::state).first(conn)?;
        match is.as_str() {
            reached if reached == state => return Ok(()),
            "refused" | "cancelled" => anyhow::bail!("the import is {is}"),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
