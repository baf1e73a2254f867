//! The Bearer check while the database is away: memory decides for the grace, then nobody does.

use super::forge::{ACCESS, Forge, encode};
use super::{APPLICATIONS, ME, assert_refused, assert_taken};
use crate::support::{Request, Response, TestApp};
use serde_json::json;

const UNAVAILABLE: &str = "503\n\
    cache-control: no-store\n\
    content-type: application/json\n\
    retry-after: 1\n\
    \n\
    {\"code\":14,\"status\":\"UNAVAILABLE\",\"message\":\"The service is temporarily unavailable. Try again later.\",\"details\":\"\"}";

/// Every call of the resource API, sent at the same time.
fn every_call(app: &TestApp, token: &str) -> Vec<Response> {
    let one = format!("{APPLICATIONS}/1eeb5447-c4f8-635e-b776-199d8903fded");
    let body = json!({
        "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
        "display-name": "CRM",
        "publication-context": "crm",
        "development-mode": false,
    });
    let calls = [
        Request::new("GET", ME),
        Request::new("GET", APPLICATIONS),
        Request::json("POST", APPLICATIONS, &body),
        Request::new("GET", &one),
        Request::new("DELETE", &one),
    ];
    std::thread::scope(|scope| {
        let sent = calls.map(|call| scope.spawn(|| app.send(call.bearer(token))));
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    })
}

#[test]
fn an_unknown_kid_costs_no_database_read() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    // Nobody has used this key yet: to check its token, the client has to be read.
    let forge = Forge::new(&app, &key);
    let right = forge.access(&forge.access_claims());
    let header = forge.header(ACCESS).set("kid", "A".repeat(43)).text();
    let unknown_kid = forge.sign(&header, &forge.access_claims().text());
    let message = right.rsplit_once('.').unwrap().0;
    let altered = format!("{message}.{}", encode([0; 256]));
    app.without_database(|| {
        for token in [&unknown_kid, &altered, "x.y.z", "x"] {
            assert_refused(&app, token, token);
        }
        assert_eq!(app.get(ME, &right).whole(), UNAVAILABLE);
    });
    assert_taken(&app, &right, "with the database");
}

#[test]
fn a_token_goes_on_being_checked_from_memory_for_the_grace() {
    let app = TestApp::start();
    let scope = "openid applications:read applications:write";
    let key = app.create_key("admin", scope);
    let token = app.token(&key).access_token;
    let read_only = app.token_for(&key, "grant_type=client_credentials&scope=openid");
    let me = app.get(ME, &token).whole();
    app.without_database(|| {
        app.pass_away(299);
        let answers = every_call(&app, &token);
        assert_eq!(answers[0].whole(), me, "answered from memory");
        for answer in &answers[1..] {
            assert_eq!(answer.whole(), UNAVAILABLE);
        }
        assert_refused(&app, "x.y.z", "still");
        assert_eq!(app.get(APPLICATIONS, &read_only.access_token).status, 403);
    });
    // What could not be done was not done.
    assert_eq!(app.get(APPLICATIONS, &token).text(), "[]");
}

#[test]
fn after_the_grace_no_token_is_taken_or_refused() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read applications:write");
    let token = app.token(&key).access_token;
    app.without_database(|| {
        app.pass_away(301);
        for answer in every_call(&app, &token) {
            assert_eq!(answer.whole(), UNAVAILABLE);
        }
        assert_eq!(app.get(ME, "x.y.z").whole(), UNAVAILABLE);
        // Who sends no token is told so all the same.
        assert_eq!(app.send(Request::new("GET", ME)).whole(), super::NO_TOKEN);
    });
    app.advance(0);
    assert_taken(&app, &token, "when the database is back");
    assert_eq!(app.get(APPLICATIONS, &token).text(), "[]");
}
