//! Import Users: a file is uploaded, read and planned; the plan is shown, confirmed and applied.

pub mod commands;
pub mod handlers;
mod pages;
pub mod planning;
pub mod queries;

pub use pages::words;
