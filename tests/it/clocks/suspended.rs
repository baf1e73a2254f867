//! A process that was suspended answers what waited with what is so now, not with what it knew.

use std::thread::{scope, sleep};
use std::time::Duration;

use crate::storage::{create_client, run, token, token_request, until};
use crate::support::{Process, Request, TestDatabase, count, is_full};

/// How many requests wait of each kind.
const WAITING: usize = 8;

#[test]
fn what_waited_while_the_process_was_suspended_is_decided_by_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let url = database.url_text();
    // Many refusals come from here, and a refusal must stay one.
    let args = [
        "--guard-per-peer",
        "1000000",
        "--guard-per-client",
        "1000000",
    ];
    let server = Process::start(folder.path(), &url, &args);
    let stays = create_client(
        folder.path(),
        &url,
        &["--user", "admin", "--scope", "openid"],
    );
    // The first is shorter than a server waits before it takes its database to be away.
    let times: &[u64] = if is_full() {
        &[1500, 3000, 30_000]
    } else {
        &[1500, 3000]
    };
    for round in 0..count(2, 20) {
        let client = create_client(
            folder.path(),
            &url,
            &["--user", "admin", "--scope", "openid"],
        );
        let bearer = token(&server, &client);
        token(&server, &stays);
        let me = Request::new("GET", "/console/api/v2/me").bearer(&bearer);
        assert_eq!(server.send(&me).status, 200);
        server.signal("STOP");
        until("every thread stands", || stands(&server));
        let answers = scope(|scope| {
            let ask = token_request(&client, "grant_type=client_credentials");
            let send = |request: &Request| {
                let request = request.clone();
                let address = server.address;
                scope.spawn(move || crate::support::send(address, &request).status)
            };
            let sent: Vec<_> = (0..WAITING).flat_map(|_| [send(&ask), send(&me)]).collect();
            let other = send(&token_request(&stays, "grant_type=client_credentials"));
            // They are there, and wait.
            sleep(Duration::from_millis(200));
            run(
                folder.path(),
                &url,
                &["client", "disable", "--id", &client.client_id],
            );
            sleep(Duration::from_millis(times[round % times.len()]));
            server.signal("CONT");
            assert_eq!(other.join().unwrap(), 200, "who may goes on");
            let statuses = sent.into_iter().map(|sent| sent.join().unwrap());
            statuses.collect::<Vec<u16>>()
        });
        assert_eq!(answers, [401; 2 * WAITING], "round {round}");
    }
}

/// Whether all threads are stopped: until the signal has reached one of them, the others go on.
fn stands(server: &Process) -> bool {
    let tasks = format!("/proc/{}/task", server.child.id());
    let tasks = std::fs::read_dir(tasks).unwrap().map_while(Result::ok);
    let is_stopped = |stat: String| {
        // The name before it can hold anything.
        let state = stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.starts_with('T'));
        state == Some(true)
    };
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("stat")).ok())
        .all(is_stopped)
}
