//! What is done at the same time as a right is taken away: nothing of it after that was answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mintmark::domain::user_changes::{self, UserUpdate};
use mintmark::domain::{Act, DomainError, clients, users};
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::scope::{Role, Scope, ScopeSet};
use mintmark::store::{AnyConnection, Database};
use serde_json::{Value, json};

use super::{API, Attempt, Stage};
use crate::support::{Credentials, Request, send};

const CALLERS: usize = 24;

/// How many changes of clients are committed, but for those of whoever prepares and takes away.
fn committed(stage: &Stage, by: &Credentials) -> usize {
    let query = format!(
        "SELECT CAST(count(*) AS TEXT) AS text FROM audit_events \
         WHERE kind = 'client.updated' AND key = '{}'",
        by.client_id
    );
    stage.app.database.query(&query)[0].parse().unwrap()
}

/// Lets many change things with the token of one key of `second`'s, takes something away meanwhile,
/// and holds that nothing is committed after that was answered.
fn hold(stage: &Stage, what: &str, scope: &str, take_away: impl Fn(&Stage, &Credentials)) {
    let key = stage.app.create_key("second", scope);
    let token = stage.app.token(&key).access_token;
    let target = stage.app.create_service("");
    let path = format!("{API}/clients/{}", target.client_id);
    let is_over = AtomicBool::new(false);
    let before = std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (token, path, is_over) = (&token, &path, &is_over);
            scope.spawn(move || {
                let mut done = 0;
                while !is_over.load(Ordering::Acquire) {
                    let body = json!({"description": format!("{caller} {done}")});
                    let request = Request::json("PATCH", path, &body).bearer(token);
                    // 503 when a loaded machine makes it wait for too long.
                    match send(stage.app.address, &request).status {
                        200 | 503 => done += 1,
                        // Whoever has lost the role finds no service client.
                        401 | 403 | 404 => break,
                        other => panic!("{other}"),
                    }
                }
            });
        }
        let began = Instant::now();
        while committed(stage, &key) < CALLERS {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: slow");
            std::thread::sleep(Duration::from_millis(5));
        }
        take_away(stage, &key);
        let before = committed(stage, &key);
        // Whoever waits for a turn has had it by then: 1.5 s is the longest that anybody waits.
        std::thread::sleep(Duration::from_millis(2000));
        is_over.store(true, Ordering::Release);
        before
    });
    assert_eq!(committed(stage, &key), before, "{what}");
}

/// An act of the administrator's that succeeds.
fn by_admin(stage: &Stage, method: &str, path: String, body: Option<Value>) {
    // Where many write, one may have to try again.
    for _ in 0..50 {
        let done = stage.call(
            &stage.all,
            &Attempt::new("", method, path.clone(), body.clone()),
        );
        if done.status != 503 {
            assert!(done.status < 300, "{}", done.whole());
            return;
        }
    }
    panic!("{method} {path}: only 503");
}

#[test]
fn nothing_is_changed_after_the_key_was_disabled_cut_off_or_deleted() {
    let stage = Stage::set();
    let path = |key: &Credentials| Stage::key_path(&stage.second, key);
    hold(&stage, "disabled", "keys:write", |stage, key| {
        by_admin(stage, "PATCH", path(key), Some(json!({"disabled": true})));
    });
    hold(&stage, "cut off", "keys:write", |stage, key| {
        by_admin(stage, "POST", format!("{}/cut-off", path(key)), None);
    });
    hold(&stage, "deleted", "keys:write", |stage, key| {
        by_admin(stage, "DELETE", path(key), None);
    });
}

#[test]
fn nothing_is_changed_after_the_key_lost_its_scope_network_or_owner() {
    let stage = Stage::set();
    let path = |key: &Credentials| Stage::key_path(&stage.second, key);
    hold(&stage, "narrowed", "keys:read keys:write", |stage, key| {
        let narrower = json!({"scopes": ["keys:read"]});
        by_admin(stage, "PATCH", path(key), Some(narrower));
    });
    hold(&stage, "bound to networks", "keys:write", |stage, key| {
        let elsewhere = json!({"allowed-networks": ["192.0.2.0/24"]});
        by_admin(stage, "PATCH", path(key), Some(elsewhere));
    });
    hold(&stage, "owner disabled", "keys:write", |stage, _| {
        let off = json!({"is-active": false});
        by_admin(stage, "PUT", Stage::user_path(&stage.second), Some(off));
    });
}

#[test]
fn nothing_is_changed_after_the_owner_lost_the_role() {
    let stage = Stage::set();
    hold(&stage, "demoted", "keys:write", |stage, _| {
        let member = json!({"role": "member"});
        by_admin(stage, "PUT", Stage::user_path(&stage.second), Some(member));
    });
}

