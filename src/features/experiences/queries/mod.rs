//! Learning experiences within a scope.

mod counts;
mod list;
mod visible;

pub use counts::{Counts, counts};
pub use list::{Filter, Listed, Order, PAGE_SIZE, Shown, SortBy, page};
pub use visible::{Header, editable, visible};
