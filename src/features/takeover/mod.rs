//! Taking over a platform's organisations, users, learning experiences and enrolments from CSV
//! files: `headroom load` (`domain.md` section 10). Rows are streamed into staging tables by
//! COPY, checked there as sets, and applied by one statement a table, all in one transaction.

pub mod commands;
mod staging;
