//! The User License Report and its CSV (`domain.md` section 3), and the check of its figures.

mod commands;
pub mod csv_export;
pub mod handlers;
mod history_page;
mod order;
pub mod outlook;
mod pages;
pub mod queries;
pub mod queries_history;
pub mod queries_what_if;
pub mod verify;
