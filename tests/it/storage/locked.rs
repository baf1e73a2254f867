//! A database that another process holds: writers are told to come again, readers go on.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use super::{assert_unavailable, create_application, create_client, token, until};
use crate::support::{Credentials, Process, Request, TestDatabase, cli};

/// Another process's transaction, which lets no other writer in until it ends.
enum Holder {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

impl Holder {
    fn new(database: &TestDatabase) -> Self {
        match database.file() {
            Some(file) => {
                let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                let begin = "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE";
                connection.batch_execute(begin).unwrap();
                Self::Sqlite(connection)
            }
            None => {
                let mut connection = PgConnection::establish(&database.url_text()).unwrap();
                let begin = "BEGIN; SELECT number FROM change_head FOR UPDATE";
                connection.batch_execute(begin).unwrap();
                Self::Postgresql(connection)
            }
        }
    }

    fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.batch_execute("ROLLBACK").unwrap(),
            Self::Postgresql(mut connection) => connection.batch_execute("ROLLBACK").unwrap(),
        }
    }
}

struct Held {
    folder: tempfile::TempDir,
    database: TestDatabase,
    server: Process,
    writer: Credentials,
    token: String,
}

impl Held {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create_on_disk();
        let url = database.url_text();
        let server = Process::start(folder.path(), &url, &[]);
        let scope = "openid applications:read applications:write";
        let writer = create_client(folder.path(), &url, &["--user", "admin", "--scope", scope]);
        let token = token(&server, &writer);
        Self {
            folder,
            database,
            server,
            writer,
            token,
        }
    }

    fn get(&self, path: &str) -> u16 {
        self.server
            .send(&Request::new("GET", path).bearer(&self.token))
            .status
    }
}

#[test]
fn while_another_process_holds_the_database_writers_get_503_and_readers_go_on() {
    let held = Held::start();
    let holder = Holder::new(&held.database);
    let refused = held.server.send(&create_application(&held.token, "a"));
    assert_unavailable(&refused);
    assert!(!refused.text().contains("locked"), "{}", refused.text());
    // What reads goes on, from memory and from the database.
    token(&held.server, &held.writer);
    assert_eq!(held.get("/console/api/v2/me"), 200);
    assert_eq!(held.get("/console/api/v2/applications"), 200);
    assert_eq!(held.get("/readyz"), 200);
    // So does what is refused for another reason: the answer is the right one.
    let wrong = Credentials {
        client_secret: "wrong".to_owned(),
        ..held.writer.clone()
    };
    let request = super::token_request(&wrong, "grant_type=client_credentials");
    assert_eq!(held.server.send(&request).status, 401);
    // A command is told the same in its own words.
    let create = ["client", "create", "--service", "x"];
    let output = cli(held.folder.path(), &held.database.url_text(), &create, "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with("mintmark: the database is unavailable: "),
        "{said}"
    );
    holder.release();
    until("it is written", || {
        held.server
            .send(&create_application(&held.token, "a"))
            .status
            == 200
    });
}

#[test]
fn a_writer_that_waits_in_line_waits_no_longer_than_one_that_is_alone() {
    let held = Held::start();
    let holder = Holder::new(&held.database);
    let time = |name: &str| {
        let began = Instant::now();
        assert_unavailable(&held.server.send(&create_application(&held.token, name)));
        began.elapsed()
    };
    let alone = time("alone");
    // More than there are connections; the later ones come when the first have waited a while.
    let times: Vec<Duration> = thread::scope(|scope| {
        let time = &time;
        let threads: Vec<_> = (0..12_u64)
            .map(|at| {
                scope.spawn(move || {
                    thread::sleep(Duration::from_millis(at * 40));
                    time(&format!("a{at}"))
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    holder.release();
    let longest = times.iter().max().unwrap();
    println!("alone {alone:?}, longest in line {longest:?}");
    // Waiting for the turn and then for the lock, each in full, would be twice as long.
    assert!(
        *longest < alone * 8 / 5,
        "alone {alone:?}, in line {times:?}"
    );
}

#[test]
fn a_hold_that_ends_soon_is_waited_for() {
    let held = Held::start();
    for round in 0..3 {
        let holder = Holder::new(&held.database);
        let (made, waited) = thread::scope(|scope| {
            let began = Instant::now();
            let name = format!("a{round}");
            let request = create_application(&held.token, &name);
            let server = &held.server;
            let writer = scope.spawn(move || (server.send(&request), began.elapsed()));
            thread::sleep(Duration::from_millis(300));
            holder.release();
            writer.join().unwrap()
        });
        assert_eq!(made.status, 200, "{}", made.text());
        assert!(waited >= Duration::from_millis(300));
    }
}
