//! A token ends with its client, and with the secret that it was issued for, at the latest.

use mintmark::domain::clients::{self, Rotation};
use mintmark::model::ids::ClientId;
use serde_json::Value;

use super::{GRANT, INVALID_CLIENT, assert_error, claims, unknown_client};
use crate::support::{Credentials, Request, TestApp, Tokens};

/// That both tokens end in so many seconds, and the answer says so.
#[track_caller]
fn assert_ends_in(app: &TestApp, tokens: &Tokens, seconds: i64) {
    assert_eq!(tokens.answer["expires_in"], Value::from(seconds));
    let now = app.act().now.seconds();
    for token in [&tokens.access_token, tokens.id_token.as_ref().unwrap()] {
        let claims = claims(token);
        let said = |name: &str| claims[name].as_i64().unwrap();
        assert_eq!((said("iat"), said("exp")), (now, now + seconds));
    }
}

/// That a client with a right secret is refused as one that nobody has, whichever way it asks.
#[track_caller]
fn assert_refused(app: &TestApp, credentials: &Credentials) {
    assert_error(&app.post_token(credentials, GRANT), 401, INVALID_CLIENT);
    let in_body = |credentials: &Credentials| {
        let Credentials {
            client_id,
            client_secret,
        } = credentials;
        let form = format!("{GRANT}&client_id={client_id}&client_secret={client_secret}");
        let answer = app.send(Request::token(&form));
        (answer.status, answer.text())
    };
    assert_eq!(in_body(credentials), in_body(&unknown_client()));
}

#[test]
fn a_token_does_not_outlive_its_client() {
    let app = TestApp::start();
    let end = app.act().now.plus_seconds(1800);
    let key = app.create_client(Some("admin"), "openid applications:read", |new| {
        new.expires_at = Some(end);
    });
    assert_ends_in(&app, &app.token(&key), 1800);
    app.advance(600);
    let last = app.token(&key);
    assert_ends_in(&app, &last, 1200);
    // A shorter lifetime stays what it is.
    let short = app.create_client(Some("admin"), "openid", |new| {
        new.expires_at = Some(end);
        new.lifetime = 300;
    });
    assert_ends_in(&app, &app.token(&short), 300);
    // What would be of use for less than a minute is not issued.
    app.advance(1140);
    assert_ends_in(&app, &app.token(&key), 60);
    app.advance(1);
    assert_refused(&app, &key);
    assert_refused(&app, &short);
    // What was issued is good until it ends.
    assert_eq!(
        app.get("/console/api/v2/me", &last.access_token).status,
        200
    );
    app.flush();
    let why = "SELECT details AS text FROM audit_events WHERE kind = 'token.refused'";
    let why = app.database.query(why).join("\n");
    assert!(
        why.contains("client or secret ends within a minute"),
        "{why}"
    );
}

#[test]
fn a_token_does_not_outlive_the_secret_that_it_was_issued_for() {
    let app = TestApp::start();
    let old = app.create_key("admin", "openid applications:read");
    let id = ClientId::parse(&old.client_id).unwrap();
    let keys = &app.app.digest_keys;
    let (_, secret) = app.write(|c, act| clients::rotate(c, act, keys, &id, Rotation::of(600)));
    let new = Credentials {
        client_secret: secret.expose().to_owned(),
        ..old.clone()
    };
    assert_ends_in(&app, &app.token(&old), 600);
    assert_ends_in(&app, &app.token(&new), 3600);
    app.advance(540);
    assert_ends_in(&app, &app.token(&old), 60);
    app.advance(1);
    assert_refused(&app, &old);
    assert_ends_in(&app, &app.token(&new), 3600);
}

#[test]
fn a_service_clients_token_for_an_application_ends_with_it_too() {
    let app = TestApp::start();
    let (_, uri) = super::create_application(&app, "crm", &[]);
    let end = app.act().now.plus_seconds(100);
    let service = app.create_client(None, "", |new| {
        new.expires_at = Some(end);
        new.audiences = vec![uri.clone()];
    });
    let form = format!("{GRANT}&resource={uri}");
    let tokens = app.token_for(&service, &form);
    assert_eq!(tokens.answer["expires_in"], Value::from(100));
    assert_eq!(claims(&tokens.access_token)["exp"], end.seconds());
    app.advance(41);
    assert_error(&app.post_token(&service, &form), 401, INVALID_CLIENT);
}
