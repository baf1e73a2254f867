//! Keys whose time is over: they say so, and are cleared away after a stated time.

use mintmark::domain::clients::EXPIRED_KEPT;
use mintmark::jobs::expired::clear_expired;
use serde_json::{Value, json};

use super::{CLIENTS, Desk, credentials, error, named, one};

#[test]
fn an_expired_key_says_so_and_is_cleared_ninety_days_later() {
    let desk = Desk::new();
    let soon = json!(desk.at(60));
    let with_end = |mut body: Value| {
        body["expires-at"] = soon.clone();
        body
    };
    let keys = desk.keys();
    let key = desk.make(&keys, &desk.admin, &with_end(named("ends")));
    let service = desk.make(CLIENTS, &desk.admin, &with_end(json!({"name": "ends"})));
    let stays = desk.make(&keys, &desk.admin, &named("stays"));
    let later = json!({"description": "later", "expires-at": desk.at(61)});
    let later = desk.make(&keys, &desk.admin, &later);
    desk.app.advance(60);
    let service_path = one(CLIENTS, &service);
    let ends = [one(&keys, &key), service_path.clone()];
    let goes_on = [one(&keys, &stays), one(&keys, &later)];

    // The administrator's token lives for an hour only.
    let fresh = || {
        desk.app
            .token(&desk.app.create_key("admin", "keys:read keys:write openid"))
            .access_token
    };
    let admin = fresh();
    for path in &ends {
        assert_eq!(desk.app.get(path, &admin).json()["expired"], json!(true));
    }
    for path in &goes_on {
        assert_eq!(desk.app.get(path, &admin).json()["expired"], json!(false));
    }
    assert_eq!(desk.status(&credentials(&key)), 401);

    // On the last moment of the time all of it is there, and a moment later it is gone.
    desk.app.advance(u64::try_from(EXPIRED_KEPT).unwrap());
    clear_expired(&desk.app.app).unwrap();
    let admin = fresh();
    for path in ends.iter().chain(&goes_on) {
        assert_eq!(desk.app.get(path, &admin).status, 200, "{path}");
    }
    desk.app.advance(1);
    clear_expired(&desk.app.app).unwrap();
    let admin = fresh();
    let missing = |what: &str| error(404, 5, "NOT_FOUND", &format!("No such {what}."), "");
    assert_eq!(
        desk.app.get(&ends[0], &admin).whole(),
        missing("access key")
    );
    assert_eq!(
        desk.app.get(&ends[1], &admin).whole(),
        missing("service client")
    );
    for path in &goes_on {
        assert_eq!(desk.app.get(path, &admin).status, 200, "{path}");
    }
    let id = key["client-id"].as_str().unwrap();
    let events = desk.app.database.query(&format!(
        "SELECT actor || ' ' || details AS text FROM audit_events \
         WHERE kind = 'client.deleted' AND object_id = '{id}'"
    ));
    let (actor, details) = events[0].split_once(' ').unwrap();
    let details: Value = serde_json::from_str(details).unwrap();
    assert_eq!((events.len(), actor), (1, "server"));
    assert_eq!(details["because"], "it expired 90 days ago");
    assert_eq!(
        (&details["name"], &details["expires-at"]),
        (&json!("ends"), &soon)
    );
    let before = desk.state();
    clear_expired(&desk.app.app).unwrap();
    assert_eq!(desk.state(), before);
}

#[test]
fn many_expired_keys_are_cleared_some_at_a_time() {
    let desk = Desk::new();
    let ends_at = desk.now().plus_seconds(1);
    for _ in 0..230 {
        desk.app
            .create_client(None, "", |new| new.expires_at = Some(ends_at));
    }
    // They are not nearly all.
    for _ in 0..30 {
        desk.app.create_service("");
    }
    let living = "SELECT CAST(count(*) AS TEXT) AS text FROM clients WHERE deleted_at IS NULL AND expires_at IS NOT NULL AND user_id IS NULL";
    assert_eq!(desk.app.database.query(living), ["230"]);
    desk.app.advance(u64::try_from(EXPIRED_KEPT).unwrap() + 2);
    clear_expired(&desk.app.app).unwrap();
    assert_eq!(desk.app.database.query(living), ["0"]);
}
