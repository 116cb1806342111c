//! Which database a command works on, and whether it is fit for it.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{Integer, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl};

use super::printable::printable;
use crate::config::Settings;
use crate::db::SESSION_SETTINGS;
use crate::db::embedded::{self, Embedded, Purpose};
use crate::db::migrations::{self, Existing, SchemaState};

/// The oldest PostgreSQL that has multiranges.
const OLDEST_SERVER: i32 = 140_000;

/// A database that can be connected to; the embedded one stops when this is dropped.
pub struct Open {
    /// Where to connect.
    pub url: String,
    /// The PostgreSQL that was started for it, and its folder.
    pub embedded: Option<(Embedded, PathBuf)>,
    /// The folder of everything that is not in a database.
    folder: PathBuf,
}

/// For a server: the configured database, or the embedded one, started for it.
pub fn open(settings: &Settings) -> anyhow::Result<Open> {
    let folder = data_dir(settings)?;
    if let Some(url) = &settings.database_url {
        return Ok(Open { url: url.clone(), embedded: None, folder });
    }
    let embedded = Embedded::start(&folder, Purpose::Lasting)?;
    Ok(Open { url: embedded.url().to_owned(), embedded: Some((embedded, folder.clone())), folder })
}

/// For a command that also works beside a running server: joins it, or starts the embedded
/// PostgreSQL for as long as the command takes.
pub fn join(settings: &Settings) -> anyhow::Result<Open> {
    let folder = data_dir(settings)?;
    if settings.database_url.is_none()
        && let Some(url) = embedded::url_of_running(&folder)?
    {
        return Ok(Open { url, embedded: None, folder });
    }
    open(settings)
}

fn data_dir(settings: &Settings) -> anyhow::Result<PathBuf> {
    match &settings.data_dir {
        Some(dir) => Ok(std::path::absolute(dir)?),
        None => embedded::default_data_dir(),
    }
}

impl Open {
    /// The folder of the embedded PostgreSQL that was started for it.
    pub fn data_dir(&self) -> Option<&Path> {
        self.embedded.as_ref().map(|(_, dir)| dir.as_path())
    }

    /// Where mail goes that is not sent.
    pub fn mail_folder(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// Where the data is, in a sentence for the person who started the program.
    pub fn whereabouts(&self) -> String {
        match self.data_dir() {
            Some(dir) => format!("The data is kept in {}.", dir.display()),
            None => format!("The data is kept in the database {}.", name(&self.url)),
        }
    }

    /// A connection of its own, with the session settings of the pool.
    pub fn connect(&self) -> anyhow::Result<PgConnection> {
        let reached = PgConnection::establish(&self.url);
        if printable(&self.url).is_none() && reached.is_err() {
            bail!(
                "The database of DATABASE_URL cannot be reached. Why is not shown, since it may quote the password. \
                 In an address, characters such as @, / and % in a password are written as %40, %2F and %25."
            );
        }
        let mut conn = reached.with_context(|| format!("The database {} cannot be reached", name(&self.url)))?;
        let server: Server = diesel::sql_query(
            "select current_setting('server_version_num')::integer as version, current_setting('lc_messages') as language",
        )
        .get_result(&mut conn)?;
        if server.version < OLDEST_SERVER {
            bail!("Headroom needs PostgreSQL 14 or newer; the server has version {}.", server.version / 10_000);
        }
        if !server.speaks_english() {
            tracing::warn!(
                lc_messages = server.language,
                "PostgreSQL's messages are in another language, and Headroom knows a busy database by the English ones: \
                 it shows an error where it would try again. As its superuser: ALTER ROLE ... SET lc_messages = 'C'"
            );
        }
        conn.batch_execute(SESSION_SETTINGS)?;
        Ok(conn)
    }

    /// A connection to a database whose schema is the one that this program needs. An empty
    /// database gets it; with an older one, `existing` says what to do.
    pub fn connect_current(&self, existing: Existing) -> anyhow::Result<PgConnection> {
        let mut conn = self.connect()?;
        match migrations::apply(&mut conn, existing)? {
            SchemaState::Older(missing) if existing == Existing::Leave => bail!(
                "The database is of an older version of Headroom; {missing} of its migrations are missing. \
                 Back it up, then run: headroom migrate"
            ),
            SchemaState::Newer(version) => bail!(
                "The database is of a newer version of Headroom: it has the migration {version}, which this one \
                 does not know. Install that version, or restore a backup."
            ),
            SchemaState::Empty | SchemaState::Older(_) | SchemaState::Current => Ok(conn),
        }
    }
}

/// For work that nobody waits for at a screen: longer than a page may take, and not forever.
pub fn be_patient(conn: &mut PgConnection) -> anyhow::Result<()> {
    conn.batch_execute("set statement_timeout to '10min'; set lock_timeout to '2min'")?;
    Ok(())
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    language: String,
}

impl Server {
    /// Diesel passes on the texts of errors, not their codes.
    fn speaks_english(&self) -> bool {
        ["C", "POSIX", "en"].iter().any(|name| self.language.starts_with(name)) || self.language.is_empty()
    }
}

/// The address as it may be printed, or the setting that has it.
fn name(url: &str) -> String {
    printable(url).filter(|printed| !printed.is_empty()).unwrap_or_else(|| "of DATABASE_URL".to_owned())
}
