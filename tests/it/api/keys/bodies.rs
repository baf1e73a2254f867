//! Access keys as they are answered, member by member.

use serde_json::json;

use super::{Desk, credentials, one};
use crate::support::Request;

#[test]
fn a_key_made_with_every_member_is_answered_whole_with_its_secret_once() {
    let desk = Desk::new();
    let made = desk.post(
        &desk.keys(),
        &desk.admin,
        &json!({
            "description": "Ключ <CI>",
            "scopes": ["keys:read", "openid"],
            "application-scopes": [],
            "expires-at": "2100-01-02T03:04:05+03:00",
            "allowed-networks": ["192.0.2.7/24", "2001:db8::1"],
        }),
    );
    assert_eq!(made.status, 201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let body = made.json();
    let (id, secret) = (body["client-id"].as_str(), body["client-secret"].as_str());
    let (id, secret) = (id.unwrap(), secret.unwrap());
    assert!(id.starts_with("mmk_") && id.len() == 26, "{id}");
    assert!(secret.starts_with("mms_") && secret.len() == 53, "{secret}");
    let secret_id = body["secrets"][0]["id"].as_str().unwrap();
    let now = desk.at(0);
    let rest = format!(
        "\"description\":\"Ключ <CI>\",\"scopes\":[\"openid\",\"keys:read\"],\
         \"application-scopes\":[],\"expires-at\":\"2100-01-02T00:04:05.000Z\",\
         \"allowed-networks\":[\"192.0.2.0/24\",\"2001:db8::1/128\"],\
         \"provisions-users\":false,\"created-at\":\"{now}\",\
         \"last-used-at\":null,\"disabled\":false,\"disabled-by\":null,\"expired\":false,\
         \"secrets\":[{{\"id\":\"{secret_id}\",\"created-at\":\"{now}\",\"expires-at\":null,\
         \"last-used-at\":null,\"last-used-from\":null}}]}}"
    );
    let expected = format!("{{\"client-id\":\"{id}\",\"client-secret\":\"{secret}\",{rest}");
    assert_eq!(made.text(), expected);

    // Afterwards it is the same without the secret, alone and in the list.
    let key = one(&desk.keys(), &body);
    let found = desk.app.get(&key, &desk.admin);
    let expected = format!("{{\"client-id\":\"{id}\",{rest}");
    assert_eq!((found.status, found.text()), (200, expected.clone()));
    assert_eq!(found.header("etag"), made.header("etag"));
    assert_eq!(found.header("cache-control"), Some("no-store"));
    let listed = desk.app.get(&desk.keys(), &desk.admin);
    assert_eq!(
        (listed.status, listed.text()),
        (200, format!("[{expected}]"))
    );
    assert_eq!(listed.header("etag"), None);
}

#[test]
fn a_key_with_its_name_alone_can_do_what_the_token_that_makes_it_can() {
    let desk = Desk::new();
    let token = desk.member_token("openid keys:write");
    let made = desk.make(&desk.keys(), &token, &json!({"description": "CI"}));
    let (id, secret) = (&made["client-id"], &made["client-secret"]);
    let secret_id = &made["secrets"][0]["id"];
    let now = desk.at(0);
    assert_eq!(
        made,
        json!({
            "client-id": id,
            "client-secret": secret,
            "description": "CI",
            "scopes": ["openid", "keys:write"],
            "application-scopes": [],
            "expires-at": null,
            "allowed-networks": [],
            "provisions-users": false,
            "created-at": now,
            "last-used-at": null,
            "disabled": false,
            "disabled-by": null,
            "expired": false,
            "secrets": [{
                "id": secret_id, "created-at": now, "expires-at": null,
                "last-used-at": null, "last-used-from": null,
            }],
        })
    );
    // It is good for what it says, and no more.
    let tokens = desk.app.token(&credentials(&made));
    assert_eq!(tokens.answer["scope"], "openid keys:write");
    let me = desk.app.get("/console/api/v2/me", &tokens.access_token);
    assert_eq!(me.json()["login"], "member");
}

#[test]
fn the_id_of_an_imported_key_may_be_written_with_an_escaped_equals_sign() {
    let desk = Desk::new();
    let id = "vQBFm9Zc/fWaf=";
    desk.app.write(|c, act| {
        use mintmark::domain::clients;
        use mintmark::model::{ids::ClientId, secret::Secret};
        let secret = Secret::new("x".repeat(40));
        let new = clients::NewClient {
            owner: Some(desk.member.id),
            name: "old".to_owned(),
            description: String::new(),
            scope: Default::default(),
            application_scopes: Default::default(),
            audiences: Vec::new(),
            default_audience: None,
            lifetime: 3600,
            allowed_networks: Default::default(),
            expires_at: None,
            provisions_users: false,
        };
        let id = ClientId::parse(id).unwrap();
        clients::import(c, act, &desk.app.app.digest_keys, id, &secret, new)
    });
    for written in [
        "vQBFm9Zc%2FfWaf%3D",
        "vQBFm9Zc%2ffWaf%3d",
        "vQBFm9Zc%2FfWaf=",
    ] {
        let found = desk
            .app
            .get(&format!("{}/{written}", desk.keys()), &desk.admin);
        assert_eq!(
            (found.status, &found.json()["client-id"]),
            (200, &json!(id))
        );
    }
    let path = format!("{}/vQBFm9Zc%2FfWaf%3D", desk.keys());
    let deleted = desk
        .app
        .send(Request::new("DELETE", &path).bearer(&desk.admin));
    assert_eq!(deleted.whole(), "204\ncache-control: no-store\n\n");
    let missing = "{\"code\":5,\"status\":\"NOT_FOUND\",\"message\":\"No such access key.\",\"details\":\"\"}";
    for gone in ["vQBFm9Zc%2FfWaf%3D", "a%25b", "%3A", "mmk_nobody"] {
        let found = desk
            .app
            .get(&format!("{}/{gone}", desk.keys()), &desk.admin);
        assert_eq!(
            (found.status, found.text().as_str()),
            (404, missing),
            "{gone}"
        );
    }
}
