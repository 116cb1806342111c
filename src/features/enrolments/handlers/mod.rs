//! The screens of enrolments.

pub mod bulk;
pub mod enrol;
pub mod list;
pub mod undo;
