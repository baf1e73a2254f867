//! Who has a secret of a key has all that it can do: nobody takes one over that is more than theirs.

use mintmark::model::scope::{Role, ScopeSet};
use serde_json::{Value, json};

use super::{CLIENTS, Desk, forbidden, lacks, named, one, why};
use crate::support::Response;

const OUTLIVES: &str = "it would outlive the client that asks for it";
const FURTHER: &str = "it could be used from networks from which the client that asks cannot";

fn rotate(desk: &Desk, path: &str, token: &str) -> Response {
    desk.post(
        &format!("{path}/rotate"),
        token,
        &json!({"old-ends-in": 60}),
    )
}

fn key(desk: &Desk, more: Value) -> String {
    let mut body = named("key");
    for (member, value) in more.as_object().unwrap() {
        body[member] = value.clone();
    }
    one(&desk.keys(), &desk.make(&desk.keys(), &desk.admin, &body))
}

#[test]
fn nobody_rotates_a_key_that_can_do_more_than_they() {
    let desk = Desk::new();
    let wide = key(
        &desk,
        json!({"scopes": ["openid", "users:read", "keys:write"]}),
    );
    let token = desk.member_token("keys:write");
    let before = desk.state();
    assert_eq!(
        why(&rotate(&desk, &wide, &token)),
        lacks("openid users:read")
    );
    assert_eq!(desk.state(), before);
    let token = desk.member_token("openid users:read keys:write");
    assert_eq!(rotate(&desk, &wide, &token).status, 200);
    // Nor does a key rotate itself, by a token for less than it can do.
    let own = desk.app.create_key("member", "openid keys:write");
    let own_path = format!("{}/{}", desk.keys(), own.client_id);
    let form = "grant_type=client_credentials&scope=keys:write";
    let narrow = desk.app.token_for(&own, form).access_token;
    assert_eq!(why(&rotate(&desk, &own_path, &narrow)), lacks("openid"));
    let whole = desk.app.token(&own).access_token;
    assert_eq!(rotate(&desk, &own_path, &whole).status, 200);
}

#[test]
fn nobody_rotates_a_key_that_outlives_theirs_or_reaches_further() {
    let desk = Desk::new();
    let in_an_hour = desk.now().plus_seconds(3600);
    let bound = desk.app.create_client(Some("member"), "keys:write", |new| {
        new.expires_at = Some(in_an_hour);
        new.allowed_networks = mintmark::model::network::Networks::parse("127.0.0.0/8").unwrap();
    });
    let token = desk.app.token(&bound).access_token;
    let (here, soon) = (json!(["127.0.0.1"]), json!(in_an_hour.to_string()));
    let before = |more: Value| key(&desk, more);
    for (more, answer) in [
        (
            json!({"scopes": [], "allowed-networks": here}),
            forbidden(OUTLIVES),
        ),
        (
            json!({"scopes": [], "allowed-networks": here, "expires-at": desk.at(3601)}),
            forbidden(OUTLIVES),
        ),
        (
            json!({"scopes": [], "expires-at": soon}),
            forbidden(FURTHER),
        ),
        (
            json!({"scopes": [], "expires-at": soon, "allowed-networks": ["192.0.2.1"]}),
            forbidden(FURTHER),
        ),
    ] {
        let path = before(more);
        let state = desk.state();
        assert_eq!(why(&rotate(&desk, &path, &token)), answer);
        assert_eq!(desk.state(), state);
    }
    let path = before(json!({"scopes": [], "expires-at": soon, "allowed-networks": here}));
    assert_eq!(rotate(&desk, &path, &token).status, 200);
    // Its own bounds are no more than its own.
    let own = format!("{}/{}", desk.keys(), bound.client_id);
    assert_eq!(rotate(&desk, &own, &token).status, 200);
}

#[test]
fn enabling_asks_for_what_the_key_can_do_and_ending_does_not() {
    let desk = Desk::new();
    let wide = key(&desk, json!({"scopes": ["openid", "users:read"]}));
    let token = desk.member_token("keys:write");
    let disabled = desk.change(&wide, &token, &json!({"disabled": true}));
    assert_eq!(
        (&disabled["disabled"], &disabled["disabled-by"]),
        (&json!(true), &json!("owner"))
    );
    let before = desk.state();
    let enable = json!({"disabled": false});
    assert_eq!(
        why(&desk.patch(&wide, &token, &enable)),
        lacks("openid users:read")
    );
    let more = json!({"disabled": false, "description": "x"});
    assert_eq!(
        why(&desk.patch(&wide, &token, &more)),
        lacks("openid users:read")
    );
    assert_eq!(desk.state(), before);
    assert_eq!(
        desk.call("POST", &format!("{wide}/cut-off"), &token).status,
        200
    );
    let able = desk.member_token("openid users:read keys:write");
    assert_eq!(desk.change(&wide, &able, &enable)["disabled"], json!(false));
    assert_eq!(desk.call("DELETE", &wide, &token).status, 204);
}

