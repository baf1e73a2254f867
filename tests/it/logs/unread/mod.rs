//! Standard error that is full, broken or unread costs lines, which are counted, and nothing else.

mod limit;
mod output;
mod start;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{
    Credentials, Request, Response, TestDatabase, basic, command, count, is_full, send, signal,
};
use output::{Kind, Output};

/// From when on it is bad.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Moment {
    FirstLine,
    Start,
    Load,
    Stop,
}

/// How many requests are sent besides, so that not all of their lines find room.
const FLOOD: usize = 8000;
/// A stopping server may take so long, and a loaded machine some of it for itself.
const STOP_TIME: Duration = Duration::from_secs(10);

/// A server whose log the test does not need, ended when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    /// The ids of all requests that it answered.
    ids: Mutex<Vec<String>>,
}

impl Server {
    fn start(folder: &Path, database_url: &str, format: &str, log: Stdio) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let listen = address.to_string();
        let args = [
            "serve",
            "--init",
            "--log-format",
            format,
            "--listen",
            &listen,
        ];
        let mut command = command(folder, database_url, &args);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(log).spawn().unwrap();
        let ids = Mutex::default();
        Self {
            child,
            address,
            ids,
        }
    }

    fn wait_until_it_listens(&mut self) {
        until("it listens", || {
            assert!(self.child.try_wait().unwrap().is_none(), "it ended");
            TcpStream::connect(self.address).is_ok()
        });
    }

    /// Asks it to stop; it does so in its time, and as asked.
    fn stop(&mut self) {
        let began = Instant::now();
        assert!(signal(self.child.id(), "TERM"));
        let mut status = None;
        until("it stops", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(began.elapsed() < STOP_TIME, "{:?}", began.elapsed());
        assert!(status.unwrap().success(), "{status:?}");
    }

    fn ask(&self, request: &Request) -> Response {
        let answer = send(self.address, request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let id = answer.header("x-request-id").unwrap().to_owned();
        self.ids.lock().unwrap().push(id);
        answer
    }

    /// Asks for tokens, by eight at once; none may fail.
    fn tokens(&self, key: &Credentials, count: usize) {
        let request = Request::token("grant_type=client_credentials&scope=applications:read")
            .header("authorization", &basic(&key.client_id, &key.client_secret));
        std::thread::scope(|scope| {
            for part in 0..8 {
                let request = &request;
                scope.spawn(move || {
                    for _ in (part..count).step_by(8) {
                        self.ask(request);
                    }
                });
            }
        });
    }

    /// Sends many requests that cost little; none may fail.
    fn flood(&self, count: usize) {
        const AT_ONCE: usize = 50;
        let mut stream = TcpStream::connect(self.address).unwrap();
        let time = Some(Duration::from_secs(30));
        stream.set_read_timeout(time).unwrap();
        let requests = Request::new("GET", "/healthz").to_kept_bytes();
        let requests = requests.repeat(AT_ONCE);
        for _ in 0..count.div_ceil(AT_ONCE) {
            stream.write_all(&requests).unwrap();
            let mut text = String::new();
            let mut bytes = [0; 4096];
            while text.matches("\"alive\"}").count() < AT_ONCE {
                let count = stream.read(&mut bytes).unwrap();
                assert!(count > 0, "{text}");
                text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
            let answers = text.split("x-request-id: ").skip(1);
            let ids = answers.map(|answer| answer[..32].to_owned());
            self.ids.lock().unwrap().extend(ids);
        }
    }

    /// What is wrong with it, by name.
    fn warnings(&self) -> Vec<String> {
        let answer = self.ask(&Request::new("GET", "/readyz?verbose")).json();
        let warnings = answer["warnings"].as_array().unwrap().iter();
        let name = |warning: &Value| warning["name"].as_str().unwrap().to_owned();
        warnings.map(name).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The key of the first start.
fn first_key(folder: &Path) -> Credentials {
    let text = std::fs::read_to_string(folder.join("keys/first-start.txt")).unwrap();
    let value = |name: &str| {
        let found = text.lines().find_map(|line| line.trim().strip_prefix(name));
        found.unwrap().trim().to_owned()
    };
    Credentials {
        client_id: value("client_id:"),
        client_secret: value("client_secret:"),
    }
}

/// What lines say: the ids of the requests that they are of, and how many were dropped. Each must be
/// whole.
fn read_lines(text: &str, format: &str) -> (HashSet<String>, usize) {
    let (mut ids, mut dropped) = (HashSet::new(), 0);
    for line in text.lines() {
        let value = |name: &str| match format {
            "json" => {
                let line: Value =
                    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
                let value = &line[name];
                let text = || value.as_str().map(str::to_owned);
                text().or_else(|| value.as_u64().map(|number| number.to_string()))
            }
            _ => {
                let is_whole = line.starts_with("20") && line.get(26..29) == Some("Z  ");
                assert!(is_whole, "{line:?}");
                let (_, rest) = line.split_once(&format!(" {name}="))?;
                Some(rest.split(' ').next().unwrap().trim_matches('"').to_owned())
            }
        };
        if let Some(id) = value("request_id") {
            assert!(ids.insert(id), "twice: {line}");
        }
        if let Some(count) = value("dropped") {
            dropped += count.parse::<usize>().unwrap();
        }
    }
    (ids, dropped)
}

/// One combination, from the start of a server to its end.
fn run(kind: Kind, format: &str, moment: Moment, tokens: usize) {
    println!("{kind:?} {format} {moment:?} {tokens}");
    let mut output = Output::new(kind);
    if !output.is_possible() {
        println!("no mount here, so no volume");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    // Opened while there is a reader: without one it would be waited for.
    let log = output.to_write();
    if moment == Moment::FirstLine {
        output.spoil();
    }
    let mut server = Server::start(folder.path(), &database.url_text(), format, log);
    if moment == Moment::Start {
        if kind != Kind::FullDevice {
            until("a line is there", || output.has_lines());
        }
        output.spoil();
    }
    server.wait_until_it_listens();
    let key = first_key(folder.path());
    server.tokens(&key, tokens / 4);
    if moment == Moment::Load {
        output.spoil();
    }
    server.tokens(&key, tokens - tokens / 4);
    if moment == Moment::Stop {
        // Ten thousand lines fill the volume by themselves.
        let is_bad = kind == Kind::FullDevice || (kind == Kind::FullVolume && tokens > 1_000);
        if !is_bad {
            assert_eq!(server.warnings(), [""; 0]);
        }
        output.spoil();
    }
    // However much nobody reads.
    server.flood(FLOOD);
    assert_eq!(server.warnings(), ["log-lines"]);
    if kind.returns() && moment != Moment::Stop {
        output.mend();
        until("lines go again", || server.warnings().is_empty());
        server.tokens(&key, 1);
        let ids = server.ids.lock().unwrap().clone();
        let last = ids.last().unwrap();
        until("the last line is there", || output.text().contains(last));
        let (read, dropped) = read_lines(&output.text(), format);
        let missing = ids.iter().filter(|id| !read.contains(*id)).count();
        assert_eq!(
            missing, dropped,
            "each dropped line is counted, and no other"
        );
        assert!(dropped > 0);
        server.stop();
        until("the end is logged", || output.text().contains("stopping"));
    } else {
        server.stop();
    }
}

#[test]
fn tokens_go_on_and_dropped_lines_are_counted() {
    let combinations = [
        (Kind::FullDevice, "text", Moment::FirstLine),
        (Kind::FullVolume, "json", Moment::Load),
        (Kind::ReturningReader, "text", Moment::Start),
        (Kind::FollowedReader, "json", Moment::Start),
    ];
    for (kind, format, moment) in combinations {
        run(kind, format, moment, count(500, 10_000));
    }
}

#[test]
fn a_stop_waits_for_no_reader() {
    run(Kind::StandingReader, "json", Moment::Stop, 100);
}

#[test]
fn tokens_go_on_in_every_combination() {
    if !is_full() {
        return;
    }
    for kind in Kind::ALL {
        for format in ["text", "json"] {
            for moment in [Moment::FirstLine, Moment::Start, Moment::Load, Moment::Stop] {
                run(kind, format, moment, 10_000);
            }
        }
    }
}
