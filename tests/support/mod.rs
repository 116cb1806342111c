//! What the tests share: a database of their own for each test, and the real application on it.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod app;
pub mod builders;
pub mod database;
pub mod imports;
pub mod reading;
pub mod smtp;
pub mod stalling;