#[test]
fn an_administrators_key_is_acted_on_by_somebody_else_only_with_every_scope() {
    let desk = Desk::new();
    let boss = desk.app.create_user("boss", Role::Administrator);
    let keys = desk.keys_of(&boss);
    let path = one(
        &keys,
        &desk.make(
            &keys,
            &desk.admin,
            &json!({"description": "key", "scopes": ["keys:write"]}),
        ),
    );
    desk.post(&format!("{path}/rotate"), &desk.admin, &json!({}));
    let secret = desk.app.get(&path, &desk.admin).json();
    let secret = secret["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| !s["expires-at"].is_null());
    let secret = secret.unwrap()["id"].as_str().unwrap().to_owned();
    let all_but_one = ScopeSet::parse(
        "openid applications:read applications:write users:read users:write keys:read keys:write audit:read",
    );
    let almost = desk
        .app
        .create_key("admin", &all_but_one.unwrap().to_string());
    let almost = desk.app.token(&almost).access_token;
    let all = "applications:read applications:write users:read users:write keys:read keys:write \
               audit:read introspect";
    let service = desk.app.token(&desk.app.create_service(all)).access_token;
    let before = desk.state();
    for (token, lacking) in [(&almost, "introspect"), (&service, "openid")] {
        for (method, path, body) in [
            (
                "POST",
                keys.clone(),
                Some(json!({"description": "x", "scopes": []})),
            ),
            ("PATCH", path.clone(), Some(json!({"description": "x"}))),
            ("PATCH", path.clone(), Some(json!({"disabled": true}))),
            (
                "POST",
                format!("{path}/rotate"),
                Some(json!({"old-ends-in": 0})),
            ),
            ("POST", format!("{path}/cut-off"), None),
            ("DELETE", format!("{path}/secrets/{secret}"), None),
            ("DELETE", path.clone(), None),
        ] {
            let refused = match &body {
                Some(body) => desk.send(method, &path, token, body),
                None => desk.call(method, &path, token),
            };
            assert_eq!(why(&refused), lacks(lacking), "{method} {path}");
        }
    }
    assert_eq!(desk.state(), before);
    // With every scope all of it works; and the owner needs no more than the key has.
    let own = desk
        .app
        .token(&desk.app.create_key("boss", "keys:write"))
        .access_token;
    for token in [&desk.admin, &own] {
        assert_eq!(
            desk.patch(&path, token, &json!({"disabled": true})).status,
            200
        );
        assert_eq!(
            desk.patch(&path, token, &json!({"disabled": false})).status,
            200
        );
        let rotated = desk.post(&format!("{path}/rotate"), token, &json!({"old-ends-in": 0}));
        assert_eq!(rotated.status, 200);
    }
    assert_eq!(desk.call("DELETE", &path, &own).status, 204);
}

#[test]
fn a_service_client_is_taken_over_only_with_what_it_reaches() {
    let desk = Desk::new();
    let audience = super::services::application(&desk, "crm");
    let body = json!({"name": "service", "scopes": ["users:read"], "audiences": [audience["uri"]]});
    let path = one(CLIENTS, &desk.make(CLIENTS, &desk.admin, &body));
    let token = |scope: &str| desk.app.token(&desk.app.create_service(scope)).access_token;
    let reason = "it opens applications that are not open to the client that asks";
    assert_eq!(
        why(&rotate(&desk, &path, &token("keys:write"))),
        lacks("users:read")
    );
    let refused = rotate(&desk, &path, &token("keys:write users:read"));
    assert_eq!(why(&refused), forbidden(reason));
    let challenge = "Bearer realm=\"console\", error=\"insufficient_scope\", \
        scope=\"applications:write\"";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    assert_eq!(
        rotate(
            &desk,
            &path,
            &token("keys:write users:read applications:write")
        )
        .status,
        200
    );
    let peer = desk
        .app
        .create_client(None, "keys:write users:read", |new| {
            new.audiences = vec![audience["uri"].as_str().unwrap().to_owned()];
        });
    let peer = desk.app.token(&peer).access_token;
    let rotated = desk.post(&format!("{path}/rotate"), &peer, &json!({"old-ends-in": 0}));
    assert_eq!(rotated.status, 200);
}
