//! `kill -9` under load: what was acknowledged is there afterwards.

use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{create_application, create_client, credentials, run, token, token_request};
use crate::support::{Credentials, Process, Request, TestDatabase, command, count, query_at};

/// What was acknowledged before the kill.
#[derive(Default)]
struct Acknowledged {
    applications: Vec<Value>,
    created: Vec<Credentials>,
    disabled: Vec<Credentials>,
}

/// Writes without pause until the server is gone.
fn write_by_api(server: &Process, token: &str, next: &AtomicUsize, kept: &Mutex<Acknowledged>) {
    loop {
        let name = format!("a{}", next.fetch_add(1, Ordering::Relaxed));
        let request = create_application(token, &name).to_bytes();
        let Some(answer) = exchange(server, &request) else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
        kept.lock().unwrap().applications.push(answer.json());
    }
}

/// The answer, unless the server is gone before it is whole.
fn exchange(server: &Process, request: &[u8]) -> Option<crate::support::Response> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(server.address).ok()?;
    stream.write_all(request).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let answer = crate::support::Response::parse(&bytes)?;
    let length: usize = answer.header("content-length")?.parse().ok()?;
    (answer.body.len() == length).then_some(answer)
}

/// Makes clients and disables every second one, until it is told to stop; then it is killed too.
fn write_by_command(folder: &Path, url: &str, stop: &AtomicBool, kept: &Mutex<Acknowledged>) {
    let run = |args: &[&str]| -> Option<Value> {
        let all = [args, &["--output", "json"]].concat();
        let mut child = command(folder, url, &all)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() {
            if stop.load(Ordering::Relaxed) {
                child.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(1));
        }
        let output = child.wait_with_output().unwrap();
        // What it wrote is an acknowledgement, even of one that was killed a moment later.
        serde_json::from_slice(&output.stdout).ok()
    };
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let Some(made) = run(&[
            "client",
            "create",
            "--service",
            "x",
            "--scope",
            "users:read",
        ]) else {
            continue;
        };
        let client = credentials(&made);
        if number % 2 == 0 {
            kept.lock().unwrap().created.push(client);
            continue;
        }
        let disabled = run(&["client", "disable", "--id", &client.client_id]);
        if disabled.is_some() {
            kept.lock().unwrap().disabled.push(client);
        }
    }
}

fn assert_kept(server: &Process, token: &str, kept: &Acknowledged) {
    for application in &kept.applications {
        let path = format!(
            "/console/api/v2/applications/{}",
            application["id"].as_str().unwrap()
        );
        let found = server.send(&Request::new("GET", &path).bearer(token));
        assert_eq!((found.status, found.json()), (200, application.clone()));
    }
    let ask = |client| server.send(&token_request(client, "grant_type=client_credentials"));
    for client in &kept.created {
        let answer = ask(client);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    for client in &kept.disabled {
        assert_eq!(ask(client).status, 401);
    }
}

#[test]
fn every_acknowledged_change_is_there_after_kill_9_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let url = database.url_text();
    let args = [
        "--public-url",
        "http://localhost:9090",
        "--guard-per-peer",
        "1000000",
    ];
    let mut server = Process::start(folder.path(), &url, &args);
    let scope = "applications:read applications:write";
    let writer = create_client(folder.path(), &url, &["--user", "admin", "--scope", scope]);
    let next = AtomicUsize::new(0);
    let kills = count(5, 200);
    let mut acknowledged = [0; 3];
    for kill in 0..kills {
        let issued = token(&server, &writer);
        let kept = Mutex::new(Acknowledged::default());
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| write_by_api(&server, &issued, &next, &kept));
            }
            scope.spawn(|| write_by_command(folder.path(), &url, &stop, &kept));
            // Never before something was written, and at another moment each time.
            super::until("something is written", || {
                !kept.lock().unwrap().applications.is_empty()
            });
            thread::sleep(Duration::from_millis(50 + (kill as u64 * 37) % 200));
            server.signal("KILL");
            stop.store(true, Ordering::Relaxed);
        });
        drop(server);
        server = Process::start(folder.path(), &url, &args);
        let kept = kept.into_inner().unwrap();
        assert_kept(&server, &token(&server, &writer), &kept);
        acknowledged[0] += kept.applications.len();
        acknowledged[1] += kept.created.len();
        acknowledged[2] += kept.disabled.len();
        if !TestDatabase::is_postgresql() {
            let check = "SELECT integrity_check AS text FROM pragma_integrity_check";
            assert_eq!(query_at(&url, check), ["ok"], "after kill {kill}");
        }
    }
    let [applications, created, disabled] = acknowledged;
    println!("{kills} kills: {applications} applications, {created} clients, {disabled} disabled");
    assert!(applications > 0 && created > 0);
    let checked = run(folder.path(), &url, &["database", "check"]);
    assert_eq!(checked["integrity"], "ok");
}
