//! Enrolments within a scope: which match, a page of them, and what a change of them would do.

mod choices;
mod effect;
mod matching;
mod page;

pub use choices::{Offered, choices};
pub use effect::{Effect, Freed, Judged, effect};
pub use matching::{Filter, Matching, State, matching, of_users, seen, selected};
pub use page::{Listed, Order, PAGE_SIZE, SortBy, page};
