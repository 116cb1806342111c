//! The Org list.

pub mod handlers;
mod pages;
pub mod queries;
