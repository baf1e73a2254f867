//! Refused authentications in the audit log.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;
use mintmark::config::ServerSettings;
use mintmark::model::network::Networks;
use mintmark::store::StoreError;
use serde_json::Value;

use crate::support::{Credentials, Request, TestApp, basic, settings};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    object_id: String,
    #[diesel(sql_type = Text)]
    details: String,
}

/// Client, peer and reason of every refusal that is in the audit log, in order.
fn rows(app: &TestApp) -> Vec<[String; 3]> {
    let query = "SELECT actor, object_id, details FROM audit_events WHERE kind = 'token.refused'";
    let rows = app.app.read(|c| {
        let rows: Vec<Row> = diesel::sql_query(query).load(c)?;
        Ok::<_, StoreError>(rows)
    });
    let mut rows: Vec<[String; 3]> = rows
        .unwrap()
        .into_iter()
        .map(|row| {
            assert_eq!(row.actor, "server");
            let details: Value = serde_json::from_str(&row.details).unwrap();
            let text = |name: &str| details[name].as_str().unwrap().to_owned();
            assert_eq!(details.as_object().unwrap().len(), 2, "{details}");
            [row.object_id, text("peer"), text("reason")]
        })
        .collect();
    rows.sort();
    rows
}

/// The rows when there are so many; the job that writes them runs every second.
fn wait_for(app: &TestApp, count: usize) -> Vec<[String; 3]> {
    let began = Instant::now();
    loop {
        let rows = rows(app);
        if rows.len() >= count {
            return rows;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{rows:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn fail(app: &TestApp, key: &Credentials, secret: &str, peer: &str, times: usize) {
    for _ in 0..times {
        let request = Request::token("grant_type=client_credentials")
            .header("authorization", &basic(&key.client_id, secret))
            .header("x-forwarded-for", peer);
        let answer = app.send(request);
        assert!([401, 429].contains(&answer.status), "{}", answer.text());
    }
}

#[test]
fn refusals_of_a_known_client_are_one_row_for_each_client_peer_and_minute() {
    let app = TestApp::with(ServerSettings {
        trusted_proxies: Networks::parse("127.0.0.1").unwrap(),
        ..settings()
    });
    // At the beginning of a minute, so that what follows is in one.
    let second = app.app.clock.now().seconds().rem_euclid(60);
    app.advance(60 - second as u64);
    let one = app.create_key("admin", "openid");
    let two = app.create_key("admin", "openid");
    let limited = app.create_client(Some("admin"), "openid", |new| {
        new.allowed_networks = Networks::parse("192.0.2.0/24").unwrap();
    });
    let unknown = Credentials {
        client_id: "mmk_nobody".to_owned(),
        client_secret: "x".to_owned(),
    };
    fail(&app, &one, "wrong", "203.0.113.1", 15);
    fail(&app, &one, "wrong", "203.0.113.2", 2);
    fail(&app, &two, "wrong", "203.0.113.1", 2);
    fail(&app, &limited, &limited.client_secret, "203.0.113.1", 1);
    fail(&app, &unknown, "wrong", "203.0.113.1", 20);
    fail(&app, &one, "wrong", "203.0.113.1", 3);

    let row = |key: &Credentials, peer: &str, reason: &str| {
        [key.client_id.clone(), peer.to_owned(), reason.to_owned()]
    };
    let mut expected = vec![
        row(&one, "203.0.113.1", "wrong secret"),
        row(&one, "203.0.113.2", "wrong secret"),
        row(&two, "203.0.113.1", "wrong secret"),
        row(&limited, "203.0.113.1", "network not allowed"),
    ];
    expected.sort();
    assert_eq!(wait_for(&app, 4), expected);

    // What has been written is not written again, and the next minute has a row of its own.
    fail(&app, &one, "wrong", "203.0.113.1", 3);
    app.advance(60);
    fail(&app, &one, "wrong", "203.0.113.1", 3);
    expected.push(row(&one, "203.0.113.1", "wrong secret"));
    expected.sort();
    assert_eq!(wait_for(&app, 5), expected);
}

#[test]
fn refusals_that_cannot_be_written_wait_for_it() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    app.with_busy_writer(|| {
        fail(&app, &key, "wrong", "", 2);
        let failed = || app.app.database.write(|_| Ok::<_, StoreError>(())).is_err();
        // The job gives up in the same time as this.
        assert!(failed() && failed());
        assert_eq!(rows(&app).len(), 0);
    });
    let peer = "127.0.0.1".to_owned();
    let row = [key.client_id, peer, "wrong secret".to_owned()];
    assert_eq!(wait_for(&app, 1), [row]);
}
