//! The learner's own page, and one learning experience as its learner sees it.

mod commands;
pub mod handlers;
mod pages;
mod queries;
