//! The rules, as functions of their inputs.
//!
//! Architecture invariant: nothing in here knows a database, HTTP, a clock or the environment.
//! What a rule needs (today, a count, a role) is an argument.

pub mod access;
pub mod activity;
pub mod calendar;
pub mod characters;
pub mod csv_text;
pub mod email;
pub mod forecast;
pub mod license;
pub mod license_year;
pub mod news;
pub mod overage;
pub mod password;
pub mod pro_rata;
pub mod sync;
pub mod table;
pub mod takeover;
pub mod throttle;
pub mod usage_history;
pub mod users_csv;
pub mod warnings;
