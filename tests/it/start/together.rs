//! Several processes that start at once on an empty database.

use std::sync::Barrier;
use std::thread;

use super::{names, refused, token};
use crate::support::{Process, Request, TestDatabase, count};

/// What there must be one of, and of signing keys two.
const COUNTS: &str = "SELECT 'instance ' || count(*) AS text FROM instance \
    UNION ALL SELECT 'digest_keys ' || count(*) FROM digest_keys \
    UNION ALL SELECT 'signing_keys ' || count(*) FROM signing_keys \
    UNION ALL SELECT 'user_lists ' || count(*) FROM user_lists \
    UNION ALL SELECT 'users ' || count(*) FROM users \
    UNION ALL SELECT 'clients ' || count(*) FROM clients \
    UNION ALL SELECT 'client_secrets ' || count(*) FROM client_secrets \
    UNION ALL SELECT 'signing ' || count(*) FROM signing_keys WHERE state = 'active'";

fn start_at_once(number: usize) {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let url = database.url_text();
    let barrier = Barrier::new(number);
    let servers: Vec<Process> = thread::scope(|scope| {
        let start = || {
            barrier.wait();
            let public_url = ["--public-url", "http://localhost:9090"];
            Process::start(folder.path(), &url, &public_url)
        };
        let threads: Vec<_> = (0..number).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });

    let expected = [
        "instance 1",
        "digest_keys 1",
        "signing_keys 2",
        "user_lists 1",
        "users 1",
        "clients 1",
        "client_secrets 1",
        "signing 1",
    ];
    assert_eq!(database.query(COUNTS), expected);
    let keys = names(&folder.path().join("keys"));
    assert_eq!(keys, ["first-start.txt", "master.key"]);
    let said = |server: &&Process| server.log().iter().any(|l| l.contains("first start"));
    assert_eq!(servers.iter().filter(said).count(), 1);

    let first = servers[0].first_key();
    let jwks = |server: &Process| {
        server
            .send(&Request::new("GET", "/.well-known/jwks.json"))
            .text()
    };
    let published = jwks(&servers[0]);
    for (at, server) in servers.iter().enumerate() {
        assert_eq!(jwks(server), published);
        let answer = token(server, &first);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let issued = answer.json()["access_token"].as_str().unwrap().to_owned();
        let me = Request::new("GET", "/console/api/v2/me").bearer(&issued);
        let other = &servers[(at + 1) % number];
        assert_eq!(
            other.send(&me).status,
            200,
            "one's token is good at another"
        );
    }
}

#[test]
fn two_processes_that_start_at_once_end_with_one_of_each_and_both_serve() {
    for _ in 0..count(2, 20) {
        start_at_once(2);
    }
}

#[test]
fn eight_processes_that_start_at_once_end_with_one_of_each_and_all_serve() {
    for _ in 0..count(1, 10) {
        start_at_once(8);
    }
}

#[test]
fn with_another_keys_folder_the_slower_refuses_and_leaves_no_key_file() {
    for _ in 0..count(2, 20) {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create_on_disk();
        let url = database.url_text();
        let barrier = Barrier::new(2);
        let keys = ["one", "other"];
        let started: Vec<Result<Process, String>> = thread::scope(|scope| {
            let start = |keys: &'static str| {
                barrier.wait();
                Process::try_start(folder.path(), &url, &["--keys-dir", keys])
            };
            let threads = keys.map(|keys| scope.spawn(move || start(keys)));
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let loser = started
            .iter()
            .position(Result::is_err)
            .expect("one refuses");
        assert!(started[1 - loser].is_ok(), "the other serves");
        let expected = format!(
            "mintmark: there is no master key at {}/master.key. Everything that is sealed in the \
             database needs it: restore this file from the backup (mode 0600), or name the right \
             folder of keys",
            keys[loser]
        );
        let said = started[loser].as_ref().err().unwrap();
        assert_eq!(said.lines().last(), Some(expected.as_str()));
        assert_eq!(names(&folder.path().join(keys[loser])), [""; 0]);
        let again = refused(folder.path(), &url, &["--keys-dir", keys[loser]]);
        assert_eq!(again, expected);
        assert_eq!(names(&folder.path().join(keys[loser])), [""; 0]);
    }
}
