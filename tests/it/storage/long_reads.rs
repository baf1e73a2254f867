//! Searches through a large audit log: what is read by its key, changes and health never wait for them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{StopAtEnd, create_application, create_client, token};
use crate::support::{Process, Request, TestDatabase, count};

/// How many search at once: more than there are connections.
const SEARCHERS: usize = 6;

/// Events that nobody looks for.
fn fill(database: &TestDatabase, number: usize) {
    let numbers = match TestDatabase::is_postgresql() {
        true => format!("SELECT generate_series(1, {number}) AS n"),
        false => format!(
            "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {number}) \
             SELECT n FROM up"
        ),
    };
    database.execute(&format!(
        "INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
         SELECT 'x' || n, 1600000000000 + n, 'server', 'test.filled', 'client', 'c' || n, '{{}}', \
         'an event of which there are many, with as much text as events have: number ' || n || \
         ' for the client that nobody looks for, done by nobody at all from nowhere in particular' \
         FROM ({numbers}) AS numbers"
    ));
}

#[test]
fn searches_through_a_large_audit_log_hold_up_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let url = database.url_text();
    let args = [
        "--database-connections",
        "2",
        "--writes-per-caller",
        "1000000",
    ];
    let server = Process::start(folder.path(), &url, &args);
    fill(&database, count(300_000, 3_000_000));
    let scope = "openid applications:read applications:write audit:read";
    let new = || create_client(folder.path(), &url, &["--user", "admin", "--scope", scope]);
    let bearer = token(&server, &new());
    // None of them is in memory: each must be read.
    let cold: Vec<_> = (0..20).map(|_| new()).collect();
    let stop = AtomicBool::new(false);
    let (found, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (server, bearer, stop) = (&server, &bearer, &stop);
        let (found, refused) = (&found, &refused);
        for _ in 0..SEARCHERS {
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let path = "/console/api/v2/audit-events?search=found-nowhere&result=page";
                    let answer = server.send(&Request::new("GET", path).bearer(bearer));
                    match answer.status {
                        200 => found.fetch_add(1, Ordering::SeqCst),
                        // Those who search are many.
                        503 => refused.fetch_add(1, Ordering::SeqCst),
                        _ => panic!("{}", answer.text()),
                    };
                }
            });
        }
        let _stop = StopAtEnd(stop);
        thread::sleep(Duration::from_millis(500));
        let mut longest = Duration::ZERO;
        for (at, client) in cold.iter().enumerate() {
            let began = Instant::now();
            token(server, client);
            let change = create_application(bearer, &format!("a{at}"));
            assert_eq!(server.send(&change).status, 200);
            let list = Request::new("GET", "/console/api/v2/applications").bearer(bearer);
            assert_eq!(server.send(&list).status, 200);
            assert_eq!(server.send(&Request::new("GET", "/readyz")).status, 200);
            longest = longest.max(began.elapsed());
            thread::sleep(Duration::from_millis(100));
        }
        println!("a token, a change, a list and health took {longest:?} at most");
    });
    println!("{found:?} searches, {refused:?} were told to come again");
    assert!(found.into_inner() > 0);
}
