//! `headroom migrate`.

use super::{Answer, database};
use crate::config::Settings;
use crate::db::migrations::Existing;

pub fn run(settings: &Settings) -> anyhow::Result<Answer> {
    database::join(settings)?.connect_current(Existing::Migrate)?;
    println!("The schema is up to date.");
    Ok(Answer::Done)
}
