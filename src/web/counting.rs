//! Counts requests for `/metrics`.

use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// Seconds; from what a page should take to where people give up.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Starts counting, for the whole process.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()
}

/// Puts what was measured into its buckets every few seconds; it would pile up otherwise.
pub async fn keep_up(counted: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        counted.run_upkeep();
    }
}

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
