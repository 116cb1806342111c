//! Learning experiences: the list with its counts, one of them, adding, editing, archiving.

pub mod queries;
