//! A database whose connections are all in use.

use std::time::Instant;

use super::new_application;
use crate::support::{Credentials, Request, Response, TestApp};
use mintmark::domain::clients;
use mintmark::model::ids::ClientId;
use mintmark::store::{AnyConnection, Database};

const FORM: &str = "grant_type=client_credentials";

fn assert_unavailable(answer: &Response) {
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_busy_pool_is_a_503_soon_while_known_clients_still_get_tokens() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read applications:write");
    let token = app.token(&key).access_token;
    let unknown = Credentials {
        client_id: "mmk_nobody".to_owned(),
        client_secret: "wrong".to_owned(),
    };
    let wrong = Credentials {
        client_secret: "wrong".to_owned(),
        ..key.clone()
    };
    let body = new_application("shop");
    let oauth = r#"{"error":"temporarily_unavailable","error_description":"The service is temporarily unavailable. Try again later."}"#;
    let api = r#"{"code":14,"status":"UNAVAILABLE","message":"The service is temporarily unavailable. Try again later.","details":""}"#;
    app.with_busy_pool(|| {
        let began = Instant::now();
        for refused in [&unknown, &wrong] {
            let answer = app.post_token(refused, FORM);
            assert_unavailable(&answer);
            assert_eq!(answer.text(), oauth);
        }
        let list = app.get("/console/api/v2/applications", &token);
        assert_unavailable(&list);
        assert_eq!(list.text(), api);
        let create = Request::json("POST", "/console/api/v2/applications", &body);
        let created = app.send(create.bearer(&token));
        assert_unavailable(&created);
        assert_eq!(created.text(), api);
        println!("four answers of a busy pool took {:?}", began.elapsed());

        assert_eq!(app.token(&key).answer["expires_in"], 3600);
        assert_eq!(app.get("/console/api/v2/me", &token).status, 200);
        let ready = app.send(Request::new("GET", "/readyz?verbose"));
        assert_unavailable(&ready);
        assert_eq!(
            ready.text(),
            r#"{"status":"unavailable","checks":{"database":"unavailable","keys":"ok","schema":"unknown"},"warnings":[]}"#
        );
        let ready = app.send(Request::new("GET", "/readyz"));
        assert_unavailable(&ready);
        assert_eq!(ready.text(), r#"{"status":"unavailable"}"#);
        let status = app.send(Request::new("GET", "/console/api/v1/status/"));
        assert_unavailable(&status);
        assert_eq!(status.text(), "");
        assert_eq!(app.send(Request::new("GET", "/healthz")).status, 200);
    });

    assert_eq!(app.post_token(&unknown, FORM).status, 401);
    assert_eq!(app.post_token(&wrong, FORM).status, 401);
    assert_eq!(app.get("/console/api/v2/applications", &token).text(), "[]");
    let ready = app.send(Request::new("GET", "/readyz?verbose"));
    assert_eq!(
        (ready.status, ready.text().as_str()),
        (
            200,
            r#"{"status":"ready","checks":{"database":"ok","keys":"ok","schema":"ok"},"warnings":[]}"#
        )
    );
}

#[test]
fn while_requests_have_every_connection_the_change_log_is_followed_all_the_same() {
    let app = TestApp::start();
    let [disabled, other] = [0, 1].map(|_| app.create_service("applications:read"));
    let token = app.token(&disabled).access_token;
    app.token(&other);
    let me = "/console/api/v2/me";
    assert_eq!(app.get(me, &token).status, 403);
    // As another process does it.
    let beside = Database::open(&app.database.url(), 1).unwrap();
    let id = ClientId::parse(&disabled.client_id).unwrap();
    let act = app.act();
    app.with_busy_readers(|| {
        let disable = |c: &mut AnyConnection| clients::disable(c, &act, &id).map(|_| ());
        beside.write(disable).unwrap();
        app.advance(100);
        // It was forgotten, and cannot be read again now; what was known of it counts no more.
        assert_unavailable(&app.post_token(&disabled, FORM));
        assert_unavailable(&app.get(me, &token));
        assert_eq!(app.token(&other).answer["expires_in"], 3600);
    });
    assert_eq!(app.post_token(&disabled, FORM).status, 401);
    assert_eq!(app.get(me, &token).status, 401);
}
