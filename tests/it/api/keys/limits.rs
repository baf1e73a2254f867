//! Nobody makes or changes a key into more than they have themselves.

use serde_json::{Value, json};

use super::{Desk, forbidden, lacks, named, one, why};
use crate::support::Request;

const OUTLIVES: &str = "it would outlive the client that asks for it";
const FURTHER: &str = "it could be used from networks from which the client that asks cannot";

/// A token of a member's key that ends in an hour and a half, and is used from here alone.
fn bound_token(desk: &Desk) -> String {
    let ends_at = desk.now().plus_seconds(5400);
    let key = desk
        .app
        .create_client(Some("member"), "keys:read keys:write", |new| {
            new.expires_at = Some(ends_at);
            new.allowed_networks = "127.0.0.0/8".parse_networks();
        });
    desk.app.token(&key).access_token
}

trait ParseNetworks {
    fn parse_networks(&self) -> mintmark::model::network::Networks;
}

impl ParseNetworks for str {
    fn parse_networks(&self) -> mintmark::model::network::Networks {
        mintmark::model::network::Networks::parse(self).unwrap()
    }
}

#[test]
fn a_key_has_no_scope_that_the_token_which_makes_it_lacks() {
    let desk = Desk::new();
    let before = |desk: &Desk| desk.state();
    let token = desk.member_token("keys:read keys:write openid");
    let state = before(&desk);
    let mut body = named("key");
    body["scopes"] = json!(["openid", "users:read"]);
    let refused = desk.post(&desk.keys(), &token, &body);
    assert_eq!(why(&refused), lacks("users:read"));
    let challenge = "Bearer realm=\"console\", error=\"insufficient_scope\", \
        scope=\"openid users:read\"";
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
    // The key has openid, this token of it has not.
    let key = desk.app.create_key("member", "openid keys:read keys:write");
    let form = "grant_type=client_credentials&scope=keys:write";
    let narrow = desk.app.token_for(&key, form).access_token;
    body["scopes"] = json!(["openid"]);
    assert_eq!(
        why(&desk.post(&desk.keys(), &narrow, &body)),
        lacks("openid")
    );
    assert_ne!(desk.state(), state, "a key was made for the test");
    let state = before(&desk);
    let service = desk.app.create_service("keys:write");
    let service = desk.app.token(&service).access_token;
    let state_with_service = before(&desk);
    assert_ne!(state_with_service, state);
    assert_eq!(
        why(&desk.post(&desk.keys(), &service, &body)),
        lacks("openid")
    );
    assert_eq!(before(&desk), state_with_service);
    // Nothing asked for is what the token has, cut to what a member may have.
    let wide = desk
        .app
        .create_key("admin", "audit:read keys:write users:write openid");
    let wide = desk.app.token(&wide).access_token;
    let made = desk.make(&desk.keys(), &wide, &named("key"));
    assert_eq!(made["scopes"], json!(["openid", "keys:write"]));
    let none = desk.make(
        &desk.keys(),
        &narrow,
        &json!({"description": "key", "scopes": []}),
    );
    assert_eq!(none["scopes"], json!([]));
}

#[test]
fn a_key_neither_outlives_nor_reaches_further_than_the_key_that_makes_it() {
    let desk = Desk::new();
    let token = bound_token(&desk);
    let post = |member: &str, value: Value| {
        let mut body = named("key");
        body[member] = value;
        desk.post(&desk.keys(), &token, &body)
    };
    let before = desk.state();
    assert_eq!(
        why(&post("expires-at", json!(desk.at(5401)))),
        forbidden(OUTLIVES)
    );
    assert_eq!(
        why(&post("allowed-networks", json!(["192.0.2.1"]))),
        forbidden(FURTHER)
    );
    let both = json!(["127.0.0.1", "192.0.2.1"]);
    assert_eq!(why(&post("allowed-networks", both)), forbidden(FURTHER));
    assert_eq!(desk.state(), before);
    // What it does not ask for it gets from its maker.
    for (member, value) in [
        ("scopes", json!([])),
        ("expires-at", json!(null)),
        ("allowed-networks", json!([])),
    ] {
        let made = post(member, value).json();
        assert_eq!(made["expires-at"], desk.at(5400));
        assert_eq!(made["allowed-networks"], json!(["127.0.0.0/8"]));
    }
    let made = post("expires-at", json!(desk.at(5400))).json();
    assert_eq!(made["expires-at"], desk.at(5400));
    let made = post("allowed-networks", json!(["127.1.0.0/16"])).json();
    assert_eq!(made["allowed-networks"], json!(["127.1.0.0/16"]));
}

