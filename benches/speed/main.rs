//! Measures the program on generated data: `scripts/bench [keep] [PART...] [USERS...]`.
//!
//! Makes a database of 1,000 organisations in three levels with five enrolments a user for each size, and
//! times the parts on them: the License Report, the list of users, its export, a new expiry date for
//! 100,000 enrolments, Import Users, and the check of the license terms. `keep` leaves the data for the next run;
//! `only=WORDS` measures only those filters of the list of users that have these words in their name.

use std::time::Duration;

mod check;
mod data;
mod expiry;
mod export;
mod import;
mod licenses;
mod served;
#[path = "../support/mod.rs"]
mod support;
mod users;

const PARTS: [&str; 6] = ["licenses", "users", "export", "expiry", "import", "check"];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let sizes: Vec<i32> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100_000, 1_000_000] } else { sizes };
    let named = |word: &str| arguments.iter().any(|argument| argument == word);
    let wanted = |part: &str| named(part) || !PARTS.iter().any(|part| named(part));
    let mut sites = Vec::new();
    for users in sizes {
        sites.push(data::Site::new(users, named("keep"))?);
    }
    if wanted("licenses") {
        for site in &mut sites {
            licenses::measure(site)?;
        }
    }
    if wanted("users") {
        let only = arguments.iter().find_map(|argument| argument.strip_prefix("only="));
        users::measure(&mut sites, only)?;
    }
    if wanted("export") {
        for site in &mut sites {
            export::measure(site)?;
        }
    }
    if wanted("expiry") {
        for site in &mut sites {
            expiry::measure(site)?;
        }
    }
    if wanted("import") {
        for site in &mut sites {
            import::measure(site)?;
        }
    }
    if wanted("check") {
        for site in &mut sites {
            check::measure(site)?;
        }
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
