//! A process that is suspended in the middle of a change: others are not held up for long, and what its
//! caller was not told is not done.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use mintmark::domain::{DomainError, password, users};
use mintmark::model::scope::Role;
use mintmark::model::secret::Secret;

use super::{StopAtEnd, assert_unavailable, create_application, create_client, token, until};
use crate::support::{Process, Request, TestApp, TestDatabase, count};

/// The promise is two seconds; the rest is for a machine that has other things to do.
const SOON: Duration = Duration::from_millis(2900);

/// Whether somebody is in the middle of a change now.
fn is_held(database: &TestDatabase) -> bool {
    match database.file() {
        Some(file) => {
            let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
            let begun = connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK");
            begun.is_err()
        }
        None => {
            let mut connection = PgConnection::establish(&database.url_text()).unwrap();
            let query = "SELECT number FROM change_head FOR UPDATE NOWAIT";
            connection.batch_execute(query).is_err()
        }
    }
}

/// Suspends the server in the middle of a change; others must be quiet.
fn suspend_in_a_change(server: &Process, database: &TestDatabase) -> Instant {
    for attempt in 1..=2000 {
        server.signal("STOP");
        let stopped = Instant::now();
        // It is not stopped at once, and PostgreSQL may be ending what it was told to.
        let is_caught = (0..3).all(|_| {
            let is_held = is_held(database);
            thread::sleep(Duration::from_millis(10));
            is_held
        });
        if is_caught {
            println!("caught at attempt {attempt}");
            return stopped;
        }
        server.signal("CONT");
        thread::sleep(Duration::from_millis(attempt % 17));
    }
    panic!("it was never caught in the middle of a change");
}

#[test]
fn a_replica_that_is_suspended_in_the_middle_of_a_change_holds_up_no_other_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    let args = [
        "--public-url",
        "http://localhost:9090",
        "--writes-per-caller",
        "1000000",
    ];
    let one = Process::start(folder.path(), &url, &args);
    let other = Process::start(folder.path(), &url, &args);
    let scope = "applications:read applications:write";
    let new_writer = || create_client(folder.path(), &url, &["--user", "admin", "--scope", scope]);
    let writers: Vec<_> = (0..4).map(|_| new_writer()).collect();
    let tokens: Vec<_> = writers.iter().map(|writer| token(&one, writer)).collect();
    let (acknowledged, refused) = (Mutex::new(BTreeSet::new()), Mutex::new(BTreeSet::new()));
    let write = |server: &Process, token: &str, name: String| {
        let answer = server.send(&create_application(token, &name));
        match answer.status {
            200 => acknowledged.lock().unwrap().insert(name),
            // The time for a request's head passed while the process stood still.
            408 => refused.lock().unwrap().insert(name),
            _ => {
                assert_unavailable(&answer);
                refused.lock().unwrap().insert(name)
            }
        };
        answer.status
    };
    let undone = AtomicUsize::new(0);
    for round in 0..count(2, 20) {
        let (stop, is_suspended) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            let (write, one, stop, is_suspended) = (&write, &one, &stop, &is_suspended);
            let undone = &undone;
            for (writer, token) in tokens.iter().enumerate() {
                scope.spawn(move || {
                    for at in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                        let status = write(one, token, format!("r{round}a{writer}n{at}"));
                        if status == 503 && is_suspended.load(Ordering::SeqCst) {
                            undone.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
            let _stop = StopAtEnd(stop);
            let stopped = suspend_in_a_change(one, &database);
            is_suspended.store(true, Ordering::SeqCst);
            let mut at = 0;
            let mut write_there = || {
                at += 1;
                let sent = Instant::now();
                let status = write(&other, &tokens[0], format!("r{round}b{at}"));
                let took = sent.elapsed();
                assert!(took < SOON, "{status} after {took:?}");
                status
            };
            let mut statuses = Vec::new();
            while stopped.elapsed() < Duration::from_millis(3200) {
                statuses.push(write_there());
                // Who reads goes on meanwhile, from memory and from the database.
                token(&other, &writers[1]);
                let list = Request::new("GET", "/console/api/v2/applications");
                assert_eq!(other.send(&list.bearer(&tokens[1])).status, 200);
            }
            println!(
                "round {round}: {} refused there of {}",
                count_of(503, &statuses),
                statuses.len()
            );
            if TestDatabase::is_postgresql() {
                // It ends what is suspended.
                assert_eq!(statuses.last(), Some(&200));
            } else {
                assert_eq!(count_of(200, &statuses), 0);
            }
            stop.store(true, Ordering::SeqCst);
            one.signal("CONT");
            let resumed = Instant::now();
            until("it is written there", || write_there() == 200);
            assert!(
                resumed.elapsed() < Duration::from_secs(5),
                "{:?}",
                resumed.elapsed()
            );
        });
    }
    let query = "SELECT name AS text FROM applications";
    let found: BTreeSet<String> = database.query(query).into_iter().collect();
    let acknowledged = acknowledged.into_inner().unwrap();
    let refused = refused.into_inner().unwrap();
    println!(
        "{} acknowledged, {} refused, {} of them by the one that was suspended",
        acknowledged.len(),
        refused.len(),
        undone.load(Ordering::SeqCst)
    );
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    let done: Vec<_> = refused.intersection(&found).collect();
    assert!(done.is_empty(), "refused and there: {done:?}");
}

fn count_of(status: u16, statuses: &[u16]) -> usize {
    statuses.iter().filter(|found| **found == status).count()
}

#[test]
fn a_change_in_which_the_process_was_suspended_is_undone() {
    let app = TestApp::start();
    let hash = password::hash(&Secret::new("correct horse battery".to_owned()), false).unwrap();
    let write = |login: &str, pause: u64| {
        app.app.write(|c| {
            let new = users::NewUser {
                login: login.to_owned(),
                presentation: None,
                email: None,
                phone: None,
                role: Role::Member,
                user_list: None,
            };
            users::create(c, &app.act(), new, &hash)?;
            app.clock.advance(Duration::from_secs(pause));
            Ok::<_, DomainError>(())
        })
    };
    assert!(matches!(write("anna", 3), Err(DomainError::Store(_))));
    assert!(write("anna", 1).is_ok());
    // The one that is refused leaves the log where it was read.
    assert!(write("boris", 30).is_err());
    let logins = "SELECT login AS text FROM users WHERE login <> 'admin' ORDER BY login";
    assert_eq!(app.database.query(logins), ["anna"]);
    app.advance(0);
    app.create_user("boris", Role::Member);
}
