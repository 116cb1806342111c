//! The real application on a port of its own, and clients that use it as browsers do.

use std::net::{SocketAddr, TcpListener};
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::app::AppState;
use headroom::clock::Clock;
use headroom::config::WebSettings;
use headroom::db::Database;
use headroom::db::stream::Pace;
use headroom::features::licenses::verify::differences;
use headroom::jobs::{license_checks, worker};
use headroom::programs::serve;
use headroom::schema::instance_secrets;
use headroom::web::counting;
use metrics_exporter_prometheus::PrometheusHandle;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::redirect::Policy;
use scraper::{Html, Selector};

use super::builders::PASSWORD;
use super::database::{NOW, TestDatabase};

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// A running server. Stops with the test process.
pub struct TestApp {
    pub database: TestDatabase,
    pub clock: Clock,
    pub state: AppState,
    address: SocketAddr,
    handle: actix_web::dev::ServerHandle,
}

pub fn settings() -> WebSettings {
    WebSettings {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_origin: None,
        database_connections: 4,
        metrics_token: None,
        smtp_url: None,
        mail_from: None,
        trust_proxy: false,
    }
}

impl TestApp {
    /// On 24 November 2026, at noon.
    pub fn start() -> TestApp {
        TestApp::start_with(&settings(), TestDatabase::new())
    }

    pub fn start_with(settings: &WebSettings, database: TestDatabase) -> TestApp {
        let url = database.url.clone();
        TestApp::start_at(settings, database, &url)
    }

    /// `url`: where the application reaches the database, if not directly.
    pub fn start_at(settings: &WebSettings, database: TestDatabase, url: &str) -> TestApp {
        TestApp::start_pacing(settings, database, url, Pace::default())
    }

    /// `pace`: how long downloads wait.
    pub fn start_pacing(settings: &WebSettings, database: TestDatabase, url: &str, pace: Pace) -> TestApp {
        let clock = Clock::fixed(NOW.parse().expect("a time"));
        let key: Vec<u8> =
            instance_secrets::table.select(instance_secrets::cookie_key).first(&mut database.connect()).expect("a key");
        let listener = TcpListener::bind(settings.bind).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let metrics = METRICS.get_or_init(|| counting::start().expect("a recorder")).clone();
        let state: AppState = serve::state(
            settings,
            address,
            Database::new(url, settings.database_connections).pacing(pace),
            clock.clone(),
            &key,
            metrics,
        );
        let serving = state.clone();
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve::start(listener, serving).expect("a server");
                send.send(server.handle()).expect("a waiting test");
                server.await.expect("a server that ends well");
            });
        });
        let handle = receive.recv().expect("a running server");
        TestApp { database, clock, state, address, handle }
    }

    pub fn conn(&self) -> PgConnection {
        self.database.connect()
    }

    pub fn set_time(&self, at: &str) {
        self.clock.set(at.parse::<DateTime<Utc>>().expect("a time"));
    }

    /// Does what waits in the queue; returns how many jobs that were.
    pub fn run_jobs(&self) -> usize {
        let state = self.state.clone();
        actix_web::rt::System::new().block_on(async move {
            let mut count = 0;
            while worker::run_next(&state).await.expect("a queue") {
                count += 1;
            }
            count
        })
    }

    /// Checks the license terms, as the program does every few seconds.
    pub fn check_licenses(&self) {
        let state = self.state.clone();
        actix_web::rt::System::new()
            .block_on(async move { license_checks::check_all(&state).await })
            .expect("license terms that can be checked");
    }

    /// A connection that goes by the clock as it is set now.
    pub fn conn_now(&self) -> PgConnection {
        let mut conn = self.conn();
        conn.batch_execute(&format!("set headroom.now to '{}'", self.clock.now().to_rfc3339())).expect("the time");
        conn
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Visitor<'_> {
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("a client");
        Visitor { app: self, client }
    }

    /// Somebody made by `builders::person`, signed in.
    pub fn signed_in(&self, username: &str) -> Visitor<'_> {
        let visitor = self.visitor();
        let response = visitor.post("/sign-in", &[("username", username), ("password", PASSWORD)]);
        assert_eq!(response.status(), 303, "{username} can sign in");
        visitor
    }
}

impl Drop for TestApp {
    /// Whatever a test has written, every license figure is right at its end.
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(mut conn) = (!std::thread::panicking()).then(|| self.database.try_connect()).flatten() {
            let now = self.clock.now();
            diesel::sql_query(format!("set headroom.now to '{}'", now.to_rfc3339()))
                .execute(&mut conn)
                .expect("the time");
            let differences = differences(&mut conn, now.date_naive()).expect("a comparison");
            assert!(differences.is_empty(), "license figures differ: {differences:?}");
        }
    }
}

/// A browser of its own.
pub struct Visitor<'a> {
    app: &'a TestApp,
    pub client: Client,
}

impl Visitor<'_> {
    pub fn get(&self, path: &str) -> Response {
        self.client.get(self.app.url(path)).send().expect("a response")
    }

    pub fn post_request(&self, path: &str) -> RequestBuilder {
        self.client.post(self.app.url(path))
    }

    /// Sends a form as our own pages do.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.post_request(path).header("sec-fetch-site", "same-origin").form(fields).send().expect("a response")
    }

    pub fn page(&self, path: &str) -> Page {
        Page::of(self.get(path))
    }
}

/// A page, parsed.
pub struct Page {
    pub status: u16,
    pub html: Html,
}

impl Page {
    pub fn of(response: Response) -> Page {
        let status = response.status().as_u16();
        Page { status, html: Html::parse_document(&response.text().expect("a body")) }
    }

    /// The texts of all elements that a selector finds, with white space folded.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        self.html.select(&selector).map(|element| fold(&element.text().collect::<String>())).collect()
    }

    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).expect("a selector");
        self.html.select(&selector).filter_map(|element| element.attr(name).map(str::to_owned)).collect()
    }

    /// The cells of a table's body, row by row, but for what is folded away.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let row = Selector::parse("main table tbody tr").expect("a selector");
        let cell = Selector::parse("th, td").expect("a selector");
        self.html
            .select(&row)
            .filter(|row| {
                !row.ancestors().any(|node| node.value().as_element().is_some_and(|it| it.name() == "details"))
            })
            .map(|row| row.select(&cell).map(|cell| fold(&cell.text().collect::<String>())).collect())
            .collect()
    }
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
