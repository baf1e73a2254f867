//! What a client's row says of its use.

use mintmark::ambient::Clock;
use mintmark::domain::clients::Rotation;
use mintmark::domain::{clients, uses};
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;
use serde_json::Value;

use super::{GRANT, Row, flush, get_from, row, secrets, start, token_from};
use crate::support::{Credentials, TestApp};

const APPLICATIONS: &str = "/console/api/v2/applications";
const ME: &str = "/console/api/v2/me";

fn token(app: &TestApp, peer: &str, client: &Credentials) -> String {
    let answer = token_from(app, peer, client, GRANT);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_is_used_by_its_tokens_and_by_calls_with_them() {
    let app = start();
    let key = app.create_key("admin", "applications:read users:read");
    let secret = secrets(&app, &key).remove(0);
    let began = app.clock.now();
    let issued = token(&app, "192.0.2.1", &key);
    assert_eq!(row(&app, &key), None);
    flush(&app);
    let mut expected = Row {
        first_at: began,
        last: (began, "192.0.2.1"),
        secrets: &[(&secret, began, "192.0.2.1")],
        scopes: "",
        days: &[(began, 1)],
    };
    assert_eq!(row(&app, &key), Some(expected.text()));

    // A call counts as the last use, and not as a use of the secret.
    app.advance(120);
    assert_eq!(
        get_from(&app, "2001:db8::7", APPLICATIONS, &issued).status,
        200
    );
    flush(&app);
    expected.last = (app.clock.now(), "2001:db8::7");
    expected.scopes = "applications:read";
    assert_eq!(row(&app, &key), Some(expected.text()));

    // Nor of a scope, where none is needed.
    app.advance(120);
    assert_eq!(get_from(&app, "192.0.2.9", ME, &issued).status, 200);
    flush(&app);
    expected.last = (app.clock.now(), "192.0.2.9");
    assert_eq!(row(&app, &key), Some(expected.text()));
}

#[test]
fn a_call_that_lacks_the_scope_is_a_use_but_not_of_the_scope() {
    let app = start();
    let key = app.create_key("admin", "openid");
    let issued = token(&app, "192.0.2.1", &key);
    let began = app.clock.now();
    app.advance(60);
    let refused = get_from(&app, "192.0.2.2", APPLICATIONS, &issued);
    assert_eq!(refused.status, 403);
    flush(&app);
    let secret = secrets(&app, &key).remove(0);
    let expected = Row {
        first_at: began,
        last: (app.clock.now(), "192.0.2.2"),
        secrets: &[(&secret, began, "192.0.2.1")],
        // An id_token was issued with the access token.
        scopes: "openid",
        days: &[(began, 1)],
    };
    assert_eq!(row(&app, &key), Some(expected.text()));
}

#[test]
fn what_is_refused_is_no_use() {
    let app = start();
    let key = app.create_key("admin", "openid");
    let mut wrong = key.clone();
    wrong.client_secret = "mms_wrong".to_owned();
    assert_eq!(token_from(&app, "192.0.2.1", &wrong, GRANT).status, 401);
    let beyond = format!("{GRANT}&scope=users:read");
    assert_eq!(token_from(&app, "192.0.2.1", &key, &beyond).status, 400);
    let issued = app.token(&app.create_key("admin", "openid")).access_token;
    let (signed, signature) = issued.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{signed}.{other}{}", &signature[1..]);
    assert_eq!(get_from(&app, "192.0.2.1", ME, &forged).status, 401);
    assert_eq!(app.get(ME, "").status, 401);
    flush(&app);
    let used = "SELECT client_id AS text FROM client_uses";
    assert_eq!(app.database.query(used).len(), 1);
    assert_eq!(row(&app, &key), None);
}

#[test]
fn each_secret_has_a_last_use_of_its_own() {
    let app = start();
    let old = app.create_key("admin", "keys:read");
    let id = ClientId::parse(&old.client_id).unwrap();
    let keys = &app.app.digest_keys;
    app.advance(1);
    let (_, secret) = app.write(|c, act| clients::rotate(c, act, keys, &id, Rotation::of(3600)));
    let new = Credentials {
        client_secret: secret.expose().to_owned(),
        ..old.clone()
    };
    let [first, second] = &secrets(&app, &old)[..] else {
        panic!("two secrets");
    };
    let began = app.clock.now();
    token(&app, "192.0.2.1", &old);
    flush(&app);
    app.advance(60);
    let later = app.clock.now();
    token(&app, "192.0.2.2", &new);
    flush(&app);
    app.advance(60);
    let last = app.clock.now();
    token(&app, "192.0.2.3", &old);
    token(&app, "192.0.2.4", &old);
    flush(&app);
    let expected = Row {
        first_at: began,
        last: (last, "192.0.2.4"),
        secrets: &[(first, last, "192.0.2.4"), (second, later, "192.0.2.2")],
        scopes: "",
        days: &[(began, 4)],
    };
    assert_eq!(row(&app, &old), Some(expected.text()));
}

#[test]
fn the_first_use_is_an_event_of_whoever_the_client_acts_for() {
    let app = start();
    let key = app.create_key("admin", "openid");
    let service = app.create_service("users:read");
    let began = app.clock.now();
    token(&app, "192.0.2.1", &key);
    token(&app, "192.0.2.3", &service);
    app.advance(20);
    token(&app, "192.0.2.2", &key);
    let events = "SELECT CAST(at AS TEXT) || ' ' || actor || ' ' || object_kind || ' ' || \
                  object_id || ' ' || details AS text FROM audit_events \
                  WHERE kind = 'client.first_used' ORDER BY object_kind";
    let none: [&str; 0] = [];
    assert_eq!(app.database.query(events), none);
    flush(&app);
    let owner = app.client(&key).owner.unwrap();
    let (id, at) = (&key.client_id, began.millis());
    let expected = [
        format!("{at} user:{owner} access_key {id} {{\"peer\":\"192.0.2.1\"}}"),
        format!(
            "{at} client:{0} service_client {0} {{\"peer\":\"192.0.2.3\"}}",
            service.client_id
        ),
    ];
    assert_eq!(app.database.query(events), expected);
    app.advance(60);
    token(&app, "192.0.2.2", &key);
    flush(&app);
    assert_eq!(app.database.query(events), expected);
}

#[test]
fn ninety_days_of_tokens_are_counted_and_unused_scopes_are_told() {
    let app = start();
    app.create_user("second", Role::Member);
    let key = app.create_key("second", "applications:read keys:read");
    let id = ClientId::parse(&key.client_id).unwrap();
    let began = app.clock.now();
    for day in 0..95 {
        for _ in 0..=day % 3 {
            token(&app, "192.0.2.1", &key);
        }
        flush(&app);
        app.advance(86_400);
    }
    let issued = token(&app, "192.0.2.1", &key);
    assert_eq!(app.get(APPLICATIONS, &issued).status, 200);
    flush(&app);
    let uses = app.app.read(|c| uses::of(c, &id)).unwrap().unwrap();
    let today = app.clock.now().day();
    let mut expected: Vec<_> = (0..95)
        .map(|day| (began.day().plus(day), day % 3 + 1))
        .collect();
    expected.push((today, 1));
    assert_eq!(uses.per_day(today), expected[6..]);
    let kept: Value = serde_json::from_str(
        &app.database.query(&format!(
            "SELECT days AS text FROM client_uses WHERE client_id = '{id}'"
        ))[0],
    )
    .unwrap();
    assert_eq!(kept.as_object().unwrap().len(), 90);
    assert_eq!(uses.first_at, began);
    let scope = app.client(&key).scope;
    assert_eq!(uses.never_used(scope).to_string(), "keys:read");
}

#[test]
fn a_deleted_client_leaves_no_row_whatever_is_noted_afterwards() {
    let app = start();
    let [gone, later] = [(); 2].map(|()| app.create_service("users:read"));
    token(&app, "192.0.2.1", &gone);
    flush(&app);
    assert!(row(&app, &gone).is_some());
    app.advance(60);
    token(&app, "192.0.2.1", &gone);
    token(&app, "192.0.2.1", &later);
    for client in [&gone, &later] {
        let id = ClientId::parse(&client.client_id).unwrap();
        app.write(|c, act| clients::delete(c, act, &id));
        assert_eq!(row(&app, client), None);
    }
    flush(&app);
    assert_eq!(row(&app, &gone), None);
    assert_eq!(row(&app, &later), None);
    let events = format!(
        "SELECT kind AS text FROM audit_events WHERE object_id = '{}' AND kind = 'client.first_used'",
        later.client_id
    );
    let none: [&str; 0] = [];
    assert_eq!(app.database.query(&events), none);
}
