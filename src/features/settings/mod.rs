//! Settings: the current volume of active users, and how the administrators navigate.

mod commands;
pub mod handlers;
mod pages;
