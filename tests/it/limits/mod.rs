//! Limits: deadlines, connections, stopping, panics, a busy database, rubbish.

mod budget;
mod busy;
mod connections;
mod deadlines;
mod files;
mod hostile;
mod panics;
mod rubbish;
mod stopping;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Process, Response};

/// How long a test waits for what must come before it gives up; no requirement.
const PATIENCE: Duration = Duration::from_secs(90);

/// Opens a connection and sends these bytes on it.
fn open(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// Reads until the server closes the connection.
fn read_to_close(mut stream: &TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => panic!("it was not closed"),
        _ => answer,
    }
}

/// Reads one answer of a connection that stays open.
fn read_answer(mut stream: &TcpStream) -> Response {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "closed: {:?}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..read]);
        let Some(response) = Response::parse(&answer) else {
            continue;
        };
        let length = response.header("content-length").unwrap_or("0");
        if response.body.len() >= length.parse::<usize>().unwrap() {
            return response;
        }
    }
}

/// The body that makes an application.
fn new_application(name: &str) -> Value {
    json!({
        "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
        "display-name": name,
        "publication-context": name,
        "development-mode": true,
    })
}

/// Waits until a server has logged a line like this.
fn wait_for_line(process: &Process, is_it: impl Fn(&str) -> bool) {
    let began = Instant::now();
    while !process.log().iter().any(|line| is_it(line)) {
        assert!(began.elapsed() < PATIENCE, "{}", process.log().join("\n"));
        std::thread::sleep(Duration::from_millis(5));
    }
}
