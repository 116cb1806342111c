//! `headroom serve`.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::cookie::Key;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::{Context, bail};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{SignalKind, signal};
use tracing_actix_web::TracingLogger;

use super::database::Open;
use super::{Answer, database};
use crate::app::{AppState, configure};
use crate::clock::Clock;
use crate::config::{Settings, WebSettings};
use crate::db::Database;
use crate::db::migrations::Existing;
use crate::jobs::{housekeeping, license_checks, mail, monthly_reports, worker};
use crate::mail::Mailer;
use crate::schema::{instance_secrets, role_grants};
use crate::web::counting::{self, count_requests};
use crate::web::cross_site::refuse_cross_site;
use crate::web::error_page::error_pages;
use crate::web::headers::security_headers;
use crate::web::request_log::RequestSpans;
use crate::web::unsent::keep_what_was_typed;

/// How long requests in flight may take after the server was told to stop.
const DRAIN_SECONDS: u64 = 20;

/// How long work in the background may go on after the last request.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of a form: about 1,500 rows ticked one by one.
const FORM_LIMIT: usize = 64 * 1024;

pub(super) fn run(settings: &Settings, web: &WebSettings) -> anyhow::Result<Answer> {
    let listener = listen(web)?;
    let open = database::open(settings)?;
    let mut conn = open.connect_current(Existing::Leave)?;
    if !has_instance_admin(&mut conn)? {
        println!(
            "There is no instance admin yet. Create the first one in another terminal:\n  \
             headroom create-admin --username NAME --email ADDRESS"
        );
    }
    serve(web, listener, &open, conn, |address| {
        println!("Headroom serves on {address} (Ctrl-C stops it). {}", open.whereabouts());
    })
}

/// Binds first of all: a port that is taken should not cost the start of a database.
pub(super) fn listen(settings: &WebSettings) -> anyhow::Result<TcpListener> {
    let bind = settings.bind;
    if !bind.ip().is_loopback() && settings.public_origin.is_none() {
        bail!(
            "{bind} can be reached from other machines: set HEADROOM_PUBLIC_ORIGIN to the address that browsers use, \
             such as https://headroom.example.org, or nobody could sign in."
        );
    }
    match TcpListener::bind(bind) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "Port {} of {} is in use by another program. Stop that, or set HEADROOM_BIND to another port \
             (port 0 takes a free one).",
            bind.port(),
            bind.ip()
        ),
        Err(error) => Err(error).with_context(|| format!("Cannot listen on {bind}")),
    }
}

/// Serves until the process is told to stop. `ready` is told the address.
pub(super) fn serve(
    settings: &WebSettings,
    listener: TcpListener,
    open: &Open,
    mut conn: PgConnection,
    ready: impl FnOnce(&str),
) -> anyhow::Result<Answer> {
    let key: Vec<u8> = instance_secrets::table.select(instance_secrets::cookie_key).first(&mut conn)?;
    drop(conn);
    let database = Database::new(&open.url, settings.database_connections);
    let bound = listener.local_addr()?;
    let metrics = counting::start().context("Cannot start counting")?;
    let state = state(settings, bound, database, Clock::system(), &key, metrics.clone());
    if !bound.ip().is_loopback() && !state.is_https() {
        tracing::warn!("passwords travel unencrypted: put a proxy with TLS in front, and set its https origin");
    }
    if settings.public_origin.is_some() && !settings.trust_proxy {
        tracing::warn!(
            "client addresses are unknown behind a proxy; where it sets X-Forwarded-For or Forwarded, set \
             HEADROOM_TRUST_PROXY"
        );
    }
    let origin = state.origins().first().map_or("", String::as_str);
    let mailer = Mailer::new(settings, origin, open.mail_folder())?;
    // on the main thread: the embedded PostgreSQL ends with it
    let system = actix_web::rt::System::new();
    let rests = system.block_on(async move {
        actix_web::rt::spawn(housekeeping::run(state.clone()));
        actix_web::rt::spawn(worker::run(state.clone()));
        actix_web::rt::spawn(license_checks::run(state.clone()));
        actix_web::rt::spawn(monthly_reports::run(state.clone()));
        actix_web::rt::spawn(mail::run(state.clone(), mailer));
        actix_web::rt::spawn(counting::keep_up(metrics));
        let server = start(listener, state.clone())?;
        // before anybody is told that it serves: whoever reads that may stop it at once
        stop_on_signals(&server.handle()).context("Cannot wait for signals")?;
        ready(state.origins().first().map_or("", String::as_str));
        server.await?;
        anyhow::Ok(state.database.rests_within(BACKGROUND_PATIENCE).await)
    })?;
    if !rests {
        // it would wait for statements of the background, however long they take; they end with the process, and what
        // they did is undone and done at the next start
        std::mem::forget(system);
    }
    Ok(Answer::Done)
}

/// From now on a signal stops the server, not the process: SIGTERM lets requests in flight end, Ctrl-C and SIGQUIT
/// do not.
fn stop_on_signals(server: &ServerHandle) -> std::io::Result<()> {
    let signals = [(SignalKind::terminate(), true), (SignalKind::interrupt(), false), (SignalKind::quit(), false)];
    for (kind, gracefully) in signals {
        let (mut told, server) = (signal(kind)?, server.clone());
        actix_web::rt::spawn(async move {
            told.recv().await;
            server.stop(gracefully).await;
        });
    }
    Ok(())
}

/// The state of a server with these settings.
pub fn state(
    settings: &WebSettings,
    bound: SocketAddr,
    database: Database,
    clock: Clock,
    cookie_key: &[u8],
    metrics: PrometheusHandle,
) -> AppState {
    AppState::new(settings, bound, database, clock, Key::from(cookie_key), metrics)
}

/// Starts the server on a bound socket. The outermost middleware is the last in the list.
pub fn start(listener: TcpListener, state: AppState) -> std::io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::PayloadConfig::new(FORM_LIMIT))
            .configure(configure(state.clone()))
            .wrap(from_fn(keep_what_was_typed))
            .wrap(from_fn(refuse_cross_site))
            .wrap(from_fn(error_pages))
            .wrap(from_fn(security_headers))
            .wrap(from_fn(count_requests))
            .wrap(TracingLogger::<RequestSpans>::new())
    })
    .client_request_timeout(Duration::from_secs(15))
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

fn has_instance_admin(conn: &mut PgConnection) -> anyhow::Result<bool> {
    let found = role_grants::table.filter(role_grants::role.eq("instance_admin"));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(conn)?)
}
