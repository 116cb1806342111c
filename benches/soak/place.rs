//! Who does what to whom.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;
use headroom::features::sign_in::hashing;
use headroom::schema::{experiences, jobs, organisations, users};
use uuid::Uuid;

pub const PASSWORD: &str = "a password for soaking";

/// Org admins, user managers of single regions, and learners; the same ones several times.
const CLIENTS: [&str; 10] = [
    "soak-admin",
    "soak-admin",
    "soak-admin2",
    "soak-manager0",
    "soak-manager0",
    "soak-manager1",
    "soak-manager2",
    "soak-learner0",
    "soak-learner1",
    "soak-learner2",
];

/// Few things, so that the clients meet.
#[derive(Clone)]
pub struct Place {
    pub clients: Vec<&'static str>,
    pub root: Uuid,
    /// Some regions.
    pub regions: Vec<Uuid>,
    /// Some learning experiences.
    pub experiences: Vec<Uuid>,
}

/// Adds the accounts.
pub fn prepare(conn: &mut PgConnection) -> anyhow::Result<Place> {
    let hash = hashing::hash(PASSWORD)?;
    diesel::sql_query(include_str!("accounts.sql")).bind::<Text, _>(hash).execute(conn)?;
    let root: Uuid =
        organisations::table.filter(organisations::parent_id.is_null()).select(organisations::id).first(conn)?;
    let regions = organisations::table
        .filter(organisations::parent_id.eq(root))
        .order(organisations::name)
        .limit(3)
        .select(organisations::id)
        .load(conn)?;
    let experiences = experiences::table.order(experiences::code).limit(4).select(experiences::id).load(conn)?;
    Ok(Place { clients: CLIENTS.to_vec(), root, regions, experiences })
}

/// Waits until the queue is empty, and says what came of it.
pub fn wait_for_jobs(conn: &mut PgConnection) -> anyhow::Result<String> {
    let started = Instant::now();
    let waiting = || jobs::table.filter(jobs::state.eq_any(["queued", "running"]));
    while waiting().count().get_result::<i64>(conn)? > 0 {
        anyhow::ensure!(started.elapsed() < Duration::from_secs(300), "the queue does not get empty");
        std::thread::sleep(Duration::from_millis(200));
    }
    let done: i64 = jobs::table.filter(jobs::state.eq("done")).count().get_result(conn)?;
    let failed: Vec<Option<String>> =
        jobs::table.filter(jobs::state.eq("failed")).select(jobs::last_error).load(conn)?;
    anyhow::ensure!(failed.is_empty(), "jobs failed: {failed:?}");
    let people: i64 = users::table.count().get_result(conn)?;
    Ok(format!("{done} jobs done, {people} users left"))
}
