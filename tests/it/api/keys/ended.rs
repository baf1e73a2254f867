//! What counts at once: deleted keys, and tokens that were cut off.

use serde_json::json;

use super::{CLIENTS, Desk, credentials, error, named, one, shown};

const ME: &str = "/console/api/v2/me";

#[test]
fn a_deleted_key_is_gone_at_once_and_for_ever() {
    let desk = Desk::new();
    for (list, body, name) in [
        (
            desk.keys(),
            json!({"description": "key", "scopes": ["openid"]}),
            "access key",
        ),
        (
            CLIENTS.to_owned(),
            json!({"name": "key", "scopes": ["applications:read"]}),
            "service client",
        ),
    ] {
        let made = desk.make(&list, &desk.admin, &body);
        let path = one(&list, &made);
        let token = desk.app.token(&credentials(&made)).access_token;
        assert_ne!(desk.app.get(ME, &token).status, 401);
        let deleted = desk.call("DELETE", &path, &desk.admin);
        assert_eq!(deleted.whole(), "204\ncache-control: no-store\n\n");
        assert_eq!(desk.status(&credentials(&made)), 401);
        assert_eq!(desk.app.get(ME, &token).status, 401);
        let missing = error(404, 5, "NOT_FOUND", &format!("No such {name}."), "");
        let rotate = format!("{path}/rotate");
        for (method, path) in [
            ("GET", &path),
            ("DELETE", &path),
            ("POST", &format!("{path}/cut-off")),
        ] {
            assert_eq!(
                desk.call(method, path, &desk.admin).whole(),
                missing,
                "{method}"
            );
        }
        assert_eq!(desk.post(&rotate, &desk.admin, &json!({})).whole(), missing);
        assert_eq!(desk.patch(&path, &desk.admin, &json!({})).whole(), missing);
        let id = made["client-id"].as_str().unwrap();
        assert!(!desk.app.get(&list, &desk.admin).text().contains(id));
        let left = format!("SELECT id AS text FROM client_secrets WHERE client_id = '{id}'");
        assert_eq!(desk.app.database.query(&left), [""; 0]);
    }
}

#[test]
fn a_cut_off_refuses_every_token_issued_so_far_and_leaves_the_key_as_it_is() {
    let desk = Desk::new();
    for (list, body) in [
        (
            desk.keys(),
            json!({"description": "key", "scopes": ["openid"]}),
        ),
        (
            CLIENTS.to_owned(),
            json!({"name": "key", "scopes": ["applications:read"]}),
        ),
    ] {
        let made = desk.make(&list, &desk.admin, &body);
        let path = one(&list, &made);
        let first = desk.app.token(&credentials(&made));
        let second = desk.app.token(&credentials(&made));
        let cut_off = desk.call("POST", &format!("{path}/cut-off"), &desk.admin);
        assert_eq!((cut_off.status, cut_off.json()), (200, shown(&made)));
        for tokens in [first, second] {
            assert_eq!(desk.app.get(ME, &tokens.access_token).status, 401);
            if let Some(id_token) = tokens.id_token {
                assert_eq!(desk.app.get(ME, &id_token).status, 401);
            }
        }
        let new = desk.app.token(&credentials(&made)).access_token;
        assert_ne!(desk.app.get(ME, &new).status, 401);
        let kinds = format!(
            "SELECT kind AS text FROM audit_events WHERE object_id = '{}' AND kind <> 'client.created'",
            made["client-id"].as_str().unwrap()
        );
        assert_eq!(desk.app.database.query(&kinds), ["client.cut_off"]);
    }
}

#[test]
fn a_user_who_is_deleted_takes_the_keys_along() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    desk.app
        .write(|c, act| mintmark::domain::users::delete(c, act, &desk.member));
    assert_eq!(desk.status(&credentials(&made)), 401);
    let missing = error(404, 5, "NOT_FOUND", "No such user.", "");
    assert_eq!(desk.app.get(&path, &desk.admin).whole(), missing);
    assert_eq!(desk.app.get(&desk.keys(), &desk.admin).whole(), missing);
    assert_eq!(
        desk.post(&desk.keys(), &desk.admin, &named("key")).whole(),
        missing
    );
}

#[test]
fn every_change_stands_in_the_audit_log_with_who_did_it_and_on_which_request() {
    let desk = Desk::new();
    let token = desk.member_token("openid keys:read keys:write");
    let made = desk.post(&desk.keys(), &token, &named("key"));
    let mut requests = vec![made.header("x-request-id").unwrap().to_owned()];
    let made = made.json();
    let path = one(&desk.keys(), &made);
    let id = made["client-id"].as_str().unwrap();
    for (method, path, body) in [
        (
            "PATCH",
            path.clone(),
            json!({"scopes": ["openid"], "disabled": true}),
        ),
        ("PATCH", path.clone(), json!({"disabled": false})),
        ("POST", format!("{path}/rotate"), json!({"old-ends-in": 0})),
        ("POST", format!("{path}/cut-off"), json!({})),
        ("DELETE", path.clone(), json!({})),
    ] {
        desk.app.advance(1);
        let done = desk.send(method, &path, &token, &body);
        assert!(done.status < 300, "{}", done.whole());
        requests.push(done.header("x-request-id").unwrap().to_owned());
    }
    let query = format!(
        "SELECT kind || ' ' || object_kind || ' ' || COALESCE(request_id, '-') AS text \
         FROM audit_events WHERE object_id = '{id}' AND actor LIKE 'user:{}%' ORDER BY at, kind",
        desk.member.id
    );
    let kinds = [
        "created", "disabled", "updated", "enabled", "rotated", "cut_off", "deleted",
    ];
    let of = [0, 1, 1, 2, 3, 4, 5];
    let expected: Vec<String> = kinds
        .iter()
        .zip(of)
        .map(|(kind, at)| format!("client.{kind} access_key {}", requests[at]))
        .collect();
    assert_eq!(desk.app.database.query(&query), expected);
}
