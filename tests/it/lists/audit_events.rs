//! The audit log, whole and by each of its filters.

use serde_json::Value;

use super::seed::{NUMBER, SHUFFLED, multiply, uuid};
use super::{MANY, hold, statements};
use crate::support::TestApp;

const EVENTS: &str = "/console/api/v2/audit-events";

/// A server with ten thousand copies of an event and as many of another, mixed, and the first.
fn setup() -> (TestApp, String, Value) {
    statements::listen();
    let mut app = TestApp::start();
    // First uses would be events too.
    app.end_jobs();
    let key = app.create_key("admin", "audit:read applications:write");
    let admin = app.token(&key).access_token;
    let made = crate::api::create(&app, &admin, &crate::api::minimal("first"));
    let id = made["id"].as_str().unwrap();
    let path = format!("{EVENTS}?object-id={id}");
    let event = app.get(&path, &admin).json()[0].clone();
    let kind = |kind: &str| format!("kind = '{kind}' AND object_kind <> 'service_client'");
    multiply(
        &app,
        "audit_events",
        &kind("application.created"),
        MANY - 1,
        &[
            ("id", uuid(NUMBER)),
            ("at", format!("at + CAST({SHUFFLED} AS BIGINT) * 1000")),
        ],
    );
    multiply(
        &app,
        "audit_events",
        &kind("user.created"),
        MANY,
        &[
            ("id", format!("'1' || substr({}, 2)", uuid(NUMBER))),
            ("at", format!("at + CAST({SHUFFLED} AS BIGINT) * 1000")),
        ],
    );
    (app, admin, event)
}

#[test]
fn the_last_page_of_the_audit_log_sorts_nothing_and_costs_little_by_whatever_filter() {
    let (app, admin, event) = setup();
    let text = |name: &str| event[name].as_str().unwrap().to_owned();
    let filters = [
        format!("actor={}", text("actor")),
        format!("key={}", text("key")),
        format!("kind={}", text("kind")),
        format!("object-kind={}", text("object-kind")),
        format!("object-id={}", text("object-id")),
        format!("search={}", text("object-id").to_uppercase()),
        format!("actor={}&kind={}", text("actor"), text("kind")),
        format!(
            "object-id={}&from=2000-01-01T00:00:00Z&until=2100-01-01T00:00:00Z",
            text("object-id")
        ),
    ];
    for filter in filters {
        hold(&app, &format!("{EVENTS}?result=page&{filter}"), &admin);
    }
    // The rest is of an earlier time than most of what stands here.
    let others = "DELETE FROM audit_events WHERE kind <> 'application.created'";
    app.database.execute(others);
    hold(&app, &format!("{EVENTS}?result=page"), &admin);
}
