//! Error pages in the page chrome, with the reference under which the log has the cause.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, ContentType, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use askama::Template;

use crate::error::ErrorReport;
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
    let response = next.call(request).await?.map_into_boxed_body();
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
