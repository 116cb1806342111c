//! What is agreed on with a root organisation, and what an upgrade would cost.

mod holidays;
mod offer;
mod root;
mod tiers;
mod years;

pub use holidays::holidays;
pub use offer::{NoOffer, Offer, offer};
pub use root::{Root, root};
pub use tiers::{Tier, tiers, tiers_with};
pub use years::{Changed, FairUse, Year, Years, changes, fair_use, years};
