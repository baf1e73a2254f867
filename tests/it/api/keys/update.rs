//! `PATCH` of an access key: what it names changes, what it leaves out stays.

use mintmark::model::scope::Role;
use serde_json::{Value, json};

use super::{Desk, bad, credentials, invalid, lacks, named, one, shown, why};

#[test]
fn a_change_is_of_what_it_names_alone_and_counts_at_once() {
    let desk = Desk::new();
    let ends_at = desk.at(1000);
    let body = json!({
        "description": "key", "scopes": ["openid", "keys:read"], "expires-at": ends_at,
        "allowed-networks": ["127.0.0.0/8"],
    });
    let made = desk.make(&desk.keys(), &desk.admin, &body);
    let path = one(&desk.keys(), &made);
    let token = desk.app.token(&credentials(&made)).access_token;
    let mut expected = shown(&made);
    for (member, value) in [
        ("description", json!("Новый")),
        ("scopes", json!(["openid"])),
        ("scopes", json!([])),
        ("scopes", json!(["openid", "users:read"])),
        ("allowed-networks", json!(["127.0.0.1/32"])),
        ("allowed-networks", json!([])),
        ("expires-at", json!(desk.at(2000))),
        ("expires-at", json!(null)),
        ("expires-at", json!(desk.at(50))),
    ] {
        expected[member] = value.clone();
        let changed = desk.change(&path, &desk.admin, &json!({ member: value }));
        assert_eq!(changed, expected, "{member}");
        assert_eq!(desk.app.get(&path, &desk.admin).json(), expected);
        // A token of before is cut to what is left.
        let may_read = expected["scopes"] == json!(["openid", "keys:read"]);
        let status = desk.app.get(&desk.keys(), &token).status;
        assert_eq!(status, if may_read { 200 } else { 403 }, "{member}");
    }
    let all = json!({
        "description": "key", "scopes": ["keys:read"], "application-scopes": [], "expires-at": null,
        "allowed-networks": ["127.0.0.1"], "disabled": false,
    });
    let changed = desk.change(&path, &desk.admin, &all);
    assert_eq!(
        (&changed["scopes"], &changed["disabled"]),
        (&json!(["keys:read"]), &json!(false))
    );
    assert_eq!(desk.app.get(&desk.keys(), &token).status, 200);
}

#[test]
fn what_changes_nothing_leaves_no_trace() {
    let desk = Desk::new();
    let body =
        json!({"description": "key", "scopes": ["openid"], "allowed-networks": ["127.0.0.1"]});
    let made = desk.make(&desk.keys(), &desk.admin, &body);
    let path = one(&desk.keys(), &made);
    let before = desk.state();
    for body in [
        json!({}),
        json!({"description": "key"}),
        json!({"scopes": ["openid", "openid"], "expires-at": null, "application-scopes": []}),
        json!({"allowed-networks": ["127.0.0.1/32"], "disabled": false}),
    ] {
        assert_eq!(
            desk.change(&path, &desk.admin, &body),
            shown(&made),
            "{body}"
        );
    }
    assert_eq!(desk.state(), before);
}

#[test]
fn a_bad_change_is_refused_and_nothing_of_it_is_done() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    let before = desk.state();
    let patch = |body: &Value| desk.patch(&path, &desk.admin, body);
    for (body, field, reason) in [
        (
            json!({"description": "new", "scopes": ["users:write"]}),
            "scopes",
            "more than a member may have",
        ),
        (
            json!({"description": "a\nb", "disabled": true}),
            "description",
            "must not hold control characters",
        ),
        (
            json!({"expires-at": desk.at(0), "disabled": true}),
            "expires-at",
            "expires in the past",
        ),
    ] {
        assert_eq!(patch(&body).whole(), invalid(field, reason));
    }
    for member in [
        "client-id",
        "client-secret",
        "created-at",
        "last-used-at",
        "disabled-by",
        "expired",
        "secrets",
        "audiences",
        "token-lifetime",
        "name",
    ] {
        let (status, code, details) = why(&patch(&json!({ member: "x" })));
        assert_eq!((status, code), (400, 3));
        assert!(
            details.starts_with(&format!("unknown field `{member}`")),
            "{details}"
        );
    }
    // Null is no value but of the end: a member that is not to change is left out.
    for member in [
        "description",
        "scopes",
        "application-scopes",
        "allowed-networks",
        "disabled",
    ] {
        let (status, code, details) = why(&patch(&json!({ member: null })));
        assert_eq!((status, code), (400, 3), "{member}");
        assert!(details.starts_with("at line 1, column "), "{details}");
    }
    let not_an_id = json!({"application-scopes": [{"application-id": "1111", "scopes": []}]});
    assert_eq!(why(&patch(&not_an_id)), bad("1111 is not a valid UUID."));
    assert_eq!(desk.state(), before);
}

