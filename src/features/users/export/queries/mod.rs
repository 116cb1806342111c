//! Whom a file of users is to hold, whose subtree it is about, and its rows.

mod organisation;
mod rows;
mod wanted;

pub use organisation::{Organisation, organisation};
pub use rows::{Row, rows};
pub use wanted::Wanted;
