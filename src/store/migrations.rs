//! The schema: which version the database has, and bringing it up to date.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
use super::{Database, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// How the database's schema stands to the one that this binary knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schema {
    Current,
    /// So many migrations have not been run; all of them on a new database.
    Older(usize),
    /// The database was migrated by a newer version, up to the one named.
    Newer(String),
}

impl Schema {
    /// What to do about it, unless it is current.
    pub fn problem(&self) -> Option<String> {
        match self {
            Schema::Current => None,
            Schema::Older(count) => Some(format!(
                "the database's schema is {count} migrations behind this version: \
                 run `mintmark database migrate`, or start `mintmark serve`, which does it"
            )),
            Schema::Newer(version) => Some(format!(
                "the database's schema ({version}) is newer than this version knows: \
                 use the version of mintmark that migrated it, or restore a back-up from before"
            )),
        }
    }
}

impl Database {
    /// Compares the database's schema with this binary's.
    pub fn schema(&self) -> Result<Schema, StoreError> {
        self.raw(|connection| match connection {
            AnyConnection::Sqlite(c) => schema_of(c),
            AnyConnection::Postgresql(c) => schema_of(c),
        })
    }

    /// Runs every migration that is missing: all of them or none. Several processes may try at
    /// once. Answers how many were run.
    pub fn migrate(&self) -> Result<usize, StoreError> {
        match self.schema()? {
            Schema::Current => return Ok(0),
            Schema::Older(_) => {}
            newer @ Schema::Newer(_) => {
                return Err(StoreError::Refused(newer.problem().unwrap_or_default()));
            }
        }
        self.raw(|connection| match connection {
            AnyConnection::Sqlite(c) => c.immediate_transaction(run_on),
            AnyConnection::Postgresql(c) => c.build_transaction().run(|c| {
                // The number is ours alone; whoever has it is the only one that migrates.
                c.batch_execute("SELECT pg_advisory_xact_lock(7236583120946)")?;
                run_on(c)
            }),
        })
    }
}

fn run_on<DB: diesel::backend::Backend, C: MigrationHarness<DB>>(
    connection: &mut C,
) -> Result<usize, StoreError> {
    let run = connection.run_pending_migrations(MIGRATIONS);
    run.map(|done| done.len())
        .map_err(|e| StoreError::Broken(format!("a migration failed: {e}")))
}

fn schema_of<DB: diesel::backend::Backend, C: MigrationHarness<DB>>(
    connection: &mut C,
) -> Result<Schema, StoreError> {
    use diesel::migration::{Migration, MigrationSource};
    let failed = |e: &dyn std::fmt::Display| StoreError::Unavailable(e.to_string());
    let known: Vec<Box<dyn Migration<DB>>> = MIGRATIONS.migrations().map_err(|e| failed(&e))?;
    let known: Vec<String> = known
        .iter()
        .map(|m| m.name().version().to_string())
        .collect();
    let applied = connection.applied_migrations().map_err(|e| failed(&e))?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    if let Some(version) = applied.iter().filter(|v| !known.contains(v)).max() {
        return Ok(Schema::Newer(version.clone()));
    }
    match known.iter().filter(|v| !applied.contains(v)).count() {
        0 => Ok(Schema::Current),
        missing => Ok(Schema::Older(missing)),
    }
}
