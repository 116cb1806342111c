//! The command line (`domain.md` section 10).

mod create_admin;
mod database;
mod demo;
mod import;
mod load;
#[cfg(target_env = "gnu")]
mod memory;
mod migrate;
mod printable;
pub mod serve;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Settings, WebSettings};

/// Counts the active users of a learning platform: how many licenses are in use, by which part
/// of the organisation, and how to get some back.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 1 the answer is no, 2 wrong use or settings; import has more.\n\
    Settings come from flags or from the environment; RUST_LOG sets what is logged (info)."
)]
pub struct Program {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve with demo data, to look around: an embedded PostgreSQL, migrations, and a made-up
    /// company when the database is empty. Prints the address and the accounts
    Demo(demo::DemoArguments),
    /// Serve. On an empty database, prints how to create the first instance admin
    Serve(WebSettings),
    /// Bring the schema of an existing database up to this version
    Migrate,
    /// Create an instance admin. The password is asked for, or read from standard input
    CreateAdmin(create_admin::Arguments),
    /// Take over a platform's data from CSV files, all or nothing; a second run changes nothing
    #[command(long_about = load::HELP)]
    Load(load::Arguments),
    /// Add, change and delete the users of an organisation as a file says, like Import Users: for a
    /// nightly job
    #[command(long_about = import::HELP)]
    Import(import::Arguments),
    /// Recompute every license figure from the enrolments and compare: exit code 0 when all
    /// agree, 1 with the differences
    Verify,
}

/// How a command ended, when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Exit code 0.
    Done,
    /// Exit code 1.
    No,
    /// Exit code 3.
    NothingToDo,
    /// Exit code 4.
    NeedsConfirmation,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    #[cfg(target_env = "gnu")]
    memory::give_back_large_blocks();
    let program = Program::parse();
    start_log();
    let settings = &program.settings;
    let answer = match program.command {
        Command::Demo(arguments) => demo::run(settings, &arguments),
        Command::Serve(web) => serve::run(settings, &web),
        Command::Migrate => migrate::run(settings),
        Command::CreateAdmin(arguments) => create_admin::run(settings, &arguments),
        Command::Load(arguments) => load::run(settings, &arguments),
        Command::Import(arguments) => import::run(settings, &arguments),
        Command::Verify => verify::run(settings),
    };
    match answer {
        Ok(Answer::Done) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Ok(Answer::NothingToDo) => ExitCode::from(3),
        Ok(Answer::NeedsConfirmation) => ExitCode::from(4),
        Err(error) => {
            eprintln!("headroom: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The log goes to standard error; what people asked for goes to standard output.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,actix_server=warn,actix_web=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
