//! Enrolments: the list of a learning experience, and changes of many at once.

pub mod queries;
