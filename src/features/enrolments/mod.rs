//! Enrolments: the list of a learning experience, changes of many at once, enrolling.

pub mod change;
pub mod commands;
pub mod handlers;
mod list_query;
mod pages;
pub mod queries;
pub mod target;
pub mod words;
