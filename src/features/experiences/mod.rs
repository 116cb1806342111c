//! Learning experiences: the list with its counts, one of them, adding, editing, archiving.

mod commands;
mod forms;
pub mod handlers;
mod pages;
pub mod queries;
mod writing;
