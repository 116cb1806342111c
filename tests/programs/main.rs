//! The program as people and scripts start it.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod import;
mod kills;
mod mail;
mod memory;
mod spreadsheets;
