//! Changes of license agreements. Each leaves a row of `agreement_changes` and an audit entry. Limits that are
//! in force are set in the same transaction, the agreement first (see the trigger `user_limit_changed`).

mod begin;
mod limits;
mod upgrade;

pub use begin::{Begun, begin_due};
pub use upgrade::{Upgrade, Upgraded, upgrade_many};
