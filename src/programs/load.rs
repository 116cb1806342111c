//! `headroom load DIR`.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::{Answer, database};
use crate::config::Settings;
use crate::db;
use crate::db::audit::Actor;
use crate::db::migrations::Existing;
use crate::error::AppError;
use crate::features::takeover::commands::{FILES, FileRefused, Files, load};
use crate::web::format::counted;

pub const HELP: &str = "\
Take over a platform's data from CSV files in DIR (UTF-8, with a heading; each file is optional):

  organisations.csv  name, parent, user_limit, time_zone (of a root; a new one has UTC when it is empty)
  users.csv          user_id, username, email, first_name, last_name, organisation, roles,
                     account_expires_on
  experiences.csv    code, title, organisation
  enrolments.csv     username, experience, starts_on, expires_on, completed_on, result

An organisation is named by its path from the root (Acme > Nordics) or, where that is clear, by
its name alone. Dates are written 2026-11-24. A column that is left out leaves its values as they
are. All or nothing: when one row is refused, its file, line and reason are printed and nothing
changes. A second run with the same files changes nothing.";

/// How many refusals of a file are printed.
const SHOWN: usize = 50;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder with the files
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<Answer> {
    let dir = &arguments.dir;
    if !dir.is_dir() {
        bail!("{} is not a folder.", dir.display());
    }
    if !FILES.iter().any(|file| dir.join(file).exists()) {
        bail!("{} holds none of {}.", dir.display(), FILES.join(", "));
    }
    let open = database::join(settings)?;
    let mut conn = open.connect_current(Existing::Leave)?;
    let outcome = db::write(&mut conn, &Actor::Operator, |conn| load(conn, files(dir)?))?;
    match outcome {
        Ok(done) => {
            for file in done {
                println!(
                    "{}: {} read, {} created, {} changed",
                    file.file,
                    counted(file.done.rows.unsigned_abs(), "row", "rows"),
                    file.done.created,
                    file.done.changed
                );
                if !file.ignored.is_empty() {
                    println!("  ignored columns: {}", file.ignored.join(", "));
                }
            }
            Ok(Answer::Done)
        }
        Err(refused) => {
            print_refusals(&refused);
            Ok(Answer::No)
        }
    }
}

fn files(dir: &Path) -> Result<Files, AppError> {
    let [organisations, users, experiences, enrolments] = FILES.map(|file| open_if_there(&dir.join(file)));
    Ok(Files { organisations: organisations?, users: users?, experiences: experiences?, enrolments: enrolments? })
}

fn open_if_there(path: &Path) -> Result<Option<Box<dyn Read>>, AppError> {
    match File::open(path) {
        Ok(file) => Ok(Some(Box::new(BufReader::new(file)))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(AppError::Internal(anyhow::Error::from(error).context(format!("{} cannot be read", path.display()))))
        }
    }
}

fn print_refusals(refused: &[FileRefused]) {
    for file in refused {
        for refusal in file.refusals.iter().take(SHOWN) {
            let column = refusal.column.as_ref().map_or(String::new(), |column| format!("{column}: "));
            eprintln!("{}, line {}: {column}{}", file.file, refusal.line, refusal.reason);
        }
        let more = file.refused.saturating_sub(file.refusals.len().min(SHOWN) as u64);
        if more > 0 {
            eprintln!("{}: and {} more", file.file, counted(more, "row", "rows"));
        }
    }
    eprintln!("headroom: nothing was changed; correct these rows and run it again.");
}
