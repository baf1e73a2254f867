//! Who the peer is, with and without a trusted proxy; and that no header names the server.

use mintmark::config::ServerSettings;
use mintmark::model::network::Networks;
use serde_json::json;

use super::claims;
use crate::support::{Credentials, Request, Response, TestApp, basic, send, settings};

const FORM: &str = "grant_type=client_credentials";

fn behind(proxies: &str) -> TestApp {
    TestApp::with(ServerSettings {
        trusted_proxies: Networks::parse(proxies).unwrap(),
        ..settings()
    })
}

/// A token request with these `X-Forwarded-For` headers.
fn ask(app: &TestApp, key: &Credentials, forwarded: &[&str]) -> Response {
    let authorization = basic(&key.client_id, &key.client_secret);
    let request = Request::token(FORM).header("authorization", &authorization);
    let with = |request: Request, value: &&str| request.header("x-forwarded-for", value);
    app.send(forwarded.iter().fold(request, with))
}

fn key_of_198_51_100(app: &TestApp) -> Credentials {
    app.create_client(Some("admin"), "openid", |new| {
        new.allowed_networks = Networks::parse("198.51.100.0/24").unwrap();
    })
}

#[test]
fn behind_a_trusted_proxy_the_rightmost_untrusted_hop_is_the_peer() {
    let app = behind("127.0.0.0/8 10.0.0.0/8");
    let key = key_of_198_51_100(&app);
    for (forwarded, status) in [
        (&["198.51.100.7"][..], 200),
        (&["203.0.113.9, 198.51.100.7"], 200),
        (&["203.0.113.9", "198.51.100.7"], 200),
        (&["198.51.100.7, 10.0.0.2, 127.0.0.1"], 200),
        (&["198.51.100.7:4711"], 200),
        (&["::ffff:198.51.100.7"], 200),
        // Whoever is in front can write to the left of what the proxy saw.
        (&["198.51.100.7, 203.0.113.9"], 401),
        (&["198.51.100.7", "203.0.113.9"], 401),
        (&["203.0.113.9"], 401),
        (&["198.51.100.7, localhost"], 401),
        (&["198.51.100.7, unknown"], 401),
        (&["198.51.100.7,"], 401),
        (&[], 401),
    ] {
        let answer = ask(&app, &key, forwarded);
        assert_eq!(answer.status, status, "{forwarded:?}: {}", answer.text());
    }
}

#[test]
fn the_peer_of_a_bearer_token_is_known_in_the_same_way() {
    let app = behind("127.0.0.1");
    let key = key_of_198_51_100(&app);
    let token = ask(&app, &key, &["198.51.100.7"]).json()["access_token"].clone();
    let me = |forwarded: &str| {
        let request = Request::new("GET", "/console/api/v2/me").bearer(token.as_str().unwrap());
        app.send(request.header("x-forwarded-for", forwarded))
            .status
    };
    assert_eq!(me("198.51.100.200"), 200);
    assert_eq!(me("198.51.100.200, 203.0.113.9"), 401);
    assert_eq!(me("203.0.113.9"), 401);
}

#[test]
fn what_no_trusted_proxy_says_is_not_believed() {
    for app in [TestApp::start(), behind("10.0.0.0/8")] {
        let far = key_of_198_51_100(&app);
        assert_eq!(ask(&app, &far, &["198.51.100.7"]).status, 401);
        let near = app.create_client(Some("admin"), "openid", |new| {
            new.allowed_networks = Networks::parse("127.0.0.1").unwrap();
        });
        let answer = ask(&app, &near, &["198.51.100.7"]);
        assert_eq!(answer.status, 200);
        let token = answer.json()["access_token"].clone();
        let me = Request::new("GET", "/console/api/v2/me").bearer(token.as_str().unwrap());
        assert_eq!(
            app.send(me.header("x-forwarded-for", "198.51.100.7"))
                .status,
            200
        );
    }
}

#[test]
fn other_headers_of_proxies_change_no_peer() {
    let app = behind("127.0.0.1");
    let key = key_of_198_51_100(&app);
    let authorization = basic(&key.client_id, &key.client_secret);
    for (name, value) in [
        ("forwarded", "for=198.51.100.7"),
        ("x-real-ip", "198.51.100.7"),
        ("x-client-ip", "198.51.100.7"),
        ("true-client-ip", "198.51.100.7"),
    ] {
        let request = Request::token(FORM).header("authorization", &authorization);
        assert_eq!(app.send(request.header(name, value)).status, 401, "{name}");
    }
}

#[test]
fn behind_a_proxy_the_guard_slows_the_guessing_hop_and_nobody_else() {
    let app = behind("127.0.0.1");
    let key = app.create_key("admin", "openid");
    let wrong = Credentials {
        client_secret: "wrong".to_owned(),
        ..key.clone()
    };
    let statuses = |forwarded: &str, times: usize| -> Vec<u16> {
        (0..times)
            .map(|_| ask(&app, &wrong, &[forwarded]).status)
            .collect()
    };
    assert_eq!(statuses("203.0.113.9", 10), [401; 10]);
    assert_eq!(statuses("203.0.113.9", 2), [429; 2]);
    // An invented hop to the left is no new peer.
    assert_eq!(statuses("192.0.2.77, 203.0.113.9", 1), [429]);
    assert_eq!(statuses("203.0.113.10", 1), [401]);
    // An IPv6 host has its whole /64.
    assert_eq!(statuses("2001:db8:0:1::1", 5), [401; 5]);
    assert_eq!(statuses("2001:db8:0:1:ffff::2", 5), [401; 5]);
    assert_eq!(statuses("2001:db8:0:1::3", 1), [429]);
    assert_eq!(statuses("2001:db8:0:2::1", 1), [401]);
    assert_eq!(ask(&app, &key, &["203.0.113.9"]).status, 200);
}

#[test]
fn no_header_changes_a_url_or_the_issuer() {
    for app in [TestApp::start(), behind("127.0.0.1")] {
        let key = app.create_key("admin", "openid");
        let own = format!("http://{}", app.address);
        let evil = |request: Request| {
            request
                .header("x-forwarded-host", "evil.example")
                .header("x-forwarded-proto", "https")
                .header("x-forwarded-port", "444")
                .header("forwarded", "host=evil.example;proto=https")
        };
        // Every request here has a `Host` that is not the server's.
        for path in [
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ] {
            let document = app.send(evil(Request::new("GET", path)));
            assert!(
                !document.text().contains("evil") && !document.text().contains("mintmark.test")
            );
            let document = document.json();
            assert_eq!(document["issuer"], json!(own));
            assert_eq!(
                document["token_endpoint"],
                json!(format!("{own}/console/sys/token"))
            );
            assert_eq!(
                document["jwks_uri"],
                json!(format!("{own}/.well-known/jwks.json"))
            );
        }
        let authorization = basic(&key.client_id, &key.client_secret);
        let request = Request::token(FORM).header("authorization", &authorization);
        let answer = app.send(evil(request)).json();
        for (token, aud) in [
            ("access_token", format!("{own}/console/api/v2")),
            ("id_token", key.client_id.clone()),
        ] {
            let claims = claims(answer[token].as_str().unwrap());
            assert_eq!(claims["iss"], json!(own));
            assert_eq!(claims["aud"], json!(aud));
        }
    }
}

#[test]
fn a_target_in_absolute_form_names_no_other_server() {
    let app = TestApp::start();
    let own = format!("http://{}", app.address);
    let path = "http://evil.example/.well-known/oauth-authorization-server";
    let answer = send(app.address, &Request::new("GET", path));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["issuer"], json!(own));
}
