//! Signing in and out, and the first instance admin.

pub mod commands;
pub mod handlers;
pub mod hashing;
mod pages;
pub mod queries;
