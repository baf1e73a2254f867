//! How many changes one caller may make, and that a flood of one caller's leaves the lane to others.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mintmark::domain::write_budget::WriteLimits;
use mintmark::model::scope::Role;
use mintmark::store::{Database, StoreError};
use serde_json::{Value, json};

use crate::support::{Browser, Credentials, Request, TestApp, count, form, send, settings};

const KEYS: &str = "/console/profile/keys";
const SPENT: &str = "429\ncache-control: no-store\ncontent-type: application/json\nretry-after: SECONDS\n\n{\"code\":8,\"status\":\"RESOURCE_EXHAUSTED\",\
    \"message\":\"Too many changes within a short time. Try again later.\",\"details\":\"\"}";

/// The events of what was done, not of what was refused or noted by itself.
const CHANGES: &str = "SELECT id AS text FROM audit_events WHERE kind NOT LIKE '%refused' AND kind \
    NOT IN ('client.first_used', 'call.forbidden')";

/// A server on which a member makes six changes a minute, and everybody else sixty.
fn app() -> TestApp {
    TestApp::with(mintmark::config::ServerSettings {
        writes: WriteLimits {
            per_member: 6,
            per_caller: 60,
        },
        ..settings()
    })
}

/// Where a member's key lies in the API.
fn path(app: &TestApp, login: &str, key: &Credentials) -> String {
    let of = |column: &str| {
        let text = format!("SELECT {column} AS text FROM users WHERE login = '{login}'");
        app.database.query(&text).remove(0)
    };
    let (list, user) = (of("user_list_id"), of("id"));
    let id = &key.client_id;
    format!("/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{id}")
}

fn describe(app: &TestApp, path: &str, token: &str, text: &str) -> (u16, String, Value) {
    let body = json!({"description": text});
    let answer = app.send(Request::json("PATCH", path, &body).bearer(token));
    let retry = answer.header("retry-after").unwrap_or_default().to_owned();
    (answer.status, retry, answer.json())
}

#[test]
fn a_members_key_makes_half_of_its_users_changes_and_the_event_holds_what_changed() {
    let app = app();
    app.create_user("ivan", Role::Member);
    let key = app.create_key("ivan", "openid keys:read keys:write");
    let other = app.create_key("ivan", "openid keys:read keys:write");
    let path = path(&app, "ivan", &key);
    let [token, second] = [&key, &other].map(|key| app.token(key).access_token);
    let before = app.database.query(CHANGES).len();
    for n in 0..30 {
        let done = describe(&app, &path, &token, &format!("n{n}"));
        assert_eq!(done.0, 200, "{n}: {done:?}");
    }
    let events = "SELECT details AS text FROM audit_events WHERE kind = 'client.updated'";
    let events = app.database.query(events);
    assert_eq!(events.len(), 30);
    let wanted = json!({"name": "n29", "before": {"name": "n28"}, "after": {"name": "n29"}});
    let wanted = wanted.to_string();
    assert!(events.contains(&wanted), "{events:?}");

    let body = json!({"description": "one more"});
    let over = app.send(Request::json("PATCH", &path, &body).bearer(&token));
    let seconds = over.header("retry-after").unwrap().to_owned();
    assert!(
        (1..=21).contains(&seconds.parse::<u64>().unwrap()),
        "{seconds}"
    );
    assert_eq!(over.whole(), SPENT.replace("SECONDS", &seconds));
    // Reading and tokens go on, and nothing was written.
    assert_eq!(app.get(&path, &token).status, 200);
    assert_eq!(app.token(&key).answer["token_type"], "Bearer");
    app.flush();
    let refused = "SELECT details AS text FROM audit_events WHERE kind = 'client.change_refused'";
    let wanted = json!({"reason": "more changes than the budget", "peer": "127.0.0.1"});
    assert_eq!(app.database.query(refused), [wanted.to_string()]);
    // All keys together make no more than the user has; the administrator is another caller.
    let made = (0..40).filter(|n| describe(&app, &path, &second, &format!("m{n}")).0 == 200);
    assert_eq!(made.count(), 30);
    let admin = app.create_key("admin", "keys:read keys:write");
    let admin = app.token(&admin).access_token;
    assert_eq!(describe(&app, &path, &admin, "by another").0, 200);
    let after = app.database.query(CHANGES).len();
    assert_eq!(
        after,
        before + 61 + 1,
        "the changes, and the administrator's key"
    );
    // It refills: a key's in twenty seconds by one.
    app.advance(20);
    assert_eq!(describe(&app, &path, &token, "again").0, 200);
    assert_eq!(describe(&app, &path, &token, "too soon").0, 429);
}

#[test]
fn on_the_pages_a_spent_budget_is_told_in_words() {
    let app = app();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", "correct horse battery");
    let page = browser.get(&format!("{KEYS}/new"));
    let mut told = None;
    for n in 0..61 {
        let name = format!("k{n}");
        let answer = browser.submit(&page, KEYS, &[("name", name.as_str()), ("scope", "openid")]);
        if answer.status == 429 {
            told = Some(answer);
            break;
        }
    }
    let told = told.expect("the budget is spent by sixty tries");
    let seconds = told.header("retry-after").unwrap();
    let words = format!("Try again in {seconds} s.");
    assert!(told.text().contains(&words), "{}", told.text());
    assert!(!form(&page, KEYS).is_empty());
    // To read goes on.
    assert_eq!(browser.get(KEYS).status, 200);
}

