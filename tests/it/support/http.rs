//! A small HTTP/1.1 client that sends exactly the bytes it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A request as it will be sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Option<Vec<u8>>,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// `Authorization: Basic` of a raw pair.
pub fn basic(client_id: &str, client_secret: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{client_id}:{client_secret}"))
    )
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// `POST /console/sys/token` with a form.
    pub fn token(form: &str) -> Self {
        Self::new("POST", "/console/sys/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.as_bytes())
    }

    /// A request with a JSON body.
    pub fn json(method: &str, path: &str, body: &Value) -> Self {
        Self::new(method, path)
            .header("content-type", "application/json")
            .body(body.to_string().as_bytes())
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self
    }

    /// The request's bytes; the connection ends with the answer.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes("close")
    }

    /// The request's bytes; the connection stays open after the answer.
    pub fn to_kept_bytes(&self) -> Vec<u8> {
        self.bytes("keep-alive")
    }

    fn bytes(&self, connection: &str) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        let mut put = |name: &str, value: &[u8]| {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        };
        if !self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            put("host", b"mintmark.test");
        }
        put("connection", connection.as_bytes());
        for (name, value) in &self.headers {
            put(name, value);
        }
        let has_length = self.headers.iter().any(|(name, _)| {
            name.eq_ignore_ascii_case("content-length")
                || name.eq_ignore_ascii_case("transfer-encoding")
        });
        if let Some(body) = self.body.as_ref().filter(|_| !has_length) {
            put("content-length", body.len().to_string().as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }
}

impl Response {
    /// Reads an answer from everything that came until the connection ended.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = bytes[end + 4..].to_vec();
        let mut answer = Self {
            status,
            headers,
            body,
        };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body)?;
        }
        Some(answer)
    }

    /// The value of a header that came once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} came twice");
        value
    }

    /// Everything of an answer but what is new in each, its time and its request id, in one text:
    /// the status, the headers in order of their names, the body. The length is checked here.
    pub fn whole(&self) -> String {
        let length = self.header("content-length").map(str::to_owned);
        assert!(length.is_none_or(|length| length == self.body.len().to_string()));
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| {
                !["connection", "content-length", "date", "x-request-id"].contains(&name.as_str())
            })
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        headers.sort();
        format!("{}\n{}\n{}", self.status, headers.concat(), self.text())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// How long an answer is waited for: longer than a test suspends a server.
const LIMIT: Duration = Duration::from_secs(60);

/// Sends a request on a connection of its own and reads the whole answer.
pub fn send(address: SocketAddr, request: &Request) -> Response {
    let answer = exchange(address, &request.to_bytes());
    Response::parse(&answer)
        .unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&answer)))
}

/// Sends these bytes and reads what comes until the connection ends.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    // A server that refuses early may close before everything is written; its answer counts.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut piece = [0; 16 * 1024];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..read]);
        // A server that did not read all of a request keeps the connection for a second, lest what is
        // still under way makes the answer go lost, unless the client is seen to have it.
        if is_whole(&answer) {
            let _ = stream.shutdown(Shutdown::Write);
        }
    }
    answer
}

/// Whether as much of an answer has come as it says that it has.
fn is_whole(bytes: &[u8]) -> bool {
    Response::parse(bytes).is_some_and(|answer| {
        let length = answer.header("content-length");
        length.is_some_and(|length| length == answer.body.len().to_string())
    })
}

/// A connection that is kept open for many requests, one after the other.
pub struct KeptConnection(BufReader<TcpStream>);

impl KeptConnection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends the bytes of one request and reads its answer, which must tell its length where it can
    /// have a body.
    pub fn send(&mut self, bytes: &[u8]) -> Response {
        self.0.get_mut().write_all(bytes).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let read = self.0.read_until(b'\n', &mut answer).unwrap();
            assert_ne!(read, 0, "the connection ended");
        }
        let mut answer = Response::parse(&answer).unwrap();
        let length = match answer.status {
            204 => 0,
            _ => answer.header("content-length").unwrap().parse().unwrap(),
        };
        if bytes.starts_with(b"HEAD ") {
            // It told the length of the body that would have come.
            answer.headers.retain(|(name, _)| name != "content-length");
            return answer;
        }
        answer.body = vec![0; length];
        self.0.read_exact(&mut answer.body).unwrap();
        answer
    }
}

/// What came in chunks (RFC 9112 section 7.1); nothing if the last one is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}
