//! Guessing is slowed, and nobody who knows a secret notices.

use mintmark::config::ServerSettings;
use mintmark::domain::guard::GuardLimits;
use mintmark::model::network::Networks;

use super::with_wrong_secret;
use super::{GRANT, INVALID_CLIENT, SLOW_DOWN, assert_error, headers, unknown_client};
use crate::support::{Credentials, Request, Response, TestApp, basic, settings};

/// A server behind a proxy that runs on this machine.
fn behind_a_proxy(settings: ServerSettings) -> TestApp {
    TestApp::with(ServerSettings {
        trusted_proxies: Networks::parse("127.0.0.1/32").unwrap(),
        ..settings
    })
}

/// Asks for a token from `peer`, as the proxy tells it.
fn ask_from(app: &TestApp, peer: &str, client: &Credentials) -> Response {
    let header = basic(&client.client_id, &client.client_secret);
    let request = Request::token(GRANT).header("authorization", &header);
    app.send(request.header("x-forwarded-for", peer))
}

/// Fails as often as is answered plainly: the next failure is slowed.
#[track_caller]
fn use_up(app: &TestApp, peer: &str, client: &Credentials) {
    for _ in 0..10 {
        assert_error(&ask_from(app, peer, client), 401, INVALID_CLIENT);
    }
}

#[track_caller]
fn assert_slowed(app: &TestApp, response: &Response) {
    assert_error(response, 429, SLOW_DOWN);
    let second = u64::try_from(app.act().now.seconds()).unwrap() % 60;
    let until_the_next_minute = (60 - second).to_string();
    assert_eq!(
        response.header("retry-after"),
        Some(until_the_next_minute.as_str())
    );
}

#[test]
fn the_eleventh_failure_in_a_minute_is_slowed_for_known_and_unknown_clients_alike() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let mut slowed = Vec::new();
    for client in [with_wrong_secret(&key), unknown_client()] {
        for _ in 0..10 {
            assert_error(&app.post_token(&client, GRANT), 401, INVALID_CLIENT);
        }
        for _ in 0..3 {
            let response = app.post_token(&client, GRANT);
            assert_slowed(&app, &response);
            slowed.push(response);
        }
    }
    for response in &slowed {
        assert_eq!(headers(response), headers(&slowed[0]));
    }
    app.advance(60);
    for client in [with_wrong_secret(&key), unknown_client()] {
        assert_error(&app.post_token(&client, GRANT), 401, INVALID_CLIENT);
    }
}

#[test]
fn failures_count_however_the_credentials_are_sent() {
    let app = TestApp::start();
    let wrong = with_wrong_secret(&app.create_key("admin", "openid"));
    let form = format!("{GRANT}&client_id={}&client_secret=x", wrong.client_id);
    for _ in 0..5 {
        assert_error(&app.post_token(&wrong, GRANT), 401, INVALID_CLIENT);
        assert_error(&app.send(Request::token(&form)), 400, INVALID_CLIENT);
    }
    assert_slowed(&app, &app.post_token(&wrong, GRANT));
    assert_slowed(&app, &app.send(Request::token(&form)));
}

#[test]
fn a_right_secret_is_never_slowed_not_even_beside_the_one_who_guesses() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let wrong = with_wrong_secret(&key);
    for _ in 0..15 {
        app.post_token(&wrong, GRANT);
        assert_eq!(app.post_token(&key, GRANT).status, 200);
    }
    assert_slowed(&app, &app.post_token(&wrong, GRANT));
    // Nor after a restart, when nothing is in memory.
    for _ in 0..3 {
        app.app.directory.forget();
        assert_eq!(app.post_token(&key, GRANT).status, 200);
        assert_slowed(&app, &app.post_token(&wrong, GRANT));
    }
    // Nor one that was never in memory.
    let fresh = app.create_key("admin", "openid");
    for _ in 0..11 {
        app.post_token(&with_wrong_secret(&fresh), GRANT);
        app.app.directory.forget();
    }
    assert_eq!(app.post_token(&fresh, GRANT).status, 200);
}

