//! EXPORT TO CSV of all users: through a server of its own, with its memory, against one bare
//! `COPY … TO STDOUT` of the same columns, both to a client that throws the bytes away.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use headroom::db::SESSION_SETTINGS;

use super::data::Site;
use super::served::{PASSWORD, USERNAME};
use super::support::{Serving, Visitor};
use super::{median, ms};

const ROUNDS: usize = 5;

/// Times the two in turns and says how much the serving process needed.
pub fn measure(site: &mut Site) -> anyhow::Result<()> {
    println!("\nEXPORT TO CSV of users, {} users", site.users);
    let serving = Serving::start(&[("DATABASE_URL", &site.url)], Stdio::inherit())?;
    let visitor = Visitor::sign_in(&serving.origin, USERNAME, PASSWORD)?;
    visitor.get("/users")?;
    let before = serving.most_memory()?;
    let (mut copies, mut firsts, mut wholes) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for round in 0..=ROUNDS {
        let copy = copy(&site.url)?;
        let export = export(&visitor, site.users)?;
        // the first round brings the tables into memory
        if round > 0 {
            copies.push(copy);
            firsts.push(export.first_byte);
            wholes.push(export.last_byte);
        }
        bytes = export.bytes;
    }
    let (copy, first, whole) = (median(copies), median(firsts), median(wholes));
    println!("  bare COPY TO STDOUT            {:8.0} ms", ms(copy));
    println!(
        "  the export through HTTP        {:8.0} ms  {:.2} x, {} MB",
        ms(whole),
        whole.as_secs_f64() / copy.as_secs_f64(),
        bytes / 1_000_000
    );
    println!("  its first byte after           {:8.0} ms", ms(first));
    println!("  the server's memory at most    {:8.0} MiB, before it {before:.0} MiB", serving.most_memory()?);
    Ok(())
}

/// How long the database alone takes, with its own client.
fn copy(url: &str) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let status = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--dbname", url])
        .args(["--command", SESSION_SETTINGS, "--command", include_str!("raw_export.sql")])
        .stdout(Stdio::null())
        .status()
        .context("psql is needed")?;
    anyhow::ensure!(status.success(), "COPY failed");
    Ok(started.elapsed())
}

struct Export {
    first_byte: Duration,
    last_byte: Duration,
    bytes: usize,
}

fn export(visitor: &Visitor, users: i32) -> anyhow::Result<Export> {
    let started = Instant::now();
    let mut response = visitor.ask("/users.csv")?;
    anyhow::ensure!(response.status() == 200, "{}", response.status());
    let (mut first_byte, mut bytes, mut lines) = (None, 0, 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = response.read(&mut buffer)?;
        first_byte.get_or_insert_with(|| started.elapsed());
        if read == 0 {
            break;
        }
        bytes += read;
        lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count();
    }
    let last_byte = started.elapsed();
    // the headings, and the org admin who measures
    anyhow::ensure!(lines == usize::try_from(users)? + 2, "{lines} lines");
    Ok(Export { first_byte: first_byte.unwrap_or_default(), last_byte, bytes })
}