#[test]
fn to_let_a_key_do_more_asks_for_all_that_it_can_do_then_and_to_let_it_do_less_does_not() {
    let desk = Desk::new();
    let ends_at = desk.at(1000);
    let body = json!({
        "description": "key", "scopes": ["openid", "keys:write"], "expires-at": ends_at,
        "allowed-networks": ["192.0.2.0/24"],
    });
    let made = desk.make(&desk.keys(), &desk.admin, &body);
    let path = one(&desk.keys(), &made);
    let token = desk.member_token("keys:read keys:write");
    let before = desk.state();
    for (body, lacking) in [
        (
            json!({"scopes": ["openid", "keys:write", "users:read"]}),
            "openid users:read",
        ),
        (
            json!({"scopes": ["keys:write", "users:read"]}),
            "users:read",
        ),
        (json!({"expires-at": desk.at(1001)}), "openid"),
        (json!({"expires-at": null, "description": "x"}), "openid"),
        (json!({"allowed-networks": ["192.0.2.0/23"]}), "openid"),
        (
            json!({"allowed-networks": [], "scopes": ["openid"]}),
            "openid",
        ),
    ] {
        assert_eq!(
            why(&desk.patch(&path, &token, &body)),
            lacks(lacking),
            "{body}"
        );
    }
    assert_eq!(desk.state(), before);
    // What is taken away with the same call does not count against it.
    let wide = desk.member_token("users:read keys:write");
    let moved = json!({"scopes": ["keys:write", "users:read"], "expires-at": null});
    desk.change(&path, &wide, &moved);
    for body in [
        json!({"description": "x"}),
        json!({"expires-at": desk.at(500)}),
        json!({"allowed-networks": ["192.0.2.1", "192.0.2.128/25"]}),
        json!({"scopes": ["keys:write"]}),
        json!({"scopes": []}),
    ] {
        let (member, value) = body.as_object().unwrap().iter().next().unwrap();
        let changed = desk.change(&path, &token, &body);
        if member != "allowed-networks" {
            assert_eq!(changed[member], *value);
        }
    }
}

#[test]
fn an_owner_who_may_less_than_before_narrows_a_key_and_then_goes_on_with_it() {
    let desk = Desk::new();
    let boss = desk.app.create_user("boss", Role::Administrator);
    let keys = desk.keys_of(&boss);
    let ends_at = desk.at(5000);
    let new = json!({"description": "key", "expires-at": ends_at,
        "scopes": ["openid", "users:read", "users:write", "audit:read"]});
    let made = desk.make(&keys, &desk.admin, &new);
    let path = one(&keys, &made);
    let user = keys.strip_suffix("/access-tokens").unwrap();
    let demoted = desk.send("PUT", user, &desk.admin, &json!({"role": "member"}));
    assert_eq!(demoted.status, 204);
    let whole = Role::Member.scopes().to_string();
    let token = desk
        .app
        .token(&desk.app.create_key("boss", &whole))
        .access_token;

    let before = desk.state();
    let rotate = |old_ends_in: i64| {
        let body = json!({ "old-ends-in": old_ends_in });
        desk.post(&format!("{path}/rotate"), &token, &body)
    };
    let too_much = lacks("users:write audit:read");
    assert_eq!(why(&rotate(60)), too_much);
    // An older secret that leaked can be ended by ending the key.
    assert_eq!(why(&rotate(0)), too_much);
    let longer = json!({ "expires-at": desk.at(5001) });
    assert_eq!(why(&desk.patch(&path, &token, &longer)), too_much);
    let still = json!({"scopes": ["openid", "users:write"]});
    let refused = desk.patch(&path, &token, &still).whole();
    assert_eq!(refused, invalid("scopes", "more than a member may have"));
    assert_eq!(desk.state(), before);

    let renamed = desk.change(&path, &token, &named("old key"));
    assert_eq!(renamed["scopes"], new["scopes"]);
    let narrowed = desk.change(&path, &token, &json!({"scopes": ["openid", "users:read"]}));
    assert_eq!(narrowed["description"], "old key");
    let rotated = rotate(60);
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    desk.change(&path, &token, &longer);
    // Made an administrator again, they find the key as they left it.
    let promoted = desk.send("PUT", user, &desk.admin, &json!({"role": "administrator"}));
    assert_eq!(promoted.status, 204);
    let issued = desk.app.token(&credentials(&rotated.json()));
    assert_eq!(issued.answer["scope"], "openid users:read");
}

#[test]
fn an_ended_key_can_be_renamed_and_brought_back_by_another_end() {
    let desk = Desk::new();
    let body = json!({"description": "key", "expires-at": desk.at(60)});
    let made = desk.make(&desk.keys(), &desk.admin, &body);
    let path = one(&desk.keys(), &made);
    desk.app.advance(60);
    let renamed = desk.change(&path, &desk.admin, &named("old key"));
    assert_eq!(
        (&renamed["description"], &renamed["expired"]),
        (&json!("old key"), &json!(true))
    );
    assert_eq!(desk.status(&credentials(&made)), 401);
    let extended = desk.change(&path, &desk.admin, &json!({"expires-at": desk.at(60)}));
    assert_eq!(extended["expired"], json!(false));
    assert_eq!(desk.status(&credentials(&made)), 200);
}
