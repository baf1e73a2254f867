//! Where a request comes from: `X-Forwarded-For` counts as far as trusted proxies vouch for it.

use mintmark::config::ServerSettings;
use mintmark::model::network::Networks;

use super::{GRANT, INVALID_CLIENT, assert_error};
use crate::support::{Credentials, Request, TestApp, basic, settings};

/// A key that may be used from 192.0.2.0/24 only, on a server that trusts these proxies.
fn start(trusted: &str, allowed: &str) -> (TestApp, Credentials) {
    let app = TestApp::with(ServerSettings {
        trusted_proxies: Networks::parse(trusted).unwrap(),
        ..settings()
    });
    let key = app.create_client(Some("admin"), "openid", |new| {
        new.allowed_networks = Networks::parse(allowed).unwrap();
    });
    (app, key)
}

fn request(key: &Credentials, forwarded: &[&[u8]]) -> Request {
    let header = basic(&key.client_id, &key.client_secret);
    let mut request = Request::token(GRANT).header("authorization", &header);
    for line in forwarded {
        let line = ("x-forwarded-for".to_owned(), line.to_vec());
        request.headers.push(line);
    }
    request
}

#[track_caller]
fn assert_allowed(app: &TestApp, key: &Credentials, forwarded: &[&[u8]]) {
    let response = app.send(request(key, forwarded));
    assert_eq!(response.status, 200, "{forwarded:?}");
}

#[track_caller]
fn assert_forbidden(app: &TestApp, key: &Credentials, forwarded: &[&[u8]]) {
    let response = app.send(request(key, forwarded));
    assert_error(&response, 401, INVALID_CLIENT);
}

#[test]
fn the_rightmost_hop_that_is_no_proxy_is_the_peer() {
    let (app, key) = start("127.0.0.1/32 10.0.0.0/8", "192.0.2.0/24");
    let right: [&[&[u8]]; 6] = [
        &[b"192.0.2.7"],
        &[b"198.51.100.1, 192.0.2.7"],
        &[b"198.51.100.1, 192.0.2.7, 10.1.2.3"],
        &[b"198.51.100.1", b"192.0.2.7,10.1.2.3 , 10.0.0.1"],
        &[b"192.0.2.7:4711"],
        &[b"::ffff:192.0.2.7"],
    ];
    for forwarded in right {
        assert_allowed(&app, &key, forwarded);
    }
    let wrong: [&[&[u8]]; 8] = [
        &[],
        &[b""],
        &[b"198.51.100.1"],
        &[b"192.0.2.7, 198.51.100.1"],
        &[b"192.0.2.7", b"198.51.100.1"],
        &[b"192.0.2.7, localhost"],
        &[b"192.0.2.7, unknown, 10.0.0.1"],
        &[b"192.0.2.7 198.51.100.1"],
    ];
    for forwarded in wrong {
        assert_forbidden(&app, &key, forwarded);
    }
}

#[test]
fn a_proxy_that_is_not_trusted_is_the_peer_itself() {
    let (app, key) = start("10.0.0.0/8", "192.0.2.0/24");
    assert_forbidden(&app, &key, &[b"192.0.2.7"]);
    let (app, key) = start("10.0.0.0/8", "127.0.0.1");
    assert_allowed(&app, &key, &[b"192.0.2.7"]);
}

#[test]
fn what_a_caller_invents_cannot_hide_it_behind_the_proxys_own_address() {
    let (app, key) = start("127.0.0.1/32", "127.0.0.0/8");
    assert_allowed(&app, &key, &[]);
    // The proxy appends the true address to whatever the caller sent.
    let invented: [&[&[u8]]; 5] = [
        &[b"127.0.0.1, 198.51.100.1"],
        &[b"garbage, 198.51.100.1"],
        &[b"\xff, 198.51.100.1"],
        &[b"127.0.0.1", b"\xd1\x8f,198.51.100.1"],
        &[b"\xff", b"198.51.100.1"],
    ];
    for forwarded in invented {
        assert_forbidden(&app, &key, forwarded);
    }
}
