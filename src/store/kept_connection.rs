//! One connection outside the pools, for one user of it at a time.

use std::sync::atomic::{AtomicU32, Ordering};

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
    silence: Silence,
}

/// How long the present user of the connection has been at it, in beats of whoever counts: 0 while it
/// has none, else one more than were counted.
#[derive(Default)]
struct Silence(AtomicU32);

impl Silence {
    fn begin(&self) -> impl Drop + '_ {
        struct Use<'a>(&'a AtomicU32);
        impl Drop for Use<'_> {
            fn drop(&mut self) {
                self.0.store(0, Ordering::Release);
            }
        }
        self.0.store(1, Ordering::Release);
        Use(&self.0)
    }

    fn beats(&self) -> u32 {
        self.0.load(Ordering::Acquire).saturating_sub(1)
    }

    fn count(&self) {
        let count = |beats: u32| (beats > 0).then(|| beats.saturating_add(1));
        let _ = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, count);
    }
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
            silence: Silence::default(),
        }
    }

    /// Counts a beat of whoever watches over it.
    pub fn count_beat(&self) {
        self.silence.count();
    }

    /// How many beats its present user has waited for it.
    pub fn silence(&self) -> u32 {
        self.silence.beats()
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
        let _use = self.silence.begin();
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
