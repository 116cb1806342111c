//! License agreements: what is agreed on for a license year, and upgrades of it.

pub mod commands;
pub mod handlers;
mod pages;
pub mod queries;
mod terms;
