//! Notices about licenses: what account managers and org admins are told, on screens and by mail.

pub mod handlers;
mod pages;
pub mod queries;
pub mod words;
