//! The program as it serves: the report's own queries, and its page through HTTP.

use std::net::TcpListener;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use headroom::clock::Clock;
use headroom::config::WebSettings;
use headroom::db::{self, Database};
use headroom::features::licenses::queries::{self, Asked, Page};
use headroom::features::sign_in::hashing;
use headroom::ids::{OrganisationId, UserId};
use headroom::programs::serve;
use headroom::schema::{instance_secrets, organisations, role_grants, users};
use headroom::web::guards::{Allowed, SeeLicenses, SignedIn};
use metrics_exporter_prometheus::PrometheusBuilder;
use uuid::Uuid;

use super::support::Visitor;

pub const USERNAME: &str = "measuring";
pub const PASSWORD: &str = "a password for measuring";

/// Who looks at what, when.
pub struct Place {
    pub root: Uuid,
    pub now: DateTime<Utc>,
    pub signed_in: SignedIn,
    /// The user manager of some region.
    pub manager: SignedIn,
    by: Allowed<SeeLicenses>,
}

impl Place {
    /// The address of the root's report.
    pub fn report(&self) -> String {
        format!("/organisations/{}/licenses", self.root)
    }
}

/// Adds the org admin of the root.
pub fn add_admin(conn: &mut PgConnection) -> anyhow::Result<()> {
    let root: Uuid = root(conn)?;
    let id: Uuid = diesel::insert_into(users::table)
        .values((
            users::organisation_id.eq(root),
            users::username.eq(USERNAME),
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
    Ok(())
}

fn root(conn: &mut PgConnection) -> QueryResult<Uuid> {
    organisations::table.filter(organisations::parent_id.is_null()).select(organisations::id).first(conn)
}

/// The org admin looks at the root, now.
pub fn prepare(conn: &mut PgConnection) -> anyhow::Result<Place> {
    let now = Utc::now();
    let root = root(conn)?;
    let id: Uuid = users::table.filter(users::username.eq(USERNAME)).select(users::id).first(conn)?;
    let signed_in =
        SignedIn::for_account(conn, UserId(id), now)?.ok_or_else(|| anyhow::anyhow!("the org admin cannot sign in"))?;
    let manager: UserId = role_grants::table
        .inner_join(organisations::table)
        .filter(role_grants::role.eq("user_manager").and(organisations::name.like("Region %")))
        .filter(role_grants::user_id.eq_any(users::table.filter(users::expires_on.is_null()).select(users::id)))
        .order(organisations::name)
        .select(role_grants::user_id)
        .first(conn)?;
    let manager =
        SignedIn::for_account(conn, manager, now)?.ok_or_else(|| anyhow::anyhow!("the user manager cannot sign in"))?;
    let by = Allowed::new(signed_in.clone()).ok_or_else(|| anyhow::anyhow!("the org admin may not see licenses"))?;
    Ok(Place { root, now, signed_in, manager, by })
}

/// The report's queries, in the transaction that the handler uses. Returns the root's figure.
pub fn report(conn: &mut PgConnection, place: &Place) -> anyhow::Result<i64> {
    let report = db::read(conn, |conn| {
        queries::report(conn, &place.by, OrganisationId(place.root), place.now, Asked::default(), Page::Number(1))
    })?;
    Ok(i64::try_from(report.total.used.0)?)
}

/// A running server in this process, and a signed-in client. It does no housekeeping and no jobs.
pub struct Server {
    pub visitor: Visitor,
    handle: actix_web::dev::ServerHandle,
}

impl Server {
    pub fn start(url: &str, settings: &WebSettings) -> anyhow::Result<Server> {
        let mut conn = PgConnection::establish(url)?;
        let key: Vec<u8> = instance_secrets::table.select(instance_secrets::cookie_key).first(&mut conn)?;
        let listener = TcpListener::bind(settings.bind)?;
        let address = listener.local_addr()?;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let database = Database::new(url, settings.database_connections);
        let state = serve::state(settings, address, database, Clock::system(), &key, metrics);
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve::start(listener, state).expect("a server");
                send.send(server.handle()).expect("a waiting benchmark");
                server.await
            })
        });
        let handle = receive.recv()?;
        Ok(Server { visitor: Visitor::sign_in(&format!("http://{address}"), USERNAME, PASSWORD)?, handle })
    }

    pub fn stop(&self) {
        drop(self.handle.stop(false));
    }
}
