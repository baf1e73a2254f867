//! Whoever sends bodies and does not end them.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use mintmark::model::scope::Role;

use super::{PASSWORD, SIGN_IN, Way, World, attacker, connect, peer_counts};
use crate::support::{Browser, Request, TestApp, count};

/// How many bodies are tried to be held at once: more than there is room for in a MiB.
const HELD: usize = 300;
/// What somebody who is not signed in may send, in bytes.
const LARGEST: usize = 8 * 1024;

/// The cookie of somebody who opened the sign-in, as it is sent.
fn visit(world: &World) -> String {
    let page = world.send(&Request::new("GET", SIGN_IN));
    let mut set = page.headers.iter().filter(|(name, _)| name == "set-cookie");
    let visit = set.find(|(_, value)| value.starts_with("mintmark_visit"));
    let (_, visit) = visit.expect("the sign-in sets it");
    visit.split(';').next().unwrap().to_owned()
}

/// A form of which so much is sent.
fn begun(headers: &str, length: usize, sent: usize) -> Vec<u8> {
    let head = format!(
        "POST {SIGN_IN} HTTP/1.1\r\nhost: a\r\n{headers}content-length: {length}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n"
    );
    [head.as_bytes(), &vec![b'a'; sent]].concat()
}

/// Whether nothing was answered yet, and the connection is there.
fn is_waiting(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn half_sent_bodies_keep_nobody_out() {
    attack(Way::Own);
}

#[test]
fn half_sent_bodies_by_a_proxy_keep_nobody_out() {
    attack(Way::Proxied);
}

/// Holds bodies of which the end is not sent.
fn attack(way: Way) {
    let world = World::start(&["--bodies-in-flight", "1"], way.is_proxied());
    let cookie = format!("cookie: {}\r\n", visit(&world));
    for peers in peer_counts() {
        let name = format!("half-sent forms from {peers} peers{}", way.name());
        let again = world.hold_out(&name, |attack| {
            let mut held: Vec<Option<TcpStream>> = Vec::new();
            held.resize_with(HELD.max(peers), || None);
            let mut again = 0;
            let _ = rustix::process::setpriority_process(None, 19);
            while !attack.is_over() {
                for (number, slot) in held.iter_mut().enumerate() {
                    if slot.as_ref().is_some_and(is_waiting) {
                        continue;
                    }
                    again += 1;
                    *slot = way.connect(number % peers, world.server.address).ok();
                    if let Some(stream) = slot {
                        let headers = format!("{}{cookie}", way.header(number % peers));
                        let _ = stream.write_all(&begun(&headers, LARGEST, LARGEST - 100));
                    }
                }
                attack.begins();
                thread::sleep(Duration::from_millis(20));
            }
            again
        });
        println!("{name}: {again} were sent");
        assert!(again > HELD, "nobody had to make room");
    }
}

#[test]
fn a_half_sent_form_of_nobody_holds_little() {
    let world = World::start(&[], false);
    let cookie = format!("cookie: {}\r\n", visit(&world));
    let begun = begun(&cookie, LARGEST, LARGEST - 100);
    let hold = |count: usize| -> Vec<TcpStream> {
        let connections = (0..count).map(|number| {
            let mut stream = connect(attacker(number % 250), world.server.address).unwrap();
            stream.write_all(&begun).unwrap();
            stream
        });
        connections.collect()
    };
    // What a first few leave behind is there once.
    drop(hold(50));
    thread::sleep(Duration::from_millis(500));
    let before = world.memory();
    let count = count(400, 4000);
    let held = hold(count);
    let since = Instant::now();
    let mut most = before;
    while since.elapsed() < Duration::from_secs(3) {
        most = most.max(world.memory());
        thread::sleep(Duration::from_millis(50));
    }
    let are_held = held.iter().filter(|stream| is_waiting(stream)).count();
    let each = (most - before) / u64::try_from(count).unwrap();
    println!("{are_held} of {count} half-sent forms of 8 KiB hold {each} KiB each");
    assert!(are_held > count / 2, "{are_held}");
    assert!(each < 80, "{each} KiB");
}

#[test]
fn a_form_without_the_cookie_of_a_page_is_refused_before_it_is_read() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let suffix = app.cookie_suffix();
    // What of it is not sent would be waited for, and answered 408.
    let status = |headers: &str, length: usize| {
        let mut stream = TcpStream::connect(app.address).unwrap();
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        stream.write_all(&begun(headers, length, 10)).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[9..]).into_owned()
    };
    let visit = format!("cookie: mintmark_visit{suffix}={}\r\n", "a".repeat(43));
    for headers in [
        "".to_owned(),
        format!("cookie: mintmark_visit{suffix}=a\r\n"),
        format!("cookie: mintmark_session{suffix}={}\r\n", "a".repeat(43)),
        format!("{visit}sec-fetch-site: cross-site\r\n"),
        format!("{visit}origin: https://evil.example\r\n"),
    ] {
        assert_eq!(status(&headers, 100), "403", "{headers}");
    }
    assert_eq!(status(&visit, LARGEST + 1), "413");
    assert_eq!(status(&visit, LARGEST), "408");
    // Whoever is signed in is known.
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let long = "a".repeat(20_000);
    let refused = browser.post("/console/sign-out", &[("form_token", &long)]);
    assert_eq!(refused.status, 403, "{}", refused.text());
}
