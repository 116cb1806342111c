//! One PostgreSQL for the whole run; each test gets a copy of a migrated template.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use headroom::db::SESSION_SETTINGS;
use headroom::db::{embedded, migrations};
use sha2::{Digest, Sha256};

/// A database that is dropped at the end of the test.
pub struct TestDatabase {
    name: String,
    pub url: String,
}

/// The time in every test that does not set another.
pub const NOW: &str = "2026-11-24T12:00:00Z";

struct Cluster {
    url: String,
    template: String,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    pub fn new() -> TestDatabase {
        let database = TestDatabase::named();
        let cluster = cluster();
        admin(&cluster.url)
            .batch_execute(&format!(
                "create database {} template {} strategy file_copy",
                database.name, cluster.template
            ))
            .expect("a copy of the template");
        database
    }

    /// Without any migration.
    pub fn empty() -> TestDatabase {
        let database = TestDatabase::named();
        admin(&cluster().url).batch_execute(&format!("create database {}", database.name)).expect("a database");
        database
    }

    fn named() -> TestDatabase {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let url = with_database(&cluster().url, &name);
        TestDatabase { name, url }
    }

    /// Ends all connections and takes no new ones, or takes them again.
    pub fn block_connections(&self, block: bool) {
        let mut admin = admin(&cluster().url);
        admin
            .batch_execute(&format!("alter database {} allow_connections {}", self.name, !block))
            .expect("a database that can be altered");
        if block {
            admin
                .batch_execute(&format!(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
                    self.name
                ))
                .expect("ended connections");
        }
    }

    pub fn connect(&self) -> PgConnection {
        self.try_connect().expect("the test's database")
    }

    /// None when the test has blocked all connections.
    pub fn try_connect(&self) -> Option<PgConnection> {
        let mut conn = PgConnection::establish(&self.url).ok()?;
        conn.batch_execute(SESSION_SETTINGS).expect("session settings");
        // what is recorded as it happens goes by the time of the tests, see `TestApp::start`
        conn.batch_execute(&format!("set headroom.now to '{NOW}'")).expect("the time of the tests");
        Some(conn)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let _ = admin(&cluster().url).batch_execute(&format!("drop database if exists {} with (force)", self.name));
    }
}

fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        let dir = data_dir();
        let url = embedded::shared_by_tests(&dir).expect("a PostgreSQL for the tests");
        let template = template(&url, &dir);
        Cluster { url, template }
    })
}

/// Where the script that runs all tests says; else in the target folder, where it is left running
/// for the next run.
fn data_dir() -> PathBuf {
    match std::env::var_os("HEADROOM_TEST_DATA_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => embedded::reachable(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-postgres"))
            .expect("a folder for the tests' PostgreSQL"),
    }
}

/// The migrated template, made by whichever test process comes first: under another name, and
/// renamed when it is complete.
fn template(url: &str, dir: &Path) -> String {
    let name = format!("template_{}", migrations_hash());
    let lock = std::fs::File::create(dir.join("template.lock")).expect("a lock file");
    lock.lock().expect("the template's lock");
    let mut admin = admin(url);
    let exists: i64 = diesel::select(diesel::dsl::sql::<BigInt>(&format!(
        "(select count(*) from pg_database where datname = '{name}')"
    )))
    .get_result(&mut admin)
    .expect("the list of databases");
    if exists == 0 {
        admin.batch_execute("drop database if exists template_new with (force)").expect("no leftover");
        admin.batch_execute("create database template_new").expect("a database");
        let mut conn = PgConnection::establish(&with_database(url, "template_new")).expect("the new template");
        migrations::apply(&mut conn, migrations::Existing::Migrate).expect("migrations");
        drop(conn);
        admin.batch_execute(&format!("alter database template_new rename to {name}")).expect("a renamed template");
    }
    name
}

fn migrations_hash() -> String {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).expect("a migration"));
    }
    hash.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn admin(url: &str) -> PgConnection {
    PgConnection::establish(&with_database(url, "postgres")).expect("the tests' PostgreSQL")
}

fn with_database(url: &str, name: &str) -> String {
    url.replace("/headroom?", &format!("/{name}?"))
}

/// Until some statement in the database waits for a lock.
pub fn wait_until_blocked(conn: &mut PgConnection) {
    let waiting =
        "(select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())";
    let deadline = Instant::now() + Duration::from_secs(20);
    while diesel::select(diesel::dsl::sql::<BigInt>(waiting)).get_result::<i64>(conn).expect("a count") == 0 {
        assert!(Instant::now() < deadline, "nobody waits");
        std::thread::yield_now();
    }
}
