//! Setting a password by a link that was mailed, and asking for such a link.

mod commands;
pub mod handlers;
mod pages;
pub mod queries;
