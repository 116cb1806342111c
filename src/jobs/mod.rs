//! Work that no request waits for.

pub mod housekeeping;
pub mod imports;
pub mod license_checks;
pub mod mail;
pub mod monthly_reports;
pub mod queue;
pub mod work;
pub mod worker;
