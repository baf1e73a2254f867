//! One connection outside the pools, for one user of it at a time.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use parking_lot::Mutex;
use r2d2::ManageConnection;

use super::connection::{Opener, PATIENCE, refuse_read_only};
use super::{AnyConnection, StoreError};

/// What a connection to PostgreSQL reaches in the end, whatever stands between: the server since its
/// start, the database, the table of the change log's head and its storage. A standby that was
/// promoted, a database that was made anew under its name, and a table that was restored in its
/// place are others.
const POSTGRESQL_SOURCE: &str = "SELECT current_setting('transaction_read_only') AS read_only, \
    concat_ws(' ', inet_server_addr(), inet_server_port(), pg_postmaster_start_time(), \
    (SELECT oid FROM pg_database WHERE datname = current_database()), \
    to_regclass('change_head')::oid, pg_relation_filenode(to_regclass('change_head'))) AS source";

#[derive(QueryableByName)]
struct Source {
    #[diesel(sql_type = Text)]
    read_only: String,
    #[diesel(sql_type = Text)]
    source: String,
}

/// Checks that it can be written to, and answers what is reached by it.
fn source(connection: &mut AnyConnection) -> Result<String, StoreError> {
    match connection {
        AnyConnection::Sqlite(_) => Ok(String::new()),
        AnyConnection::Postgresql(connection) => {
            let found: Source = sql_query(POSTGRESQL_SOURCE).get_result(connection)?;
            refuse_read_only(&found.read_only)?;
            Ok(found.source)
        }
    }
}

/// A connection that is opened when it is first needed, and again after it failed.
pub(super) struct KeptConnection {
    opener: Opener,
    open: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    connection: Option<AnyConnection>,
    /// How often it was opened.
    opened: u64,
}

impl KeptConnection {
    pub fn new(opener: Opener) -> Self {
        Self {
            opener,
            open: Mutex::default(),
        }
    }

    /// Runs `work` on it, alone. It is told the source of what it reads: another text whenever the
    /// connection was opened again, or another server, database or table answers on it (a pooler
    /// between us keeps the connection open through all of that).
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &str) -> Result<T, E>,
    ) -> Result<T, E> {
        let busy = || StoreError::Unavailable("the kept connection is in use".to_owned());
        let mut open = self.open.try_lock_for(PATIENCE).ok_or_else(busy)?;
        // Taken out: one on which something failed is not used again.
        let kept = open.connection.take().and_then(|mut kept| {
            let source = source(&mut kept).ok()?;
            Some((kept, source))
        });
        let (mut connection, source) = match kept {
            Some(kept) => kept,
            None => {
                let mut connection = self.opener.connect()?;
                let source = source(&mut connection)?;
                open.opened += 1;
                (connection, source)
            }
        };
        let source = format!("{} {source}", open.opened);
        let done = work(&mut connection, &source)?;
        open.connection = Some(connection);
        Ok(done)
    }
}
