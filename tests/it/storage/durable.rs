//! Durability: before a change is acknowledged, its write-ahead log was forced to the disk.
//!
//! `kill -9` does not show this, since the kernel's cache survives it; `strace` does.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{create_application, create_client, token, until};
use crate::support::{Process, Request, TestDatabase};

/// What was seen of the server: the log forced to the disk, or a change acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Seen {
    Forced,
    Acknowledged,
}

/// A server whose system calls are written down.
struct Traced {
    strace: Child,
    file: std::path::PathBuf,
}

impl Traced {
    fn attach(server: &Process, folder: &Path) -> Self {
        let file = folder.join("trace");
        let calls = "trace=fdatasync,fsync,write,writev,sendto,sendmsg";
        let strace = Command::new("strace")
            .args([
                "-f",
                "-y",
                "-s",
                "64",
                "-e",
                calls,
                "-e",
                "signal=none",
                "-o",
            ])
            .arg(&file)
            .args(["-p", &server.child.id().to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs strace: install it, as tests/run does");
        let traced = Self { strace, file };
        // The server answers something, and the answer is seen.
        until("strace is attached (it needs the right to trace)", || {
            server.send(&Request::new("GET", "/healthz"));
            traced.seen().contains(&Seen::Acknowledged)
        });
        traced
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap_or_default()
    }

    /// What happened so far, in order.
    fn seen(&self) -> Vec<Seen> {
        let text = self.text();
        text.lines().filter_map(event).collect()
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// What one line of the trace tells. A call that another thread interrupted is written as begun
/// (`<unfinished ...>`) and as ended (`<... fdatasync resumed>`): it counts where it ended.
fn event(line: &str) -> Option<Seen> {
    let ended_well = line.trim_end().ends_with("= 0");
    let is_whole = line.contains("sync(") && line.contains("-wal>");
    let is_resumed = line.contains("sync resumed>");
    if (is_whole || is_resumed) && ended_well {
        return Some(Seen::Forced);
    }
    let is_answer = line.contains("HTTP/1.1 200 OK") && !line.contains("resumed>");
    is_answer.then_some(Seen::Acknowledged)
}

#[test]
fn the_log_is_forced_to_the_disk_before_each_change_is_acknowledged() {
    if TestDatabase::is_postgresql() {
        // There the server forces its own log (fsync, synchronous_commit), which is not ours.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let url = database.url_text();
    let server = Process::start(folder.path(), &url, &["--workers", "1"]);
    let writer = create_client(
        folder.path(),
        &url,
        &["--user", "admin", "--scope", "applications:write"],
    );
    let issued = token(&server, &writer);
    let traced = Traced::attach(&server, folder.path());
    let number = 25;
    // What is acknowledged before and after each change, to tell its own events from others'.
    for at in 0..number {
        let before = traced.seen().len();
        let made = server.send(&create_application(&issued, &format!("a{at}")));
        assert_eq!(made.status, 200, "{}", made.text());
        until("the answer is in the trace", || {
            traced.seen()[before..].contains(&Seen::Acknowledged)
        });
        let seen = traced.seen()[before..].to_vec();
        let answered = seen
            .iter()
            .position(|seen| *seen == Seen::Acknowledged)
            .unwrap();
        assert!(
            seen[..answered].contains(&Seen::Forced),
            "change {at}: {seen:?}"
        );
    }
    // The other way about: a token, which writes nothing, forces nothing.
    let before = traced.seen().len();
    for _ in 0..number {
        token(&server, &writer);
    }
    until("the answers are in the trace", || {
        traced.seen().len() >= before + number
    });
    let forced = traced.seen()[before..]
        .iter()
        .filter(|seen| **seen == Seen::Forced)
        .count();
    assert_eq!(forced, 0);
}
