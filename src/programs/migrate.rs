//! `headroom migrate`.

use anyhow::bail;

use super::{Answer, database};
use crate::config::Settings;
use crate::db::migrations::{self, SchemaState};

pub fn run(settings: &Settings) -> anyhow::Result<Answer> {
    let open = database::join(settings)?;
    let mut conn = open.connect()?;
    if let SchemaState::Newer(version) = migrations::state(&mut conn)? {
        bail!("The database has the migration {version}, which this version of Headroom does not know.");
    }
    match migrations::apply(&mut conn)? {
        0 => println!("The schema is up to date."),
        applied => println!("Applied {applied} migrations; the schema is up to date."),
    }
    Ok(Answer::Done)
}
