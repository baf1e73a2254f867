//! What is deleted for good because it is old waits until the time is sure, and leaves a trace.

use std::time::Duration;

use mintmark::config::ServerSettings;
use mintmark::jobs::{Jobs, audit, expired, trim};

use super::warnings;
use crate::support::{TestApp, settings};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// Longer than everything is kept.
const LONG: u64 = 400 * DAY;

const ENDED: &str =
    "SELECT id AS text FROM clients WHERE deleted_at IS NULL AND expires_at IS NOT NULL";
const EVENTS: &str = "SELECT kind AS text FROM audit_events WHERE kind NOT LIKE '%trimmed' \
                      AND kind <> 'client.deleted'";

/// A server without jobs of its own, with a client that ends in an hour and one that does not.
fn start() -> TestApp {
    let mut app = TestApp::with(ServerSettings {
        audit_kept: Duration::from_secs(30 * DAY),
        ..settings()
    });
    app.end_jobs();
    let ends_at = app.act().now.plus_seconds(3600);
    app.create_client(None, "", |new| new.expires_at = Some(ends_at));
    app.create_service("users:read");
    app
}

/// Everything that deletes has a round.
fn delete(app: &TestApp) {
    audit::trim(&app.app).unwrap();
    expired::clear_expired(&app.app).unwrap();
    trim::trim_short_lived(&app.app).unwrap();
}

/// How much there is of what can be deleted: clients with an end, events, changes.
fn kept(app: &TestApp) -> [usize; 3] {
    // To delete a client is a change too.
    let changes = "SELECT kind AS text FROM changes WHERE number <= 5";
    [ENDED, EVENTS, changes].map(|query| app.database.query(query).len())
}

/// The calendar is set; the time is looked at, as every quarter of a second.
fn set_by(app: &TestApp, days: i64) {
    app.clock.set_by(days * 24 * 3600);
    app.app.time.look();
}

#[test]
fn nothing_is_deleted_when_the_clock_jumps_and_everything_when_the_time_is_sure() {
    let app = start();
    app.advance(2 * HOUR);
    let before = kept(&app);
    set_by(&app, 400);
    for seconds in [0, 3, 67] {
        app.advance(seconds);
        delete(&app);
        assert_eq!(kept(&app), before);
        assert_eq!(warnings(&app), ["clock-ahead"]);
    }
    set_by(&app, -400);
    delete(&app);
    assert_eq!(kept(&app), before);
    assert_eq!(warnings(&app), [""; 0]);

    // It stands, is served by, and waits for a day.
    set_by(&app, 400);
    app.advance(120);
    app.app.time.look();
    for hours in [0, 12, 11] {
        app.advance(hours * HOUR);
        delete(&app);
        assert_eq!(kept(&app), before);
        assert_eq!(warnings(&app), ["clock-ahead", "deletion-waits"]);
    }
    app.advance(HOUR);
    app.app.time.look();
    delete(&app);
    assert_eq!(kept(&app), [0, 0, 0]);
    assert_eq!(warnings(&app), [""; 0]);
}

#[test]
fn nothing_is_deleted_in_the_first_hour_or_while_the_clock_is_behind() {
    let app = start();
    let before = kept(&app);
    // The database is old when the server starts.
    app.database.execute(&format!(
        "UPDATE clients SET expires_at = expires_at - {ms} WHERE expires_at IS NOT NULL; \
         UPDATE audit_events SET at = at - {ms}; UPDATE changes SET changed_at = changed_at - {ms}",
        ms = LONG * 1000
    ));
    for seconds in [0, HOUR - 1] {
        app.advance(seconds);
        delete(&app);
        assert_eq!(kept(&app), before);
        assert_eq!(warnings(&app), ["deletion-waits"]);
    }
    app.clock.set_by(-120);
    app.app.time.look();
    app.advance(1);
    delete(&app);
    assert_eq!(kept(&app), before);
    assert_eq!(warnings(&app), ["clock-behind", "deletion-waits"]);
    // Caught up after twice as long, and steady for an hour then.
    app.advance(200);
    app.app.time.look();
    app.advance(60);
    app.app.time.look();
    app.advance(HOUR - 90);
    delete(&app);
    assert_eq!(kept(&app), before);
    app.advance(60);
    delete(&app);
    assert_eq!(kept(&app), [0, 0, 0]);
    assert_eq!(warnings(&app), [""; 0]);
}

#[test]
fn a_stop_deletes_nothing() {
    let app = start();
    app.advance(LONG);
    let before = kept(&app);
    drop(Jobs::start(&app.app));
    assert_eq!(kept(&app), before);
    delete(&app);
    assert_eq!(kept(&app), [0, 0, 0]);
}

#[test]
fn nearly_everything_waits_for_a_day() {
    let app = start();
    let ends_at = app.act().now.plus_seconds(1);
    for _ in 0..50 {
        app.create_client(None, "", |new| new.expires_at = Some(ends_at));
    }
    app.database.execute(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 150) \
         INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
         SELECT 'old-' || CAST(n AS TEXT), n, 'server', 'old', 'thing', '', '{}', '' FROM numbers",
    );
    app.advance(100 * DAY);
    app.create_service("");
    let before = kept(&app);
    for hours in [0, 23] {
        app.advance(hours * HOUR);
        audit::trim(&app.app).unwrap();
        expired::clear_expired(&app.app).unwrap();
        assert_eq!(kept(&app), before);
        assert_eq!(warnings(&app), ["deletion-waits"]);
    }
    app.advance(HOUR);
    delete(&app);
    assert_eq!(kept(&app)[..2], [0, 1]);
    assert_eq!(warnings(&app), [""; 0]);
}

#[test]
fn each_trimming_leaves_an_event_and_none_where_there_was_nothing() {
    let app = start();
    app.advance(LONG);
    delete(&app);
    let events = "SELECT actor || ' ' || kind || ' ' || details AS text FROM audit_events \
                  WHERE kind LIKE '%trimmed' ORDER BY kind";
    let left = app.database.query(events);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        left[0].starts_with("server audit_log.trimmed {\"deleted\":"),
        "{left:?}"
    );
    assert!(
        left[1].starts_with("server database.trimmed {\"changes\":"),
        "{left:?}"
    );
    app.advance(HOUR);
    delete(&app);
    assert_eq!(app.database.query(events), left);
}
