//! Makes hostile requests: whole ones of every kind, then mutated. The same seed makes the same.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::new_application;
use crate::support::{Credentials, basic};

/// A small generator of numbers (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.next() as u8).collect()
    }
}

/// What a hostile caller may have got hold of.
pub struct Loot {
    pub key: Credentials,
    pub access_token: String,
    pub id_token: String,
}

const NASTY: &[&str] = &[
    "",
    "\0",
    "%",
    "%00",
    "%zz",
    "%ff%fe",
    "\u{202e}",
    "\r\nx: y",
    "\u{1b}[2J",
    "'; DROP TABLE clients; --",
    "../../../../etc/passwd",
    "%2e%2e%2f",
    "<script>",
    "${jndi:ldap://a}",
    "-1",
    "99999999999999999999",
    "1e309",
    "null",
    "[]",
    "\u{1f4a3}",
    "00000000-0000-0000-0000-000000000000",
];

const PATHS: &[&str] = &[
    "/console/sys/token",
    "/console/api/v2/me",
    "/console/api/v2/applications",
    "/console/api/v2/applications/00000000-0000-0000-0000-000000000000",
    "/console/api/v1/status/",
    "/.well-known/jwks.json",
    "/.well-known/openid-configuration",
    "/readyz?verbose",
    "/healthz",
    "/openapi.yaml",
    "/",
    "*",
];

const METHODS: &[&str] = &[
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "X-Y",
];

/// The bytes of one connection.
pub fn connection(random: &mut Random, loot: &Loot) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Now and then several, one behind the other.
    let requests = if random.below(8) == 0 {
        1 + random.below(6)
    } else {
        1
    };
    for _ in 0..requests {
        bytes.extend(request(random, loot));
    }
    if random.below(3) == 0 {
        mutate(random, &mut bytes);
    }
    bytes
}

fn request(random: &mut Random, loot: &Loot) -> Vec<u8> {
    match random.below(12) {
        0 => random.bytes(2000),
        1..=4 => token_request(random, loot),
        5 => json_request(random, loot),
        6 | 7 => bearer_request(random, loot),
        8 => chunked(random, loot),
        9 => huge(random),
        _ => odd_line(random),
    }
}

