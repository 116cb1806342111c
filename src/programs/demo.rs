//! `headroom demo`.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use chrono::Utc;
use clap::Args;
use rand::distr::{Alphanumeric, SampleString};

use super::database::Open;
use super::{Answer, database, serve};
use crate::config::{Settings, WebSettings};
use crate::db;
use crate::db::audit::Actor;
use crate::db::migrations::Existing;
use crate::demo::accounts::{self, ACCOUNTS};
use crate::demo::commands::fill_if_empty;

#[derive(Debug, Args)]
pub struct DemoArguments {
    #[command(flatten)]
    web: WebSettings,
    /// The password of all demo accounts [default: made up once, and printed]
    #[arg(long, env = "HEADROOM_DEMO_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    demo_password: Option<String>,
}

pub fn run(settings: &Settings, arguments: &DemoArguments) -> anyhow::Result<Answer> {
    let listener = serve::listen(&arguments.web)?;
    let open = database::open(settings)?;
    let mut conn = open.connect_current(Existing::Migrate)?;

    let now = Utc::now();
    let filled = db::write(&mut conn, &Actor::Operator, |conn| fill_if_empty(conn, now))?;
    let password = match &arguments.demo_password {
        Some(password) => password.clone(),
        None => remembered_password(&open)?,
    };
    let present = db::write(&mut conn, &Actor::Operator, |conn| accounts::set_passwords(conn, &password))?;
    serve::serve(&arguments.web, listener, &open, conn, |address| {
        if filled {
            println!("The database was empty and has demo data now.");
        }
        println!("\nHeadroom serves on {address} (Ctrl-C stops it). {}\n", open.whereabouts());
        if present == 0 {
            println!("The database holds other data than the demo's, and none of its accounts.\n");
            return;
        }
        println!("Sign in as one of these, with the password {password}");
        for account in ACCOUNTS {
            println!("  {:<16} {}", account.username, account.purpose);
        }
        println!();
    })
}

/// Made up at the first start and kept beside the database, so that it is the same at the next.
fn remembered_password(open: &Open) -> anyhow::Result<String> {
    let Some(dir) = open.data_dir() else { return Ok(new_password()) };
    let path = dir.join("demo-password");
    if let Ok(password) = fs::read_to_string(&path) {
        return Ok(password.trim().to_owned());
    }
    let password = new_password();
    write_private(&path, &password).with_context(|| format!("Cannot write {}", path.display()))?;
    Ok(password)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

fn new_password() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 14)
}
