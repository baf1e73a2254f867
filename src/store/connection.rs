//! Connections to SQLite and PostgreSQL, their pools, and the write lane. The only file that knows
//! one database from the other.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use parking_lot::Mutex;
use r2d2::{ManageConnection, Pool};

use super::database_url::with_parameters;
use super::kept_connection::KeptConnection;
use super::open_files::{OpenFiles, make_private};
use super::pool::{Reading, borrow, long_readers, pool};
use super::transaction::Transaction;
use super::trouble::Trouble;
use super::{DatabaseUrl, StoreError};

/// How long a caller waits for a connection and, if it writes, for its turn: both together.
pub(super) const PATIENCE: Duration = Duration::from_millis(1500);

/// How long libpq waits, in its own words: for a connection (s), for what was sent to arrive (ms), and
/// for a sign of life while it waits itself (s). By its defaults a server that vanished without a word
/// would be waited for for two hours.
const PATIENT: [(&str, &str); 5] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "3000"),
    ("keepalives_idle", "2"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "3"),
];

/// How long one statement may take on PostgreSQL, in milliseconds.
const STATEMENT_TIME: u32 = 5000;

/// How long whoever writes on PostgreSQL may keep it waiting for a next statement, in milliseconds: a
/// process that is suspended in the middle of a change then loses the lane and what it did.
const WRITER_IDLE_TIME: u32 = 2000;

/// A connection to either database; every query is written once, for both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

/// Opens connections by the URL's scheme and gives the true error.
pub(super) struct Opener {
    url: DatabaseUrl,
    writes: bool,
    files: Option<Arc<OpenFiles>>,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

impl ManageConnection for Opener {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let check = || self.files.as_ref().map_or(Ok(()), |files| files.check());
                let mut connection = open_sqlite(path, check)?;
                if !self.writes {
                    connection.batch_execute("PRAGMA query_only = ON")?;
                }
                Ok(AnyConnection::Sqlite(connection))
            }
            DatabaseUrl::Postgresql(url) => {
                let mut connection = open_postgresql(url.expose())?;
                // Checked here too: the pool pauses between connections that fail, not between
                // those that fail the check of their first use.
                check_writable(&mut connection)?;
                Ok(AnyConnection::Postgresql(connection))
            }
        }
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        match connection {
            AnyConnection::Sqlite(_) => Ok(()),
            AnyConnection::Postgresql(connection) => check_writable(connection),
        }
    }

    fn has_broken(&self, _: &mut AnyConnection) -> bool {
        false
    }
}

/// A PostgreSQL server that became a read-only standby must not keep its connections.
fn check_writable(connection: &mut PgConnection) -> Result<(), StoreError> {
    let query = "SELECT current_setting('transaction_read_only') AS value";
    let setting: Setting = sql_query(query).get_result(connection)?;
    refuse_read_only(&setting.value)
}

pub(super) fn refuse_read_only(setting: &str) -> Result<(), StoreError> {
    if setting == "off" {
        return Ok(());
    }
    Err(StoreError::Unavailable(
        "the server is read-only".to_owned(),
    ))
}

/// Opens the file, which is there: a connection that is opened later must not put an empty database
/// into the place of one that was moved away. Nor may it touch another file in that place, so `check`
/// is asked before anything is read or written.
fn open_sqlite(
    path: &Path,
    check: impl Fn() -> Result<(), StoreError>,
) -> Result<SqliteConnection, StoreError> {
    let name = path
        .to_str()
        .ok_or_else(|| cannot_open(path, &"the path is not UTF-8"))?;
    check()?;
    let mut connection = SqliteConnection::establish(&format!("file:{}?mode=rw", escape_uri(name)))
        .map_err(|e| cannot_open(path, &e))?;
    // What was opened is what stood there before and after.
    check()?;
    // The timeout comes first: switching to WAL takes a lock too.
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis()))?;
    switch_to_wal(&mut connection)?;
    // What is sorted is sorted in memory: there may be no folder that can be written.
    connection.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
    )?;
    Ok(connection)
}

fn cannot_open(path: &Path, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("cannot open {}: {why}", path.display()))
}

