//! The first start, key files, and what the server refuses to start with.

mod damaged;
mod default_audience;
mod encoding;
mod files;
mod first;
mod folding;
mod installation;
mod mounted;
mod rows;
mod schema;
mod terminal;
mod together;

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Credentials, Process, Request, Response, TestDatabase, basic, command};

/// A folder with keys and a database that were set up, and no server.
pub struct SetUp {
    pub folder: tempfile::TempDir,
    pub database: TestDatabase,
    pub first: Credentials,
}

impl SetUp {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create();
        let server = Process::start(folder.path(), &database.url_text(), &[]);
        let first = server.first_key();
        drop(server);
        Self {
            folder,
            database,
            first,
        }
    }

    pub fn start(&self) -> Process {
        Process::start(self.folder.path(), &self.database.url_text(), &[])
    }

    /// Starts a server that must refuse, and answers what it said.
    pub fn refused(&self) -> String {
        refused(self.folder.path(), &self.database.url_text(), &[])
    }

    /// Starts a server and gets a token for the first key: all is as it was.
    pub fn assert_serves(&self) {
        let server = self.start();
        let answer = token(&server, &self.first);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// `POST /console/sys/token` with this client's credentials.
pub fn token(server: &Process, client: &Credentials) -> Response {
    let basic = basic(&client.client_id, &client.client_secret);
    let request = Request::token("grant_type=client_credentials");
    server.send(&request.header("authorization", &basic))
}

/// Starts a server that must end by itself, with code 1 and without ever listening. Answers the
/// one line that says why.
pub fn refused(folder: &Path, database_url: &str, args: &[&str]) -> String {
    // Free a moment ago; whoever else took it would be met as somebody who listens.
    let address = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap();
    let listen = address.to_string();
    let mut all = vec!["serve", "--listen", &listen];
    all.extend(args);
    let mut child = command(folder, database_url, &all)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let patience = Instant::now();
    let status = loop {
        let answered = TcpStream::connect(address).is_ok();
        if answered || patience.elapsed() > Duration::from_secs(30) {
            let _ = child.kill();
            panic!("it listens or does not end: listens is {answered}");
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let mut out = String::new();
    let mut said = String::new();
    child.stdout.unwrap().read_to_string(&mut out).unwrap();
    child.stderr.unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{said}");
    let (line, rest) = said.split_once('\n').unwrap();
    assert_eq!(rest, "", "one line says why");
    line.to_owned()
}

/// The names in a folder, in order; none when it is not there.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
