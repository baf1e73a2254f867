//! The `uri` of an application: another one, what becomes of the one before, and that none is given
//! twice.

use mintmark::ambient::Clock;
use serde_json::{Value, json};

use super::{
    answer, call, create, create_for, delete, error, events, failed_precondition, first_list,
    forbidden, invalid, minimal, path, post, reaches, setup, state,
};
use crate::support::{Credentials, TestApp};

const URI: &str = "https://crm.example.org/api";
pub const NOT_A_URI: &str = "must be an absolute URI, spelled as RFC 3986 has it, without a fragment, of at \
     most 512 ASCII characters";
const RESERVED: &str = "must not be an address of this server; below /applications/ there is the assigned \
     one alone";
const HOUR: u64 = 3600;
/// What an administrator needs for all of this.
const EVERY: &str = "openid applications:read applications:write keys:read keys:write";

fn set(app: &TestApp, token: &str, application: &Value, uri: &str) -> String {
    let body = json!({ "uri": uri });
    call(app, token, "PATCH", &path(application), &body)
}

/// The refusal of what differs from another's only in how it is spelled.
fn nearly_taken() -> String {
    let why = "another application has, or had, a uri that differs only in the case of scheme or host, in \
         the default port or by a slash at the end";
    error(409, 6, "ALREADY_EXISTS", why, "")
}

/// The answer to a change of the uri that these clients named before.
fn moved(application: &Value, clients: Value) -> String {
    let mut body = application.clone();
    body["former-uri-clients"] = clients;
    answer(200, &body.to_string())
}

fn client(app: &TestApp, uri: &str) -> Credentials {
    app.create_client(None, "", |new| new.audiences = vec![uri.to_owned()])
}

fn taken() -> String {
    let why = "another application has, or had, this uri: a uri is never given to a second one";
    error(409, 6, "ALREADY_EXISTS", why, "")
}

/// The application as it would be with this uri.
fn with(application: &Value, uri: &str) -> Value {
    let mut with = application.clone();
    with["uri"] = uri.into();
    with
}

#[test]
fn tokens_are_issued_for_the_new_uri_at_once_and_no_longer_for_the_one_before() {
    let (app, token) = setup();
    let before = create_for(&app, &token, "crm", &[first_list(&app)]);
    let key = app.create_key("admin", "openid");
    let listed = before["uri"].as_str().unwrap().to_owned();
    let service = app.create_client(None, "", |new| new.audiences = vec![listed.clone()]);
    assert!(reaches(&app, &key, &before) && reaches(&app, &service, &before));
    let began = app.clock.now().millis();
    app.advance(1);

    let after = with(&before, URI);
    let named = json!([{"client-id": service.client_id.as_str(), "name": "test", "moved": false}]);
    assert_eq!(set(&app, &token, &before, URI), moved(&after, named));
    assert_eq!(
        app.get(&path(&before), &token).whole(),
        answer(200, &after.to_string())
    );
    assert!(reaches(&app, &key, &after) && !reaches(&app, &key, &before));
    // A service client has the audiences that were listed, and does not follow.
    assert!(!reaches(&app, &service, &before) && !reaches(&app, &service, &after));
    let renewed = app.create_client(None, "", |new| new.audiences = vec![URI.to_owned()]);
    assert!(reaches(&app, &renewed, &after));
    let event = format!(
        "application.updated {{\"name\":\"crm\",\"uri\":\"{URI}\",\
         \"before\":{{\"uri\":\"{listed}\"}},\"after\":{{\"uri\":\"{URI}\"}}}}"
    );
    assert_eq!(events(&app, &before, began), [event]);

    // Its own former one it can take back, but not within the hour; then the other is a former one.
    let stood = state(&app);
    let why =
        "the application gave this uri up within the last hour: it can take it back after that";
    app.advance(HOUR - 1);
    assert_eq!(
        set(&app, &token, &before, &listed),
        failed_precondition(why)
    );
    assert_eq!(state(&app), stood);
    app.advance(1);
    let token = app.token(&app.create_key("admin", EVERY)).access_token;
    assert!(set(&app, &token, &before, &listed).starts_with("200\n"));
    assert!(reaches(&app, &key, &before) && !reaches(&app, &key, &after));
    assert!(reaches(&app, &service, &before));
    assert_eq!(set(&app, &token, &before, URI), failed_precondition(why));
    app.advance(HOUR);
    let token = app.token(&app.create_key("admin", EVERY)).access_token;
    assert!(set(&app, &token, &before, URI).starts_with("200\n"));
    assert!(reaches(&app, &key, &after) && !reaches(&app, &key, &before));
}

