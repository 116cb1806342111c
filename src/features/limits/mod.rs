//! The user limits of an organisation's children.

mod commands;
mod forms;
pub mod handlers;
mod pages;
mod queries;
