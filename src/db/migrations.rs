//! Is the database's schema the one that this program was built for?

use diesel::RunQueryDsl;
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

/// Applies what is missing; returns how many that were. Of two servers that start at once, one
/// waits for the other.
pub fn apply(conn: &mut PgConnection) -> anyhow::Result<usize> {
    diesel::sql_query("select pg_advisory_lock(hashtext('headroom migrations'))").execute(conn)?;
    let applied = conn.run_pending_migrations(MIGRATIONS).map(|applied| applied.len());
    diesel::sql_query("select pg_advisory_unlock(hashtext('headroom migrations'))").execute(conn)?;
    applied.map_err(anyhow::Error::from_boxed)
}

fn known_versions() -> anyhow::Result<Vec<MigrationVersion<'static>>> {
    let migrations: Vec<Box<dyn Migration<Pg>>> =
        diesel::migration::MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(anyhow::Error::from_boxed)?;
    Ok(migrations.iter().map(|migration| migration.name().version().as_owned()).collect())
}