/// Opens the file for as long as this process has the database, and makes it unless it is there. While
/// it is open, the files of the database stay the same ones.
fn open_for_good(path: &Path) -> Result<(AnyConnection, OpenFiles), StoreError> {
    make_private(path).map_err(|e| cannot_open(path, &e))?;
    let mut connection = open_sqlite(path, || Ok(()))?;
    // It is the first read that opens the files beside it. What it fails for is met again.
    let _ = connection.batch_execute("SELECT count(*) FROM sqlite_schema");
    let files = OpenFiles::of(path)?;
    Ok((AnyConnection::Sqlite(connection), files))
}

/// Where several processes switch a new file at once, SQLite answers "locked" without waiting,
/// since two that wait for each other would do so for ever.
fn switch_to_wal(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let began = Instant::now();
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL") {
            Err(e) if e.to_string().contains("locked") && began.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(5));
            }
            done => return Ok(done?),
        }
    }
}

/// A path as part of an SQLite `file:` URI.
fn escape_uri(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}

fn open_postgresql(url: &str) -> Result<PgConnection, StoreError> {
    let url = with_parameters(url, &PATIENT);
    let mut connection =
        PgConnection::establish(&url).map_err(|e| StoreError::Unavailable(e.to_string()))?;
    // A page of a list is read by walking an index. The planner's own figures suppose a disk whose
    // arm must travel for every row, against which sorting a whole table looks cheap; and compiling
    // a query takes longer than any of ours runs.
    connection.batch_execute(&format!(
        "SET random_page_cost = 1.1; SET jit = off; \
         SET client_min_messages = warning; SET statement_timeout = {STATEMENT_TIME}; \
         SET idle_in_transaction_session_timeout = 10000; SET lock_timeout = {}",
        PATIENCE.as_millis()
    ))?;
    Ok(connection)
}

/// The database: connections that read, the lane in which writers take their turn, and a connection
/// for whoever follows the change log.
pub struct Database {
    url: DatabaseUrl,
    readers: Pool<Opener>,
    long_readers: Pool<Opener>,
    writers: Pool<Opener>,
    log: KeptConnection,
    /// What an SQLite database consists of, and the connection that keeps it so.
    files: Option<(Arc<OpenFiles>, Mutex<AnyConnection>)>,
    pub write_trouble: Trouble,
}

/// Where readers of one thing wait for each other.
#[derive(Default)]
pub struct Line(Mutex<()>);

impl Database {
    /// Opens the database, keeping at most `size` connections that read.
    ///
    /// # Errors
    /// When it cannot be reached now.
    pub fn open(url: &DatabaseUrl, size: u32) -> Result<Self, StoreError> {
        // SQLite has one writer at a time anyway: with one connection they wait here, in line and
        // with a time-out, rather than in SQLite, out of line and failing as "locked".
        let lane = match url {
            DatabaseUrl::Sqlite(_) => 1,
            DatabaseUrl::Postgresql(_) => size,
        };
        let files = match url {
            DatabaseUrl::Sqlite(path) => {
                super::header::check(path)?;
                let (connection, files) = open_for_good(path)?;
                Some((Arc::new(files), Mutex::new(connection)))
            }
            DatabaseUrl::Postgresql(_) => None,
        };
        let opener = |writes| Opener {
            url: url.clone(),
            writes,
            files: files.as_ref().map(|(files, _)| files.clone()),
        };
        let writers = pool(opener(true), lane)?;
        let readers = match url {
            DatabaseUrl::Sqlite(_) => pool(opener(false), size)?,
            DatabaseUrl::Postgresql(_) => writers.clone(),
        };
        Ok(Self {
            log: KeptConnection::new(opener(false)),
            long_readers: long_readers(opener(false)),
            files,
            url: url.clone(),
            readers,
            writers,
            write_trouble: Trouble::default(),
        })
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// That the files of an SQLite database still are those that were opened. What is written to others
    /// is lost, and what is read from them may be.
    ///
    /// # Errors
    /// Which one is gone or replaced.
    pub fn check_files(&self) -> Result<(), StoreError> {
        match &self.files {
            Some((files, _)) => files.check(),
            None => Ok(()),
        }
    }

    /// Runs `work` on a connection that only reads.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_as(Reading::Short, work)
    }