/// A request with a well-made frame around `body`.
fn framed(line: &str, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{line} HTTP/1.1\r\nhost: a\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

fn form(random: &mut Random, loot: &Loot) -> Vec<u8> {
    let names = [
        "grant_type",
        "scope",
        "resource",
        "client_id",
        "client_secret",
        "x",
        "%67rant_type",
    ];
    let values = [
        "client_credentials",
        "CLIENT_CREDENTIALS",
        "password",
        "openid",
        "openid applications:read",
        "https://a.example/b",
        "/relative#x",
        &loot.key.client_id,
        &loot.key.client_secret,
    ];
    let mut form = b"grant_type=client_credentials".to_vec();
    for _ in 0..random.below(6) {
        let value = match random.below(3) {
            0 => random.of(NASTY).to_owned(),
            1 => random.of(&values).repeat(1 + random.below(3)),
            _ => random.of(&values).to_owned(),
        };
        form.extend_from_slice(format!("&{}={value}", random.of(&names)).as_bytes());
    }
    if random.below(4) == 0 {
        mutate(random, &mut form);
    }
    form
}

fn token_request(random: &mut Random, loot: &Loot) -> Vec<u8> {
    let key = &loot.key;
    let nasty = random.of(NASTY);
    let pair = match random.below(4) {
        0 => format!("{nasty}:{nasty}"),
        1 => format!("{}{nasty}:{}", key.client_id, key.client_secret),
        2 => nasty.repeat(random.below(200)),
        _ => format!("{}:{nasty}{}", key.client_id, key.client_secret),
    };
    let noise = random.bytes(64);
    let authorization = match random.below(8) {
        0 => basic(&key.client_id, &key.client_secret),
        1 | 2 => format!("Basic {}", STANDARD.encode(pair)),
        3 => format!("Basic {}", STANDARD.encode(noise)),
        4 => format!("Basic {}", URL_SAFE_NO_PAD.encode(noise)),
        5 => format!("Bearer {}", loot.access_token),
        6 => "Basic".to_owned(),
        _ => basic(&key.client_id, "wrong"),
    };
    let types = [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "application/json",
        "multipart/form-data; boundary=a",
        "",
    ];
    let at = if random.below(4) == 0 {
        random.below(types.len())
    } else {
        0
    };
    let mut headers = vec![("content-type", types[at].to_owned())];
    for _ in 0..[1, 1, 1, 0, 2][random.below(5)] {
        headers.push(("authorization", authorization.clone()));
    }
    let body = form(random, loot);
    framed("POST /console/sys/token", &headers, &body)
}

fn json_request(random: &mut Random, loot: &Loot) -> Vec<u8> {
    let deep = "[".repeat(random.below(3000));
    let name = format!("a{}", random.below(50));
    let mut body = match random.below(4) {
        0 => deep.into_bytes(),
        1 => new_application(&name).to_string().into_bytes(),
        2 => format!(r#"{{"publication-context":{:?}}}"#, random.of(NASTY)).into_bytes(),
        _ => new_application(random.of(NASTY)).to_string().into_bytes(),
    };
    if random.below(2) == 0 {
        mutate(random, &mut body);
    }
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("authorization", format!("Bearer {}", loot.access_token)),
    ];
    framed("POST /console/api/v2/applications", &headers, &body)
}

fn bearer_request(random: &mut Random, loot: &Loot) -> Vec<u8> {
    let mut token = random
        .of(&[&loot.access_token, &loot.id_token])
        .clone()
        .into_bytes();
    match random.below(4) {
        0 => {}
        1 => {
            // Another header or other claims under the same signature.
            let part = URL_SAFE_NO_PAD.encode(random.of(&[
                r#"{"alg":"none"}"#,
                r#"{"alg":"RS512","typ":"at+jwt","kid":[[[[]]]]}"#,
                r#"{"alg":"RS512","alg":"HS512"}"#,
                "{",
            ]));
            let rest: Vec<u8> = token.iter().copied().skip_while(|b| *b != b'.').collect();
            token = [part.as_bytes(), &rest].concat();
        }
        2 => token = vec![b'a'; random.below(20_000)],
        _ => {
            mutate(random, &mut token);
            token.retain(|b| !matches!(b, b'\r' | b'\n' | 0));
        }
    }
    let path = random.of(PATHS);
    let query = if random.below(4) == 0 {
        random.of(NASTY)
    } else {
        ""
    };
    let mut bytes =
        format!("GET {path}?{query} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ").into_bytes();
    bytes.extend(token);
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes
}

/// Chunked framing, whole or broken.
fn chunked(random: &mut Random, loot: &Loot) -> Vec<u8> {
    let body = form(random, loot);
    let size = match random.below(5) {
        0 => "ffffffffffffffffff".to_owned(),
        1 => "-1".to_owned(),
        2 => format!("{:x};a=b", body.len()),
        _ => format!("{:x}", body.len()),
    };
    let mut bytes =
        b"POST /console/sys/token HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\
        content-type: application/x-www-form-urlencoded\r\n"
            .to_vec();
    if random.below(4) == 0 {
        bytes.extend_from_slice(b"content-length: 3\r\n");
    }
    bytes.extend_from_slice(format!("\r\n{size}\r\n").as_bytes());
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(
        random
            .of(&[
                "\r\n0\r\n\r\n",
                "\r\n",
                "0\r\n\r\n",
                "\r\n0\r\nx: y\r\n\r\n",
            ])
            .as_bytes(),
    );
    bytes
}

/// Too much of something.
fn huge(random: &mut Random) -> Vec<u8> {
    let much = random.below(200_000);
    let path = random.of(PATHS);
    match random.below(4) {
        0 => format!(
            "GET {path} HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
            "a".repeat(much)
        ),
        1 => format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a/".repeat(much / 2)),
        2 => {
            let headers = "x: y\r\n".repeat(random.below(300));
            format!("GET {path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n")
        }
        _ => {
            let body = "a=b&".repeat(much / 4);
            return framed(
                "POST /console/sys/token",
                &[(
                    "content-type",
                    "application/x-www-form-urlencoded".to_owned(),
                )],
                body.as_bytes(),
            );
        }
    }
    .into_bytes()
}

/// Request lines and line ends that are not quite right.
fn odd_line(random: &mut Random) -> Vec<u8> {
    let (method, path, nasty) = (random.of(METHODS), random.of(PATHS), random.of(NASTY));
    let target = match random.below(4) {
        0 => format!("http://evil.example{path}"),
        1 => format!("{path}/{nasty}"),
        2 => format!("{path}?{nasty}={nasty}"),
        _ => path.to_owned(),
    };
    let version = random.of(&["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", ""]);
    let end = random.of(&["\r\n", "\n", "\r", "\r\n\r\n"]);
    let host = random.of(&["a", "a\r\nhost: b", "", "evil.example:99999", "\u{ff}"]);
    let header = random.of(&[
        "x-forwarded-for: 1.2.3.4",
        "expect: 100-continue",
        "upgrade: h2c",
        "te: trailers",
        " folded",
        "connection: close, upgrade",
    ]);
    format!("{method} {target} {version}{end}host: {host}{end}{header}{end}{end}").into_bytes()
}

/// One to four changes at random places.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            4 => {
                let until = (at + random.below(64)).min(bytes.len());
                let piece = bytes[at..until].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let piece = random.of(NASTY).bytes();
                bytes.splice(at..at, piece);
            }
        }
    }
}
