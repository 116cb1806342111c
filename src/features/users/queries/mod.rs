//! Users within a scope: which match, a page of them, how many there are.

mod filter;
mod list_query;
mod order;
mod page;
mod totals;

pub use filter::{Days, Filter, Idle, Matching, NotSeen, Status, days, matching, narrowed, within};
pub use list_query::{IDLE, ListQuery, NOT_SEEN, STATUSES, filter_pairs, order_pairs, selected, selected_ids};
pub use page::{Listed, Order, PAGE_SIZE, Page, Seek, SortBy, Sought, page};
pub use totals::{People, count_up_to, counted, people, total};