#[test]
fn a_change_widens_nothing_beyond_the_key_that_makes_it_and_may_always_narrow() {
    let desk = Desk::new();
    let token = bound_token(&desk);
    let mut body = named("free");
    body["scopes"] = json!(["keys:read"]);
    let free = one(&desk.keys(), &desk.make(&desk.keys(), &desk.admin, &body));
    body["expires-at"] = json!(desk.at(100));
    body["allowed-networks"] = json!(["127.0.0.1"]);
    let tight = one(&desk.keys(), &desk.make(&desk.keys(), &desk.admin, &body));
    let before = desk.state();
    for (body, reason) in [
        (json!({"expires-at": null}), OUTLIVES),
        (json!({"expires-at": desk.at(5401)}), OUTLIVES),
        (json!({"allowed-networks": []}), FURTHER),
        (
            json!({"allowed-networks": ["127.0.0.1", "192.0.2.1"]}),
            FURTHER,
        ),
    ] {
        assert_eq!(
            why(&desk.patch(&tight, &token, &body)),
            forbidden(reason),
            "{body}"
        );
    }
    assert_eq!(desk.state(), before);
    let wider = json!({"expires-at": desk.at(5400), "allowed-networks": ["127.0.0.0/8"]});
    let changed = desk.change(&tight, &token, &wider);
    assert_eq!(changed["expires-at"], desk.at(5400));
    assert_eq!(changed["allowed-networks"], json!(["127.0.0.0/8"]));
    // Less than it was is always right, though it is not what the caller has.
    let narrower = json!({"expires-at": desk.at(90_000), "allowed-networks": ["192.0.2.0/24"]});
    let changed = desk.change(&free, &token, &narrower);
    assert_eq!(changed["expires-at"], desk.at(90_000));
    assert_eq!(changed["allowed-networks"], json!(["192.0.2.0/24"]));
    let narrower = json!({"expires-at": desk.at(80_000), "allowed-networks": ["192.0.2.9"]});
    desk.change(&free, &token, &narrower);
    let back = desk.patch(&free, &token, &json!({"expires-at": desk.at(90_000)}));
    assert_eq!(why(&back), forbidden(OUTLIVES));
}

#[test]
fn a_key_may_be_used_from_its_networks_alone_and_until_it_ends() {
    let desk = Desk::new();
    let mut body = named("key");
    body["allowed-networks"] = json!(["192.0.2.1"]);
    let elsewhere = desk.make(&desk.keys(), &desk.admin, &body);
    assert_eq!(desk.status(&super::credentials(&elsewhere)), 401);
    let path = one(&desk.keys(), &elsewhere);
    desk.change(
        &path,
        &desk.admin,
        &json!({"allowed-networks": ["127.0.0.1"], "expires-at": desk.at(60)}),
    );
    assert_eq!(desk.status(&super::credentials(&elsewhere)), 200);
    let token = desk.app.token(&super::credentials(&elsewhere)).access_token;
    let me = Request::new("GET", "/console/api/v2/me").bearer(&token);
    assert_eq!(desk.app.send(me.clone()).status, 200);
    desk.change(
        &path,
        &desk.admin,
        &json!({"allowed-networks": ["192.0.2.1"]}),
    );
    assert_eq!(desk.app.send(me.clone()).status, 401);
    // IPv4 in IPv6's spelling is IPv4.
    let mapped = json!({"allowed-networks": ["::ffff:127.0.0.1", "::ffff:192.0.2.0/120"]});
    let changed = desk.change(&path, &desk.admin, &mapped);
    let networks = json!(["127.0.0.1/32", "192.0.2.0/24"]);
    assert_eq!(changed["allowed-networks"], networks);
    assert_eq!(desk.app.send(me.clone()).status, 200);
    desk.change(&path, &desk.admin, &json!({"allowed-networks": []}));
    assert_eq!(desk.app.send(me.clone()).status, 200);
    desk.app.advance(60);
    assert_eq!(desk.status(&super::credentials(&elsewhere)), 401);
    assert_eq!(desk.app.send(me).status, 401);
}
