//! Access keys: a new one, another one's secret, a wider one.

use mintmark::model::network::Networks;
use mintmark::model::scope::ScopeSet;
use serde_json::json;

use super::{Attempt, Stage};

#[test]
fn a_token_makes_no_key_with_a_scope_that_it_lacks() {
    let stage = Stage::set();
    let wide = stage.app.create_key("admin", &ScopeSet::all().to_string());
    // What counts is the token, not the key that it was issued to.
    let token = stage.token(&wide, "keys:write");
    for scopes in [
        json!(["users:write"]),
        json!(["openid"]),
        json!(["keys:write", "keys:read"]),
        json!(["introspect"]),
    ] {
        let body = json!({"description": "wider", "scopes": scopes});
        let keys = Stage::keys_path(&stage.admin);
        stage.only_with_more(&token, &Attempt::post("makes a wider key", keys, body));
    }
}

#[test]
fn a_key_that_is_made_without_scopes_has_those_of_the_token_that_makes_it() {
    let stage = Stage::set();
    let all = ScopeSet::all().to_string();
    let wide = stage.app.create_key("admin", &all);
    let members = [
        "openid",
        "applications:read",
        "users:read",
        "keys:read",
        "keys:write",
    ];
    for (owner, scope, given) in [
        (&stage.admin, "keys:write", json!(["keys:write"])),
        (
            &stage.admin,
            "users:read keys:write",
            json!(["users:read", "keys:write"]),
        ),
        // A member cannot have what the role does not.
        (&stage.member, &all, json!(members)),
    ] {
        let body = json!({"description": "as I am"});
        let make = Attempt::post("", Stage::keys_path(owner), body);
        let made = stage.call(&stage.token(&wide, scope), &make);
        assert_eq!(made.status, 201, "{}", made.text());
        assert_eq!(made.json()["scopes"], given);
    }
}

#[test]
fn a_token_takes_over_no_key_that_can_do_more() {
    let stage = Stage::set();
    let ends_at = stage.app.act().now.plus_seconds(86_400);
    let bound = |scope: &str| {
        stage.app.create_client(Some("admin"), scope, |new| {
            new.expires_at = Some(ends_at);
            new.allowed_networks = Networks::parse("127.0.0.0/8").unwrap();
        })
    };
    let (wide, other) = (bound("users:write keys:write"), bound("users:write"));
    // Also not the key that the token itself was issued to.
    let token = stage.token(&wide, "keys:write");
    for key in [&wide, &other] {
        let path = Stage::key_path(&stage.admin, key);
        let more = json!({"scopes": ["keys:write", "users:write", "audit:read"]});
        let longer = json!({"expires-at": "2999-01-01T00:00:00.000Z"});
        let everywhere = json!({"allowed-networks": ["0.0.0.0/0"]});
        for attempt in [
            Attempt::post("rotates a wider key", format!("{path}/rotate"), json!({})),
            Attempt::patch("widens it", path.clone(), more),
            Attempt::patch("extends it", path.clone(), longer),
            Attempt::patch("frees its networks", path, everywhere),
        ] {
            stage.only_with_more(&token, &attempt);
        }
    }
}

#[test]
fn a_token_enables_no_key_that_can_do_more() {
    let stage = Stage::set();
    let wide = stage.app.create_key("admin", &ScopeSet::all().to_string());
    let path = Stage::key_path(&stage.admin, &wide);
    let disable = Attempt::patch("", path.clone(), json!({"disabled": true}));
    // Taking away needs no scope but keys:write.
    let token = stage.narrow("admin", "keys:write");
    assert_eq!(stage.call(&token, &disable).status, 200);
    let enable = Attempt::patch("enables a wider key", path, json!({"disabled": false}));
    stage.only_with_more(&token, &enable);
}

#[test]
fn an_administrators_keys_are_left_to_those_with_every_scope() {
    let stage = Stage::set();
    let key = stage.app.create_key("second", "keys:write");
    let path = Stage::key_path(&stage.second, &key);
    let keys = Stage::keys_path(&stage.second);
    let almost = ScopeSet::all() - ScopeSet::parse("introspect").unwrap();
    let token = stage.narrow("admin", &almost.to_string());
    let new = json!({"description": "mine", "scopes": ["keys:write"]});
    for attempt in [
        Attempt::post("makes one", keys, new),
        Attempt::post("rotates", format!("{path}/rotate"), json!({})),
        Attempt::patch("renames", path.clone(), json!({"description": "mine"})),
        Attempt::patch("disables", path.clone(), json!({"disabled": true})),
        Attempt::patch("enables", path.clone(), json!({"disabled": false})),
        Attempt::new("cuts off", "POST", format!("{path}/cut-off"), None),
        Attempt::delete("deletes", path),
    ] {
        stage.only_with_more(&token, &attempt);
    }
}
