//! Many people change the same data at once, at random, for some minutes: `scripts/soak [MINUTES] [SEED]`.
//!
//! Afterwards the figures have to be what the enrolments say, no answer may have been an error of the
//! program ("busy" is none), and nothing may have panicked. The seed decides who tries what; how the
//! attempts meet is up to the machine.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use headroom::db::embedded::{reachable, url_of_running};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

mod attempts;
mod place;
#[path = "../support/mod.rs"]
mod support;

use attempts::{Attempts, Client};
use support::{Serving, Visitor};

fn main() -> anyhow::Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let minutes = numbers.first().copied().unwrap_or(10);
    let seed = numbers.get(1).copied().unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    println!("{minutes} minutes with seed {seed}");
    let dir = reachable(&std::env::current_dir()?.join("target/soak"))?;
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir)?;
    let (data, log) = (dir.join("data"), dir.join("log"));
    let folder = data.display().to_string();
    let serving = Serving::start(&[("HEADROOM_DATA_DIR", &folder)], File::create(&log)?.into())?;
    anyhow::ensure!(headroom(&data, &["load", "tests/data/open-university"])?, "loading failed");
    let url = url_of_running(&data)?.ok_or_else(|| anyhow::anyhow!("the database does not run"))?;
    let place = place::prepare(&mut PgConnection::establish(&url)?)?;

    let until = Instant::now() + Duration::from_secs(minutes * 60);
    let mut clients = Vec::new();
    for (at, username) in place.clients.iter().enumerate() {
        let client = Client {
            visitor: Visitor::sign_in(&serving.origin, username, place::PASSWORD)?,
            conn: PgConnection::establish(&url)?,
            random: StdRng::seed_from_u64(seed + at as u64),
            place: place.clone(),
            undoable: Vec::new(),
            attempts: Attempts::default(),
        };
        clients.push(std::thread::spawn(move || client.work(until)));
    }
    let mut all = Attempts::default();
    for client in clients {
        all.add(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))?);
    }
    let waited = place::wait_for_jobs(&mut PgConnection::establish(&url)?)?;
    print(&all.answers);
    println!("{waited}; memory of the server at most {:.0} MiB", serving.most_memory()?);
    let right = headroom(&data, &["verify"])?;
    drop(serving);
    judge(&all, &log, right)
}

fn print(answers: &BTreeMap<(&'static str, u16), u32>) {
    for ((what, status), count) in answers {
        println!("  {what:<32}{status} {count:>7} times");
    }
}

fn judge(all: &Attempts, log: &Path, right: bool) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(log)?;
    let panics = text.lines().filter(|line| line.contains("panicked")).count();
    let deadlocks = text.lines().filter(|line| line.contains("deadlock")).count();
    println!(
        "{} errors, {panics} panics, {deadlocks} lines about deadlocks; the log is in {}",
        all.errors.len(),
        log.display()
    );
    for error in all.errors.iter().take(20) {
        println!("  {error}");
    }
    anyhow::ensure!(right && all.errors.is_empty() && panics == 0, "something went wrong");
    println!("All figures agree.");
    Ok(())
}

/// Runs a command of the program on the data; false when it fails.
fn headroom(data: &Path, arguments: &[&str]) -> anyhow::Result<bool> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    command.args(arguments).env_remove("DATABASE_URL").env("HEADROOM_DATA_DIR", data).stdin(Stdio::null());
    Ok(command.status()?.success())
}
