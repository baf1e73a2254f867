//! A database that is busy, or away: the test holds the connections that the server could borrow.

use std::sync::mpsc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use mintmark::store::{AnyConnection, Database, Reading, StoreError};

use super::{CONNECTIONS, TestApp, TestDatabase};

/// Which connection is held.
#[derive(Clone, Copy)]
enum Held {
    /// One that reads.
    Reader,
    /// One for long reads.
    LongReader,
    /// The one that writes: PostgreSQL's writers are its readers, SQLite's one is apart.
    Writer,
    /// The one that the change log is read on.
    Log,
}

impl TestApp {
    /// Runs `work` while requests have taken every connection: another request gets none, and the
    /// change log is followed all the same.
    pub fn with_busy_pool<T>(&self, work: impl FnOnce() -> T) -> T {
        self.while_held(&pool(), work)
    }

    /// As [`Self::with_busy_pool`], where others can write all the same.
    pub fn with_busy_readers<T>(&self, work: impl FnOnce() -> T) -> T {
        self.while_held(&[Held::Reader; CONNECTIONS as usize], work)
    }

    /// Runs `work` while another writer is at work all the time.
    pub fn with_busy_writer<T>(&self, work: impl FnOnce() -> T) -> T {
        self.while_held(&[Held::Writer], work)
    }

    /// Runs `work` while the server can borrow no connection: not for a request, and not for its
    /// jobs, so that the change log is not followed either. The server knows of it already.
    pub fn without_database<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut all = pool();
        all.push(Held::Log);
        let done = self.while_held(&all, || {
            assert!(self.app.directory.follow().is_err());
            work()
        });
        self.app.directory.follow().unwrap();
        done
    }

    /// Lets time pass while the database is away: the server goes on trying to read the log.
    pub fn pass_away(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        assert!(self.app.directory.follow().is_err());
    }

    fn while_held<T>(&self, held: &[Held], work: impl FnOnce() -> T) -> T {
        let database = &*self.app.database;
        std::thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            // Dropped at the end, also of a failed test, which lets the holders go.
            let mut holders = Vec::new();
            for connection in held {
                let (holder, until_dropped) = mpsc::channel::<()>();
                holders.push(holder);
                let tell = tell.clone();
                scope.spawn(move || {
                    let kept = |open: &mut AnyConnection| {
                        if matches!(connection, Held::Writer) {
                            stay(open);
                        }
                        tell.send(()).unwrap();
                        let _ = until_dropped.recv();
                        Ok::<_, StoreError>(())
                    };
                    borrow(database, *connection, kept)
                });
            }
            for _ in &holders {
                told.recv().unwrap();
            }
            let done = work();
            drop(holders);
            done
        })
    }
}

/// Every connection that requests can have.
fn pool() -> Vec<Held> {
    let mut pool = vec![Held::Reader; CONNECTIONS as usize];
    pool.extend([Held::LongReader; 2]);
    if !TestDatabase::is_postgresql() {
        pool.push(Held::Writer);
    }
    pool
}

/// PostgreSQL ends a change in which nothing happens; one that is held is to stay.
fn stay(connection: &mut AnyConnection) {
    if let AnyConnection::Postgresql(c) = connection {
        let query = "SET LOCAL idle_in_transaction_session_timeout = 0";
        c.batch_execute(query).unwrap();
    }
}

fn borrow(
    database: &Database,
    connection: Held,
    kept: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
) {
    let done = match connection {
        Held::Reader => database.read(kept),
        Held::LongReader => database.read_as(Reading::Long, kept),
        Held::Writer => database.write(kept),
        Held::Log => database.read_log(kept),
    };
    done.unwrap();
}
