//! Refuses writes that another site makes a browser send (`quality.md` section 2, number 2).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};

use crate::app::AppState;
use crate::error::AppError;

/// The middleware. GET and HEAD pass: what they write, such as the last access or the entry of an export, is
/// nothing that another site gains by.
pub async fn refuse_cross_site(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.method().is_safe() {
        let origins = request.app_data::<web::Data<AppState>>().map(|state| state.origins()).unwrap_or_default();
        if let Err(refused) = check(request.headers(), origins) {
            return Ok(request.into_response(refused.error_response()));
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Browsers say by `Sec-Fetch-Site` where a request comes from; older ones send `Origin`.
/// What says neither is refused.
fn check(headers: &HeaderMap, origins: &[String]) -> Result<(), AppError> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some("same-origin"), _) => Ok(()),
        (Some(_), _) => Err(AppError::CrossSite("Sec-Fetch-Site is not same-origin")),
        (None, Some(origin)) if origins.iter().any(|own| own.eq_ignore_ascii_case(origin)) => Ok(()),
        (None, Some(_)) => Err(AppError::CrossSite("Origin is not the public origin")),
        (None, None) => Err(AppError::CrossSite("neither Sec-Fetch-Site nor Origin was sent")),
    }
}
