//! The learner's own page.

pub mod handlers;
mod pages;
mod queries;
