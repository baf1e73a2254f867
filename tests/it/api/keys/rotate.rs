//! `POST .../rotate`: a second secret beside the first, and the first one ended.

use serde_json::{Value, json};

use super::{Desk, credentials, error, failed_precondition, invalid, named, one, shown};

const TWO: &str = "the client has two secrets already: wait until the older one ends";

fn secrets(key: &Value) -> &Vec<Value> {
    key["secrets"].as_array().unwrap()
}

#[test]
fn both_secrets_work_until_the_older_one_ends_and_each_is_shown_without_itself() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    let old = credentials(&made);
    let token = desk.app.token(&old).access_token;
    desk.app.advance(10);
    let answer = desk.post(
        &format!("{path}/rotate"),
        &desk.admin,
        &json!({"old-ends-in": 600}),
    );
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store"))
    );
    let rotated = answer.json();
    let new = credentials(&rotated);
    assert_eq!(new.client_id, old.client_id);
    assert_ne!(new.client_secret, old.client_secret);
    let mut expected = made.clone();
    expected["client-secret"] = json!(new.client_secret);
    expected["secrets"][0]["expires-at"] = json!(desk.at(600));
    let second = json!({
        "id": rotated["secrets"][1]["id"], "created-at": desk.at(0), "expires-at": null,
        "last-used-at": null, "last-used-from": null,
    });
    expected["secrets"].as_array_mut().unwrap().push(second);
    assert_eq!(rotated, expected);
    assert_ne!(rotated["secrets"][0]["id"], rotated["secrets"][1]["id"]);
    let found = desk.app.get(&path, &desk.admin);
    assert_eq!(found.json(), shown(&rotated));
    assert!(!found.text().contains("mms_"));

    // What it gets ends with it, and less than a minute is of no use.
    desk.app.advance(540);
    assert_eq!([desk.status(&old), desk.status(&new)], [200, 200]);
    desk.app.advance(1);
    assert_eq!([desk.status(&old), desk.status(&new)], [401, 200]);
    desk.app.advance(59);
    assert_eq!(secrets(&desk.app.get(&path, &desk.admin).json()).len(), 1);
    // A rotation cuts nothing off that was issued.
    assert_eq!(desk.app.get("/console/api/v2/me", &token).status, 200);
}

#[test]
fn the_older_secret_ends_in_a_day_unless_it_is_said_when() {
    let desk = Desk::new();
    for (body, seconds) in [
        (json!({}), 86_400),
        (json!({"old-ends-in": null}), 86_400),
        (json!({"old-ends-in": 1}), 1),
        (json!({"old-ends-in": 604_800}), 604_800),
    ] {
        let path = one(
            &desk.keys(),
            &desk.make(&desk.keys(), &desk.admin, &named("key")),
        );
        let rotated = desk
            .post(&format!("{path}/rotate"), &desk.admin, &body)
            .json();
        let ends: Vec<&Value> = secrets(&rotated).iter().map(|s| &s["expires-at"]).collect();
        assert!(ends.contains(&&json!(desk.at(seconds))), "{body}: {ends:?}");
        assert!(ends.contains(&&json!(null)) && ends.len() == 2, "{ends:?}");
    }
    let path = one(
        &desk.keys(),
        &desk.make(&desk.keys(), &desk.admin, &named("key")),
    );
    let before = desk.state();
    for wrong in [-1, 604_801] {
        let body = json!({"old-ends-in": wrong});
        let refused = desk.post(&format!("{path}/rotate"), &desk.admin, &body);
        let reason = "is 0 to 604800 seconds: 7 days at most";
        assert_eq!(refused.whole(), invalid("old-ends-in", reason));
    }
    for wrong in [json!(1.5), json!("1h"), json!(true)] {
        let body = json!({"old-ends-in": wrong});
        assert_eq!(
            desk.post(&format!("{path}/rotate"), &desk.admin, &body)
                .status,
            400
        );
    }
    assert_eq!(desk.state(), before);
}

