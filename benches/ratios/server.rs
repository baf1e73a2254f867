//! The real binary, serving from a folder of its own in its default configuration.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::cpu::Snapshot;

/// A running server; it is stopped when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process until it took a connection.
    pub started_in: Duration,
}

/// Where a server keeps its database in `folder`.
pub fn database_file(folder: &Path) -> PathBuf {
    folder.join("data/mintmark.db")
}

/// The binary in `folder`, with an environment that holds nothing but what it needs.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mintmark"));
    command.current_dir(folder).env_clear();
    command
}

impl Server {
    /// Starts a server on whatever lies in `folder`, with the defaults but for the port and `args`.
    pub fn start(folder: &Path, args: &[&str]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let address = free.expect("a free port");
        let log = File::create(folder.join("access.log")).expect("a log file");
        let begun = Instant::now();
        let mut child = command(folder)
            .args(["serve", "--listen", &address.to_string()])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        while TcpStream::connect(address).is_err() {
            if child.try_wait().is_ok_and(|ended| ended.is_some())
                || begun.elapsed() > Duration::from_secs(30)
            {
                let log = fs::read_to_string(folder.join("access.log"));
                panic!("the server does not listen: {}", log.unwrap_or_default());
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Self {
            child,
            address,
            started_in: begun.elapsed(),
        }
    }

    /// The CPU time that it has used so far.
    pub fn cpu(&self) -> Snapshot {
        Snapshot::of(self.child.id())
    }

    /// Its resident memory now, in MiB.
    pub fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the server runs");
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib.expect("VmRSS in KiB") / 1024.0
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        self.child.wait().expect("it stops");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Copies what a stopped or running server needs from one folder into another.
pub fn copy(from: &Path, to: &Path) {
    for folder in ["data", "keys"] {
        fs::create_dir_all(to.join(folder)).expect("a folder");
    }
    let key = "keys/master.key";
    fs::copy(from.join(key), to.join(key)).expect("the key is copied");
    let done = command(from)
        .args(["database", "backup"])
        .arg(database_file(to))
        .stdout(Stdio::null())
        .status();
    assert!(done.is_ok_and(|status| status.success()));
}

/// The client_id and client_secret that the first start in `folder` left for its operator.
pub fn first_key(folder: &Path) -> (String, String) {
    let text = fs::read_to_string(folder.join("keys/first-start.txt"));
    let text = text.expect("a first start without a terminal leaves a file");
    let value = |name: &str| {
        let value = text.lines().find_map(|l| l.trim().strip_prefix(name));
        value.expect("the file names it").trim().to_owned()
    };
    (value("client_id:"), value("client_secret:"))
}
