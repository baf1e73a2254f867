//! What known clients were refused at the console API, and what they asked for in vain, in the audit
//! log.

use std::time::{Duration, Instant};

use mintmark::config::ServerSettings;
use mintmark::domain::clients;
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;

use crate::support::{Credentials, Request, TestApp, basic, settings};

const INSIDE: &str = "192.0.2.1";
const OUTSIDE: &str = "203.0.113.1";
const APPLICATIONS: &str = "/console/api/v2/applications";

const ROWS: &str = "SELECT kind || ' ' || object_kind || ' ' || object_id || ' ' || details AS text \
    FROM audit_events WHERE actor = 'server' AND (kind LIKE 'call.%' OR kind = 'token.refused')";

/// All refusals when there are so many; the job that writes them runs every second.
fn wait_for(app: &TestApp, count: usize) -> Vec<String> {
    let began = Instant::now();
    loop {
        let mut rows = app.database.query(ROWS);
        if rows.len() >= count {
            rows.sort();
            return rows;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{rows:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn call(app: &TestApp, token: &str, peer: &str, path: &str) -> u16 {
    let request = Request::new("GET", path).bearer(token);
    app.send(request.header("x-forwarded-for", peer)).status
}

fn token(app: &TestApp, client: &Credentials) -> String {
    let request = Request::token("grant_type=client_credentials")
        .header(
            "authorization",
            &basic(&client.client_id, &client.client_secret),
        )
        .header("x-forwarded-for", INSIDE);
    let answer = app.send(request).json();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn calls_that_a_known_client_is_refused_are_one_row_for_each_kind_peer_and_minute() {
    let app = TestApp::with(ServerSettings {
        trusted_proxies: Networks::parse("127.0.0.1").unwrap(),
        ..settings()
    });
    // At the beginning of a minute, so that what follows is in one.
    let second = app.app.clock.now().seconds().rem_euclid(60);
    app.advance(60 - second as u64);
    let make = |owner| {
        let client = app.create_client(owner, "applications:read", |new| {
            new.allowed_networks = Networks::parse("192.0.2.0/24").unwrap();
        });
        let token = token(&app, &client);
        (client, token)
    };
    let [key, disabled, cut_off, deleted] = [(); 4].map(|()| make(Some("admin")));
    let service = make(None);
    for (_, token) in [&key, &disabled, &cut_off, &deleted, &service] {
        assert_eq!(call(&app, token, INSIDE, APPLICATIONS), 200);
    }
    let id = |of: &(Credentials, String)| ClientId::parse(&of.0.client_id).unwrap();
    app.write(|c, act| clients::disable(c, act, &id(&disabled)));
    app.write(|c, act| clients::cut_off(c, act, &id(&cut_off)));
    app.write(|c, act| clients::delete(c, act, &id(&deleted)));
    for _ in 0..3 {
        assert_eq!(call(&app, &key.1, OUTSIDE, APPLICATIONS), 401);
        for (_, token) in [&disabled, &cut_off, &deleted] {
            assert_eq!(call(&app, token, INSIDE, APPLICATIONS), 401);
        }
        // Without the scope.
        assert_eq!(
            call(&app, &key.1, INSIDE, "/console/api/v2/audit-events"),
            403
        );
        assert_eq!(
            call(&app, &service.1, INSIDE, "/console/api/v2/user-lists"),
            403
        );
        let scope = Request::token("grant_type=client_credentials&scope=users:write")
            .header(
                "authorization",
                &basic(&key.0.client_id, &key.0.client_secret),
            )
            .header("x-forwarded-for", INSIDE);
        assert_eq!(app.send(scope).status, 400);
        // What no client of ours had is nobody's.
        assert_eq!(call(&app, "a.b.c", OUTSIDE, APPLICATIONS), 401);
        assert_eq!(
            call(&app, &format!("{}x", key.1), OUTSIDE, APPLICATIONS),
            401
        );
    }
    let row = |kind: &str, of: &(Credentials, String), object: &str, peer: &str, reason: &str| {
        let id = &of.0.client_id;
        format!("{kind} {object} {id} {{\"reason\":\"{reason}\",\"peer\":\"{peer}\"}}")
    };
    let rows = wait_for(&app, 7);
    let begins = |kind: &str, of: &(Credentials, String), object: &str| {
        let begin = format!("{kind} {object} {} {{\"reason\":\"", of.0.client_id);
        let mut found = rows.iter().filter(|row| row.starts_with(&begin));
        let row = found.next().unwrap_or_else(|| panic!("{begin}: {rows:?}"));
        assert!(row.ends_with("\",\"peer\":\"192.0.2.1\"}"), "{row}");
    };
    let key_kind = "access_key";
    let network = "network not allowed";
    for expected in [
        row("call.refused", &key, key_kind, OUTSIDE, network),
        row(
            "call.refused",
            &disabled,
            key_kind,
            INSIDE,
            "client disabled",
        ),
        row(
            "call.refused",
            &cut_off,
            key_kind,
            INSIDE,
            "issued before the client was cut off",
        ),
        row("call.refused", &deleted, "client", INSIDE, "unknown client"),
    ] {
        assert!(rows.contains(&expected), "{expected}: {rows:?}");
    }
    begins("call.forbidden", &key, key_kind);
    begins("call.forbidden", &service, "service_client");
    begins("token.refused", &key, key_kind);
    assert_eq!(rows.len(), 7, "{rows:?}");
}