#[test]
fn a_third_secret_is_refused_while_two_live_and_zero_ends_them_all() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let rotate = format!("{}/rotate", one(&desk.keys(), &made));
    let second = desk
        .post(&rotate, &desk.admin, &json!({"old-ends-in": 600}))
        .json();
    let before = desk.state();
    for seconds in [1, 600, 604_800] {
        let refused = desk.post(&rotate, &desk.admin, &json!({"old-ends-in": seconds}));
        assert_eq!(refused.whole(), failed_precondition(TWO));
    }
    assert_eq!(desk.state(), before);
    let third = desk.post(&rotate, &desk.admin, &json!({"old-ends-in": 0}));
    assert_eq!(third.status, 200);
    let third = third.json();
    assert_eq!(secrets(&third).len(), 1);
    let live = [&made, &second, &third].map(|answer| desk.status(&credentials(answer)));
    assert_eq!(live, [401, 401, 200]);
    // When the older one has ended by itself, there is room.
    desk.post(&rotate, &desk.admin, &json!({"old-ends-in": 60}));
    desk.app.advance(60);
    assert_eq!(desk.post(&rotate, &desk.admin, &json!({})).status, 200);
}

#[test]
fn the_older_of_two_secrets_can_be_ended_and_the_newest_cannot() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    let id = |secret: &Value| secret["id"].as_str().unwrap().to_owned();
    let first = id(&made["secrets"][0]);
    desk.app.advance(1);
    let newest = "this is the client's newest secret: rotate the client, or disable it";
    let remove =
        |secret: &str| desk.call("DELETE", &format!("{path}/secrets/{secret}"), &desk.admin);
    assert_eq!(remove(&first).whole(), failed_precondition(newest));
    let rotated = desk
        .post(&format!("{path}/rotate"), &desk.admin, &json!({}))
        .json();
    let second = id(&rotated["secrets"][1]);
    let before = desk.state();
    assert_eq!(remove(&second).whole(), failed_precondition(newest));
    let missing = error(404, 5, "NOT_FOUND", "No such secret.", "");
    assert_eq!(
        remove("1eeb5447-c5bb-6867-b776-199d8903fded").whole(),
        missing
    );
    // Another key's secret is none of this one's.
    assert_eq!(desk.state(), before);
    let other = desk.make(&desk.keys(), &desk.admin, &named("other"));
    assert_eq!(remove(&id(&other["secrets"][0])).whole(), missing);
    assert_eq!(remove(&first).whole(), "204\ncache-control: no-store\n\n");
    assert_eq!(
        [
            desk.status(&credentials(&made)),
            desk.status(&credentials(&rotated))
        ],
        [401, 200]
    );
    let left = desk.app.get(&path, &desk.admin).json();
    assert_eq!(left["secrets"], json!([rotated["secrets"][1]]));
    assert_eq!(remove(&first).whole(), missing);
    // A secret that has ended by itself is gone as well.
    desk.post(
        &format!("{path}/rotate"),
        &desk.admin,
        &json!({"old-ends-in": 1}),
    );
    desk.app.advance(1);
    assert_eq!(remove(&second).whole(), missing);
}

#[test]
fn what_was_done_to_secrets_stands_in_the_audit_log_without_them() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    desk.app.advance(1);
    let rotated = desk
        .post(
            &format!("{path}/rotate"),
            &desk.admin,
            &json!({"old-ends-in": 60}),
        )
        .json();
    let old = &made["secrets"][0]["id"];
    desk.app.advance(1);
    desk.call(
        "DELETE",
        &format!("{path}/secrets/{}", old.as_str().unwrap()),
        &desk.admin,
    );
    let query = format!(
        "SELECT kind || ' ' || details AS text FROM audit_events WHERE object_id = '{}' ORDER BY at",
        made["client-id"].as_str().unwrap()
    );
    let events = desk.app.database.query(&query);
    let rotated_at = desk.at(-1 + 60);
    let new = rotated["secrets"][1]["id"].as_str().unwrap();
    assert_eq!(events.len(), 3, "{events:?}");
    let expected = format!(
        "client.rotated {{\"name\":\"key\",\"old-ends-at\":\"{rotated_at}\",\"secret\":\"{new}\"}}"
    );
    assert_eq!(events[1], expected);
    assert_eq!(
        events[2],
        format!("client.secret_removed {{\"name\":\"key\",\"secret\":{old}}}")
    );
    assert!(!events.concat().contains("mms_"), "{events:?}");
}
