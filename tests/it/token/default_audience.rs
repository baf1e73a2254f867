//! The default audience of a service client (RFC 8707 section 2): stored, never worked out.

use serde_json::{Value, json};

use super::{GRANT, INVALID_SCOPE, INVALID_TARGET, assert_error, claims, create_application};
use crate::support::{Credentials, Request, TestApp};

const NO_AUDIENCE: &str = r#"{"error":"invalid_target","error_description":"The client has no default audience and no scope at the console: name an audience with the parameter resource."}"#;
const CLIENTS: &str = "/console/api/v2/clients";

/// What the token is for, and what was granted, when `form` is asked for.
#[track_caller]
fn audience(app: &TestApp, client: &Credentials, form: &str) -> (Value, Value) {
    let tokens = app.token_for(client, &format!("{GRANT}{form}"));
    assert_eq!(tokens.id_token, None);
    let claims = claims(&tokens.access_token);
    assert_eq!(claims.get("scope"), tokens.answer.get("scope"));
    (claims["aud"].clone(), claims["scope"].clone())
}

#[track_caller]
fn refused(app: &TestApp, client: &Credentials, form: &str, body: &str) {
    assert_error(
        &app.post_token(client, &format!("{GRANT}{form}")),
        400,
        body,
    );
}

struct Desk {
    app: TestApp,
    token: String,
}

impl Desk {
    fn new() -> Self {
        let app = TestApp::start();
        let all = mintmark::model::scope::ScopeSet::all().to_string();
        let token = app.token(&app.create_key("admin", &all)).access_token;
        Self { app, token }
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::json(method, path, body).bearer(&self.token);
        let answer = self.app.send(request);
        assert!(answer.status < 300, "{}", answer.text());
        answer.json()
    }

    #[track_caller]
    fn make(&self, body: &Value) -> (Value, Credentials) {
        let made = self.call("POST", CLIENTS, body);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let client = Credentials {
            client_id: text("client-id"),
            client_secret: text("client-secret"),
        };
        (made, client)
    }

    #[track_caller]
    fn change(&self, client: &Credentials, body: &Value) -> Value {
        self.call("PATCH", &format!("{CLIENTS}/{}", client.client_id), body)
    }

    #[track_caller]
    fn define(&self, application: &str, names: &[&str]) {
        let scopes: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        let path = format!("/console/api/v2/applications/{application}");
        self.call("PATCH", &path, &json!({"scopes": scopes}));
    }
}

/// Kafka's clients, and others, have no setting that sends `resource`.
#[test]
fn a_client_made_for_one_application_gets_its_tokens_without_naming_it() {
    let desk = Desk::new();
    let app = &desk.app;
    let (id, uri) = create_application(app, "crm", &[]);
    desk.define(&id, &["read", "write"]);
    let granted = json!([{"application-id": id, "scopes": ["read", "write"]}]);
    let body = json!({"name": "a", "audiences": [uri], "application-scopes": granted});
    let (made, client) = desk.make(&body);
    assert_eq!(made["default-audience"], json!(uri));
    for (form, scope) in [
        ("", json!("read write")),
        ("&scope=write", json!("write")),
        ("&scope=", json!("read write")),
        ("&resource=", json!("read write")),
        (&format!("&resource={uri}"), json!("read write")),
        (&format!("&audience={uri}&scope=read"), json!("read")),
        (
            &format!("&audience={uri}&resource={uri}"),
            json!("read write"),
        ),
    ] {
        assert_eq!(audience(app, &client, form), (json!(uri), scope), "{form}");
    }
    // The console's scopes mean nothing there, and an id_token is for the console alone.
    refused(app, &client, "&scope=applications:read", INVALID_SCOPE);
    refused(app, &client, "&scope=openid", INVALID_SCOPE);
    refused(app, &client, "&scope=read+openid", INVALID_SCOPE);
    let console = format!("&resource={}", app.url("/console/api/v2"));
    refused(app, &client, &console, INVALID_TARGET);
}

#[test]
fn audience_is_another_name_of_resource_and_two_that_differ_are_refused() {
    let app = TestApp::start();
    let (_, crm) = create_application(&app, "crm", &[]);
    let (_, wiki) = create_application(&app, "wiki", &[]);
    let client = app.create_client(None, "users:read", |new| {
        new.audiences = vec![crm.clone(), wiki.clone()];
    });
    let none = Value::Null;
    let console = app.url("/console/api/v2");
    for (form, aud) in [
        (format!("&audience={crm}"), &crm),
        (format!("&audience={wiki}&resource={wiki}"), &wiki),
        (format!("&audience=&resource={wiki}"), &wiki),
        (format!("&audience={crm}&resource="), &crm),
    ] {
        let expected = (json!(aud), none.clone());
        assert_eq!(audience(&app, &client, &form), expected, "{form}");
    }
    for form in ["", &format!("&audience={console}")] {
        let expected = (json!(console), json!("users:read"));
        assert_eq!(audience(&app, &client, form), expected, "{form}");
    }
    for form in [
        format!("&audience={crm}&resource={wiki}"),
        format!("&audience={crm}&audience={crm}"),
        format!("&audience={crm}&audience={wiki}"),
        format!("&resource={crm}&resource={crm}&audience={crm}"),
        format!("&audience={crm}%23x"),
        "&audience=crm".to_owned(),
        format!("&audience={crm}/"),
    ] {
        refused(&app, &client, &form, INVALID_TARGET);
    }
}

