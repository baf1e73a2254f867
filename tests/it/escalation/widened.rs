//! A client that ends, is bound to networks or has short-lived tokens brings nothing into its hands that
//! is not bound so: not by widening what is weak, not by bringing it back, not by a new one.

use mintmark::domain::clients::NewClient;
use mintmark::model::network::Networks;
use mintmark::model::scope::ScopeSet;
use serde_json::{Value, json};

use super::{API, Attempt, Stage};
use crate::support::Credentials;

/// Clients with every scope and one bound each: what it is, the bound, and what another one must have
/// to be within it.
type Bound = (
    &'static str,
    fn(&mut NewClient, &Stage),
    fn(&Stage) -> Value,
);

const BOUNDS: [Bound; 3] = [
    (
        "end",
        |new, stage| new.expires_at = Some(stage.app.act().now.plus_seconds(3600)),
        |stage| json!({"expires-at": stage.app.act().now.plus_seconds(3600).to_string()}),
    ),
    (
        "networks",
        |new, _| new.allowed_networks = Networks::parse("127.0.0.1").unwrap(),
        |_| json!({"allowed-networks": ["127.0.0.1"]}),
    ),
    (
        "lifetime",
        |new, _| new.lifetime = 300,
        |_| json!({"token-lifetime": 300}),
    ),
];

fn off(stage: &Stage, path: &str) {
    let off = Attempt::patch("", path.to_owned(), json!({"disabled": true}));
    assert_eq!(stage.call(&stage.all, &off).status, 200);
}

fn service(stage: &Stage, scope: &str) -> (Credentials, String) {
    let service = stage.app.create_service(scope);
    let path = format!("{API}/clients/{}", service.client_id);
    (service, path)
}

#[test]
fn a_bound_client_widens_and_brings_back_nothing_that_is_not_bound_as_it_is() {
    let stage = Stage::set();
    let (_, uri) = crate::token::create_application(&stage.app, "crm", &[]);
    let all = ScopeSet::all().to_string();
    for (bound, bind, within) in BOUNDS {
        let own = stage
            .app
            .create_client(Some("admin"), &all, |new| bind(new, &stage));
        let token = stage.app.token(&own).access_token;
        // A service client of each: a key of the API's has tokens of an hour.
        let (_, path) = service(&stage, "keys:read");
        let (_, disabled) = service(&stage, "keys:read");
        off(&stage, &disabled);
        let rotate = format!("{path}/rotate");
        for attempt in [
            Attempt::patch(
                "scope",
                path.clone(),
                json!({"scopes": ["keys:read", "users:write"]}),
            ),
            Attempt::patch("audience", path.clone(), json!({"audiences": [uri]})),
            Attempt::patch("enables", disabled, json!({"disabled": false})),
            Attempt::post("rotates", rotate, json!({"old-ends-in": 0})),
        ] {
            stage.only_with_more(&token, &attempt);
        }
        // Narrower than it is stays possible, and what is within the bounds is widened.
        let (_, path) = service(&stage, "keys:read");
        for body in [
            json!({"description": "renamed"}),
            json!({"scopes": []}),
            within(&stage),
            json!({"scopes": ["keys:read", "users:write"]}),
            json!({"disabled": true}),
            json!({"disabled": false}),
        ] {
            let change = Attempt::patch("", path.clone(), body.clone());
            let done = stage.call(&token, &change);
            assert_eq!(done.status, 200, "{bound} {body}: {}", done.text());
        }
    }
}

#[test]
fn a_weak_key_is_not_made_strong_by_one_that_ends() {
    let stage = Stage::set();
    let all = ScopeSet::all().to_string();
    for (bound, bind, _) in BOUNDS {
        let own = stage
            .app
            .create_client(Some("admin"), &all, |new| bind(new, &stage));
        let token = stage.app.token(&own).access_token;
        let weak = stage.app.create_key("admin", "openid");
        let path = Stage::key_path(&stage.admin, &weak);
        let scopes: Vec<&str> = all.split(' ').collect();
        let widen = Attempt::patch(bound, path.clone(), json!({"scopes": scopes}));
        stage.only_with_more(&token, &widen);
        off(&stage, &path);
        let enable = Attempt::patch(bound, path, json!({"disabled": false}));
        stage.only_with_more(&token, &enable);
    }
}

#[test]
fn what_a_client_with_short_lived_tokens_makes_has_such_tokens() {
    let stage = Stage::set();
    let own = stage.app.create_client(Some("admin"), "keys:write", |new| {
        new.lifetime = 300;
    });
    let token = stage.app.token(&own).access_token;
    let clients = format!("{API}/clients");
    let longer = json!({"name": "longer", "token-lifetime": 301});
    stage.only_with_more(&token, &Attempt::post("longer", clients.clone(), longer));
    let made = stage.call(
        &token,
        &Attempt::post("", clients, json!({"name": "as I am"})),
    );
    assert_eq!(
        (made.status, &made.json()["token-lifetime"]),
        (201, &json!(300))
    );
    let path = format!(
        "{API}/clients/{}",
        made.json()["client-id"].as_str().unwrap()
    );
    let longer = Attempt::patch("longer", path, json!({"token-lifetime": 301}));
    stage.only_with_more(&token, &longer);
    // A key says no lifetime here, and has its maker's.
    let key = Attempt::post(
        "",
        Stage::keys_path(&stage.admin),
        json!({"description": "key"}),
    );
    let made = stage.call(&token, &key).json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let key = Credentials {
        client_id: text("client-id"),
        client_secret: text("client-secret"),
    };
    assert_eq!(stage.app.token(&key).answer["expires_in"], json!(300));
}
