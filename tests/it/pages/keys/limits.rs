//! A key's limits: chosen, shown, narrowed; expired keys.

use mintmark::model::scope::Role;
use mintmark::model::timestamp::Timestamp;

use super::{GRANT, KEYS, PASSWORD, create, credentials, location, path};
use crate::support::{Browser, Credentials, TestApp, form};

fn edit(browser: &mut Browser<'_>, key: &Credentials, typed: &[(&str, &str)]) -> String {
    let action = format!("{}/edit", path(key));
    let page = browser.get(&action);
    location(&browser.submit(&page, &action, typed)).to_owned()
}

#[test]
fn a_key_is_narrowed_and_what_the_form_left_alone_stays() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let typed = [
        ("name", "ci"),
        ("scope", "openid"),
        ("scope", "keys:read"),
        ("networks", "127.0.0.0/8, 192.0.2.7"),
        ("expiry", "365"),
    ];
    let key = credentials(&create(&mut browser, &typed));
    let before = app.client(&key);
    assert_eq!(
        before.allowed_networks.to_string(),
        "127.0.0.0/8 192.0.2.7/32"
    );
    let token = app.token(&key).access_token;
    let action = format!("{}/edit", path(&key));
    let sent = form(&browser.get(&action), &action);
    let has = |name: &str, value: &str| sent.contains(&(name.to_owned(), value.to_owned()));
    assert!(
        has("expiry", "keep") && has("scope", "openid") && has("scope", "keys:read"),
        "{sent:?}"
    );
    assert_eq!(
        edit(&mut browser, &key, &[("name", "ci 2"), ("scope", "openid")]),
        path(&key)
    );
    let after = app.client(&key);
    assert_eq!(after.scope.to_string(), "openid");
    assert_eq!(
        (
            after.name.as_str(),
            after.expires_at,
            &after.allowed_networks
        ),
        ("ci 2", before.expires_at, &before.allowed_networks)
    );
    // The token of before is worth no more than the key is now.
    let me = app.get("/console/api/v2/me", &token).json();
    assert_eq!(me["access-tokens"], serde_json::json!([]));
    // From a network that is not allowed there is no token.
    edit(&mut browser, &key, &[("networks", "192.0.2.7")]);
    assert_eq!(app.post_token(&key, GRANT).status, 401);
}

#[test]
fn an_end_is_a_date_to_its_last_moment_or_never() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let day = app.act().now.plus_seconds(10 * 24 * 3600).to_string()[..10].to_owned();
    let typed = [
        ("name", "a"),
        ("expiry", "date"),
        ("expiry_date", day.as_str()),
    ];
    let key = credentials(&create(&mut browser, &typed));
    let end = Timestamp::parse(&format!("{day}T00:00:00Z"))
        .unwrap()
        .plus_seconds(24 * 3600);
    assert_eq!(app.client(&key).expires_at, Some(end));
    // The last day that a date can name means that day, not the one after it.
    let typed = [
        ("name", "last"),
        ("expiry", "date"),
        ("expiry_date", "9999-12-31"),
    ];
    let last = credentials(&create(&mut browser, &typed));
    assert_eq!(app.client(&last).expires_at, Some(Timestamp::LATEST));
    let listed = browser.get(KEYS);
    assert!(listed.text().contains("9999-12-31"), "{}", listed.text());
    let page = browser.get(&format!("{KEYS}/new"));
    assert!(
        page.text()
            .contains("A key that never expires works until somebody remembers it")
    );
    let key = credentials(&create(&mut browser, &[("name", "b"), ("expiry", "never")]));
    assert_eq!(app.client(&key).expires_at, None);
}

#[test]
fn a_key_says_when_it_ends_soon_and_when_it_has_ended() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let key = credentials(&create(&mut browser, &[("name", "ci"), ("expiry", "30")]));
    let page = |app: &TestApp| Browser::of(app, &user).get(KEYS).text();
    assert!(page(&app).contains(">active<"), "{}", page(&app));
    app.advance(23 * 24 * 3600);
    assert!(page(&app).contains(">expires soon<"), "{}", page(&app));
    app.token(&key);
    app.advance(7 * 24 * 3600);
    assert!(page(&app).contains(">expired<"), "{}", page(&app));
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    let own = Browser::of(&app, &user).get(&path(&key)).text();
    assert!(
        own.contains("It is cleared away 90 days after it expired."),
        "{own}"
    );
}

