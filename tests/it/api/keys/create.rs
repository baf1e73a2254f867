//! What a new key may not be.

use serde_json::{Value, json};

use super::{Desk, bad, forbidden, invalid, named, why};
use crate::support::Response;

fn with(member: &str, value: Value) -> Value {
    let mut body = named("key");
    body[member] = value;
    body
}

#[test]
fn a_value_that_is_not_as_it_must_be_is_refused_by_its_name_and_makes_nothing() {
    let desk = Desk::new();
    let before = desk.state();
    let scopes = "the scopes are: openid applications:read applications:write users:read \
        users:write keys:read keys:write audit:read introspect";
    let network = "a network is an address with an optional prefix length, such as 192.0.2.0/24 or \
        2001:db8::/32";
    let time = "is null or a date and time with a zone, such as 2024-01-17T14:27:04.383Z, up to \
        9999-12-31T23:59:59.999Z";
    let many: Vec<String> = (0..51).map(|at| format!("192.0.2.{at}")).collect();
    for (body, field, reason) in [
        (named(""), "description", "must not be empty"),
        (
            named("\ta"),
            "description",
            "must not hold control characters",
        ),
        (
            named(&"я".repeat(101)),
            "description",
            "has at most 100 characters",
        ),
        (
            named("a\u{0}b"),
            "description",
            "must not hold control characters",
        ),
        (
            named("a\u{202e}b"),
            "description",
            "must not hold control characters",
        ),
        (with("scopes", json!(["root"])), "scopes", scopes),
        (with("scopes", json!([""])), "scopes", scopes),
        (
            with("scopes", json!(["openid keys:read"])),
            "scopes",
            scopes,
        ),
        (
            with("scopes", json!(["users:write"])),
            "scopes",
            "more than a member may have",
        ),
        (with("expires-at", json!("tomorrow")), "expires-at", time),
        (with("expires-at", json!("2100-01-01")), "expires-at", time),
        (
            with("expires-at", json!("9999-12-31T23:59:59-01:00")),
            "expires-at",
            time,
        ),
        (
            with("expires-at", json!(desk.at(0))),
            "expires-at",
            "expires in the past",
        ),
        (
            with("allowed-networks", json!(["192.0.2.0/33"])),
            "allowed-networks",
            network,
        ),
        (
            with("allowed-networks", json!(["192.0.2.1 192.0.2.2"])),
            "allowed-networks",
            network,
        ),
        (
            with("allowed-networks", json!(many)),
            "allowed-networks",
            "lists more than 50 networks",
        ),
    ] {
        let response = desk.post(&desk.keys(), &desk.admin, &body);
        assert_eq!(response.whole(), invalid(field, reason), "{body}");
    }
    assert_eq!(desk.state(), before);
    // At the bound it is right.
    let longest = desk.make(&desk.keys(), &desk.admin, &named(&"я".repeat(100)));
    assert_eq!(longest["description"], "я".repeat(100));
}

#[test]
fn a_body_of_another_shape_is_refused() {
    let desk = Desk::new();
    let before = desk.state();
    let refused = |body: &Value| -> Response { desk.post(&desk.keys(), &desk.admin, body) };
    assert_eq!(
        why(&refused(&json!({}))),
        bad("missing field `description` at line 1 column 2")
    );
    for member in [
        "client-id",
        "client-secret",
        "created-at",
        "last-used-at",
        "disabled",
        "disabled-by",
        "expired",
        "secrets",
        "audiences",
        "default-audience",
        "token-lifetime",
        "owner",
        "generation",
    ] {
        let (status, code, details) = why(&refused(&with(member, json!("x"))));
        assert_eq!((status, code), (400, 3), "{member}");
        let unknown = format!("unknown field `{member}`");
        assert!(details.starts_with(&unknown), "{details}");
    }
    // Null is no list; what is not to be said is left out.
    for member in ["scopes", "application-scopes", "allowed-networks"] {
        for value in [json!(null), json!("openid"), json!({}), json!([1])] {
            let (status, code, details) = why(&refused(&with(member, value)));
            assert_eq!((status, code), (400, 3), "{member}");
            assert!(details.starts_with("at line 1, column "), "{details}");
        }
    }
    assert_eq!(desk.state(), before);
    assert_eq!(
        desk.make(&desk.keys(), &desk.admin, &with("expires-at", json!(null)))["expires-at"],
        json!(null)
    );
}

#[test]
fn a_user_has_fifty_keys_at_most_and_room_again_when_one_is_gone() {
    let desk = Desk::new();
    let made: Vec<Value> = (0..50)
        .map(|at| desk.make(&desk.keys(), &desk.admin, &named(&format!("key {at}"))))
        .collect();
    let before = desk.state();
    let full = desk.post(&desk.keys(), &desk.admin, &named("one more"));
    let message = "a user has at most 50 access keys";
    assert_eq!(full.whole(), super::failed_precondition(message));
    assert_eq!(desk.state(), before);
    // Another user's keys do not count.
    let other = desk
        .app
        .create_user("other", mintmark::model::scope::Role::Member);
    desk.make(&desk.keys_of(&other), &desk.admin, &named("theirs"));
    let path = super::one(&desk.keys(), &made[7]);
    assert_eq!(desk.call("DELETE", &path, &desk.admin).status, 204);
    desk.make(&desk.keys(), &desk.admin, &named("one more"));
}

#[test]
fn a_member_makes_keys_for_nobody_else() {
    let desk = Desk::new();
    let token = desk.member_token("openid keys:read keys:write");
    let other = desk
        .app
        .create_user("other", mintmark::model::scope::Role::Member);
    let before = desk.state();
    let missing =
        "{\"code\":5,\"status\":\"NOT_FOUND\",\"message\":\"No such user.\",\"details\":\"\"}";
    let refused = desk.post(&desk.keys_of(&other), &token, &named("key"));
    assert_eq!((refused.status, refused.text().as_str()), (404, missing));
    let refused = desk.app.get(&desk.keys_of(&other), &token);
    assert_eq!((refused.status, refused.text().as_str()), (404, missing));
    let refused = desk.post(super::CLIENTS, &token, &json!({"name": "service"}));
    assert_eq!(
        why(&refused),
        forbidden("service clients are an administrator's affair")
    );
    assert_eq!(desk.state(), before);
}
