//! The schema: which version the database has, and bringing it up to date.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
use super::{Database, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The table is diesel's.
const VERSIONS: &str = "SELECT version AS text FROM __diesel_schema_migrations";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

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
    /// Compares the database's schema with this binary's. It only reads: to look at a database that
    /// is another's, or that others set up at this moment, changes nothing there.
    pub fn schema(&self) -> Result<Schema, StoreError> {
        self.read(|connection| match connection {
            AnyConnection::Sqlite(c) => {
                let table = "SELECT name AS text FROM sqlite_master WHERE name = \
                             '__diesel_schema_migrations'";
                let is_there = !sql_query(table).load::<Line>(c)?.is_empty();
                compare::<Sqlite>(if is_there {
                    sql_query(VERSIONS).load(c)?
                } else {
                    vec![]
                })
            }
            AnyConnection::Postgresql(c) => {
                let table = "SELECT 'there' AS text \
                             WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL";
                let is_there = !sql_query(table).load::<Line>(c)?.is_empty();
                compare::<Pg>(if is_there {
                    sql_query(VERSIONS).load(c)?
                } else {
                    vec![]
                })
            }
        })
    }

    /// The tables that are there, whosever they are, but for what the database or one of its
    /// extensions made for itself.
    pub fn tables(&self) -> Result<Vec<String>, StoreError> {
        let found: Vec<Line> = self.read(|connection| match connection {
            AnyConnection::Sqlite(c) => sql_query(
                "SELECT name AS text FROM sqlite_master \
                 WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 ORDER BY name",
            )
            .load(c)
            .map_err(StoreError::from),
            AnyConnection::Postgresql(c) => sql_query(
                "SELECT relname::text AS text FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = ANY (current_schemas(false)) \
                 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS \
                 (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') \
                 ORDER BY relname",
            )
            .load(c)
            .map_err(StoreError::from),
        })?;
        Ok(found.into_iter().map(|line| line.text).collect())
    }

    /// What is wrong with how the database encodes text, if anything: one that is not in UTF-8 refuses
    /// what people are called, or takes it without looking.
    pub fn encoding_problem(&self) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            let AnyConnection::Postgresql(c) = connection else {
                return Ok(None);
            };
            let query = "SELECT current_setting('server_encoding') AS text";
            let found: Line = sql_query(query).get_result(c)?;
            Ok((found.text != "UTF8").then(|| {
                format!(
                    "the PostgreSQL database has the encoding {}, and cannot hold every name: make \
                     it with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
                    found.text
                )
            }))
        })
    }

    /// Runs every migration that is missing: all of them or none. Several processes may try at
    /// once. Answers how many were run.
    pub fn migrate(&self) -> Result<usize, StoreError> {
        match self.schema()? {
            Schema::Current => return Ok(0),
            Schema::Older(_) => {
                // One that holds something goes on as it did; `database check` tells of it.
                let is_new = self.tables()?.is_empty();
                if let Some(problem) = self.encoding_problem()?.filter(|_| is_new) {
                    return Err(StoreError::Refused(problem));
                }
            }
            newer @ Schema::Newer(_) => {
                return Err(StoreError::Refused(newer.problem().unwrap_or_default()));
            }
        }
        // Whoever is not the first waits until that one is done, however long that takes.
        self.raw(|connection| match connection {
            AnyConnection::Sqlite(c) => {
                c.batch_execute("PRAGMA busy_timeout = 600000")?;
                c.immediate_transaction(run_on)
            }
            AnyConnection::Postgresql(c) => c.build_transaction().run(|c| {
                // The number is ours alone; whoever has it is the only one that migrates.
                c.batch_execute(
                    "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
                     SELECT pg_advisory_xact_lock(7236583120946)",
                )?;
                run_on(c)
            }),
        })
    }
}

fn run_on<DB: Backend, C: MigrationHarness<DB>>(connection: &mut C) -> Result<usize, StoreError> {
    let run = connection.run_pending_migrations(MIGRATIONS);
    run.map(|done| done.len())
        .map_err(|e| StoreError::Broken(format!("a migration failed: {e}")))
}

fn compare<DB: Backend>(applied: Vec<Line>) -> Result<Schema, StoreError> {
    let failed = |e: &dyn std::fmt::Display| StoreError::Unavailable(e.to_string());
    let known: Vec<Box<dyn Migration<DB>>> = MIGRATIONS.migrations().map_err(|e| failed(&e))?;
    let known: Vec<String> = known
        .iter()
        .map(|m| m.name().version().to_string())
        .collect();
    let applied: Vec<String> = applied.into_iter().map(|line| line.text).collect();
    if let Some(version) = applied.iter().filter(|v| !known.contains(v)).max() {
        return Ok(Schema::Newer(version.clone()));
    }
    match known.iter().filter(|v| !applied.contains(v)).count() {
        0 => Ok(Schema::Current),
        missing => Ok(Schema::Older(missing)),
    }
}
