//! The `uri` of an application: another one, what becomes of the one before, and that none is given
//! twice.

use mintmark::ambient::Clock;
use serde_json::{Value, json};

use super::{
    answer, call, create, create_for, delete, error, events, first_list, invalid, minimal, path,
    post, reaches, setup, state,
};
use crate::support::TestApp;

const URI: &str = "https://crm.example.org/api";

fn set(app: &TestApp, token: &str, application: &Value, uri: &str) -> String {
    let body = json!({ "uri": uri });
    call(app, token, "PATCH", &path(application), &body)
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
    assert_eq!(
        set(&app, &token, &before, URI),
        answer(200, &after.to_string())
    );
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

    // Its own former one it can take back; then the other is a former one.
    assert_eq!(
        set(&app, &token, &before, &listed),
        answer(200, &before.to_string())
    );
    assert!(reaches(&app, &key, &before) && !reaches(&app, &key, &after));
    assert!(set(&app, &token, &before, URI).starts_with("200\n"));
    assert!(reaches(&app, &key, &after) && !reaches(&app, &key, &before));
}

#[test]
fn a_uri_that_is_or_was_an_applications_is_never_given_to_another() {
    let (app, token) = setup();
    let crm = create(&app, &token, &minimal("crm"));
    let wiki = create(&app, &token, &minimal("wiki"));
    let given = crm["uri"].as_str().unwrap();
    assert_eq!(set(&app, &token, &wiki, given), taken());
    assert!(set(&app, &token, &crm, URI).starts_with("200\n"));
    assert!(set(&app, &token, &crm, "https://third.example.org").starts_with("200\n"));
    let stood = state(&app);
    for uri in [given, URI, "https://third.example.org"] {
        assert_eq!(set(&app, &token, &wiki, uri), taken(), "{uri}");
    }
    assert_eq!(state(&app), stood);
    assert_eq!(app.get(&path(&wiki), &token).json(), wiki);
    // Nor after a deletion, nor to one that is made with the name that it would come from.
    assert_eq!(delete(&app, &token, &path(&crm)).status, 200);
    for uri in [given, URI, "https://third.example.org"] {
        assert_eq!(set(&app, &token, &wiki, uri), taken(), "{uri}");
    }
    let reserved = app.url("/applications/later");
    assert!(set(&app, &token, &wiki, &reserved).starts_with("200\n"));
    assert_eq!(post(&app, &token, &minimal("later")).whole(), taken());
    assert!(set(&app, &token, &wiki, "https://wiki.example.org").starts_with("200\n"));
    assert_eq!(post(&app, &token, &minimal("later")).whole(), taken());
    // Compared byte by byte.
    assert!(set(&app, &token, &wiki, "https://third.example.org/").starts_with("200\n"));
}

#[test]
fn a_uri_is_https_or_loopback_and_not_the_consoles_own() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let stood = state(&app);
    let shape = "must be an absolute URI without a fragment, of at most 512 ASCII characters";
    let scheme = "must begin with https://, or with http:// on a loopback host";
    let credentials = "must not hold a user name or a password";
    let reserved = "must not be the issuer or the console's own audience";
    let console = app.url("/console/api/v2");
    let long = format!("https://crm.example.org/{}", "x".repeat(500));
    for (uri, reason) in [
        ("", shape),
        ("crm", shape),
        ("/crm", shape),
        ("https://crm.example.org/#x", shape),
        ("https://crm.example.org/ x", shape),
        ("https://ключ.example.org/", shape),
        (&long, shape),
        ("http://crm.example.org/", scheme),
        ("https:crm.example.org", scheme),
        ("ftp://crm.example.org/", scheme),
        ("urn:example:crm", scheme),
        ("https://a:b@crm.example.org/", credentials),
        (&app.url(""), reserved),
        (&app.url("/"), reserved),
        (&console, reserved),
        (&format!("{console}/"), reserved),
        (&app.url("/x/../console/api/v2"), reserved),
    ] {
        assert_eq!(
            set(&app, &token, &made, uri),
            invalid("uri", reason),
            "{uri}"
        );
    }
    assert_eq!(state(&app), stood);
    for uri in [
        "http://127.0.0.1:8080/crm",
        "http://localhost/",
        "https://[2001:db8::1]:8443/a?b=c",
    ] {
        assert_eq!(
            set(&app, &token, &made, uri),
            answer(200, &with(&made, uri).to_string())
        );
    }
}
