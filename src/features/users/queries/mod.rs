//! Users within a scope: which match, a page of them, how many there are.

mod filter;
mod ground;
mod list_query;
mod order;
mod page;
mod totals;

pub use filter::{Filter, Idle, Matching, NotSeen, Status, matching, narrowed};
pub use ground::{Ground, earliest_day, within};
pub use list_query::{
    IDLE, ListQuery, NOT_SEEN, STATUSES, Still, counting_all, filter_pairs, from_free_up, from_person,
    is_somebody_selected, order_pairs, selected, selected_ids,
};
pub use page::{Listed, Order, PAGE_SIZE, Page, Seek, SortBy, Sought, page};
pub use totals::{Counted, People, count_up_to, counted, exactly, people, total};
