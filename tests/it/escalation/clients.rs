//! Service clients: a new one, another one's secret, an audience.

use serde_json::json;

use super::{API, Attempt, Stage};
use crate::support::Credentials;

const CLIENTS: &str = "/console/api/v2/clients";

#[test]
fn a_token_makes_no_service_client_with_a_scope_that_it_lacks_and_takes_none_over() {
    let stage = Stage::set();
    for by_itself in [false, true] {
        let ends_at = stage.app.act().now.plus_seconds(86_400);
        let scope = "keys:write users:write";
        let wide = stage
            .app
            .create_client(None, scope, |new| new.expires_at = Some(ends_at));
        let off = stage.app.create_service("users:write");
        let (path, off) = (path(&wide), path(&off));
        let switch_off = Attempt::patch("", off.clone(), json!({"disabled": true}));
        assert_eq!(stage.call(&stage.all, &switch_off).status, 200);
        // Also not the client that the token itself was issued to.
        let token = match by_itself {
            false => stage.narrow("admin", "keys:write"),
            true => stage.token(&wide, "keys:write"),
        };
        let wider = json!({"name": "wide", "scopes": ["users:write"]});
        let more = json!({"scopes": ["keys:write", "users:write", "audit:read"]});
        let longer = json!({"expires-at": "2999-01-01T00:00:00.000Z"});
        for attempt in [
            Attempt::post("makes a wider one", CLIENTS.to_owned(), wider),
            Attempt::post("rotates a wider one", format!("{path}/rotate"), json!({})),
            Attempt::patch("widens", path.clone(), more),
            Attempt::patch("extends", path.clone(), longer),
            Attempt::patch("enables", off, json!({"disabled": false})),
        ] {
            stage.only_with_more(&token, &attempt);
        }
    }
}

#[test]
fn an_audience_is_given_only_by_those_who_write_applications() {
    let stage = Stage::set();
    let body = json!({
        "publication-context": "crm", "display-name": "CRM", "development-mode": false,
        "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
    });
    let create = Attempt::post("", format!("{API}/applications"), body);
    let uri = stage.call(&stage.all, &create).json()["uri"].clone();
    for by_itself in [false, true] {
        let own = stage.app.create_service("keys:write");
        let token = match by_itself {
            false => stage.narrow("admin", "keys:write"),
            true => stage.token(&own, "keys:write"),
        };
        let new = json!({"name": "sync", "audiences": [uri]});
        for attempt in [
            Attempt::post("makes one", CLIENTS.to_owned(), new),
            Attempt::patch("adds one", path(&own), json!({"audiences": [uri]})),
        ] {
            stage.only_with_more(&token, &attempt);
        }
    }
}

fn path(client: &Credentials) -> String {
    format!("{CLIENTS}/{}", client.client_id)
}
