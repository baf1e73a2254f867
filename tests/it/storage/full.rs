//! A file system that is full, for SQLite: 503, nothing that was acknowledged is lost, and all is
//! well once there is room.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{assert_unavailable, create_application, create_client, token, until};
use crate::support::{Process, Request, SERVE, TestDatabase, command, query_at};

/// A small place for a database, which can be filled up.
enum Place {
    /// A file system of its own, for root.
    Mounted(tempfile::TempDir),
    /// A limit on the size of files, where nobody may mount.
    Limited(tempfile::TempDir),
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs"])
            .arg(folder.path());
        let mounted = mount.stderr(Stdio::null()).status();
        match mounted.is_ok_and(|status| status.success()) {
            true => Self::Mounted(folder),
            false => {
                println!("no mount here: a limit on the size of files stands for a full disk");
                Self::Limited(folder)
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Mounted(folder) | Self::Limited(folder) => folder.path(),
        }
    }

    fn fill(&self, server: &Process) {
        match self {
            Self::Mounted(_) => fill(&self.filler()),
            Self::Limited(_) => limit(server, "65536"),
        }
    }

    fn make_room(&self, server: &Process) {
        match self {
            Self::Mounted(_) => std::fs::remove_file(self.filler()).unwrap(),
            Self::Limited(_) => limit(server, "unlimited"),
        }
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }
}

/// Writes until there is no byte left.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = File::create(path).unwrap();
    let block = [b'x'; 512];
    while file.write_all(&block).is_ok() {}
}

/// Sets how large a file the server may write; what is there already stays.
fn limit(server: &Process, bytes: &str) {
    let pid = server.child.id().to_string();
    let limit = format!("--fsize={bytes}:");
    let set = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    assert!(set.unwrap().success());
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Mounted(folder) = self {
            let _ = Command::new("umount")
                .arg("--lazy")
                .arg(folder.path())
                .status();
        }
    }
}

#[test]
fn on_a_full_disk_changes_get_503_nothing_is_lost_and_it_recovers() {
    if TestDatabase::is_postgresql() {
        // Its disk is its server's.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new();
    let url = format!("sqlite:{}", place.path().join("m.db").display());
    // A write beyond the limit is an error to be met, not a signal to die of.
    let serve = command(folder.path(), &url, &SERVE);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(serve.get_program())
        .args(serve.get_args())
        .envs(
            serve
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let server = Process::try_spawn(folder.path(), shell).unwrap();
    let scope = "applications:read applications:write";
    let writer = create_client(folder.path(), &url, &["--user", "admin", "--scope", scope]);
    let issued = token(&server, &writer);
    let mut acknowledged = Vec::new();
    let mut make = |at: usize| {
        let answer = server.send(&create_application(&issued, &format!("a{at}")));
        if answer.status == 200 {
            acknowledged.push(answer.json());
        }
        answer
    };
    for at in 0..5 {
        assert_eq!(make(at).status, 200);
    }
    for round in 1..=3 {
        place.fill(&server);
        // What the log still has room for may be written; then everything is refused.
        let mut refusals = 0;
        for at in 0..40 {
            let answer = make(round * 1000 + at);
            if answer.status != 200 {
                assert_unavailable(&answer);
                refusals += 1;
            }
        }
        assert!(refusals > 20, "the disk is full: {refusals}");
        // It is told, and no reason to send nothing here: what reads goes on.
        let warnings = || {
            let ready = server.send(&Request::new("GET", "/readyz?verbose"));
            assert_eq!(ready.status, 200, "{}", ready.text());
            ready.json()["warnings"].to_string()
        };
        until("it is told", || warnings().contains("\"writes-fail\""));
        // Tokens need no disk.
        token(&server, &writer);
        place.make_room(&server);
        until("there is room again", || {
            make(round * 1000 + 100).status != 503
        });
        until("nothing is told", || !warnings().contains("writes-fail"));
    }
    let assert_kept = |server: &Process| {
        let list = Request::new("GET", "/console/api/v2/applications?result=page&size=1000");
        let found = server.send(&list.bearer(&token(server, &writer))).json();
        for application in &acknowledged {
            let path = format!(
                "/console/api/v2/applications/{}",
                application["id"].as_str().unwrap()
            );
            let answer = server.send(&Request::new("GET", &path).bearer(&token(server, &writer)));
            assert_eq!(
                (answer.status, &answer.json()),
                (200, application),
                "{found}"
            );
        }
    };
    assert_kept(&server);
    let check = "SELECT integrity_check AS text FROM pragma_integrity_check";
    assert_eq!(query_at(&url, check), ["ok"]);
    drop(server);
    assert_kept(&Process::start(folder.path(), &url, &[]));
    assert_eq!(query_at(&url, check), ["ok"]);
}
