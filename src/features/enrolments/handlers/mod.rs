//! The screens of enrolments.

pub mod bulk;
mod bulk_form;
pub mod enrol;
pub mod list;
pub mod undo;
