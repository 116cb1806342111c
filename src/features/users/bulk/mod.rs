//! What is done with many users at once: SET ACCOUNT EXPIRY, MOVE, DELETE. EXPIRE ALL ENROLMENTS is a
//! change of enrolments, so it stands with these.

mod change;
mod commands;
mod forms;
pub mod handlers;
mod pages;
mod queries;
mod words;

pub use change::{Change, Kind};
pub use commands::{Applied, Changes, Delete, Expiry, Move, Request, apply};
pub use queries::notice;
