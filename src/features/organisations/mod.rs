//! The Org list, and creating and renaming organisations.

mod commands;
pub mod edit_handlers;
mod edit_pages;
mod forms;
pub mod handlers;
mod pages;
pub mod queries;
