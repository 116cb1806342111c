//! The rules of `domain`, against slow and obvious models.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod access;
mod activity;
mod csv_text;
mod license;
mod password;
mod table;
mod throttle;
mod users_csv;
