//! The desk.

use actix_web::{HttpResponse, web};

use super::order::DeskQuery;
use super::pages::DeskPage;
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, SeeAccounts};
use crate::web::page;

/// GET `/desk`.
pub async fn show(
    by: Allowed<SeeAccounts>,
    Asked(query): Asked<DeskQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, wanted, now) = (by.clone(), query.wanted(), state.clock.now());
    let asked = wanted.clone();
    let accounts = state.database.read(move |conn| queries::accounts(conn, &asking, &asked, now)).await?;
    if accounts.rows.is_empty() && wanted.page > 1 {
        return Err(AppError::NotFound);
    }
    page::ok(&DeskPage::new(by.by().viewer(), accounts, wanted, now))
}