/// Takes something away in a transaction of another process, as the command line does it, and lets many
/// wait for the lane meanwhile whose right was looked at before: none of them changes anything.
fn hold_waiting(
    stage: &Stage,
    what: &str,
    take_away: impl Fn(&mut AnyConnection, &Act, &ClientId) -> Result<(), DomainError>,
) {
    let key = stage.app.create_key("second", "keys:read keys:write");
    let token = stage.app.token(&key).access_token;
    let id = ClientId::parse(&key.client_id).unwrap();
    let target = stage.app.create_service("");
    let path = format!("{API}/clients/{}", target.client_id);
    let change = |text: String| {
        let request = Request::json("PATCH", &path, &json!({"description": text}));
        send(stage.app.address, &request.bearer(&token)).status
    };
    assert_eq!(change("first".to_owned()), 200, "{what}: it may");
    let other = Database::open(&stage.app.database.url(), 1).unwrap();
    let act = stage.app.act();
    std::thread::scope(|scope| {
        let taken = other.write(|c| {
            take_away(c, &act, &id)?;
            for caller in 0..CALLERS {
                let change = &change;
                scope.spawn(move || {
                    let status = change(format!("after {caller}"));
                    let is_refused = matches!(status, 401 | 403 | 404 | 503);
                    assert!(is_refused, "{status}: it was done after that");
                });
            }
            // They wait for the lane by then. One that a loaded machine lets come later is refused as
            // well, so that this can be too short to find a fault, and never finds one that is not there.
            std::thread::sleep(Duration::from_millis(500));
            Ok::<_, DomainError>(())
        });
        taken.unwrap();
    });
    assert_eq!(committed(stage, &key), 1, "{what}");
}

#[test]
fn nothing_that_waited_for_the_lane_is_done_after_the_right_to_it_went() {
    let stage = Stage::set();
    let update = |update: fn() -> clients::ClientUpdate| {
        move |c: &mut AnyConnection, act: &Act, id: &ClientId| {
            clients::update(c, act, id, update()).map(drop)
        }
    };
    hold_waiting(&stage, "disabled", |c, act, id| {
        clients::disable(c, act, id).map(drop)
    });
    hold_waiting(&stage, "cut off", |c, act, id| {
        clients::cut_off(c, act, id).map(drop)
    });
    hold_waiting(&stage, "deleted", clients::delete);
    let narrowed = update(|| clients::ClientUpdate {
        scope: Some(ScopeSet::of(&[Scope::KeysRead])),
        ..Default::default()
    });
    hold_waiting(&stage, "narrowed", narrowed);
    let bound = update(|| clients::ClientUpdate {
        allowed_networks: Some(Networks::parse("192.0.2.0/24").unwrap()),
        ..Default::default()
    });
    hold_waiting(&stage, "bound to networks", bound);
    hold_waiting(&stage, "owner disabled", |c, act, _| {
        users::disable(c, act, &stage.second)
    });
    stage.app.write(|c, act| {
        let off = users::find_by_login(c, "second")?;
        users::enable(c, act, &off)
    });
    hold_waiting(&stage, "owner demoted", |c, act, _| {
        let member = UserUpdate {
            role: Some(Role::Member),
            ..UserUpdate::default()
        };
        let of = (stage.second.user_list_id, stage.second.id);
        user_changes::update(c, act, of, member).map(drop)
    });
}

/// A body that takes its time: what is decided is decided when it is done.
#[test]
fn a_new_key_is_bound_as_the_one_that_makes_it_is_at_that_moment() {
    let stage = Stage::set();
    let key = stage.app.create_key("admin", "keys:write");
    let token = stage.app.token(&key).access_token;
    let end = stage.app.act().now.plus_seconds(7200);
    // By a process of its own, as the command line is: nobody here has followed it yet.
    let id = ClientId::parse(&key.client_id).unwrap();
    let other = mintmark::store::Database::open(&stage.app.database.url(), 1).unwrap();
    let act = stage.app.act();
    let update = clients::ClientUpdate {
        expires_at: Some(Some(end)),
        ..clients::ClientUpdate::default()
    };
    other
        .write(|c| clients::update(c, &act, &id, update))
        .unwrap();
    let make = Attempt::post(
        "",
        Stage::keys_path(&stage.admin),
        json!({"description": "x"}),
    );
    let made = stage.call(&token, &make);
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["expires-at"], end.to_string());
    // Nor does a demotion that was made elsewhere leave what a role could do.
    let second = stage.app.create_key("second", "keys:write users:write");
    let second = stage.app.token(&second).access_token;
    other
        .write(|c| {
            let update = mintmark::domain::user_changes::UserUpdate {
                role: Some(Role::Member),
                ..Default::default()
            };
            let user = users::find_by_login(c, "second")?;
            let of = (user.user_list_id, user.id);
            mintmark::domain::user_changes::update(c, &act, of, update)
        })
        .unwrap();
    let off = Attempt::new(
        "",
        "PUT",
        Stage::user_path(&stage.member),
        Some(json!({"is-active": false})),
    );
    assert_eq!(stage.call(&second, &off).status, 403);
}
