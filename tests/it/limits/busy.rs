//! A database whose connections are all in use.

use std::sync::mpsc;
use std::time::Instant;

use super::new_application;
use crate::support::{Credentials, Request, Response, TestApp, TestDatabase};
use mintmark::store::StoreError;

/// Runs `work` while every connection of the pool is held.
fn while_busy<T>(app: &TestApp, work: impl FnOnce() -> T) -> T {
    // On PostgreSQL those that write are those that read; on SQLite one more writes.
    let writers = if TestDatabase::is_postgresql() { 0 } else { 1 };
    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        let mut release = Vec::new();
        for at in 0..4 + writers {
            let (end, ended) = mpsc::channel::<()>();
            release.push(end);
            let tell = tell.clone();
            scope.spawn(move || {
                let hold = || {
                    tell.send(()).unwrap();
                    let _ = ended.recv();
                    Ok::<_, StoreError>(())
                };
                match at {
                    0..4 => app.app.database.read(|_| hold()),
                    _ => app.app.database.write(|_| hold()),
                }
                .unwrap();
            });
        }
        for _ in 0..4 + writers {
            told.recv().unwrap();
        }
        let done = work();
        drop(release);
        done
    })
}

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
    let form = "grant_type=client_credentials";
    let body = new_application("shop");
    let oauth = r#"{"error":"temporarily_unavailable","error_description":"The service is temporarily unavailable. Try again later."}"#;
    let api = r#"{"code":14,"status":"UNAVAILABLE","message":"The service is temporarily unavailable. Try again later.","details":""}"#;
    while_busy(&app, || {
        let began = Instant::now();
        for refused in [&unknown, &wrong] {
            let answer = app.post_token(refused, form);
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
            r#"{"status":"unavailable","checks":{"database":"unavailable","keys":"ok","schema":"unknown"}}"#
        );
        let ready = app.send(Request::new("GET", "/readyz"));
        assert_unavailable(&ready);
        assert_eq!(ready.text(), r#"{"status":"unavailable"}"#);
        let status = app.send(Request::new("GET", "/console/api/v1/status/"));
        assert_unavailable(&status);
        assert_eq!(status.text(), "");
        assert_eq!(app.send(Request::new("GET", "/healthz")).status, 200);
    });

    assert_eq!(app.post_token(&unknown, form).status, 401);
    assert_eq!(app.post_token(&wrong, form).status, 401);
    assert_eq!(app.get("/console/api/v2/applications", &token).text(), "[]");
    let ready = app.send(Request::new("GET", "/readyz?verbose"));
    assert_eq!(
        (ready.status, ready.text().as_str()),
        (
            200,
            r#"{"status":"ready","checks":{"database":"ok","keys":"ok","schema":"ok"}}"#
        )
    );
}
