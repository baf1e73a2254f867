//! What had ended stays ended when the clock is set back, and all else goes on.

use mintmark::domain::clients::{self, Rotation};
use mintmark::jobs;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;
use mintmark::store::clock_marks;

use super::warnings;
use crate::support::{Browser, Credentials, TestApp};

const FORM: &str = "grant_type=client_credentials";
const ME: &str = "/console/api/v2/me";

#[test]
fn a_clock_that_is_set_back_revives_neither_client_nor_secret_nor_token_nor_session() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let ends_at = app.act().now.plus_seconds(60);
    let ends = app.create_client(None, "users:read", |new| new.expires_at = Some(ends_at));
    let stays = app.create_key("ivan", "openid");
    let rotated = app.create_key("ivan", "openid");
    let id = ClientId::parse(&rotated.client_id).unwrap();
    let keys = &app.app.digest_keys;
    app.write(|c, act| clients::rotate(c, act, keys, &id, Rotation::of(60)));
    let short = app.create_client(Some("ivan"), "openid", |new| new.lifetime = 60);
    let token = app.token(&short).access_token;
    let mut browser = Browser::signed_in(&app, "ivan", "correct horse battery");
    app.advance(31 * 60);
    let mut refused = |app: &TestApp| {
        for of in [&ends, &rotated] {
            assert_eq!(app.post_token(of, FORM).status, 401);
        }
        assert_eq!(app.get(ME, &token).status, 401);
        let page = browser.get("/console/profile");
        assert_eq!(page.status, 303, "led to the sign-in");
    };
    refused(&app);
    for back in [120, 3600] {
        app.clock.set_by(-back);
        app.app.time.look();
        assert_eq!(warnings(&app), ["clock-behind"]);
        refused(&app);
        goes_on(&app, &stays);
        app.advance(60);
        refused(&app);
        goes_on(&app, &stays);
    }
}

/// A good client gets tokens, and they are good.
fn goes_on(app: &TestApp, client: &Credentials) {
    let token = app.token(client).access_token;
    assert_eq!(app.get(ME, &token).status, 200);
}

#[test]
fn what_has_ended_by_another_server_s_clock_has_ended_here() {
    let app = TestApp::start();
    let ends_at = app.act().now.plus_seconds(600);
    let ends = app.create_client(None, "users:read", |new| new.expires_at = Some(ends_at));
    let stays = app.create_key("admin", "openid");
    goes_on_with(&app, &ends, 200);
    // As the other one writes it down once a minute.
    let there = ends_at.plus_seconds(60);
    app.write(|c, _| Ok(clock_marks::raise(c, there)?));
    jobs::time::keep(&app.app).unwrap();
    assert_eq!(warnings(&app), ["clock-behind"]);
    assert!(app.act().now >= there || app.app.clock.now() >= there);
    goes_on_with(&app, &ends, 401);
    goes_on(&app, &stays);
}

fn goes_on_with(app: &TestApp, client: &Credentials, status: u16) {
    assert_eq!(app.post_token(client, FORM).status, status);
}

#[test]
fn a_jump_of_seconds_ends_nothing_and_what_is_made_meanwhile_lives_no_longer() {
    let app = TestApp::start();
    let ends_at = app.act().now.plus_seconds(3600);
    let ends = app.create_client(Some("admin"), "openid", |new| {
        new.expires_at = Some(ends_at)
    });
    let began = app.act().now.seconds();
    app.clock.set_by(400 * 24 * 3600);
    app.app.time.look();
    assert_eq!(warnings(&app), ["clock-ahead"]);
    let token = app.token(&ends);
    assert_eq!(app.get(ME, &token.access_token).status, 200);
    let payload = token.access_token.split('.').nth(1).unwrap();
    let claims: serde_json::Value =
        serde_json::from_slice(&crate::bearer::forge::decode(payload)).unwrap();
    assert!(claims["exp"].as_i64().unwrap() <= began + 3600, "{claims}");
    app.clock.set_by(-400 * 24 * 3600);
    app.app.time.look();
    assert_eq!(warnings(&app), [""; 0]);
    goes_on(&app, &ends);
}
