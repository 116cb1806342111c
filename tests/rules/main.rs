//! The rules of `domain`, against slow and obvious models.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../support/imports.rs"]
mod imports;

mod access;
mod activity;
mod csv_text;
mod license;
mod password;
mod standing;
mod sync;
mod table;
mod throttle;
mod users_csv;
