//! The desk of account managers and instance admins: how each of their accounts stands.

pub mod handlers;
mod order;
mod pages;
pub mod queries;
