//! The rules of `domain`, against slow and obvious models.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../support/imports.rs"]
mod imports;

mod access;
mod activity;
mod calendar;
mod csv_text;
mod email;
mod forecast;
mod license;
mod license_year;
mod meanwhile;
mod moments;
mod overage;
mod password;
mod pro_rata;
mod standing;
mod sync;
mod table;
mod throttle;
mod usage_history;
mod users_csv;
mod warnings;
