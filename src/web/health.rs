//! For operators: is it alive, is it ready, what does it count.

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::RunQueryDsl;
use sha2::{Digest, Sha256};

use crate::app::AppState;
use crate::error::AppError;

/// GET `/health/live`: the process answers.
pub async fn live() -> HttpResponse {
    plain("alive\n")
}

/// GET `/health/ready`: so does the database.
pub async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    state.database.read(|conn| Ok(diesel::sql_query("select 1").execute(conn)?)).await?;
    Ok(plain("ready\n"))
}

/// GET `/metrics`, in the text format of Prometheus. From this machine, or with the token.
pub async fn metrics(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    if !state.is_local(&request) && !has_token(&request, state.metrics_token()) {
        return Err(AppError::NotFound);
    }
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4")).body(state.metrics()))
}

fn has_token(request: &HttpRequest, token: Option<&str>) -> bool {
    let sent = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match (sent, token) {
        // hashes, so that the time taken tells nothing of the token
        (Some(sent), Some(token)) => Sha256::digest(sent) == Sha256::digest(token),
        _ => false,
    }
}

fn plain(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(text)
}
