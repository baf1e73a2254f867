//! While the database is away, who is known goes on with less, everyone else is asked to come
//! again, and nobody is told that their credentials are wrong.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use mintmark::domain::clients;
use mintmark::model::ids::ClientId;

use super::{GRANT, INVALID_SCOPE, UNAVAILABLE, assert_error, claims, create_application};
use super::{first_user_list, unknown_client, with_wrong_secret};
use crate::support::{Request, Response, TestApp, TestDatabase};

const ME: &str = "/console/api/v2/me";

#[track_caller]
fn assert_away(response: &Response) {
    assert_error(response, 503, UNAVAILABLE);
}

#[test]
fn during_an_outage_known_clients_get_short_tokens_for_what_can_be_taken_back() {
    let app = TestApp::start();
    let all = "openid applications:read applications:write users:read users:write keys:read keys:write audit:read introspect";
    let key = app.create_key("admin", all);
    let service = app.create_service("applications:read users:read");
    let brief = app.create_client(Some("admin"), "openid", |new| new.lifetime = 60);
    let list = first_user_list(&app);
    let (_, reached) = create_application(&app, "crm", std::slice::from_ref(&list));
    let (_, never_asked) = create_application(&app, "wiki", &[list]);
    let for_crm = format!("{GRANT}&resource={reached}");
    for client in [&key, &service, &brief] {
        app.token(client);
    }
    app.token_for(&key, &for_crm);
    let token = app.token(&key).access_token;

    app.without_database(|| {
        for seconds in [3, 297] {
            app.pass_away(seconds);
            let tokens = app.token(&key);
            assert_eq!(tokens.answer["expires_in"], 300);
            assert_eq!(
                tokens.answer["scope"],
                "openid applications:read applications:write"
            );
            for token in [tokens.access_token, tokens.id_token.unwrap()] {
                let claims = claims(&token);
                let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
                assert_eq!(lifetime, 300);
            }
            let tokens = app.token(&service);
            assert_eq!(tokens.answer["scope"], "applications:read");
            assert_eq!(app.token(&brief).answer["expires_in"], 60);
            let tokens = app.token_for(&key, &for_crm);
            assert_eq!(tokens.answer["expires_in"], 300);
            let asked = app.token_for(&key, &format!("{GRANT}&scope=applications:write"));
            assert_eq!(asked.answer["scope"], "applications:write");
            assert_eq!(app.get(ME, &token).status, 200, "checks go on");
        }
        for scope in [
            "users:read",
            "users:write",
            "keys:read",
            "keys:write",
            "audit:read",
            "introspect",
            "openid+users:read",
        ] {
            let form = format!("{GRANT}&scope={scope}");
            assert_away(&app.post_token(&key, &form));
        }
        // What the client may not have at any time is still said.
        let response = app.post_token(&service, &format!("{GRANT}&scope=openid"));
        assert_error(&response, 400, INVALID_SCOPE);
        assert_away(&app.post_token(&key, &format!("{GRANT}&resource={never_asked}")));
    });
    assert_eq!(app.token(&key).answer["expires_in"], 3600);
    assert_eq!(app.token(&key).answer["scope"], all);
}

#[test]
fn during_an_outage_nobody_is_told_that_credentials_are_wrong() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    app.token(&key);
    let never_seen = app.create_key("admin", "openid");
    let disabled = app.create_key("admin", "openid");
    let id = ClientId::parse(&disabled.client_id).unwrap();
    app.write(|c, act| clients::disable(c, act, &id));
    assert_eq!(app.post_token(&disabled, GRANT).status, 401);
    let malformed = Request::token(GRANT).header("authorization", "Basic !");

    app.without_database(|| {
        app.pass_away(3);
        assert_eq!(app.post_token(&key, GRANT).status, 200);
        assert_away(&app.post_token(&with_wrong_secret(&key), GRANT));
        assert_away(&app.post_token(&unknown_client(), GRANT));
        assert_away(&app.post_token(&never_seen, GRANT));
        assert_away(&app.post_token(&disabled, GRANT));
        assert_away(&app.send(Request::token(GRANT)));
        assert_away(&app.send(malformed.clone()));
    });
    assert_eq!(app.post_token(&never_seen, GRANT).status, 200);
    for client in [with_wrong_secret(&key), unknown_client(), disabled] {
        assert_eq!(app.post_token(&client, GRANT).status, 401);
    }
    assert_eq!(app.send(malformed).status, 401);
}

#[test]
fn as_soon_as_an_outage_shows_nobody_is_refused_or_slowed_any_more() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    app.token(&key);
    let wrong = with_wrong_secret(&key);
    let malformed = Request::token(GRANT).header("authorization", "Basic !");
    for _ in 0..10 {
        assert_eq!(app.post_token(&wrong, GRANT).status, 401);
    }
    assert_eq!(app.post_token(&wrong, GRANT).status, 429);
    app.without_database(|| {
        // The clock stands: it is one failed reading of the log that tells.
        assert_away(&app.post_token(&wrong, GRANT));
        assert_away(&app.post_token(&unknown_client(), GRANT));
        assert_away(&app.send(Request::token(GRANT)));
        assert_away(&app.send(malformed.clone()));
        assert_eq!(app.token(&key).answer["expires_in"], 3600);
    });
    assert_eq!(app.post_token(&wrong, GRANT).status, 429);
    assert_eq!(app.send(malformed).status, 401);
}

#[test]
fn after_the_grace_nobody_gets_a_token_and_no_token_is_taken() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let token = app.token(&key).access_token;
    app.without_database(|| {
        app.pass_away(300);
        assert_eq!(
            app.post_token(&key, GRANT).status,
            200,
            "the grace's last second"
        );
        app.pass_away(1);
        for client in [&key, &with_wrong_secret(&key), &unknown_client()] {
            assert_away(&app.post_token(client, GRANT));
        }
        assert_away(&app.send(Request::token(GRANT)));
        assert_eq!(app.get(ME, &token).status, 503);
    });
    assert_eq!(app.post_token(&key, GRANT).status, 200);
    assert_eq!(app.get(ME, &token).status, 200);
}

/// About PostgreSQL alone: SQLite's file cannot be taken away from a process that has it open.
#[test]
fn a_database_server_that_turns_everybody_away_is_an_outage() {
    let app = TestApp::start();
    let TestDatabase::Postgresql { server, name, .. } = &app.database else {
        return;
    };
    let mut admin = PgConnection::establish(server).unwrap();
    let key = app.create_key("admin", "openid users:read");
    app.token(&key);

    let shut = format!(
        "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    admin.batch_execute(&shut).unwrap();
    assert_away(&app.post_token(&unknown_client(), GRANT));
    assert_away(&app.post_token(&with_wrong_secret(&key), GRANT));
    app.pass_away(3);
    let tokens = app.token(&key);
    assert_eq!(
        (&tokens.answer["scope"], &tokens.answer["expires_in"]),
        (&"openid".into(), &300.into())
    );
    app.pass_away(300);
    assert_away(&app.post_token(&key, GRANT));

    admin
        .batch_execute(&format!(
            "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"
        ))
        .unwrap();
    let whole = || {
        let response = app.post_token(&key, GRANT);
        response.status == 200 && response.json()["scope"] == "openid users:read"
    };
    let patience = std::time::Instant::now();
    while !whole() {
        assert!(
            patience.elapsed() < Duration::from_secs(60),
            "it never came back"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(app.post_token(&unknown_client(), GRANT).status, 401);
}
