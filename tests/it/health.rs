//! Health, readiness and the served contract.

use std::time::Duration;

use diesel::{RunQueryDsl, sql_query};
use mintmark::alarms::Alarm;
use mintmark::model::change::Change;
use mintmark::store::{StoreError, changes};

use crate::storage::until;
use crate::support::{Request, TestApp};

const ALIVE: &str =
    "200\ncache-control: no-store\ncontent-type: application/json\n\n{\"status\":\"alive\"}";
const READY: &str =
    "200\ncache-control: no-store\ncontent-type: application/json\n\n{\"status\":\"ready\"";
const NOT_READY: &str = "503\ncache-control: no-store\ncontent-type: application/json\n\
    retry-after: 1\n\n{\"status\":\"unavailable\"";
const STATUS_READY: &str = "200\ncache-control: no-store\n\n";
const STATUS_NOT_READY: &str = "503\ncache-control: no-store\nretry-after: 1\n\n";

fn ask(app: &TestApp, path: &str) -> String {
    app.send(Request::new("GET", path)).whole()
}

/// What all three say: alive always, and ready or not, with the checks where they are asked for.
fn assert_health(app: &TestApp, is_ready: bool, [database, keys, schema]: [&str; 3]) {
    let checks = format!(
        ",\"checks\":{{\"database\":\"{database}\",\"keys\":\"{keys}\",\"schema\":\"{schema}\"}},\
         \"warnings\":[]}}"
    );
    let (begin, status) = match is_ready {
        true => (READY, STATUS_READY),
        false => (NOT_READY, STATUS_NOT_READY),
    };
    assert_eq!(ask(app, "/healthz"), ALIVE);
    assert_eq!(ask(app, "/readyz"), format!("{begin}}}"));
    assert_eq!(ask(app, "/console/api/v1/status/"), status);
    for query in ["?verbose", "?verbose=1", "?verbose=false", "?x=1&verbose"] {
        let answer = ask(app, &format!("/readyz{query}"));
        assert_eq!(answer, format!("{begin}{checks}"), "{query}");
    }
    for query in ["?", "?verbos", "?x=verbose"] {
        let answer = ask(app, &format!("/readyz{query}"));
        assert_eq!(answer, format!("{begin}}}"), "{query}");
    }
}

#[test]
fn a_server_whose_parts_are_all_well_is_ready() {
    let app = TestApp::start();
    assert_health(&app, true, ["ok", "ok", "ok"]);
}

#[test]
fn a_server_without_its_database_is_alive_and_says_which_part_is_down() {
    let app = TestApp::start();
    app.without_database(|| {
        assert_eq!(ask(&app, "/healthz"), ALIVE);
        assert_eq!(ask(&app, "/readyz"), format!("{NOT_READY}}}"));
        assert_eq!(ask(&app, "/console/api/v1/status/"), STATUS_NOT_READY);
        // Its connections stand, and nothing comes: that shows after a moment.
        let hangs = r#"{"name":"database-hangs","text":"The database does not answer, though its connections stand. Known clients get tokens for a while, everything else is refused."}"#;
        let expected = |warnings: &str| {
            format!(
                "{NOT_READY},\"checks\":{{\"database\":\"unavailable\",\"keys\":\"ok\",\
                 \"schema\":\"unknown\"}},\"warnings\":[{warnings}]}}"
            )
        };
        let answer = ask(&app, "/readyz?verbose");
        assert!(answer == expected("") || answer == expected(hangs), "{answer}");
        until("it shows", || ask(&app, "/readyz?verbose") == expected(hangs));
    });
    until("it is over", || ask(&app, "/readyz").starts_with("200"));
    assert_health(&app, true, ["ok", "ok", "ok"]);
}

#[test]
fn a_server_that_cannot_follow_the_change_log_is_not_ready() {
    let app = TestApp::start();
    // Another server has changed the log's table: connections are there, and of no use.
    let renamed = app.app.database.write(|c| {
        sql_query("ALTER TABLE changes RENAME TO changes_away").execute(c)?;
        Ok::<_, StoreError>(())
    });
    renamed.unwrap();
    app.clock.advance(Duration::from_secs(3));
    assert_health(&app, false, ["unavailable", "ok", "ok"]);
}

#[test]
fn a_server_without_a_next_signing_key_is_not_ready() {
    let app = TestApp::start();
    app.write(|c, act| {
        sql_query("DELETE FROM signing_keys WHERE state = 'next'")
            .execute(c)
            .unwrap();
        changes::create(c, &Change::SigningKeys, act.now)?;
        Ok(())
    });
    assert_health(&app, false, ["ok", "no next signing key", "ok"]);
}

#[test]
fn a_server_beside_a_newer_schema_is_not_ready() {
    let app = TestApp::start();
    app.write(|c, _| {
        sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
            .execute(c)
            .unwrap();
        Ok(())
    });
    let schema = "not the one that this version knows";
    assert_health(&app, false, ["ok", "ok", schema]);
}

#[test]
fn what_else_is_wrong_is_a_warning_and_leaves_the_server_ready() {
    let app = TestApp::start();
    app.app.alarms.raise(Alarm::WritesFail, "The disk is full.");
    app.app.alarms.raise(Alarm::ClockBehind, "It is late.");
    let warnings = "\"warnings\":[{\"name\":\"clock-behind\",\"text\":\"It is late.\"},\
        {\"name\":\"writes-fail\",\"text\":\"The disk is full.\"}]";
    let checks = "\"checks\":{\"database\":\"ok\",\"keys\":\"ok\",\"schema\":\"ok\"}";
    assert_eq!(ask(&app, "/readyz"), format!("{READY}}}"));
    assert_eq!(
        ask(&app, "/readyz?verbose"),
        format!("{READY},{checks},{warnings}}}")
    );
    app.app.alarms.lower(Alarm::WritesFail);
    app.app.alarms.lower(Alarm::ClockBehind);
    assert_health(&app, true, ["ok", "ok", "ok"]);
}

#[test]
fn no_credentials_are_asked_for_and_none_are_looked_at() {
    let app = TestApp::start();
    for path in [
        "/healthz",
        "/readyz",
        "/console/api/v1/status/",
        "/openapi.yaml",
        "/docs",
    ] {
        let plain = ask(&app, path);
        for header in ["Bearer x", "Basic eDp5", ""] {
            let request = Request::new("GET", path).header("authorization", header);
            assert_eq!(app.send(request).whole(), plain, "{path} {header}");
        }
    }
}

#[test]
fn the_contract_is_served_as_it_stands_in_the_repository() {
    let app = TestApp::start();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.yaml");
    let response = app.send(Request::new("GET", "/openapi.yaml"));
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/yaml"));
    assert!(
        response.body == std::fs::read(file).unwrap(),
        "byte for byte"
    );
}

#[test]
fn every_answer_has_a_request_id_of_its_own() {
    let app = TestApp::start();
    let mut seen = std::collections::HashSet::new();
    for path in [
        "/healthz",
        "/readyz",
        "/nowhere",
        "/console/api/v2/me",
        "/console/sys/token",
    ] {
        for _ in 0..2 {
            // What the caller calls it does not count: the log must stay unambiguous.
            let request = Request::new("GET", path).header("x-request-id", "mine");
            let response = app.send(request);
            let id = response.header("x-request-id").unwrap().to_owned();
            assert!(
                id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
                "{id}"
            );
            assert!(seen.insert(id));
        }
    }
}
