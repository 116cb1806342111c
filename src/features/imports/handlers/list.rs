//! Earlier imports.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::features::imports::pages::list::ListPage;
use crate::features::imports::queries;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, Import as MayImport};
use crate::web::page;
use crate::web::pager::page_number;

/// The query of the list.
#[derive(Deserialize)]
pub struct ListQuery {
    page: Option<String>,
}

/// GET `/imports`.
pub async fn list(
    by: Allowed<MayImport>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (number, asking) = (page_number(query.page.as_deref()), by.clone());
    let rows = state.database.read(move |conn| queries::imports(conn, &asking, number)).await?;
    if rows.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    page::ok(&ListPage::new(by.by().viewer(), &rows, number))
}
