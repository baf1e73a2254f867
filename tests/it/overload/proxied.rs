//! Whoever comes by a trusted proxy has no cap of connections, and makes room all the same.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use super::{HONEST, World, attacker, connect, send_from};
use crate::support::Request;

const KEYS: &str = "/.well-known/jwks.json";

/// A connection of the proxy's on which this address was answered; nothing if it was not.
fn open(world: &World, peer: Ipv4Addr) -> Option<TcpStream> {
    let mut stream = connect(HONEST, world.server.address).ok()?;
    let request = format!("GET {KEYS} HTTP/1.1\r\nhost: a\r\nx-forwarded-for: {peer}\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).ok()?;
    (&answer[9..] == b"200").then_some(stream)
}

fn status(world: &World, peer: Ipv4Addr, path: &str) -> Option<u16> {
    let request = Request::new("GET", path).header("x-forwarded-for", &peer.to_string());
    send_from(HONEST, world.server.address, &request).map(|answer| answer.status)
}

#[test]
fn whom_a_proxy_forwards_has_no_cap_and_makes_room() {
    let limits = [
        "--max-connections",
        "40",
        "--max-connections-per-peer",
        "10",
    ];
    let world = World::start(&limits, true);
    let mut held: Vec<Option<TcpStream>> = (0..30).map(|_| open(&world, attacker(0))).collect();
    let are_answered = held.iter().filter(|stream| stream.is_some()).count();
    assert_eq!(are_answered, 30, "three times the cap");
    // All places are one address's; another comes by the same proxy.
    held.extend((0..30).map(|_| open(&world, attacker(0))));
    for _ in 0..5 {
        for path in [KEYS, "/healthz", "/readyz"] {
            let other = Ipv4Addr::new(127, 8, 0, 1);
            assert_eq!(status(&world, other, path), Some(200), "{path}");
        }
    }
    drop(held);
}

#[test]
fn one_address_has_half_of_the_connections_unless_another_cap_is_given() {
    let world = World::start(&["--max-connections", "20"], false);
    let address = world.server.address;
    let keys = format!("GET {KEYS} HTTP/1.1\r\nhost: a\r\n\r\n");
    let held: Vec<TcpStream> = (0..10)
        .map(|_| {
            let mut stream = connect(attacker(0), address).unwrap();
            stream.write_all(keys.as_bytes()).unwrap();
            assert!(stream.peek(&mut [0]).is_ok_and(|read| read > 0));
            stream
        })
        .collect();
    let request = Request::new("GET", KEYS);
    let over = send_from(attacker(0), address, &request).map(|answer| answer.status);
    assert_eq!(over, Some(503), "the eleventh of twenty");
    let other = send_from(attacker(1), address, &request).map(|answer| answer.status);
    assert_eq!(other, Some(200));
    drop(held);
}