/// DESIGN.md 10: it is what somebody said, and nothing else moves it.
#[test]
fn no_ticking_deleting_or_disconnecting_sets_or_changes_a_default() {
    let desk = Desk::new();
    let app = &desk.app;
    let (_, wiki) = create_application(app, "wiki", &[]);
    let (crm_id, crm) = create_application(app, "crm", &[]);
    let (_, client) = desk.make(&json!({"name": "a", "audiences": [crm]}));
    let for_crm = (json!(crm), Value::Null);
    for body in [
        json!({"scopes": ["users:read"]}),
        json!({"audiences": [wiki, crm]}),
        json!({"scopes": []}),
        json!({"name": "b", "token-lifetime": 600}),
        json!({"audiences": [crm]}),
    ] {
        assert_eq!(desk.change(&client, &body)["default-audience"], json!(crm));
        assert_eq!(audience(app, &client, ""), for_crm, "{body}");
    }
    // Listed no longer: nothing takes its place, not even the console.
    let changed = desk.change(
        &client,
        &json!({"audiences": [wiki], "scopes": ["users:read"]}),
    );
    assert_eq!(changed["default-audience"], json!(crm));
    refused(app, &client, "", INVALID_TARGET);
    desk.change(&client, &json!({"audiences": [wiki], "scopes": []}));
    refused(app, &client, "", INVALID_TARGET);
    desk.change(&client, &json!({"audiences": [crm]}));
    assert_eq!(audience(app, &client, ""), for_crm);
    // Gone.
    let path = format!("/console/api/v2/applications/{crm_id}");
    let deleted = app.send(Request::new("DELETE", &path).bearer(&desk.token));
    assert_eq!(deleted.status, 200);
    refused(app, &client, "", INVALID_TARGET);
    desk.change(&client, &json!({"scopes": ["users:read"]}));
    refused(app, &client, "", INVALID_TARGET);
    // Until somebody says so.
    let changed = desk.change(&client, &json!({"default-audience": null}));
    assert_eq!(changed["default-audience"], Value::Null);
    let console = app.url("/console/api/v2");
    let expected = (json!(console), json!("users:read"));
    assert_eq!(audience(app, &client, ""), expected);

    // One that had none gets none.
    let (made, client) = desk.make(&json!({"name": "c"}));
    assert_eq!(made["default-audience"], Value::Null);
    for body in [json!({"audiences": [wiki]}), json!({"description": "x"})] {
        let changed = desk.change(&client, &body);
        assert_eq!(changed["default-audience"], Value::Null, "{body}");
        refused(app, &client, "", NO_AUDIENCE);
    }
}

#[test]
fn a_default_is_made_only_for_one_audience_and_no_console_scope_and_else_as_it_is_said() {
    let desk = Desk::new();
    let app = &desk.app;
    let (_, crm) = create_application(app, "crm", &[]);
    let (_, wiki) = create_application(app, "wiki", &[]);
    for (body, default) in [
        (json!({"audiences": [crm, wiki]}), Value::Null),
        (
            json!({"audiences": [crm], "scopes": ["users:read"]}),
            Value::Null,
        ),
        (json!({"audiences": [crm], "scopes": []}), json!(crm)),
        (
            json!({"audiences": [crm], "default-audience": null}),
            Value::Null,
        ),
        (
            json!({"audiences": [crm, wiki], "default-audience": wiki}),
            json!(wiki),
        ),
        (
            json!({"audiences": [crm], "scopes": ["users:read"], "default-audience": crm}),
            json!(crm),
        ),
        (json!({}), Value::Null),
    ] {
        let mut named = body.clone();
        named["name"] = json!("a");
        let (made, client) = desk.make(&named);
        assert_eq!(made["default-audience"], default, "{body}");
        match (&default, body.get("scopes") == Some(&json!(["users:read"]))) {
            (Value::Null, true) => {
                let console = json!(app.url("/console/api/v2"));
                assert_eq!(audience(app, &client, "").0, console);
            }
            (Value::Null, false) => refused(app, &client, "", NO_AUDIENCE),
            (uri, _) => assert_eq!(&audience(app, &client, "").0, uri),
        }
    }
    for wrong in [json!(wiki), json!(""), json!("x"), json!(format!("{crm}/"))] {
        for (method, path) in [
            ("POST", CLIENTS.to_owned()),
            ("PATCH", {
                let (_, client) = desk.make(&json!({"name": "b", "audiences": [crm]}));
                format!("{CLIENTS}/{}", client.client_id)
            }),
        ] {
            let body = json!({"name": "b", "audiences": [crm], "default-audience": wrong});
            let answer = app.send(Request::json(method, &path, &body).bearer(&desk.token));
            assert_eq!(answer.status, 400, "{}", answer.text());
            let text = answer.text();
            assert!(text.contains("default-audience"), "{text}");
        }
    }
    // A key's tokens are for the console.
    let key = app.create_key("admin", "openid");
    assert_eq!(
        claims(&app.token(&key).access_token)["aud"],
        app.url("/console/api/v2")
    );
}

/// An application that only the directory's reading finds is found by the default as by a name.
#[test]
fn a_default_works_when_memory_holds_nothing() {
    use crate::support::settings;
    let app = TestApp::with(mintmark::config::ServerSettings {
        directory_capacity: 0,
        ..settings()
    });
    let (_, crm) = create_application(&app, "crm", &[]);
    let client = app.create_client(None, "", |new| new.audiences = vec![crm.clone()]);
    for _ in 0..3 {
        assert_eq!(audience(&app, &client, "").0, json!(crm));
    }
}
