//! The load: requests made beforehand, sent over connections that are kept, one at a time on each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A request's bytes.
pub type Request = Vec<u8>;

/// `POST /console/sys/token` with Basic credentials.
pub fn token_request(client_id: &str, client_secret: &str, form: &str) -> Request {
    let basic = STANDARD.encode(format!("{client_id}:{client_secret}"));
    format!(
        "POST /console/sys/token HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: ratios\r\n\
         Accept: */*\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

/// `GET path`, with a Bearer token if there is one.
pub fn get_request(path: &str, token: Option<&str>) -> Request {
    let authorization = match token {
        Some(token) => format!("Authorization: Bearer {token}\r\n"),
        None => String::new(),
    };
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: ratios\r\nAccept: */*\r\n\
         {authorization}\r\n"
    )
    .into_bytes()
}

/// One kept connection.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server takes connections");
        stream.set_nodelay(true).expect("a TCP socket");
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).expect("a TCP socket");
        Self {
            stream,
            answer: Vec::with_capacity(8192),
        }
    }

    /// Sends a request and reads its whole answer, which must be 200; gives its body.
    fn send(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).expect("the server reads");
        self.answer.clear();
        let mut chunk = [0; 8192];
        loop {
            let read = self.stream.read(&mut chunk).expect("the server answers");
            assert!(read > 0, "the server closed the connection");
            self.answer.extend_from_slice(&chunk[..read]);
            let Some(head) = self.answer.windows(4).position(|w| w == b"\r\n\r\n") else {
                continue;
            };
            let whole = head + 4 + content_length(&self.answer[..head]);
            if self.answer.len() >= whole {
                let is_ok = self.answer.starts_with(b"HTTP/1.1 200 ");
                assert!(is_ok, "{}", String::from_utf8_lossy(&self.answer));
                return &self.answer[head + 4..whole];
            }
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("a head of ASCII");
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.parse().ok());
    length.expect("an answer says how long it is")
}

/// The answer to one request, on a connection of its own.
pub fn ask(address: SocketAddr, request: &Request) -> serde_json::Value {
    let mut connection = Connection::open(address);
    serde_json::from_slice(connection.send(request)).expect("an answer in JSON")
}

/// Connections that send as much as the server answers.
pub struct Load<'a> {
    connections: Vec<Connection>,
    requests: &'a [Request],
    next: AtomicUsize,
}

impl<'a> Load<'a> {
    pub fn new(address: SocketAddr, requests: &'a [Request], connections: usize) -> Self {
        Self {
            connections: (0..connections)
                .map(|_| Connection::open(address))
                .collect(),
            requests,
            next: AtomicUsize::new(0),
        }
    }

    /// Sends `count` requests, as many on each connection, where each goes as soon as the answer to
    /// the one before is there; goes through all requests in turn. Gives how long it took.
    pub fn send(&mut self, count: usize) -> Duration {
        let (requests, next) = (self.requests, &self.next);
        let connections = self.connections.len();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for (number, connection) in self.connections.iter_mut().enumerate() {
                // A connection that stayed idle would be closed.
                let share = (count + number) / connections;
                scope.spawn(move || {
                    for _ in 0..share {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        connection.send(&requests[at % requests.len()]);
                    }
                });
            }
        });
        begun.elapsed()
    }
}

/// Sends `request` about `rate` times a second for `time`, at moments that do not depend on the
/// answers, and gives the time of each answer from the moment at which its request was due.
pub fn pace(
    address: SocketAddr,
    request: &Request,
    connections: usize,
    rate: f64,
    time: Duration,
) -> Vec<Duration> {
    let mean = connections as f64 / rate;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let sending: Vec<_> = (0..connections)
            .map(|number| {
                scope.spawn(move || {
                    let mut connection = Connection::open(address);
                    let mut random = Random(number as u64 + 1);
                    let mut due = Duration::ZERO;
                    let mut took = Vec::new();
                    loop {
                        // Independent senders: the gaps are distributed exponentially.
                        due += Duration::from_secs_f64(mean * -random.next().ln());
                        if due > time {
                            return took;
                        }
                        std::thread::sleep(due.saturating_sub(begun.elapsed()));
                        connection.send(request);
                        took.push(begun.elapsed() - due);
                    }
                })
            })
            .collect();
        let joined = sending.into_iter().map(|t| t.join().expect("it sends"));
        joined.flatten().collect()
    })
}

/// xorshift64: the same gaps in every run.
struct Random(u64);

impl Random {
    /// Above 0, at most 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}
