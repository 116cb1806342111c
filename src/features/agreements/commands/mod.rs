//! Changes of license agreements. Each leaves a row of `agreement_changes` and an audit entry. Limits that are
//! in force are set in the same transaction, the agreement first (see the trigger `user_limit_changed`).

mod accept;
mod agree;
mod begin;
mod limits;
mod permit;
mod record;
mod upgrade;

pub use accept::{Seen, accept};
pub use agree::{Saved, agree, change_current, renew, withdraw};
pub use begin::{Begun, begin_due, due};
pub use permit::{Permit, permit};
pub use upgrade::{Upgrade, Upgraded, upgrade_many};
