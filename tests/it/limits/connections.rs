//! The cap on connections.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use super::{PATIENCE, open, read_answer};
use crate::support::{KeptConnection, Request, TestApp, settings};

const ASK: &[u8] = b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: a\r\n\r\n";
const HEALTH: [&str; 3] = ["/healthz", "/readyz", "/console/api/v1/status/"];

/// Whether the connection has an answer within so long.
fn is_answered(stream: &TcpStream, time: Duration) -> bool {
    stream.set_read_timeout(Some(time)).unwrap();
    let answered = stream.peek(&mut [0]).is_ok_and(|read| read > 0);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    answered
}

#[test]
fn connections_over_the_cap_wait_for_one_to_end_and_are_served_then() {
    let mut settings = settings();
    settings.max_connections = 5;
    // All of them come from here.
    settings.max_connections_per_peer = Some(5);
    settings.workers = 2;
    let app = TestApp::with(settings);
    let served: Vec<TcpStream> = (0..5).map(|_| open(app.address, ASK)).collect();
    for stream in &served {
        assert_eq!(read_answer(stream).status, 200);
    }
    let mut waiting: Vec<TcpStream> = (0..20).map(|_| open(app.address, ASK)).collect();
    assert!(!is_answered(
        waiting.last().unwrap(),
        Duration::from_millis(500)
    ));
    // Those that are in go on.
    for mut stream in &served {
        stream.write_all(ASK).unwrap();
        assert_eq!(read_answer(stream).status, 200);
    }
    assert!(!is_answered(
        waiting.last().unwrap(),
        Duration::from_millis(200)
    ));
    drop(served);
    // Whether it is well is told all the same, and on that connection nothing else.
    for path in HEALTH {
        let health = app.send(Request::new("GET", path));
        assert_eq!(health.status, 200, "{path}");
    }
    let mut health = KeptConnection::open(app.address);
    let answer = health.send(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("close"))
    );
    // As many as the cap allows come in, and their places are free again when they leave.
    while !waiting.is_empty() {
        let mut let_in = Vec::new();
        while let Some(at) = waiting
            .iter()
            .position(|w| is_answered(w, Duration::from_millis(20)))
        {
            let_in.push(waiting.swap_remove(at));
        }
        assert!(let_in.len() <= 5, "{} at once", let_in.len());
    }
    for _ in 0..20 {
        assert_eq!(app.send(Request::new("GET", "/healthz")).status, 200);
    }
}

/// actix uses the head of an answer again for another, its version with it.
#[test]
fn an_answer_to_http_1_0_does_not_end_other_connections() {
    let app = TestApp::start();
    let old = b"GET /healthz HTTP/1.0\r\nhost: a\r\n\r\n";
    for _ in 0..20 {
        assert_eq!(read_answer(&open(app.address, old)).status, 200);
        let mut kept = open(app.address, ASK);
        for _ in 0..3 {
            assert_eq!(read_answer(&kept).status, 200);
            kept.write_all(ASK).unwrap();
        }
        assert_eq!(read_answer(&kept).status, 200);
    }
}
