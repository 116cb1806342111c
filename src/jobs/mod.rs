//! Work that no request waits for.

pub mod housekeeping;
pub mod queue;
pub mod work;
pub mod worker;