#[test]
fn a_field_that_an_edit_leaves_out_widens_nothing() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let typed = [
        ("name", "ci"),
        ("scope", "openid"),
        ("scope", "keys:read"),
        ("networks", "192.0.2.0/24"),
    ];
    let key = credentials(&create(&mut browser, &typed));
    let before = app.client(&key);
    let action = format!("{}/edit", path(&key));
    let page = browser.get(&action);
    let token = form(&page, &action)[0].1.clone();
    let empty = browser.post(&action, &[("form_token", &token)]);
    assert_eq!(empty.status, 422, "{}", empty.text());
    assert_eq!(app.client(&key), before);
    let left_out = [
        ("form_token", token.as_str()),
        ("name", "ci"),
        ("scope", "openid"),
    ];
    assert_eq!(location(&browser.post(&action, &left_out)), path(&key));
    let after = app.client(&key);
    assert_eq!(after.scope.to_string(), "openid");
    assert_eq!(
        (&after.name, after.expires_at, &after.allowed_networks),
        (&before.name, before.expires_at, &before.allowed_networks)
    );
    // What is cleared is not left out.
    edit(&mut browser, &key, &[("networks", "")]);
    assert!(app.client(&key).allowed_networks.is_empty());
}

#[test]
fn no_edit_lets_a_key_do_what_it_could_not() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let typed = [("name", "ci"), ("scope", "openid"), ("scope", "keys:read")];
    let key = credentials(&create(&mut browser, &typed));
    let action = format!("{}/edit", path(&key));
    let wide = browser.get(&action);
    assert!(
        !wide.text().contains("value=\"users:read\""),
        "{}",
        wide.text()
    );
    let refused = browser.submit(&wide, &action, &[("scope", "users:read")]);
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("One of these cannot be given now."),
        "{}",
        refused.text()
    );
    edit(&mut browser, &key, &[("scope", "openid")]);
    // Neither does the form that was opened before it was narrowed.
    assert_eq!(browser.submit(&wide, &action, &[]).status, 422);
    assert_eq!(app.client(&key).scope.to_string(), "openid");
}

#[test]
fn a_scope_of_an_application_is_taken_back_and_not_added() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let lists = app
        .database
        .query("SELECT user_list_id AS text FROM users WHERE login = 'ivan'");
    let (id, _) = crate::token::create_application(&app, "crm", &lists);
    let admin = app.create_key("admin", "applications:read applications:write");
    let scopes = serde_json::json!({"scopes": [
        {"name": "deals:read", "description": "See deals"},
        {"name": "deals:write", "description": "Change deals"},
    ]});
    let request = crate::support::Request::json(
        "PATCH",
        &format!("/console/api/v2/applications/{id}"),
        &scopes,
    );
    let changed = app.send(request.bearer(&app.token(&admin).access_token));
    assert_eq!(changed.status, 200, "{}", changed.text());
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let (read, write) = (format!("{id} deals:read"), format!("{id} deals:write"));
    let typed = [("name", "ci"), ("application_scope", read.as_str())];
    let key = credentials(&create(&mut browser, &typed));
    let action = format!("{}/edit", path(&key));
    let page = browser.get(&action);
    assert!(page.text().contains("deals:read"), "{}", page.text());
    assert!(!page.text().contains("deals:write"), "{}", page.text());
    let more = [
        ("application_scope", read.as_str()),
        ("application_scope", write.as_str()),
    ];
    assert_eq!(browser.submit(&page, &action, &more).status, 422);
    let token = form(&page, &action)[0].1.clone();
    let none = browser.post(&action, &[("form_token", &token), ("name", "ci")]);
    assert_eq!(location(&none), path(&key));
    assert!(app.client(&key).application_scopes.is_empty());
}

#[test]
fn a_new_key_has_an_end_of_its_own_or_says_never() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for expiry in ["keep", ""] {
        let typed = [("name", "ci"), ("expiry", expiry)];
        let refused = create(&mut browser, &typed);
        assert_eq!(refused.status, 422, "{expiry}");
        assert!(refused.text().contains("A date from tomorrow on"));
    }
    let list = browser.get(KEYS);
    assert!(list.text().contains("You have no access keys"));
}
