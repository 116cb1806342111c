//! Everything that touches SQL, against a real PostgreSQL; each test has a database of its own.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../support/mod.rs"]
mod support;

mod agreements;
mod audit;
mod demo;
mod effects;
mod history;
mod housekeeping;
mod import_chains;
mod import_premises;
mod import_traps;
mod imports;
mod license_figures;
mod mail;
mod migrations;
mod organisations;
mod people;
mod takeover;
mod turns;
mod what_if;
