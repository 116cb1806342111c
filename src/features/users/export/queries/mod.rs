//! What a file of users is about, and its rows.

mod organisation;
mod rows;

pub use organisation::{Organisation, organisation};
pub use rows::{Row, rows};
