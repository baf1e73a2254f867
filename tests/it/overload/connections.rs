//! Whoever opens connections and does nothing with them, or begins requests and does not end them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};

use super::{Way, World, attacker, connect, peer_counts, send_from};
use crate::support::Request;

/// How many connections there may be, and how many are tried to be held.
const PLACES: usize = 200;
const KEYS: &str = "GET /.well-known/jwks.json HTTP/1.1\r\nhost: a\r\n";
const HALF_SENT: &str = "GET /console/sign-in HTTP/1.1\r\nhost: a\r\nx-";

/// Keeps as many connections open as it can, from so many peers.
fn hold(world: &World, way: Way, peers: usize, begun: &str) {
    let length = begun.len();
    let name = format!(
        "{length} bytes of a request from {peers} peers{}",
        way.name()
    );
    allow_open_files();
    world.hold_out(&name, |attack| {
        let mut held: Vec<Option<TcpStream>> = Vec::new();
        held.resize_with(2 * PLACES.max(peers), || None);
        let _ = rustix::process::setpriority_process(None, 19);
        while !attack.is_over() {
            for (number, slot) in held.iter_mut().enumerate() {
                if slot.as_ref().is_some_and(|stream| !is_closed(stream)) {
                    continue;
                }
                *slot = way.connect(number % peers, world.server.address).ok();
                if let Some(stream) = slot {
                    // Whom a proxy speaks for is told by a whole request: then another is begun.
                    let told = match way {
                        Way::Own => String::new(),
                        Way::Proxied => format!("{KEYS}{}\r\n", way.header(number % peers)),
                    };
                    let _ = stream.write_all(format!("{told}{begun}").as_bytes());
                    if way.is_proxied() {
                        let _ = stream.read(&mut [0; 4096]);
                    }
                }
            }
            attack.begins();
            thread::sleep(Duration::from_millis(20));
        }
    });
}

/// Lets this process have as many files open as it may.
fn allow_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

fn is_closed(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    match read {
        Ok(read) => read == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

fn attack(way: Way, begun: &str) {
    let places = PLACES.to_string();
    let world = World::start(&["--max-connections", &places], way.is_proxied());
    for peers in peer_counts() {
        hold(&world, way, peers, begun);
    }
}

#[test]
fn idle_connections_keep_nobody_out() {
    attack(Way::Own, "");
}

#[test]
fn idle_connections_by_a_proxy_keep_nobody_out() {
    attack(Way::Proxied, "");
}

#[test]
fn half_sent_heads_keep_nobody_out() {
    attack(Way::Own, HALF_SENT);
}

#[test]
fn half_sent_heads_by_a_proxy_keep_nobody_out() {
    attack(Way::Proxied, HALF_SENT);
}

#[test]
fn whoever_has_all_connections_is_told_about_health_too() {
    let world = World::start(&["--max-connections", "50"], false);
    let address = world.server.address;
    let held: Vec<TcpStream> = (0..150)
        .map(|_| connect(attacker(0), address).unwrap())
        .collect();
    for path in ["/healthz", "/readyz", "/console/api/v1/status/"] {
        let health = send_from(attacker(0), address, &Request::new("GET", path));
        assert_eq!(health.map(|answer| answer.status), Some(200), "{path}");
    }
    drop(held);
}

#[test]
fn one_peer_has_no_more_connections_than_it_may() {
    let world = World::start(&["--max-connections-per-peer", "20"], false);
    let address = world.server.address;
    let keys = "GET /.well-known/jwks.json HTTP/1.1\r\nhost: a\r\n\r\n";
    let held: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = connect(attacker(0), address).unwrap();
            stream.write_all(keys.as_bytes()).unwrap();
            assert!(stream.peek(&mut [0]).is_ok_and(|read| read > 0));
            stream
        })
        .collect();
    let request = Request::new("GET", "/.well-known/jwks.json");
    let over = send_from(attacker(0), address, &request).unwrap();
    assert_eq!(
        (
            over.status,
            over.header("connection"),
            over.header("retry-after")
        ),
        (503, Some("close"), Some("1"))
    );
    let other = send_from(attacker(1), address, &request).unwrap();
    assert_eq!(other.status, 200);
    drop(held);
    let again = send_from(attacker(0), address, &request).unwrap();
    assert_eq!(again.status, 200);
}
