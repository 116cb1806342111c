//! The learner's own page.

use actix_web::{HttpResponse, web};

use super::pages::{ListPage, Row};
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::web::guards::SignedIn;
use crate::web::page::{self, Chrome, Section};

/// GET `/learn`.
pub async fn list(by: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let (now, asking) = (state.clock.now(), by.clone());
    let enrolments = state.database.read(move |conn| queries::own_enrolments(conn, &asking, now)).await?;
    page::ok(&ListPage {
        chrome: Chrome::new("My learning", by.viewer(), Section::Learning),
        rows: enrolments.into_iter().map(Row::from).collect(),
    })
}
