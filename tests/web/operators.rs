//! Health and metrics.

use crate::support::app::{TestApp, settings};
use crate::support::database::TestDatabase;

#[test]
fn health_is_open_and_metrics_are_for_this_machine() {
    let app = TestApp::start();
    let visitor = app.visitor();
    assert_eq!(visitor.get("/health/live").text().unwrap(), "alive\n");
    assert_eq!(visitor.get("/health/ready").text().unwrap(), "ready\n");
    let metrics = visitor.get("/metrics");
    assert_eq!(metrics.status(), 200);
    assert!(metrics.text().unwrap().contains("headroom_requests_total{route=\"/health/live\",status=\"200\"}"));
}

#[test]
fn a_probe_may_ask_for_the_headers_only() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in ["/health/live", "/sign-in"] {
        let response = visitor.client.head(app.url(path)).send().unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.text().unwrap().is_empty());
    }
}

#[test]
fn behind_a_proxy_metrics_need_the_token() {
    let mut settings = settings();
    settings.trust_proxy = true;
    settings.metrics_token = Some("a long token".to_owned());
    let app = TestApp::start_with(&settings, TestDatabase::new());
    let visitor = app.visitor();
    let with = |token: &str| {
        visitor
            .client
            .get(app.url("/metrics"))
            .header("authorization", format!("Bearer {token}"))
            .send()
            .unwrap()
            .status()
    };
    assert_eq!(visitor.get("/metrics").status(), 404);
    assert_eq!(with("another"), 404);
    assert_eq!(with("a long token"), 200);
}

#[test]
fn a_proxy_for_somebody_else_is_not_this_machine() {
    let app = TestApp::start();
    let visitor = app.visitor();
    let forwarded = visitor.client.get(app.url("/metrics")).header("x-forwarded-for", "203.0.113.7").send().unwrap();
    assert_eq!(forwarded.status(), 404);
}
