//! The PostgreSQL that the program starts by itself: one data folder, a unix socket, no network.
//!
//! A lock file says which Headroom process owns the folder. PostgreSQL refuses to run as root,
//! so as root it runs as an unprivileged user; `paths` finds the programs, the user and places
//! that this user can reach.

mod paths;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::{Connection, RunQueryDsl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub use paths::{Programs, default_data_dir, reachable};

/// The role and the database that the program uses; the role is no superuser.
const NAME: &str = "headroom";

/// The cluster's superuser: creates the role and the database, and nothing else.
const SUPERUSER: &str = "postgres";

/// How long PostgreSQL may take to start: after a crash it replays its log first.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// How long it may take to stop before it is told to drop everything.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// What differs between a server for people and one for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Every commit is on disk; the server ends with the process that started it.
    Lasting,
    /// Nothing survives a crash; the server outlives the process that started it.
    Tests,
}

/// The folder belongs to another process of this program.
#[derive(Debug, thiserror::Error)]
#[error("The data folder {} is in use by another Headroom server (process {owner}). \
         Stop that one first, or set HEADROOM_DATA_DIR to another folder.", dir.display())]
pub struct InUse {
    dir: PathBuf,
    owner: String,
}

/// A running PostgreSQL that this process started. Dropping it stops the server.
#[derive(Debug)]
pub struct Embedded {
    child: Option<Child>,
    url: String,
    _lock: File,
}

impl Embedded {
    /// Starts the PostgreSQL of `data_dir`, which is created when needed. Must be called on the
    /// main thread: the server is told to end when the thread that started it does.
    pub fn start(data_dir: &Path, purpose: Purpose) -> anyhow::Result<Embedded> {
        let programs = Programs::find(data_dir)?;
        programs.prepare_folder(data_dir)?;
        let data_dir = &data_dir.canonicalize()?;
        let lock = lock(data_dir)?;
        let cluster = data_dir.join("postgres");
        let socket = programs.socket_folder(data_dir)?;

        stop_leftover(&cluster)?;
        if !cluster.join("PG_VERSION").exists() {
            init(&programs, &cluster)?;
        }
        let log = data_dir.join("postgres.log");
        let mut child = spawn(&programs, &cluster, &socket, &log, purpose)?;
        wait_until_ready(&mut child, &socket, &log)?;
        create_database(&socket, purpose)?;
        let child = (purpose == Purpose::Lasting).then_some(child);
        Ok(Embedded { child, url: url(&socket, NAME, NAME), _lock: lock })
    }

    /// Where to connect as the program's role.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server: open transactions are rolled back, everything is written.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
        for (signal, patience) in [(Signal::SIGINT, STOP_TIMEOUT), (Signal::SIGQUIT, STOP_TIMEOUT)] {
            let _ = kill(pid, signal);
            if ends_within(patience, || matches!(child.try_wait(), Ok(Some(_)))) {
                return;
            }
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The server of a test run: started by whichever process comes first, used by all, and left
/// running when they end. Returns its address.
pub fn shared_by_tests(data_dir: &Path) -> anyhow::Result<String> {
    fs::create_dir_all(data_dir)?;
    let starting = File::create(data_dir.join("starting.lock"))?;
    starting.lock()?;
    if data_dir.join("postgres/PG_VERSION").exists() {
        let data_dir = data_dir.canonicalize()?;
        let url = url(&Programs::find(&data_dir)?.socket_folder(&data_dir)?, NAME, NAME);
        if PgConnection::establish(&url).is_ok() {
            return Ok(url);
        }
    }
    Ok(Embedded::start(data_dir, Purpose::Tests)?.url().to_owned())
}

/// The address of the server that another process has running on this folder, if one has.
pub fn url_of_running(data_dir: &Path) -> anyhow::Result<Option<String>> {
    if !data_dir.join("postgres/PG_VERSION").exists() {
        return Ok(None);
    }
    let data_dir = &data_dir.canonicalize()?;
    match lock(data_dir) {
        Ok(_free) => Ok(None),
        Err(error) if error.is::<InUse>() => {
            let socket = Programs::find(data_dir)?.socket_folder(data_dir)?;
            let url = url(&socket, NAME, NAME);
            // the other server may just be starting
            if !ends_within(START_TIMEOUT, || PgConnection::establish(&url).is_ok()) {
                return Err(error);
            }
            Ok(Some(url))
        }
        Err(error) => Err(error),
    }
}

/// Takes the folder for this process; the lock goes with the process, however it ends.
fn lock(data_dir: &Path) -> anyhow::Result<File> {
    let path = data_dir.join("headroom.lock");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .with_context(|| format!("Cannot write to {}.", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())?;
            file.flush()?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            file.seek(SeekFrom::Start(0))?;
            file.read_to_string(&mut owner)?;
            Err(InUse { dir: data_dir.to_owned(), owner }.into())
        }
        Err(TryLockError::Error(error)) => Err(error).context("Cannot lock the data folder."),
    }
}

/// After a kill -9, PostgreSQL may have outlived the Headroom that started it.
fn stop_leftover(cluster: &Path) -> anyhow::Result<()> {
    let Some(pid) = leftover(cluster) else { return Ok(()) };
    tracing::info!(%pid, "stopping a PostgreSQL that was left running");
    for signal in [Signal::SIGINT, Signal::SIGQUIT] {
        let _ = kill(pid, signal);
        if ends_within(STOP_TIMEOUT, || leftover(cluster).is_none()) {
            return Ok(());
        }
    }
    bail!("A PostgreSQL (process {pid}) still runs in {} and does not stop.", cluster.display())
}

/// The process that postmaster.pid names, when it is alive and a PostgreSQL that works in this
/// folder: after a restart of the machine, another process may have its number.
fn leftover(cluster: &Path) -> Option<Pid> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let works_here = fs::read_link(format!("/proc/{pid}/cwd")).ok()? == cluster;
    (works_here && matches!(name.trim(), "postgres" | "postmaster")).then(|| Pid::from_raw(pid))
}

