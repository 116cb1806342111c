//! The screens of license agreements.

pub mod overage;
pub mod show;
pub mod terms;
pub mod upgrade;

use super::queries::Year;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::{Changed, last_change};
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, ChangeAgreements};
use crate::web::meanwhile::LastChange;

/// The page of an agreement.
fn address(root: OrganisationId) -> String {
    format!("/organisations/{root}/agreement")
}

/// Who has agreed on something else last, by one of these actions.
async fn last_agreed(
    by: &Allowed<ChangeAgreements>,
    year: &Year,
    actions: &'static [&'static str],
    state: &AppState,
) -> Result<Option<LastChange>, AppError> {
    let (asking, changed) = (by.clone(), Changed::Thing(year.id.0, actions));
    state.database.read(move |conn| last_change(conn, &asking, changed)).await
}