#[test]
fn a_pass_of_a_provisioning_script_is_not_slowed() {
    let app = TestApp::start();
    let service = app.create_service("keys:read keys:write");
    let token = app.token(&service).access_token;
    let path = format!("/console/api/v2/clients/{}", service.client_id);
    let began = Instant::now();
    let changes = count(200, 5000);
    for n in 0..changes {
        let done = describe(&app, &path, &token, &format!("pass {n}"));
        assert_eq!(done.0, 200, "{n}: {done:?}");
    }
    let rate = changes as f64 / began.elapsed().as_secs_f64();
    println!("{changes} changes of one script: {rate:.0} a second, none refused");
}

#[test]
fn a_flood_of_one_callers_changes_leaves_the_lane_to_others() {
    let app = TestApp::start();
    let flooding = app.create_service("keys:read keys:write");
    let flood = app.token(&flooding).access_token;
    let flooded = format!("/console/api/v2/clients/{}", flooding.client_id);
    let admin = app.create_key("admin", "keys:read keys:write");
    let admin = app.token(&admin).access_token;
    let target = app.create_service("keys:read");
    let target = format!("/console/api/v2/clients/{}", target.client_id);
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut slowest = 0;
    std::thread::scope(|scope| {
        for worker in 0..32 {
            let (app, stop, sent, flood, flooded) = (&app, &stop, &sent, &flood, &flooded);
            scope.spawn(move || {
                let mut n = 0;
                while !stop.load(Ordering::Acquire) {
                    let body = json!({"description": format!("{worker} {n}")});
                    let request = Request::json("PATCH", flooded, &body).bearer(flood);
                    send(app.address, &request);
                    sent.fetch_add(1, Ordering::AcqRel);
                    n += 1;
                }
            });
        }
        for n in 0..count(20, 200) {
            let began = Instant::now();
            let body = json!({"description": format!("honest {n}")});
            let request = Request::json("PATCH", &target, &body).bearer(&admin);
            let answer = send(app.address, &request);
            slowest = slowest.max(began.elapsed().as_millis());
            if answer.status != 200 {
                stop.store(true, Ordering::Release);
            }
            assert_eq!(answer.status, 200, "{n}: {}", answer.text());
        }
        stop.store(true, Ordering::Release);
    });
    let sent = sent.load(Ordering::Acquire);
    println!("beside {sent} changes of one caller the slowest of another took {slowest} ms");
}

#[test]
fn of_many_changes_of_one_caller_that_wait_few_are_before_another_callers() {
    let app = TestApp::start();
    let flooding = app.create_service("keys:read keys:write");
    let flood = app.token(&flooding).access_token;
    let admin = app.create_key("admin", "keys:read keys:write");
    let admin = app.token(&admin).access_token;
    let target = app.create_service("keys:read");
    let change = |client: &Credentials, token: &str, text: &str| {
        let path = format!("/console/api/v2/clients/{}", client.client_id);
        let request = Request::json("PATCH", &path, &json!({"description": text}));
        send(app.address, &request.bearer(token)).status
    };
    // Somebody else has the lane, until all the others wait.
    let other = Database::open(&app.database.url(), 1).unwrap();
    std::thread::scope(|scope| {
        let held = other.write(|_| {
            for n in 0..48 {
                let (change, flooding, flood) = (&change, &flooding, &flood);
                scope.spawn(move || change(flooding, flood, &format!("flood {n}")));
            }
            sleep(Duration::from_millis(400));
            let (change, target, admin) = (&change, &target, &admin);
            let honest = scope.spawn(move || change(target, admin, "honest"));
            sleep(Duration::from_millis(200));
            Ok::<_, StoreError>(honest)
        });
        assert_eq!(held.unwrap().join().unwrap(), 200);
    });
    let of = |client: &Credentials| format!("kind = 'client' AND subject = '{}'", client.client_id);
    let before = format!(
        "SELECT CAST(number AS TEXT) AS text FROM changes WHERE {} AND number < \
         (SELECT max(number) FROM changes WHERE {})",
        of(&flooding),
        of(&target)
    );
    // The one that made it, and what was in the lane or slipped in: not what waited.
    let before = app.database.query(&before).len();
    assert!(before <= 1 + 8, "{before} of 49");
}

#[test]
fn of_a_deleted_client_nothing_stays_but_whose_it_was() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid keys:read keys:write");
    let token = app.token(&key).access_token;
    let path = path(&app, "admin", &key);
    let gone = app.send(Request::new("DELETE", &path).bearer(&token));
    assert_eq!(gone.status, 204);
    let row = format!(
        "SELECT name || '|' || description || '|' || search || '|' || scope || '|' || \
         application_scopes || '|' || audiences || '|' || allowed_networks AS text FROM clients \
         WHERE id = '{}' AND user_id IS NOT NULL",
        key.client_id
    );
    assert_eq!(app.database.query(&row), ["||||{}||"]);
}
