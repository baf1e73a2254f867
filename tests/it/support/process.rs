//! The binary itself: a server as a process of its own, and the command line.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Credentials, Request, Response, send};

/// A running `mintmark serve`, ended by force when dropped.
pub struct Process {
    pub child: Child,
    pub address: SocketAddr,
    pub folder: PathBuf,
    log: Arc<Mutex<Vec<String>>>,
}

/// How a server is started that a test can read and reach.
pub const SERVE: [&str; 6] = [
    "serve",
    "--init",
    "--log-format",
    "json",
    "--listen",
    "127.0.0.1:0",
];

/// Sends a signal, and answers whether that worked. The shell's own `kill` does it: a bare machine
/// has no program of this name.
pub fn signal(pid: u32, name: &str) -> bool {
    let line = format!("kill -s {name} {pid}");
    let sent = Command::new("sh").args(["-c", &line]).status();
    sent.unwrap().success()
}

/// The binary, in `folder`, with an environment that holds nothing but what is given.
pub fn command(folder: &Path, database_url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mintmark"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("USER", "tester")
        .env("MINTMARK_DATABASE_URL", database_url)
        .args(args);
    command
}

/// Who the operating system says that the tests run as.
pub fn os_user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs a command to its end, with `stdin` as its input.
pub fn cli(folder: &Path, database_url: &str, args: &[&str], stdin: &str) -> Output {
    let mut child = command(folder, database_url, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses early may end before it reads.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

impl Process {
    /// Starts a server in `folder` (its keys lie there) and waits until it listens.
    ///
    /// # Panics
    /// When it does not begin to listen within 30 s.
    pub fn start(folder: &Path, database_url: &str, args: &[&str]) -> Self {
        Self::try_start(folder, database_url, args).unwrap_or_else(|log| panic!("{log}"))
    }

    /// As [`Process::start`], but answers the log of a server that ended instead of listening.
    pub fn try_start(folder: &Path, database_url: &str, args: &[&str]) -> Result<Self, String> {
        let mut all = vec!["serve", "--init"];
        if args.iter().any(|arg| arg.starts_with("--init")) {
            all.pop();
        }
        for [option, value] in [["--log-format", "json"], ["--listen", "127.0.0.1:0"]] {
            if !args.contains(&option) {
                all.extend([option, value]);
            }
        }
        all.extend(args);
        let mut command = command(folder, database_url, &all);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self::try_spawn(folder, command)
    }

    /// As [`Process::try_start`], for a command that was prepared otherwise.
    pub fn try_spawn(folder: &Path, mut command: Command) -> Result<Self, String> {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = log.clone();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        let patience = Instant::now();
        loop {
            let said = log.lock().unwrap().clone();
            if let Some(address) = listening(&said) {
                let folder = folder.to_owned();
                return Ok(Self {
                    child,
                    address,
                    folder,
                    log,
                });
            }
            let ended = child.try_wait().unwrap();
            if ended.is_some() || patience.elapsed() > Duration::from_secs(30) {
                let _ = child.kill();
                // It ends with what it reads from, so that no line is missed.
                reader.join().unwrap();
                return Err(log.lock().unwrap().join("\n"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Every line that it logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The access key of the first start, from the file that it left.
    pub fn first_key(&self) -> Credentials {
        let text = std::fs::read_to_string(self.folder.join("keys/first-start.txt")).unwrap();
        let value = |name: &str| {
            let line = text
                .lines()
                .find(|line| line.trim().starts_with(name))
                .unwrap();
            line.split(':').nth(1).unwrap().trim().to_owned()
        };
        Credentials {
            client_id: value("client_id:"),
            client_secret: value("client_secret:"),
        }
    }

    pub fn send(&self, request: &Request) -> Response {
        send(self.address, request)
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        assert!(signal(self.child.id(), name));
    }

    /// Waits for its end, at most so long.
    pub fn wait(&mut self, time: Duration) -> Option<ExitStatus> {
        let patience = Instant::now();
        while patience.elapsed() < time {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

fn listening(log: &[String]) -> Option<SocketAddr> {
    let is_it = |line: &&String| line.contains("listening") && line.contains("public_url");
    let line = log.iter().find(is_it)?;
    // `"address":"127.0.0.1:9090"` in JSON, `address=127.0.0.1:9090` in text.
    let text = line.split_once("address")?.1;
    let text = text.trim_start_matches(['"', ':', '=']);
    let end = text.find(['"', ' ']).unwrap_or(text.len());
    let address: SocketAddr = text[..end].parse().ok()?;
    // The line is written just before the socket listens.
    std::net::TcpStream::connect(address).ok().map(|_| address)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
