//! Rubbish by the thousand: no 5xx, no panic, no growth.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::Value;

use super::rubbish::{Loot, Random, connection};
use crate::support::{Credentials, Process, Request, TestDatabase, basic, cli, count, is_full};

const THREADS: usize = 4;

/// Sends these bytes and answers all that comes back.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    if let Err(e) = stream.read_to_end(&mut answer) {
        let hung = matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!hung, "no end of {:?}", String::from_utf8_lossy(bytes));
    }
    answer
}

/// How many statuses of each hundred came back; a 5xx fails the test.
fn attack(address: SocketAddr, loot: &Loot, from: usize, until: usize) -> [usize; 5] {
    let next = AtomicUsize::new(from);
    let counts: [AtomicUsize; 5] = Default::default();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= until {
                        break;
                    }
                    let bytes = connection(&mut Random::new(seed as u64), loot);
                    let answer = exchange(address, &bytes);
                    for at in statuses(&answer) {
                        assert!(
                            at < b'5',
                            "seed {seed}: {}\n{}",
                            String::from_utf8_lossy(&bytes),
                            String::from_utf8_lossy(&answer)
                        );
                        counts[usize::from(at - b'1')].fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    counts.map(AtomicUsize::into_inner)
}

/// The first digits of the statuses in what came back on a connection.
fn statuses(answer: &[u8]) -> impl Iterator<Item = u8> {
    let is_status = |w: &&[u8]| w.starts_with(b"HTTP/1.") && w[8] == b' ' && w[9].is_ascii_digit();
    answer.windows(10).filter(is_status).map(|w| w[9])
}

/// The resident memory of a process, in KiB.
fn resident(process: &Process) -> u64 {
    let path = format!("/proc/{}/status", process.child.id());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

fn loot(process: &Process, database_url: &str) -> Loot {
    let args = ["client", "create", "--user", "admin", "--output", "json"];
    let made = cli(&process.folder, database_url, &args, "");
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let key = Credentials {
        client_id: text(&made["client_id"]),
        client_secret: text(&made["client_secret"]),
    };
    let request = Request::token("grant_type=client_credentials")
        .header("authorization", &basic(&key.client_id, &key.client_secret));
    let answer = process.send(&request).json();
    Loot {
        key,
        access_token: text(&answer["access_token"]),
        id_token: text(&answer["id_token"]),
    }
}

#[test]
fn hostile_requests_are_refused_one_by_one_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    // Without the guard every wrong secret takes the long way, over the database.
    let guard = [
        "--guard-per-client",
        "4000000000",
        "--guard-per-peer",
        "4000000000",
    ];
    let process = Process::start(folder.path(), &database.url_text(), &guard);
    let loot = loot(&process, &database.url_text());
    let all = count(2_000, 100_000);
    let warm = all / 5;

    attack(process.address, &loot, 0, warm);
    let before = resident(&process);
    let began = Instant::now();
    let statuses = attack(process.address, &loot, warm, warm + all);
    let after = resident(&process);
    println!(
        "{all} hostile connections in {:?}: 1xx to 5xx {statuses:?}; memory {before} KiB, then {after} KiB",
        began.elapsed()
    );
    // Rubbish that is always refused before anybody looks would show nothing.
    assert!(statuses[1] > 0 && statuses[3] > 0, "{statuses:?}");

    let alive = process.send(&Request::new("GET", "/readyz"));
    assert_eq!(alive.status, 200);
    for line in process.log() {
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_ne!(event["message"], "panic", "{line}");
        let ours = event["target"].as_str().unwrap().starts_with("mintmark");
        assert!(!ours || event["level"] != "ERROR", "{line}");
    }
    if is_full() {
        assert!(
            after * 10 <= before * 11,
            "{before} KiB grew to {after} KiB"
        );
    }
}
