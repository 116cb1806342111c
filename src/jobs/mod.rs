//! Work that no request waits for.

pub mod housekeeping;
pub mod mail;