    /// As [`Database::read`], on a connection for what is read. Whoever reads long waits for those who
    /// do as well.
    pub fn read_as<T, E: From<StoreError>>(
        &self,
        reading: Reading,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_files()?;
        let readers = match reading {
            Reading::Short => &self.readers,
            Reading::Long => &self.long_readers,
        };
        work(&mut *borrow(readers)?)
    }

    /// As [`Database::read`], but one at a time of those who stand in the same line. The turn and a
    /// connection are waited for together no longer than a connection alone.
    pub fn read_in_line<T, E: From<StoreError>>(
        &self,
        line: &Line,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_files()?;
        let began = Instant::now();
        let busy = || StoreError::Unavailable("the line is too long".to_owned());
        let _turn = line.0.try_lock_for(PATIENCE).ok_or_else(busy)?;
        let left = PATIENCE.saturating_sub(began.elapsed());
        let connection = self.readers.get_timeout(left);
        work(&mut *connection.map_err(|e| StoreError::Unavailable(e.to_string()))?)
    }

    /// Runs `work` on the connection that is kept for the change log, so that whoever follows it
    /// does not wait for those that requests have taken.
    pub fn read_log<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_log_and_source(|c, _| work(c))
    }

    /// As [`Database::read_log`], for whoever must know that it reads where it read before: `work`
    /// is told the source, which is another text after the connection was opened again and when
    /// another server, database or table answers on it.
    pub fn read_log_and_source<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &str) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_files()?;
        self.log.read(work)
    }

    /// Counts a beat of whoever watches over the change log's connection.
    pub fn count_log_beat(&self) {
        self.log.count_beat();
    }

    /// How many beats the present reader of the change log has waited for an answer.
    pub fn log_silence(&self) -> u32 {
        self.log.silence()
    }

    /// Runs `work` in one transaction, alone: no other writer is at work between its first read
    /// and its commit, in no process. Everything is undone when it fails or panics. It is a failure
    /// too when it is not known whether what was committed is kept.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_files()?;
        let began = Instant::now();
        let failed = |e: &StoreError| self.write_trouble.note(e);
        let mut connection = borrow(&self.writers).inspect_err(failed)?;
        // What is left after the wait in line; 0 would mean not to wait at all on SQLite, and
        // without end on PostgreSQL.
        let left = PATIENCE.saturating_sub(began.elapsed()).as_millis().max(1);
        let begin = match &mut *connection {
            AnyConnection::Sqlite(_) => format!("PRAGMA busy_timeout = {left}; BEGIN IMMEDIATE"),
            // Whoever holds this row is the only writer until its transaction ends. A lock_timeout
            // would count anew for the place in line and for the row.
            AnyConnection::Postgresql(_) => format!(
                "BEGIN; SET LOCAL statement_timeout = {left}; \
                 SET LOCAL idle_in_transaction_session_timeout = {WRITER_IDLE_TIME}; \
                 SELECT number FROM change_head WHERE id = 1 FOR UPDATE; \
                 SET LOCAL statement_timeout = {STATEMENT_TIME}"
            ),
        };
        let mut transaction = Transaction::begin(&mut connection, &begin).inspect_err(failed)?;
        let done = self
            .write_trouble
            .within(|| work(transaction.connection()))?;
        self.check_files()?;
        transaction.commit().inspect_err(failed)?;
        // Committed to a file that is no longer there, it is lost; to one that comes back, it is made.
        self.check_files()?;
        Ok(done)
    }

    /// Runs `work` on a connection that may write, outside any transaction of ours: for
    /// migrations, back-ups and checks, which bring their own.
    pub(super) fn raw<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_files()?;
        let mut connection = borrow(&self.writers)?;
        if let AnyConnection::Sqlite(c) = &mut *connection {
            // The last writer may have left it shorter.
            let whole = format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis());
            c.batch_execute(&whole).map_err(StoreError::from)?;
        }
        let done = work(&mut connection)?;
        self.check_files()?;
        Ok(done)
    }
}

#[cfg(test)]
mod tests;
