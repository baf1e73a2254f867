//! Who may read what of the audit log, and how long it is kept.

use std::time::Duration;

use mintmark::config::ServerSettings;
use mintmark::domain::{Authority, DomainError, audit, clients, users};
use mintmark::jobs;
use mintmark::model::audit::AuditFilter;
use mintmark::model::ids::ClientId;
use mintmark::model::page::Window;
use mintmark::model::scope::Role;

use crate::support::{Credentials, TestApp, settings};

const DAY: u64 = 86_400;

fn kinds(app: &TestApp, login: &str, key: &Credentials) -> Vec<String> {
    let id = ClientId::parse(&key.client_id).unwrap();
    let listed = app.app.read(|c| {
        let user = users::find_by_login(c, login)?;
        let authority = Authority::of_session(&user);
        let window = Window::Page {
            number: 0,
            size: 25,
        };
        audit::list_of_client(c, &authority, &id, window)
    });
    listed
        .unwrap()
        .into_iter()
        .map(|event| event.kind)
        .collect()
}

#[test]
fn a_member_sees_what_happened_to_their_own_keys_and_no_more() {
    let mut app = TestApp::start();
    app.create_user("one", Role::Member);
    app.create_user("other", Role::Member);
    let key = app.create_key("one", "openid");
    let id = ClientId::parse(&key.client_id).unwrap();
    app.advance(1);
    let wrong = Credentials {
        client_secret: "mms_wrong".to_owned(),
        ..key.clone()
    };
    assert_eq!(
        app.post_token(&wrong, "grant_type=client_credentials")
            .status,
        401
    );
    app.advance(1);
    app.token(&key);
    app.end_jobs();
    app.advance(1);
    let keys = &app.app.digest_keys;
    app.write(|c, act| clients::rotate(c, act, keys, &id, clients::Rotation::of(3600)));
    let all = [
        "client.rotated",
        "client.first_used",
        "token.refused",
        "client.created",
    ];
    assert_eq!(kinds(&app, "one", &key), all);
    assert_eq!(kinds(&app, "admin", &key), all);
    assert_eq!(kinds(&app, "other", &key), [""; 0]);
    let nobody = Credentials {
        client_id: "mmk_nobody".to_owned(),
        ..key.clone()
    };
    assert_eq!(kinds(&app, "other", &nobody), [""; 0]);
    let refusal = "SELECT object_kind || ' ' || object_id AS text FROM audit_events \
                   WHERE kind = 'token.refused'";
    assert_eq!(app.database.query(refusal), [format!("access_key {id}")]);

    // Gone, it stays theirs; and the whole log is not for them.
    app.advance(1);
    app.write(|c, act| clients::delete(c, act, &id));
    assert_eq!(kinds(&app, "one", &key).len(), 5);
    let refused = app.app.read(|c| {
        let user = users::find_by_login(c, "one")?;
        let authority = Authority::of_session(&user);
        audit::list(c, &authority, AuditFilter::default(), Window::Whole)
    });
    assert!(matches!(refused, Err(DomainError::Forbidden { .. })));
}

#[test]
fn events_are_kept_as_long_as_the_setting_says() {
    let mut app = TestApp::with(ServerSettings {
        audit_kept: Duration::from_secs(30 * DAY),
        ..settings()
    });
    app.end_jobs();
    let first = "SELECT kind AS text FROM audit_events WHERE kind <> 'audit_log.trimmed' \
                 ORDER BY at, id";
    let before = app.database.query(first).len();
    app.advance(9 * DAY);
    // All at once is more than a step.
    app.database.execute(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200) \
         INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
         SELECT 'old-' || CAST(n AS TEXT), n, 'server', 'old', 'thing', '', '{}', '' FROM numbers",
    );
    let trim = || {
        jobs::audit::trim(&app.app).unwrap();
        app.database.query(first)
    };
    // They are nearly all: that waits for a day.
    assert_eq!(trim().len(), before + 1200);
    app.advance(DAY);
    app.create_service("users:read");
    let mut kept = trim();
    assert_eq!(kept.len(), before + 1);
    // To the very moment.
    app.advance(20 * DAY);
    assert_eq!(trim(), kept);
    app.advance(1);
    kept.drain(..before);
    assert_eq!(trim(), kept);
    assert_eq!(kept, ["client.created"]);
    app.advance(30 * DAY);
    assert_eq!(trim(), [""; 0]);
}
