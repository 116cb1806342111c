//! The real application through a real client.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod agreements;
mod audit;
mod authority;
mod banners;
mod desk;
mod enrolments;
mod errors;
mod experiences;
mod holidays;
mod imports;
mod learning;
mod license_terms;
mod licenses;
mod licenses_history;
mod limits;
mod notices;
mod operators;
mod organisations;
mod passwords;
mod security;
mod settings;
mod sign_in;
mod tiers;
mod upgrades;
mod users_bulk;
mod users_export;
mod users_list;
mod users_many;
