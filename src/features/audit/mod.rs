//! The audit log: the list, one entry with the values before and after, EXPORT TO CSV, and the
//! history of a user.

mod commands;
mod csv_export;
pub mod handlers;
mod list_query;
mod pages;
pub mod queries;
