//! Who is meant by a bulk change of users, and what it would do.

mod changes;
mod chosen;
mod done;
mod effect;
mod proposed;
mod theirs;

pub use changes::{ChangedSince, changes_since};
pub use chosen::{Chosen, Protected, as_seen, chosen};
pub use done::notice;
pub use effect::{Effects, Moving, effect, effects, moving};
pub use proposed::{Proposed, propose};
pub use theirs::{Theirs, common_home, later_than_before, theirs};
