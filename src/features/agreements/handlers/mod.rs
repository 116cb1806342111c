//! The screens of license agreements.

pub mod overage;
pub mod show;
pub mod terms;
pub mod upgrade;

use crate::ids::OrganisationId;

/// The page of an agreement.
fn address(root: OrganisationId) -> String {
    format!("/organisations/{root}/agreement")
}
