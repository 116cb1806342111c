//! The application as a value: `state` is what every request shares, `configure` the routes.
//! `programs::serve` and the tests build it in the same way.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::cookie::Key;
use actix_web::{HttpRequest, web};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::config::WebSettings;
use crate::db::Database;
use crate::features::sign_in::hashing::Hasher;
use crate::web::clock::Clock;

/// What every request shares. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// Hashes and verifies passwords, a few at a time.
    pub hasher: Hasher,
    inner: Arc<Inner>,
}

struct Inner {
    origins: Vec<String>,
    cookie_key: Key,
    trust_proxy: bool,
    metrics_token: Option<String>,
    metrics: PrometheusHandle,
}

impl AppState {
    /// `bound` is the address that the server listens on.
    pub fn new(
        settings: &WebSettings,
        bound: SocketAddr,
        database: Database,
        clock: Clock,
        cookie_key: Key,
        metrics: PrometheusHandle,
    ) -> AppState {
        let inner = Inner {
            origins: origins(settings.public_origin.as_deref(), bound),
            cookie_key,
            trust_proxy: settings.trust_proxy,
            metrics_token: settings.metrics_token.clone(),
            metrics,
        };
        AppState { database, clock, hasher: Hasher::default(), inner: Arc::new(inner) }
    }

    /// The origins that forms are taken from; the first is the one to show.
    pub fn origins(&self) -> &[String] {
        &self.inner.origins
    }

    /// People come by https.
    pub fn is_https(&self) -> bool {
        self.inner.origins.iter().any(|origin| origin.starts_with("https://"))
    }

    /// Signs the session cookie.
    pub fn cookie_key(&self) -> Key {
        self.inner.cookie_key.clone()
    }

    /// Proxy headers are believed.
    pub fn trusts_proxy(&self) -> bool {
        self.inner.trust_proxy
    }

    /// The token for `/metrics`, if one is set.
    pub fn metrics_token(&self) -> Option<&str> {
        self.inner.metrics_token.as_deref()
    }

    /// All counters in Prometheus' text format.
    pub fn metrics(&self) -> String {
        self.inner.metrics.render()
    }

    /// Where a request came from: the peer, or what the proxy says when proxies are trusted.
    pub fn client_address(&self, request: &HttpRequest) -> Option<String> {
        if self.inner.trust_proxy {
            return request.connection_info().realip_remote_addr().map(str::to_owned);
        }
        request.peer_addr().map(|peer| peer.ip().to_canonical().to_string())
    }
}

/// The configured origin; without one, the names under which this machine reaches itself.
fn origins(configured: Option<&str>, bound: SocketAddr) -> Vec<String> {
    if let Some(origin) = configured {
        return vec![origin.to_owned()];
    }
    let port = bound.port();
    if bound.ip().is_loopback() || bound.ip().is_unspecified() {
        ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("http://{host}:{port}")).to_vec()
    } else {
        vec![format!("http://{bound}")]
    }
}

/// All routes on one application.
pub fn configure(state: AppState) -> impl FnOnce(&mut web::ServiceConfig) {
    move |app: &mut web::ServiceConfig| {
        app.app_data(web::Data::new(state.clone()));
        crate::routes::configure(app, &state);
    }
}
