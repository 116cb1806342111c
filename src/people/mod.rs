//! Changes of people that several features make in the same way: one at a time from a page, many
//! from a list, thousands from an import. Each is one set-based change with one audit entry.

pub mod deletion;
pub mod instance_admins;
pub mod restoring;
