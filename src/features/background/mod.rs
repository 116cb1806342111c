//! Work in the background, as whoever started it sees it.

pub mod handlers;
mod pages;
pub mod queries;
