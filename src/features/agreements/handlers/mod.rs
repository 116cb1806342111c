//! The screens of license agreements.

pub mod overage;
pub mod show;
pub mod terms;
pub mod upgrade;

use crate::error::AppError;
use crate::ids::OrganisationId;

/// The id in the address; whatever is no id leads nowhere.
fn root(path: &str) -> Result<OrganisationId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// The page of an agreement.
fn address(root: OrganisationId) -> String {
    format!("/organisations/{root}/agreement")
}
