//! `GET /audit-events`: newest first, page by page; and a walk through all of it.

use mintmark::ambient::Clock;
use mintmark::domain::Authority;
use mintmark::domain::audit;
use mintmark::model::audit::{Actor, AuditFilter};
use serde_json::{Value, json};

use super::audit_events::{EVENTS, events, setup};
use super::{create, error, id, minimal};
use crate::support::TestApp;

/// Writes events of a kind of their own, two at each moment.
fn write(app: &TestApp, many: usize) {
    let now = app.clock.now().millis();
    app.database.execute(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many}) \
         INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
         SELECT '00000000-0000-4000-8000-' || substr(CAST(1000000000000 + n AS TEXT), 2), {now} + n / 2, \
         'cli:many', 'thing.done', 'thing', CAST(n AS TEXT), '{{}}', 'cli:many' FROM numbers"
    ));
}

#[test]
fn pages_are_newest_first_and_say_where_they_stand() {
    let (app, _, token) = setup();
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        app.advance(1);
        let made = create(&app, &token, &minimal(name));
        ids.insert(0, json!(id(&made)));
    }
    let page = |query: &str| {
        let path = format!("{EVENTS}?kind=application.created&{query}");
        app.get(&path, &token).json()
    };
    let objects = |content: &Value| -> Vec<Value> {
        let content = content.as_array().unwrap().iter();
        content.map(|event| event["object-id"].clone()).collect()
    };
    let mut second = page("result=page&page=1&size=2");
    let content = second["content"].take();
    assert_eq!(objects(&content), ids[2..4]);
    let expected = json!({
        "totalElements": 5, "totalPages": 3, "last": false, "first": false,
        "size": 2, "number": 1, "numberOfElements": 2, "content": null,
    });
    assert_eq!(second, expected);
    let last = page("result=page&page=2&size=2");
    assert_eq!(objects(&last["content"]), ids[4..]);
    assert_eq!(
        (&last["last"], &last["totalElements"]),
        (&json!(true), &json!(5))
    );
    let beyond = page("result=page&page=3&size=2");
    assert_eq!(
        (&beyond["content"], &beyond["totalElements"]),
        (&json!([]), &json!(5))
    );
    assert_eq!(objects(&page("page=1&size=2")), ids[2..4]);
    assert_eq!(objects(&page("")), ids);
    assert_eq!(page("result=page")["size"], 25);
}

#[test]
fn ten_thousand_events_are_answered_whole_and_no_more() {
    let (app, _, token) = setup();
    write(&app, 10_000);
    let whole = || app.get(&format!("{EVENTS}?actor=cli:many"), &token);
    let found = whole().json();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 10_000);
    // Of one moment, the one with the larger id first.
    let numbers: Vec<i64> = found
        .iter()
        .map(|event| event["object-id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(numbers.is_sorted_by(|a, b| a > b));
    app.database.execute(&format!(
        "INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
         VALUES ('00000000-0000-4000-8000-000000000000', {}, 'cli:many', 'thing.done', 'thing', '0', \
         '{{}}', '')",
        app.clock.now().millis()
    ));
    let reason = "the list has more than 10000 entries: ask for a page";
    let refused = error(400, 11, "OUT_OF_RANGE", "page is out of range.", reason);
    assert_eq!(whole().whole(), refused);
    let one = events(&app, &token, "actor=cli:many&page=10000&size=1");
    assert_eq!(one[0]["object-id"], "0");
}

#[test]
fn a_walk_meets_every_event_once_while_more_are_written() {
    let (app, _, _) = setup();
    write(&app, 1_201);
    let authority = Authority::unlimited(Actor::Server);
    let filter = AuditFilter {
        kind: Some("thing.done".to_owned()),
        ..AuditFilter::default()
    };
    let mut met: Vec<i64> = Vec::new();
    let mut last = None;
    loop {
        let step = app
            .app
            .read(|c| audit::list_after(c, &authority, filter.clone(), last.as_ref()));
        let step = step.unwrap();
        assert!(step.len() <= 500);
        met.extend(
            step.iter()
                .map(|event| event.object_id.parse::<i64>().unwrap()),
        );
        let Some(event) = step.into_iter().next_back() else {
            break;
        };
        last = Some(event);
        // What is newer than the beginning of the walk does not move it.
        app.database.execute(&format!(
            "INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
             VALUES ('new-{}', {}, 'cli:many', 'thing.done', 'thing', '0', '{{}}', '')",
            met.len(),
            app.clock.now().millis() + 1_000_000
        ));
    }
    assert_eq!(met, (1..=1_201).rev().collect::<Vec<_>>());
}
