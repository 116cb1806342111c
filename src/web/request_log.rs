//! What the log has of each request. Not its whole address when that holds a secret.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage, web};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{DefaultRootSpanBuilder, RequestId, RootSpanBuilder};

use crate::app::AppState;

/// Links to set a password: what follows is the token.
const SECRET_BELOW: &str = "/password/";

/// Makes the span of each request.
pub struct RequestSpans;

impl RootSpanBuilder for RequestSpans {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let route = request.match_pattern().unwrap_or_else(|| "unknown".to_owned());
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let state = request.app_data::<web::Data<AppState>>();
        let address = state.and_then(|state| state.client_address(request.request())).unwrap_or_default();
        tracing::info_span!(
            "HTTP request",
            http.method = %request.method(),
            http.target = %target(&route, request),
            http.route = %route,
            http.client_ip = %address,
            http.user_agent = %header("user-agent"),
            http.status_code = Empty,
            request_id = request.extensions().get::<RequestId>().map(tracing::field::display),
            exception.message = Empty,
            exception.details = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        DefaultRootSpanBuilder::on_request_end(span, outcome);
    }
}

/// The address that was asked for, without a token in it. A link that was mangled on its way may
/// match another route, or none.
fn target(route: &str, request: &ServiceRequest) -> String {
    if route.starts_with(SECRET_BELOW) {
        return route.to_owned();
    }
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    match target.find(SECRET_BELOW) {
        Some(at) => format!("{}...", &target[..at + SECRET_BELOW.len()]),
        None => target.to_owned(),
    }
}