#[test]
fn the_clients_that_are_asked_for_move_along_each_by_its_own_rules() {
    let (app, token) = setup();
    let before = create(&app, &token, &minimal("crm"));
    let listed = before["uri"].as_str().unwrap();
    let one = client(&app, listed);
    // They are named in the order in which they were made.
    app.advance(1);
    let two = client(&app, listed);
    let other = client(
        &app,
        create(&app, &token, &minimal("wiki"))["uri"]
            .as_str()
            .unwrap(),
    );
    let body = |ids: &[&Credentials]| {
        let ids: Vec<&str> = ids.iter().map(|client| client.client_id.as_str()).collect();
        json!({"uri": URI, "move-clients": ids})
    };
    let stood = state(&app);
    let patch = |token: &str, body: &Value| call(&app, token, "PATCH", &path(&before), body);
    // Who may not change clients moves none, and the uri stays as well.
    assert_eq!(
        patch(&token, &body(&[&one])),
        forbidden("keys:write", "keys:write")
    );
    let token = app.token(&app.create_key("admin", EVERY)).access_token;
    let stood = (state(&app), stood).0;
    let reason = format!(
        "{} is no service client that names the former uri",
        other.client_id.as_str()
    );
    assert_eq!(
        patch(&token, &body(&[&one, &other])),
        invalid("move-clients", &reason)
    );
    let alone = json!({"move-clients": [one.client_id.as_str()]});
    assert_eq!(
        patch(&token, &alone),
        invalid("move-clients", "only goes with another uri")
    );
    assert_eq!(state(&app), stood);

    let began = app.clock.now().millis();
    app.advance(1);
    let after = with(&before, URI);
    let named = json!([
        {"client-id": one.client_id.as_str(), "name": "test", "moved": true},
        {"client-id": two.client_id.as_str(), "name": "test", "moved": false},
    ]);
    assert_eq!(patch(&token, &body(&[&one])), moved(&after, named));
    assert!(reaches(&app, &one, &after) && !reaches(&app, &two, &after));
    // The default audience moved along: nothing is asked for, and the token is for the new uri.
    let granted = app.post_token(&one, "grant_type=client_credentials");
    assert_eq!(granted.status, 200, "{}", granted.text());
    let lost = app.post_token(&two, "grant_type=client_credentials");
    assert_eq!(lost.json()["error"], "invalid_target");
    let moves = app.database.query(&format!(
        "SELECT object_id || ' ' || details AS text FROM audit_events \
         WHERE kind = 'client.updated' AND at > {began}"
    ));
    let details = format!(
        "{} {{\"name\":\"test\",\"before\":{{\"audiences\":[\"{listed}\"],\"default-audience\":\"{listed}\"}},\
         \"after\":{{\"audiences\":[\"{URI}\"],\"default-audience\":\"{URI}\"}}}}",
        one.client_id.as_str()
    );
    assert_eq!(moves, [details]);
    // Without the right to see clients nothing is said of them.
    let blind = app
        .token(&app.create_key("admin", "applications:write"))
        .access_token;
    let third = with(&before, "urn:example:crm");
    assert_eq!(
        set(&app, &blind, &before, "urn:example:crm"),
        answer(200, &third.to_string())
    );
}

#[test]
fn a_uri_that_is_or_was_an_applications_is_never_given_to_another() {
    let (app, token) = setup();
    let crm = create(&app, &token, &minimal("crm"));
    let wiki = create(&app, &token, &minimal("wiki"));
    let given = crm["uri"].as_str().unwrap();
    let reserved = invalid("uri", RESERVED);
    assert_eq!(set(&app, &token, &wiki, given), reserved);
    assert!(set(&app, &token, &crm, URI).starts_with("200\n"));
    assert!(set(&app, &token, &crm, "https://third.example.org").starts_with("200\n"));
    let stood = state(&app);
    assert_eq!(set(&app, &token, &wiki, given), reserved);
    for uri in [URI, "https://third.example.org"] {
        assert_eq!(set(&app, &token, &wiki, uri), taken(), "{uri}");
    }
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&path(&wiki), &token).json(), wiki);
    // Nor after a deletion, nor to one that is made with the name that it would come from.
    assert_eq!(delete(&app, &token, &path(&crm)).status, 200);
    assert_eq!(set(&app, &token, &wiki, given), reserved);
    for uri in [URI, "https://third.example.org"] {
        assert_eq!(set(&app, &token, &wiki, uri), taken(), "{uri}");
    }
    // What the last release let an application take is its own as well.
    let later = app.url("/applications/later");
    let id = wiki["id"].as_str().unwrap();
    app.database.execute(&format!(
        "UPDATE applications SET uri = '{later}' WHERE id = '{id}'"
    ));
    assert_eq!(post(&app, &token, &minimal("later")).whole(), taken());
    assert!(set(&app, &token, &wiki, "https://wiki.example.org").starts_with("200\n"));
    assert_eq!(post(&app, &token, &minimal("later")).whole(), taken());
    // Nor is one that is nearly it.
    for uri in [
        "https://third.example.org/",
        "HTTPS://THIRD.example.org:443",
        "https://crm.Example.org/api/",
    ] {
        assert_eq!(set(&app, &token, &wiki, uri), nearly_taken(), "{uri}");
        let mut new = minimal("another");
        new["uri"] = uri.into();
        assert_eq!(post(&app, &token, &new).whole(), nearly_taken(), "{uri}");
    }
    // Its own it can spell otherwise.
    assert!(set(&app, &token, &wiki, "https://WIKI.example.org/").starts_with("200\n"));
}

