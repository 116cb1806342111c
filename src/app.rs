//! The application as a value: `state` is what every request shares, `configure` the routes.
//! `programs::serve` and the tests build it in the same way.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::cookie::Key;
use actix_web::{HttpRequest, web};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::WebSettings;
use crate::db::Database;
use crate::features::sign_in::hashing::Hasher;
use crate::web::forwarded;

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
    /// A public origin is configured, so people come by way of something else.
    behind_proxy: bool,
    trust_proxy: bool,
    metrics_token: Option<String>,
    metrics: PrometheusHandle,
    work: Notify,
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
            behind_proxy: settings.public_origin.is_some(),
            trust_proxy: settings.trust_proxy,
            metrics_token: settings.metrics_token.clone(),
            metrics,
            work: Notify::new(),
        };
        AppState { database: database.at(clock.clone()), clock, hasher: Hasher::default(), inner: Arc::new(inner) }
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

    /// The token for `/metrics`, if one is set.
    pub fn metrics_token(&self) -> Option<&str> {
        self.inner.metrics_token.as_deref()
    }

    /// There is something new in the queue of work: this server looks for it at once.
    pub fn work_waits(&self) {
        self.inner.work.notify_one();
    }

    /// Waits until there is work; returns at once if it was announced since the last wait.
    pub async fn work_comes(&self) {
        self.inner.work.notified().await;
    }

    /// All counters in Prometheus' text format.
    pub fn metrics(&self) -> String {
        self.inner.metrics.render()
    }

    /// Where a request came from. With a trusted proxy, where that proxy says. Unknown behind a
    /// proxy that is not trusted, whose own address would stand for everybody: what comes by https has passed one, and
    /// what comes from this machine to a public origin too.
    pub fn client_address(&self, request: &HttpRequest) -> Option<String> {
        if self.inner.trust_proxy {
            return Some(forwarded::client(request.headers())?.to_canonical().to_string());
        }
        let peer = request.peer_addr()?.ip().to_canonical();
        let by_proxy = self.is_https() || (self.inner.behind_proxy && peer.is_loopback());
        (!by_proxy).then(|| peer.to_string())
    }

    /// The request was made on this machine, and not by a proxy for somebody else.
    pub fn is_local(&self, request: &HttpRequest) -> bool {
        let forwarded = forwarded::HEADERS.iter().any(|name| request.headers().contains_key(*name));
        let loopback = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        loopback && !forwarded && !self.inner.behind_proxy && !self.inner.trust_proxy
    }
}

/// The configured origin; without one, the names under which this machine reaches itself.
fn origins(configured: Option<&str>, bound: SocketAddr) -> Vec<String> {
    if let Some(origin) = configured {
        return vec![origin.to_owned()];
    }
    let port = bound.port();
    ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("http://{host}:{port}")).to_vec()
}

/// All routes on one application.
pub fn configure(state: AppState) -> impl FnOnce(&mut web::ServiceConfig) {
    move |app: &mut web::ServiceConfig| {
        app.app_data(web::Data::new(state.clone()));
        crate::routes::configure(app, &state);
    }
}
