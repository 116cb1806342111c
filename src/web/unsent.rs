//! What somebody has typed when their session ends meanwhile: the page that asks them to sign in again holds it, and
//! sends it again.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, ContentType, HeaderMap, HeaderName, HeaderValue, LOCATION,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use askama::Template;
use futures_util::stream;

use crate::error::{AppError, SignInAsked};
use crate::web::form::LONG_FORM;
use crate::web::page::Chrome;

/// Browsers say by it that a page is sent for, and not something within a page or by a script.
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

#[derive(Template)]
#[template(path = "unsent.html")]
struct UnsentPage {
    chrome: Chrome,
    /// Where it was sent.
    address: String,
    /// What was sent.
    fields: Vec<(String, String)>,
}

/// The middleware: reads a form before its handler does, and hands it on.
pub async fn keep_what_was_typed(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !is_a_form(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let whole = request.extract::<web::Payload>().await?;
    let Ok(Ok(body)) = whole.to_bytes_limited(LONG_FORM).await else {
        let cut_off = AppError::Unusable("The form was cut off on its way. Send it again.".to_owned());
        return Ok(request.into_response(cut_off.error_response()));
    };
    let again = body.clone();
    request.set_payload(Payload::Stream { payload: Box::pin(stream::iter([Ok(again)])) });
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned();
    let response = next.call(request).await?.map_into_boxed_body();
    let asked = response.response().extensions().get::<SignInAsked>().is_some();
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    // what is secret stands in no page
    let has_secret = fields.iter().any(|(name, value)| name.contains("password") && !value.is_empty());
    if !asked || fields.is_empty() || has_secret {
        return Ok(response);
    }
    let page = UnsentPage { chrome: Chrome::anonymous("Your session has ended"), address, fields };
    Ok(with_page(response, &page))
}

/// Something that a person has filled in, in a browser.
fn is_a_form(request: &ServiceRequest) -> bool {
    let text = |name: &HeaderName| header(request.headers(), name);
    request.method() == Method::POST
        && text(&DESTINATION) == "document"
        && text(&CONTENT_TYPE).to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        && text(&CONTENT_LENGTH).parse().is_ok_and(|length: usize| length <= LONG_FORM)
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn with_page(response: ServiceResponse<BoxBody>, page: &UnsentPage) -> ServiceResponse<BoxBody> {
    let Ok(body) = page.render() else { return response };
    response.map_body(|head, _| {
        head.status = StatusCode::FORBIDDEN;
        head.headers_mut().remove(LOCATION);
        if let Ok(kind) = HeaderValue::from_str(ContentType::html().0.as_ref()) {
            head.headers_mut().insert(CONTENT_TYPE, kind);
        }
        BoxBody::new(body)
    })
}
