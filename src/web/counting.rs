//! Counts requests for `/metrics`.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

/// The middleware: how many requests, and how long they took, by route and status.
pub async fn count_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let response = next.call(request).await?;
    // the pattern, not the address: a label must not grow with the data
    let route = response.request().match_pattern().unwrap_or_else(|| "unknown".to_owned());
    let status = response.status().as_u16().to_string();
    metrics::counter!("headroom_requests_total", "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!("headroom_request_seconds", "route" => route).record(started.elapsed().as_secs_f64());
    Ok(response)
}
