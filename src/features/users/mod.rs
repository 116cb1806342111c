//! Users: the list with its search and filters, and what can be done with many at once,
//! and taking them away as a file.

pub mod bulk;
pub mod export;
pub mod free_up;
pub mod handlers;
mod pages;
pub mod queries;
