//! Users: the list with its search and filters, and what can be done with many at once.

pub mod bulk;
pub mod free_up;
pub mod handlers;
mod pages;
pub mod queries;