#[test]
fn one_peer_that_tries_many_ids_is_slowed_for_each_of_them() {
    let app = behind_a_proxy(settings());
    let key = app.create_key("admin", "openid");
    for n in 0..100 {
        let client = Credentials {
            client_id: format!("guess-{n}"),
            client_secret: "x".to_owned(),
        };
        assert_error(&ask_from(&app, "192.0.2.1", &client), 401, INVALID_CLIENT);
    }
    assert_slowed(&app, &ask_from(&app, "192.0.2.1", &unknown_client()));
    assert_slowed(&app, &ask_from(&app, "192.0.2.1", &with_wrong_secret(&key)));
    app.app.directory.forget();
    assert_eq!(ask_from(&app, "192.0.2.1", &key).status, 200);
    assert_eq!(ask_from(&app, "192.0.2.2", &key).status, 200);
    let elsewhere = ask_from(&app, "192.0.2.2", &unknown_client());
    assert_error(&elsewhere, 401, INVALID_CLIENT);
    app.advance(60);
    let later = ask_from(&app, "192.0.2.1", &unknown_client());
    assert_error(&later, 401, INVALID_CLIENT);
}

#[test]
fn who_guesses_at_one_address_does_not_slow_another() {
    let app = behind_a_proxy(settings());
    let key = app.create_key("admin", "openid");
    let wrong = with_wrong_secret(&key);
    use_up(&app, "192.0.2.1", &wrong);
    assert_slowed(&app, &ask_from(&app, "192.0.2.1", &wrong));
    assert_error(&ask_from(&app, "192.0.2.2", &wrong), 401, INVALID_CLIENT);
    assert_eq!(ask_from(&app, "192.0.2.1", &key).status, 200);
    assert_eq!(ask_from(&app, "192.0.2.2", &key).status, 200);
}

#[test]
fn an_ipv6_host_counts_by_its_64_bit_network() {
    let app = behind_a_proxy(settings());
    let wrong = with_wrong_secret(&app.create_key("admin", "openid"));
    for host in 1..=10 {
        let peer = format!("2001:db8:0:1::{host}");
        assert_error(&ask_from(&app, &peer, &wrong), 401, INVALID_CLIENT);
    }
    let neighbour = "2001:db8:0:1:ffff:ffff:ffff:ffff";
    assert_slowed(&app, &ask_from(&app, neighbour, &wrong));
    let next_network = ask_from(&app, "2001:db8:0:2::1", &wrong);
    assert_error(&next_network, 401, INVALID_CLIENT);
    // An IPv4 address counts as itself in either notation.
    use_up(&app, "::ffff:192.0.2.1", &wrong);
    assert_slowed(&app, &ask_from(&app, "192.0.2.1", &wrong));
    assert_error(&ask_from(&app, "192.0.2.2", &wrong), 401, INVALID_CLIENT);
}

#[test]
fn the_limits_are_settings() {
    let app = TestApp::with(ServerSettings {
        guard: GuardLimits {
            per_client: 2,
            per_peer: 3,
        },
        ..settings()
    });
    let key = app.create_key("admin", "openid");
    for _ in 0..2 {
        assert_error(
            &app.post_token(&unknown_client(), GRANT),
            401,
            INVALID_CLIENT,
        );
    }
    assert_slowed(&app, &app.post_token(&unknown_client(), GRANT));
    // What is slowed and sure in memory is not counted again: one failure of the peer is left.
    let wrong = with_wrong_secret(&key);
    assert_error(&app.post_token(&wrong, GRANT), 401, INVALID_CLIENT);
    assert_slowed(&app, &app.post_token(&wrong, GRANT));
    assert_eq!(app.post_token(&key, GRANT).status, 200);
}