#[test]
fn a_uri_is_chosen_at_the_registration() {
    let (app, token) = setup();
    for (name, uri) in [
        ("mcp", "http://mcp:8000/mcp"),
        ("urn", "urn:example:crm"),
        ("wiki", "https://wiki.example.org/api?v=1"),
        ("given", &app.url("/applications/given")),
        ("beside", &app.url("/mcp")),
    ] {
        let mut new = minimal(name);
        new["uri"] = format!(" {uri} ").into();
        let made = create(&app, &token, &new);
        assert_eq!((&made["name"], &made["uri"]), (&name.into(), &uri.into()));
        assert!(reaches(&app, &client(&app, uri), &made), "{uri}");
    }
    // The assigned one stays free for nobody but the application of that name.
    let mut new = minimal("other");
    for uri in [
        app.url("/applications/mcp"),
        app.url("/applications/other/"),
    ] {
        new["uri"] = uri.into();
        assert_eq!(post(&app, &token, &new).whole(), invalid("uri", RESERVED));
    }
    new["uri"] = "http://mcp:8000/mcp".into();
    assert_eq!(post(&app, &token, &new).whole(), taken());
    new["uri"] = "http://MCP:8000/mcp/".into();
    assert_eq!(post(&app, &token, &new).whole(), nearly_taken());
    new["uri"] = Value::Null;
    assert_eq!(post(&app, &token, &new).status, 400);
    new.as_object_mut().unwrap().shift_remove("uri");
    let made = create(&app, &token, &new);
    assert_eq!(made["uri"], app.url("/applications/other").as_str());
}

#[test]
fn a_uri_is_any_absolute_one_and_not_this_servers_own() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let stood = state(&app);
    let credentials = "must not hold a user name or a password";
    let console = app.url("/console/api/v2");
    let long = format!("https://crm.example.org/{}", "x".repeat(500));
    let port = app.url("").rsplit_once(':').unwrap().1.to_owned();
    for (uri, reason) in [
        ("", NOT_A_URI),
        ("crm", NOT_A_URI),
        ("/crm", NOT_A_URI),
        ("https://crm.example.org/#x", NOT_A_URI),
        ("https://crm.example.org/ x", NOT_A_URI),
        ("https://crm.example.org/a/../b", NOT_A_URI),
        ("https://ключ.example.org/", NOT_A_URI),
        (&long, NOT_A_URI),
        ("https:crm.example.org", NOT_A_URI),
        ("https://a:b@crm.example.org/", credentials),
        (&app.url(""), RESERVED),
        (&app.url("/"), RESERVED),
        (&app.url("?x"), RESERVED),
        (&console, RESERVED),
        (&format!("{console}/"), RESERVED),
        (&app.url("/CONSOLE"), RESERVED),
        (&app.url("/.well-known/jwks.json"), RESERVED),
        (&app.url("/applications/wiki"), RESERVED),
        (&format!("https://localhost:{port}/api/v3"), RESERVED),
        (&app.url("/x/../console/api/v2"), NOT_A_URI),
    ] {
        let refused = invalid("uri", reason);
        assert_eq!(set(&app, &token, &made, uri), refused, "{uri}");
        let mut new = minimal("another");
        new["uri"] = uri.into();
        assert_eq!(post(&app, &token, &new).whole(), refused, "{uri}");
    }
    assert_eq!(state(&app), stood);
    for uri in [
        "http://127.0.0.1:8080/crm",
        "http://localhost/",
        "http://crm.example.org/",
        "ftp://crm.example.org/",
        "urn:example:crm",
        "https://[2001:db8::1]:8443/a?b=c",
    ] {
        let changed = moved(&with(&made, uri), json!([]));
        assert_eq!(set(&app, &token, &made, uri), changed);
    }
}
