//! The program as people and scripts start it.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod commands;
mod mail;
