//! Enrolments as they are shown.

pub mod bulk;
pub mod enrol;
pub mod list;
