//! `headroom create-admin`.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use clap::Args;

use super::{Answer, database};
use crate::config::Settings;
use crate::db;
use crate::db::audit::Actor;
use crate::db::migrations::Existing;
use crate::domain::password;
use crate::features::sign_in::commands::{NewInstanceAdmin, create_instance_admin};
use crate::features::sign_in::hashing;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The name to sign in with
    #[arg(long)]
    username: String,
    /// Where mail goes
    #[arg(long)]
    email: String,
    /// First name
    #[arg(long, default_value = "Instance")]
    first_name: String,
    /// Last name
    #[arg(long, default_value = "Admin")]
    last_name: String,
}

pub fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<Answer> {
    let password = read_password()?;
    if let Err(refused) = password::check(&password, &[&arguments.username, &arguments.email]) {
        bail!("{refused}");
    }
    let open = database::join(settings)?;
    let mut conn = open.connect_current(Existing::Leave)?;
    let admin = NewInstanceAdmin {
        username: arguments.username.trim().to_owned(),
        email: arguments.email.trim().to_owned(),
        first_name: arguments.first_name.trim().to_owned(),
        last_name: arguments.last_name.trim().to_owned(),
        password_hash: hashing::hash(&password)?,
    };
    match db::write(&mut conn, &Actor::Operator, |conn| create_instance_admin(conn, &admin))? {
        Ok(_) => {
            println!("{} can sign in as an instance admin.", admin.username);
            Ok(Answer::Done)
        }
        Err(refusal) => {
            eprintln!("headroom: {refusal}");
            Ok(Answer::No)
        }
    }
}

/// Twice from a terminal, once from a pipe.
fn read_password() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("Cannot read the password")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = rpassword::prompt_password("Password: ").context("Cannot read the password")?;
    if rpassword::prompt_password("Once more: ").context("Cannot read the password")? != password {
        bail!("The two passwords differ.");
    }
    Ok(password)
}
