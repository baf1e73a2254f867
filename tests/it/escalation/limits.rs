//! A key that makes or changes keys: none of them outlives it, or is of use where it is not.

use mintmark::model::network::Networks;
use serde_json::json;

use super::{Attempt, Stage};

const DAY: i64 = 86_400;

#[test]
fn no_key_is_made_or_changed_to_outlive_the_one_that_does_it() {
    let stage = Stage::set();
    let end = stage.app.act().now.plus_seconds(DAY);
    let bound = stage.app.create_client(Some("admin"), "keys:write", |new| {
        new.expires_at = Some(end);
    });
    let free = stage.app.create_key("admin", "keys:write");
    let token = stage.token(&bound, "keys:write");
    let own = Stage::key_path(&stage.admin, &bound);
    let free = Stage::key_path(&stage.admin, &free);
    let later = json!("2999-01-01T00:00:00.000Z");
    let new = json!({"description": "long", "scopes": ["keys:write"], "expires-at": later});
    for attempt in [
        Attempt::post("makes a longer one", Stage::keys_path(&stage.admin), new),
        Attempt::post(
            "takes over a longer one",
            format!("{free}/rotate"),
            json!({}),
        ),
        Attempt::patch("extends its own", own.clone(), json!({"expires-at": later})),
        Attempt::patch("lives for ever", own, json!({"expires-at": null})),
    ] {
        stage.only_with_more(&token, &attempt);
    }
}

#[test]
fn a_key_that_is_made_without_limits_has_those_of_the_one_that_makes_it() {
    let stage = Stage::set();
    let end = stage.app.act().now.plus_seconds(DAY);
    let bound = stage.app.create_client(Some("admin"), "keys:write", |new| {
        new.expires_at = Some(end);
        new.allowed_networks = Networks::parse("127.0.0.0/8").unwrap();
    });
    let token = stage.token(&bound, "keys:write");
    for body in [
        json!({"description": "a"}),
        json!({"description": "b", "expires-at": null, "allowed-networks": []}),
    ] {
        let make = Attempt::post("", Stage::keys_path(&stage.admin), body);
        let made = stage.call(&token, &make);
        assert_eq!(made.status, 201, "{}", made.text());
        assert_eq!(made.json()["expires-at"], end.to_string());
        assert_eq!(made.json()["allowed-networks"], json!(["127.0.0.0/8"]));
    }
}

#[test]
fn no_key_is_made_or_changed_to_be_of_use_where_the_one_that_does_it_is_not() {
    let stage = Stage::set();
    let bound = stage.app.create_client(Some("admin"), "keys:write", |new| {
        new.allowed_networks = Networks::parse("127.0.0.0/8").unwrap();
    });
    let free = stage.app.create_key("admin", "keys:write");
    let token = stage.token(&bound, "keys:write");
    let own = Stage::key_path(&stage.admin, &bound);
    let free = Stage::key_path(&stage.admin, &free);
    let far = json!(["127.0.0.1/32", "192.0.2.0/24"]);
    let new = json!({"description": "far", "scopes": ["keys:write"], "allowed-networks": far});
    for attempt in [
        Attempt::post(
            "makes one for elsewhere",
            Stage::keys_path(&stage.admin),
            new,
        ),
        Attempt::post(
            "takes over one of everywhere",
            format!("{free}/rotate"),
            json!({}),
        ),
        Attempt::patch(
            "goes elsewhere",
            own.clone(),
            json!({"allowed-networks": far}),
        ),
        Attempt::patch("goes everywhere", own, json!({"allowed-networks": []})),
    ] {
        stage.only_with_more(&token, &attempt);
    }
}
