//! Error pages in the page chrome, with the reference under which the log has the cause.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{CONTENT_TYPE, ContentType, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};
use askama::Template;

use crate::app::AppState;
use crate::db::stored;
use crate::error::{AppError, ErrorReport};
use crate::web::headers;
use crate::web::page::{Chrome, Section};
use crate::web::viewer::Viewer;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    chrome: Chrome,
    report: ErrorReport,
}

/// The middleware: gives every error response its page.
pub async fn error_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let https = request.app_data::<web::Data<AppState>>().is_some_and(|state| state.is_https());
    let answered = stored::noticing(async { next.call(request).await.map_err(|error| without_request(&error, https)) });
    let response = answered.await?.map_into_boxed_body();
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return Ok(response);
    }
    // A handler that made a page of its own (a form with what was wrong) has a content type.
    if response.response().extensions().get::<ErrorReport>().is_none()
        && response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    {
        return Ok(response);
    }
    Ok(with_page(response))
}

/// What a middleware failed with, which is the session's when it could not be stored or ended. The
/// request is gone, and with it the person: a page without navigation, and all headers.
fn without_request(error: &Error, https: bool) -> Error {
    let mut response = AppError::Unavailable(error.to_string()).error_response();
    let report = response.extensions_mut().remove::<ErrorReport>();
    let report = report.unwrap_or_else(|| ErrorReport::for_status(response.status()));
    let chrome = Chrome::anonymous(&format!("Error: {}", report.heading));
    headers::add(response.headers_mut(), https);
    if let Ok(body) = (ErrorPage { chrome, report }).render() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response = response.set_body(BoxBody::new(body));
    }
    InternalError::from_response("the session could not be stored", response).into()
}

fn with_page(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let report = response.response_mut().extensions_mut().remove::<ErrorReport>();
    let report = report.unwrap_or_else(|| {
        let report = ErrorReport::for_status(response.status());
        tracing::info!(reference = %report.reference, status = report.status.as_u16(), "request refused");
        report
    });
    let title = format!("Error: {}", report.heading);
    let chrome = match response.request().extensions().get::<Viewer>() {
        Some(viewer) => Chrome::new(&title, viewer, Section::Elsewhere),
        None => Chrome::anonymous(&title),
    };
    let fallback = format!("{}. Reference: {}", report.heading, report.reference);
    let body = ErrorPage { chrome, report }.render().unwrap_or(fallback);
    response.map_body(|head, _| {
        if let Ok(kind) = HeaderValue::from_str(ContentType::html().0.as_ref()) {
            head.headers_mut().insert(CONTENT_TYPE, kind);
        }
        BoxBody::new(body)
    })
}
