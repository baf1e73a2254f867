//! A signal finishes what runs, turns away what comes, and ends the process whoever holds on.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{open, read_to_close, wait_for_line};
use crate::support::{
    Credentials, Process, Request, Response, TestDatabase, basic, count, is_full,
};

/// Lets this process, and those that it starts, have so many files open.
fn allow_open_files(needed: usize) {
    let pid = std::process::id().to_string();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|l| l.starts_with("Max open files"));
    let soft = line.unwrap().split_ascii_whitespace().nth(3).unwrap();
    if soft.parse::<usize>().is_ok_and(|soft| soft < needed) {
        let limit = format!("--nofile={needed}:");
        let raised = Command::new("prlimit")
            .args(["--pid", &pid, &limit])
            .status();
        assert!(raised.unwrap().success(), "ulimit -n must allow {needed}");
    }
}

/// A client that holds its connection in one of the ways that there are.
fn slow_client(address: SocketAddr, way: usize) -> TcpStream {
    let whole = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let bytes = match way % 7 {
        0 => String::new(),
        1 => "POST /console/sys/token HTTP/1.1\r\nhost".to_owned(),
        2 => format!(
            "POST /console/sys/token HTTP/1.1\r\nhost: a\r\n{form}content-length: 90\r\n\r\na"
        ),
        3 => format!(
            "POST /console/sys/token HTTP/1.1\r\nhost: a\r\n{form}transfer-encoding: chunked\r\n\r\n9\r\na"
        ),
        4 => whole.to_owned(),
        5 => format!("{whole}GET /h"),
        _ => "POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n9\r\na"
            .to_owned(),
    };
    open(address, bytes.as_bytes())
}

/// A token request whose head the server has, and for whose body it waits.
fn begin_token_request(address: SocketAddr, key: &Credentials, form: &str) -> TcpStream {
    let head = format!(
        "POST /console/sys/token HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         expect: 100-continue\r\n\r\n",
        basic(&key.client_id, &key.client_secret),
        form.len()
    );
    let stream = open(address, head.as_bytes());
    let mut proceed = [0; 25];
    std::io::Read::read_exact(&mut &stream, &mut proceed).unwrap();
    assert_eq!(&proceed, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

fn stops(signal: &str, slow_clients: usize) {
    allow_open_files(2 * slow_clients + 500);
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let mut process = Process::start(folder.path(), &database.url_text(), &[]);
    let key = process.first_key();
    let slow: Vec<TcpStream> = (0..slow_clients)
        .map(|way| slow_client(process.address, way))
        .collect();
    let form = "grant_type=client_credentials";
    let mut running = begin_token_request(process.address, &key, form);

    process.signal(signal);
    let began = Instant::now();
    wait_for_line(&process, |line| line.contains("accept thread stopped"));
    let late = Request::new("GET", "/healthz").to_bytes();
    if let Ok(mut stream) = TcpStream::connect(process.address) {
        let _ = stream.write_all(&late);
        let answer = read_to_close(&stream);
        assert_eq!(
            String::from_utf8_lossy(&answer),
            "",
            "a new connection was let in"
        );
    }
    running.write_all(form.as_bytes()).unwrap();
    let answer = Response::parse(&read_to_close(&running)).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.json()["token_type"], json!("Bearer"));

    let status = process.wait(super::PATIENCE).expect("it must end");
    let took = began.elapsed();
    println!("SIG{signal} with {slow_clients} slow clients: ended after {took:?}");
    assert_eq!(status.code(), Some(0), "{}", process.log().join("\n"));
    if is_full() {
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
    drop(slow);
}

#[test]
fn sigterm_finishes_what_runs_and_ends_the_process_with_slow_clients_attached() {
    stops("TERM", count(200, 2000));
}

#[test]
fn sigint_finishes_what_runs_too() {
    stops("INT", 20);
}

#[test]
fn without_clients_the_process_ends_at_once_and_starts_again_on_what_it_left() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_on_disk();
    let mut process = Process::start(folder.path(), &database.url_text(), &[]);
    let key = process.first_key();
    process.signal("TERM");
    assert_eq!(process.wait(super::PATIENCE).unwrap().code(), Some(0));
    let process = Process::start(folder.path(), &database.url_text(), &[]);
    let request = Request::token("grant_type=client_credentials")
        .header("authorization", &basic(&key.client_id, &key.client_secret));
    assert_eq!(process.send(&request).status, 200);
}
