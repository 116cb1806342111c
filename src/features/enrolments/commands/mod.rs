//! Changes of many enrolments, each in one transaction with its audit entry.

mod apply;
mod enrol;
mod undo;

pub use apply::{Applied, Facts, Request, apply};
pub use enrol::{Enrolled, Request as EnrolRequest, enrol};
pub use undo::{Undone, undo};
