//! Entries of the audit log that somebody may see: those of the organisations in the scope, and
//! one's own.

mod entry;
mod export;
mod filter;
mod history;
mod last_change;
mod listed;
mod names;
mod page;
mod people;

pub use entry::{CHANGES_A_PAGE, Changes, Touched, changes, entry};
pub use export::{Exported, export};
pub use filter::Filter;
pub use history::{History, HistoryItem, history};
pub use last_change::{Changed, last_change};
pub use listed::{Listed, Things};
pub use names::names;
pub use page::{PAGE_SIZE, Page, page};
pub use people::{Found, people};
