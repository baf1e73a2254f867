//! When and from where a key and each of its secrets was last used, as it is shown.

use mintmark::config::ServerSettings;
use mintmark::domain::uses::Due;
use mintmark::jobs;
use mintmark::model::network::Networks;
use serde_json::{Value, json};

use super::{CLIENTS, Desk, credentials, one};
use crate::support::{Credentials, Request, basic, settings};

fn start() -> Desk {
    let mut desk = Desk::with(ServerSettings {
        trusted_proxies: Networks::parse("127.0.0.1").unwrap(),
        ..settings()
    });
    desk.app.end_jobs();
    // Early in a minute, to which the last use is kept.
    let second = desk.now().seconds().rem_euclid(60);
    desk.app.advance(60 - u64::try_from(second).unwrap());
    desk
}

fn use_from(desk: &Desk, peer: &str, key: &Credentials) {
    let basic = basic(&key.client_id, &key.client_secret);
    let request = Request::token(super::ANY).header("authorization", &basic);
    let response = desk.app.send(request.header("x-forwarded-for", peer));
    assert_eq!(response.status, 200, "{}", response.text());
}

fn shows(key: &Value) -> Vec<(Value, Value)> {
    let shown = |secret: &Value| {
        (
            secret["last-used-at"].clone(),
            secret["last-used-from"].clone(),
        )
    };
    key["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(shown)
        .collect()
}

#[test]
fn a_key_shows_when_and_from_where_each_of_its_secrets_was_last_used() {
    let desk = start();
    for (list, body) in [
        (desk.keys(), json!({"description": "key", "scopes": []})),
        (
            CLIENTS.to_owned(),
            json!({"name": "key", "scopes": ["keys:read"]}),
        ),
    ] {
        let made = desk.make(&list, &desk.admin, &body);
        let path = one(&list, &made);
        desk.app.advance(120);
        let admin = desk
            .app
            .token(&desk.app.create_key("admin", "openid keys:read keys:write"))
            .access_token;
        let rotated = desk
            .post(&format!("{path}/rotate"), &admin, &json!({}))
            .json();
        let unused = || (json!(null), json!(null));
        assert_eq!(
            (&rotated["last-used-at"], shows(&rotated)),
            (&json!(null), vec![unused(), unused()])
        );
        let tag = desk
            .app
            .get(&path, &admin)
            .header("etag")
            .unwrap()
            .to_owned();

        let first = desk.at(0);
        use_from(&desk, "192.0.2.7", &credentials(&made));
        desk.app.advance(60);
        let second = desk.at(0);
        desk.app.advance(30);
        use_from(&desk, "2001:db8::7", &credentials(&rotated));
        jobs::uses::write(&desk.app.app, Due::Now).unwrap();
        let found = desk.app.get(&path, &admin);
        assert_eq!(found.json()["last-used-at"], json!(second));
        let used = vec![
            (json!(first), json!("192.0.2.7")),
            (json!(second), json!("2001:db8::7")),
        ];
        assert_eq!(shows(&found.json()), used);
        // A use is no change.
        assert_eq!(found.header("etag"), Some(tag.as_str()));
        let listed = desk.app.get(&list, &admin).json();
        let listed = listed.as_array().unwrap().iter();
        let listed: Vec<&Value> = listed
            .filter(|key| key["client-id"] == made["client-id"])
            .collect();
        assert_eq!(listed, [&found.json()]);
        desk.app.advance(30);
    }
}
