//! `headroom verify`.

use chrono::Utc;

use super::{Answer, database};
use crate::config::Settings;
use crate::db;
use crate::db::migrations::Existing;
use crate::features::licenses::verify::{compared, differences};
use crate::web::format::grouped;

/// How many differences are printed.
const SHOWN: usize = 50;

/// What makes the figures new.
const REBUILD: &str = "select license_rebuild()";

pub fn run(settings: &Settings) -> anyhow::Result<Answer> {
    let open = database::join(settings)?;
    let mut conn = open.connect_current(Existing::Leave)?;
    diesel::connection::SimpleConnection::batch_execute(&mut conn, "set statement_timeout to 0")?;
    let today = Utc::now().date_naive();
    let (compared, differences) = db::read(&mut conn, |conn| Ok((compared(conn)?, differences(conn, today)?)))?;
    let extent = format!(
        "{} organisations, {} users, {} enrolments, {} days with a change",
        grouped(compared.organisations),
        grouped(compared.users),
        grouped(compared.enrolments),
        grouped(compared.days)
    );
    if differences.is_empty() {
        println!("All license figures agree with the enrolments: {extent}.");
        return Ok(Answer::Done);
    }
    for difference in differences.iter().take(SHOWN) {
        let day = difference.day.map_or(String::new(), |day| format!(" on {day}"));
        println!(
            "{}: {}{day}: stored {}, should be {}",
            difference.organisation, difference.figure, difference.stored, difference.expected
        );
    }
    if differences.len() > SHOWN {
        println!("and {} more", differences.len() - SHOWN);
    }
    println!("{} license figures disagree with the enrolments, of {extent}.", differences.len());
    println!("To compute them anew: stop every server, back the database up, and run `{REBUILD}` in it with psql.");
    Ok(Answer::No)
}
