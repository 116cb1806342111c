//! The program as it serves: the report's own queries, and its page through HTTP.

use std::net::{SocketAddr, TcpListener};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use headroom::config::WebSettings;
use headroom::db::{self, Database};
use headroom::features::licenses::queries::{self, Order, Page};
use headroom::features::sign_in::hashing;
use headroom::ids::{OrganisationId, UserId};
use headroom::programs::serve;
use headroom::schema::{instance_secrets, organisations, role_grants, users};
use headroom::web::guards::{Allowed, SeeLicenses, SignedIn};
use metrics_exporter_prometheus::PrometheusBuilder;
use uuid::Uuid;

const PASSWORD: &str = "a password for measuring";

/// Who looks at what, when.
pub struct Place {
    pub root: Uuid,
    pub now: DateTime<Utc>,
    by: Allowed<SeeLicenses>,
}

/// An org admin of the root.
pub fn prepare(conn: &mut PgConnection) -> anyhow::Result<Place> {
    let now = Utc::now();
    let root: Uuid =
        organisations::table.filter(organisations::parent_id.is_null()).select(organisations::id).first(conn)?;
    let id: Uuid = diesel::insert_into(users::table)
        .values((
            users::organisation_id.eq(root),
            users::username.eq("measuring"),
            users::email.eq("measuring@people.example"),
            users::first_name.eq("Org"),
            users::last_name.eq("Admin"),
            users::password_hash.eq(hashing::hash(PASSWORD)?),
        ))
        .returning(users::id)
        .get_result(conn)?;
    diesel::insert_into(role_grants::table)
        .values((role_grants::user_id.eq(id), role_grants::role.eq("org_admin"), role_grants::organisation_id.eq(root)))
        .execute(conn)?;
    let by = SignedIn::for_account(conn, UserId(id), now)?
        .and_then(Allowed::new)
        .ok_or_else(|| anyhow::anyhow!("the org admin may not see licenses"))?;
    Ok(Place { root, now, by })
}

/// The report's queries, in the transaction that the handler uses. Returns the root's figure.
pub fn report(conn: &mut PgConnection, place: &Place) -> anyhow::Result<i64> {
    let report = db::read(conn, |conn| {
        queries::report(conn, &place.by, OrganisationId(place.root), place.now, Order::default(), Page::Number(1))
    })?;
    Ok(i64::try_from(report.total.used.0)?)
}

/// A running server and a signed-in client.
pub struct Server {
    address: SocketAddr,
    client: reqwest::blocking::Client,
    handle: actix_web::dev::ServerHandle,
}

impl Server {
    pub fn start(place: &Place, url: &str, settings: &WebSettings) -> anyhow::Result<Server> {
        let mut conn = PgConnection::establish(url)?;
        let key: Vec<u8> = instance_secrets::table.select(instance_secrets::cookie_key).first(&mut conn)?;
        let listener = TcpListener::bind(settings.bind)?;
        let address = listener.local_addr()?;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let database = Database::new(url, settings.database_connections);
        let state = serve::state(settings, address, database, super::clock(), &key, metrics);
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve::start(listener, state).expect("a server");
                send.send(server.handle()).expect("a waiting benchmark");
                server.await
            })
        });
        let handle = receive.recv()?;
        let client = reqwest::blocking::Client::builder().cookie_store(true).build()?;
        let server = Server { address, client, handle };
        let signed_in = server
            .client
            .post(server.url("/sign-in"))
            .header("sec-fetch-site", "same-origin")
            .form(&[("username", "measuring"), ("password", PASSWORD)])
            .send()?;
        anyhow::ensure!(signed_in.status() == 200, "signing in failed");
        server.get_report(place)?;
        Ok(server)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get_report(&self, place: &Place) -> anyhow::Result<()> {
        let response = self.client.get(self.url(&format!("/organisations/{}/licenses", place.root))).send()?;
        anyhow::ensure!(response.status() == 200, "no report");
        response.bytes()?;
        Ok(())
    }

    pub fn stop(&self) {
        drop(self.handle.stop(false));
    }
}