fn init(programs: &Programs, cluster: &Path) -> anyhow::Result<()> {
    // Made under another name and renamed when it is whole: initdb may be interrupted.
    let unfinished = cluster.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let mut command = programs.command("initdb");
    end_with_us(&mut command);
    let output = command
        .arg("--pgdata")
        .arg(&unfinished)
        .args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"])
        .output()
        .context("Cannot run initdb.")?;
    if !output.status.success() {
        bail!("PostgreSQL could not create its files in {}: {}", cluster.display(), last_lines(&output.stderr));
    }
    fs::rename(&unfinished, cluster).context("Cannot rename the folder of the new cluster.")
}

/// Has the system interrupt the program when the thread that starts it ends, however it ends.
#[allow(unsafe_code)]
fn end_with_us(command: &mut Command) {
    // SAFETY: between fork and exec only prctl(2) is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| nix::sys::prctl::set_pdeathsig(Signal::SIGINT).map_err(Into::into));
    }
}

fn spawn(programs: &Programs, cluster: &Path, socket: &Path, log: &Path, purpose: Purpose) -> anyhow::Result<Child> {
    let log = File::create(log).with_context(|| format!("Cannot write to {}.", log.display()))?;
    let mut command = programs.command("postgres");
    command
        .arg("-D")
        .arg(cluster)
        .arg("-c")
        .arg(format!("unix_socket_directories={}", socket.display()))
        // an exported PGPORT would be used otherwise
        .args(["-c", "port=5432", "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"])
        .args([
            "-c",
            "max_connections=120",
            "-c",
            "shared_buffers=256MB",
            "-c",
            "work_mem=32MB",
            "-c",
            "maintenance_work_mem=128MB",
            "-c",
            "max_wal_size=2GB",
        ])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C in a terminal is for us; we stop PostgreSQL when we are done with it
        .process_group(0);
    match purpose {
        Purpose::Lasting => end_with_us(&mut command),
        Purpose::Tests => {
            command.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        }
    }
    command.spawn().context("Cannot start postgres.")
}

fn wait_until_ready(child: &mut Child, socket: &Path, log: &Path) -> anyhow::Result<()> {
    let url = url(socket, SUPERUSER, "postgres");
    let mut exited = false;
    let ready = ends_within(START_TIMEOUT, || {
        exited = matches!(child.try_wait(), Ok(Some(_)));
        exited || PgConnection::establish(&url).is_ok()
    });
    if !ready || exited {
        let said = fs::read(log).unwrap_or_default();
        bail!("PostgreSQL did not start. It said: {} (all of it is in {})", last_lines(&said), log.display());
    }
    Ok(())
}

fn create_database(socket: &Path, purpose: Purpose) -> anyhow::Result<()> {
    #[derive(diesel::QueryableByName)]
    struct Present {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        present: bool,
    }
    let mut conn = PgConnection::establish(&url(socket, SUPERUSER, "postgres"))?;
    let role: Present = diesel::sql_query("select exists (select from pg_roles where rolname = 'headroom') as present")
        .get_result(&mut conn)?;
    if !role.present {
        conn.batch_execute("create role headroom login")?;
    }
    if purpose == Purpose::Tests {
        conn.batch_execute("alter role headroom createdb")?;
    }
    let database: Present =
        diesel::sql_query("select exists (select from pg_database where datname = 'headroom') as present")
            .get_result(&mut conn)?;
    if !database.present {
        conn.batch_execute("create database headroom owner headroom")?;
    }
    Ok(())
}

/// A connection address for the server behind a socket.
fn url(socket: &Path, role: &str, database: &str) -> String {
    let host: String = form_urlencoded::byte_serialize(socket.as_os_str().as_encoded_bytes()).collect();
    // byte_serialize writes a space as "+", which libpq takes literally
    format!("postgres://{role}@{}/{database}?port=5432", host.replace('+', "%20"))
}

/// Asks every few milliseconds until the answer is yes; false when it never was.
fn ends_within(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

/// Only its owner may enter.
fn make_private(dir: &Path) -> std::io::Result<()> {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}
