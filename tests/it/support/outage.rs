//! A database that is away: the test holds every connection that the server could borrow.

use std::sync::mpsc;

use mintmark::store::{AnyConnection, Database, StoreError};

use super::{CONNECTIONS, TestApp, TestDatabase};

impl TestApp {
    /// Runs `work` while the server can borrow no connection: not for a request, and not for its
    /// jobs, so that the change log is not followed either.
    pub fn without_database<T>(&self, work: impl FnOnce() -> T) -> T {
        let database = &*self.app.database;
        std::thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            // Dropped at the end, also of a failed test, which lets the holders go.
            let mut holders = Vec::new();
            let mut hold = |writes: bool| {
                let (holder, until_dropped) = mpsc::channel::<()>();
                holders.push(holder);
                let tell = tell.clone();
                scope.spawn(move || {
                    let kept = |_: &mut AnyConnection| {
                        tell.send(()).unwrap();
                        let _ = until_dropped.recv();
                        Ok::<_, StoreError>(())
                    };
                    borrow(database, writes, kept)
                });
            };
            (0..CONNECTIONS).for_each(|_| hold(false));
            // PostgreSQL's writers are its readers; SQLite's one writer has a connection of its own.
            if !TestDatabase::is_postgresql() {
                hold(true);
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

fn borrow(
    database: &Database,
    writes: bool,
    kept: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
) {
    let done = match writes {
        true => database.write(kept),
        false => database.read(kept),
    };
    done.unwrap();
}
