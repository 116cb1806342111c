//! Is the database's schema the one that this program was built for?

use super::SESSION_SETTINGS;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationVersion};
use diesel::pg::{Pg, PgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// The migrations that this program was built with.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// How the schema compares to what the program needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// No migration was ever applied.
    Empty,
    /// As needed.
    Current,
    /// This many migrations are missing.
    Older(usize),
    /// It has migrations that this program does not know; the first of them.
    Newer(String),
}

/// Compares. On an empty database it leaves behind the table of applied migrations.
pub fn state(conn: &mut PgConnection) -> anyhow::Result<SchemaState> {
    let applied = conn.applied_migrations().map_err(anyhow::Error::from_boxed)?;
    let known = known_versions()?;
    if applied.is_empty() {
        return Ok(SchemaState::Empty);
    }
    if let Some(unknown) = applied.iter().find(|version| !known.contains(version)) {
        return Ok(SchemaState::Newer(unknown.to_string()));
    }
    Ok(match known.iter().filter(|version| !applied.contains(version)).count() {
        0 => SchemaState::Current,
        missing => SchemaState::Older(missing),
    })
}

/// What [`apply`] does with a database that has a schema already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Bring it up to date.
    Migrate,
    /// Leave it as it is: migrations want a backup first.
    Leave,
}

/// Gives an empty database its schema, and an older one what is missing if wanted. Returns the
/// state that was found. Of two servers that start at once, one waits for the other.
pub fn apply(conn: &mut PgConnection, existing: Existing) -> anyhow::Result<SchemaState> {
    // a migration of a large table may take longer than any request
    conn.batch_execute(
        "set statement_timeout to 0; set lock_timeout to 0; select pg_advisory_lock(hashtext('headroom migrations'))",
    )?;
    let outcome = apply_alone(conn, existing);
    conn.batch_execute("select pg_advisory_unlock(hashtext('headroom migrations'))")?;
    conn.batch_execute(SESSION_SETTINGS)?;
    outcome
}

fn apply_alone(conn: &mut PgConnection, existing: Existing) -> anyhow::Result<SchemaState> {
    let found = state(conn)?;
    let wanted = match found {
        SchemaState::Empty => true,
        SchemaState::Older(_) => existing == Existing::Migrate,
        SchemaState::Current | SchemaState::Newer(_) => false,
    };
    if wanted {
        conn.run_pending_migrations(MIGRATIONS).map_err(anyhow::Error::from_boxed)?;
    }
    Ok(found)
}

fn known_versions() -> anyhow::Result<Vec<MigrationVersion<'static>>> {
    let migrations: Vec<Box<dyn Migration<Pg>>> =
        diesel::migration::MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(anyhow::Error::from_boxed)?;
    Ok(migrations.iter().map(|migration| migration.name().version().as_owned()).collect())
}
