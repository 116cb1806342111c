//! EXPORT TO CSV of users: a file of everybody whom the list's filters match, or who is ticked in it,
//! in the format that Import Users reads. It is written down before it begins and again when its last
//! row was sent, so that a file that was cut off is known as such.

mod commands;
mod file;
pub mod handlers;
mod queries;
