//! Synchronizing users with a file (`domain.md` section 8): what is planned, and what speaks against it.

pub mod guards;
pub mod plan;
mod spoilt;
