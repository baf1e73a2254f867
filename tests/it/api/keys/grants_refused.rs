//! Scopes of applications that a key is not given.

use serde_json::{Value, json};

use super::granted::{crm, granted};
use super::services::application_with;
use super::{Desk, bad, forbidden, invalid, named, one, why};

const CLOSED: &str = "an application that does not exist, or that is not open to the key's user";
const UNKNOWN: &str = "a scope that the application does not define";
const OPENS: &str = "it opens applications that are not open to the client that asks";

#[test]
fn a_scope_is_given_only_where_it_is_defined_and_the_user_connected() {
    let desk = Desk::new();
    let (crm, elsewhere) = (
        crm(&desk),
        application_with(&desk, "elsewhere", &["deals:read"]),
    );
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    let nothing = json!({"id": super::super::NOTHING});
    let deleted = application_with(&desk, "deleted", &["deals:read"]);
    let deleted_path = format!(
        "/console/api/v2/applications/{}",
        deleted["id"].as_str().unwrap()
    );
    let lists = json!({"user-lists": [desk.list.to_string()]});
    desk.post(&format!("{deleted_path}/userlists"), &desk.admin, &lists);
    assert_eq!(desk.call("DELETE", &deleted_path, &desk.admin).status, 200);
    let before = desk.state();
    for (scopes, reason) in [
        (granted(&crm, &["deals:delete"]), UNKNOWN),
        (granted(&crm, &["deals:read", "openid"]), UNKNOWN),
        (granted(&elsewhere, &["deals:read"]), CLOSED),
        (granted(&deleted, &["deals:read"]), CLOSED),
        (granted(&nothing, &["deals:read"]), CLOSED),
    ] {
        let expected = invalid("application-scopes", reason);
        let mut body = named("key");
        body["application-scopes"] = scopes.clone();
        assert_eq!(
            desk.post(&desk.keys(), &desk.admin, &body).whole(),
            expected,
            "{scopes}"
        );
        let body = json!({"application-scopes": scopes});
        assert_eq!(
            desk.patch(&path, &desk.admin, &body).whole(),
            expected,
            "{scopes}"
        );
    }
    let twice = json!([
        granted(&crm, &["reports"])[0],
        granted(&crm, &["deals:read"])[0]
    ]);
    let refused = desk.patch(&path, &desk.admin, &json!({"application-scopes": twice}));
    assert_eq!(
        refused.whole(),
        invalid("application-scopes", "an application stands there once")
    );
    let of = |value: Value| {
        why(&desk.patch(&path, &desk.admin, &json!({"application-scopes": [value]})))
    };
    assert_eq!(
        of(json!({"application-id": "1111", "scopes": []})),
        bad("1111 is not a valid UUID.")
    );
    assert_eq!(
        of(json!({"scopes": []})),
        bad("missing field `application-id` at line 1 column 36")
    );
    assert_eq!(of(json!(["x", []])).0, 400);
    assert_eq!(desk.state(), before);
}

#[test]
fn a_key_gives_no_scope_of_an_application_that_it_has_not_itself() {
    let desk = Desk::new();
    let crm = crm(&desk);
    let token = desk.member_token("keys:read keys:write");
    let mut body = named("key");
    body["application-scopes"] = granted(&crm, &["deals:read"]);
    let with = desk.make(&desk.keys(), &desk.admin, &json!({
        "description": "with", "scopes": ["keys:write"], "application-scopes": granted(&crm, &["deals:read"]),
    }));
    let without = desk.make(
        &desk.keys(),
        &desk.admin,
        &json!({"description": "without", "scopes": []}),
    );
    let before = desk.state();
    assert_eq!(
        why(&desk.post(&desk.keys(), &token, &body)),
        forbidden(OPENS)
    );
    let path = one(&desk.keys(), &without);
    let give = json!({"application-scopes": granted(&crm, &["deals:read"])});
    assert_eq!(why(&desk.patch(&path, &token, &give)), forbidden(OPENS));
    // Nor does it take over a key that has one, or bring it back.
    let path = one(&desk.keys(), &with);
    let rotate = desk.post(
        &format!("{path}/rotate"),
        &token,
        &json!({"old-ends-in": 0}),
    );
    assert_eq!(why(&rotate), forbidden(OPENS));
    assert_eq!(desk.state(), before);
    desk.change(&path, &token, &json!({"disabled": true}));
    let enable = desk.patch(&path, &token, &json!({"disabled": false}));
    assert_eq!(why(&enable), forbidden(OPENS));
    desk.change(&path, &token, &json!({"application-scopes": []}));
    desk.change(&path, &token, &json!({"disabled": false}));
}

#[test]
fn a_user_who_is_disconnected_gets_no_token_whatever_the_key_was_given() {
    let desk = Desk::new();
    let crm = crm(&desk);
    let mut body = named("key");
    body["application-scopes"] = granted(&crm, &["deals:read"]);
    let made = desk.make(&desk.keys(), &desk.admin, &body);
    let path = format!(
        "/console/api/v2/applications/{}/userlists/{}",
        crm["id"].as_str().unwrap(),
        desk.list
    );
    let form = format!("{}&resource={}", super::ANY, crm["uri"].as_str().unwrap());
    let key = super::credentials(&made);
    assert_eq!(desk.app.post_token(&key, &form).status, 200);
    assert_eq!(desk.call("DELETE", &path, &desk.admin).status, 200);
    assert_eq!(
        desk.app.post_token(&key, &form).json()["error"],
        "invalid_target"
    );
    // What it had may stay, and is of use again with the connection.
    let renamed = desk.change(&one(&desk.keys(), &made), &desk.admin, &named("new"));
    assert_eq!(
        renamed["application-scopes"],
        granted(&crm, &["deals:read"])
    );
}
