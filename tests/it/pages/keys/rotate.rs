//! A second secret beside the first, and how the older one ends.

use mintmark::domain::user_changes::{self, UserUpdate};
use mintmark::model::scope::Role;

use super::{GRANT, KEYS, PASSWORD, create, credentials, location, path, rotate};
use crate::support::{Browser, Credentials, TestApp};

fn prepared(app: &TestApp) -> (Browser<'_>, Credentials) {
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(app, "ivan", PASSWORD);
    let key = credentials(&create(&mut browser, &[("name", "ci"), ("expiry", "90")]));
    (browser, key)
}

fn removal(app: &TestApp, key: &Credentials) -> String {
    let oldest = app.database.query(&format!(
        "SELECT id AS text FROM client_secrets WHERE client_id = '{}' ORDER BY created_at, id",
        key.client_id
    ));
    format!("{}/secrets/{}/remove", path(key), oldest[0])
}

#[test]
fn both_secrets_work_until_the_old_one_ends_by_itself() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let page = browser.get(&format!("{}/rotate", path(&key)));
    let checked = "name=\"old_ends_in\" value=\"86400\" required checked";
    assert!(page.text().contains(checked), "{}", page.text());
    app.advance(1);
    let new = credentials(&rotate(&mut browser, &key, "3600"));
    assert_eq!(new.client_id, key.client_id);
    app.token(&key);
    app.token(&new);
    let refused = rotate(&mut browser, &key, "3600");
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(
        refused.text().contains("There are two secrets already."),
        "{}",
        refused.text()
    );
    // What it gets ends with it, and less than a minute is of no use.
    app.advance(3540);
    app.token(&key);
    app.advance(1);
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    app.token(&new);
}

#[test]
fn a_leaked_secret_ends_at_once() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let new = credentials(&rotate(&mut browser, &key, "0"));
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    app.token(&new);
}

#[test]
fn a_repeated_rotation_makes_no_third_secret() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let action = format!("{}/rotate", path(&key));
    let page = browser.get(&action);
    let typed = [("old_ends_in", "0"), ("quiet_for", "3600")];
    let new = credentials(&browser.submit(&page, &action, &typed));
    let again = browser.submit(&page, &action, &typed);
    assert_eq!(again.status, 409);
    assert!(!again.text().contains("mms_"), "{}", again.text());
    app.token(&new);
}

#[test]
fn the_page_tells_of_each_secret_when_it_was_used_and_when_it_can_go() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    app.token(&key);
    app.advance(60);
    let new = credentials(&rotate(&mut browser, &key, "86400"));
    app.token(&new);
    app.flush_uses();
    let page = browser.get(&path(&key));
    assert_eq!(
        page.text().matches("from 127.0.0.1").count(),
        4,
        "{}",
        page.text()
    );
    assert!(!page.text().contains("safe to remove"), "{}", page.text());
    // What was used a short while ago is asked about first.
    let remove = removal(&app, &key);
    let asked = browser.submit(&page, &remove, &[]);
    assert_eq!(asked.status, 200);
    assert!(
        asked.text().contains("Remove a secret that is in use?"),
        "{}",
        asked.text()
    );
    let list = browser.get(KEYS).text();
    assert_eq!(list.matches("from 127.0.0.1").count(), 2, "{list}");
    assert!(
        list.contains("older:<br>") && list.contains("newest:<br>"),
        "{list}"
    );
    // An hour without a use, as was chosen: then it says so. Of the last use the minute is known; it
    // may have been at its end.
    app.advance(120 - u64::try_from(app.act().now.seconds() % 60).unwrap());
    app.token(&key);
    app.flush_uses();
    assert_eq!(browser.get(KEYS).status, 200);
    for seconds in [1700, 1700, 259] {
        app.advance(seconds);
        let page = browser.get(&path(&key));
        assert!(!page.text().contains("safe to remove"), "{}", page.text());
        assert!(!browser.get(KEYS).text().contains("safe to remove"));
    }
    app.advance(1);
    let page = browser.get(&path(&key));
    assert_eq!(
        page.text().matches("safe to remove").count(),
        1,
        "{}",
        page.text()
    );
    let list = browser.get(KEYS).text();
    let older = "older <span class=\"badge good\">safe to remove</span>:<br>";
    assert!(list.contains(older), "{list}");
    let asked = browser.submit(&page, &remove, &[]);
    let removed = browser.submit(&asked, &remove, &[]);
    assert_eq!(location(&removed), path(&key));
    assert!(
        browser
            .get(&path(&key))
            .text()
            .contains("The secret is removed.")
    );
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    app.token(&new);
    assert_eq!(browser.submit(&asked, &remove, &[]).status, 404);
}

#[test]
fn a_secret_that_was_never_used_is_removed_at_the_first_asking() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    app.advance(1);
    let new = credentials(&rotate(&mut browser, &key, "86400"));
    let page = browser.get(&path(&key));
    let remove = removal(&app, &key);
    assert_eq!(location(&browser.submit(&page, &remove, &[])), path(&key));
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    app.token(&new);
}

#[test]
fn a_key_that_says_more_than_its_owner_may_now_is_narrowed_before_it_is_rotated() {
    let app = TestApp::start();
    let ivan = app.create_user("ivan", Role::Administrator);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let typed = [
        ("name", "ci"),
        ("scope", "users:read"),
        ("scope", "users:write"),
    ];
    let key = credentials(&create(&mut browser, &typed));
    let update = UserUpdate {
        role: Some(Role::Member),
        ..UserUpdate::default()
    };
    let of = (ivan.user_list_id, ivan.id);
    app.write(|c, act| user_changes::update(c, act, of, update));
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let refused = rotate(&mut browser, &key, "0");
    assert_eq!(refused.status, 403, "{}", refused.text());
    let action = format!("{}/edit", path(&key));
    let id = &key.client_id;
    let kept = format!("SELECT scope AS text FROM clients WHERE id = '{id}'");
    for (typed, scope) in [
        ([("name", "old")], "users:read users:write"),
        ([("scope", "users:read")], "users:read"),
    ] {
        let page = browser.get(&action);
        let saved = browser.submit(&page, &action, &typed);
        assert_eq!(location(&saved), path(&key));
        assert_eq!(app.database.query(&kept), [scope]);
    }
    let new = credentials(&rotate(&mut browser, &key, "0"));
    assert_eq!(app.token(&new).answer["scope"], "users:read");
}

#[test]
fn a_secret_is_unused_for_as_long_as_was_chosen() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    app.advance(1);
    let action = format!("{}/rotate", path(&key));
    let page = browser.get(&action);
    let typed = [("old_ends_in", "604800"), ("quiet_for", "900")];
    credentials(&browser.submit(&page, &action, &typed));
    app.advance(899);
    let is_safe = |browser: &mut Browser<'_>| {
        let page = browser.get(&path(&key));
        page.text().contains("safe to remove")
    };
    assert!(!is_safe(&mut browser));
    app.advance(1);
    assert!(is_safe(&mut browser));
    for (old_ends_in, quiet_for) in [("604801", "3600"), ("86400", "1"), ("", "3600")] {
        let typed = [("old_ends_in", old_ends_in), ("quiet_for", quiet_for)];
        assert_eq!(browser.submit(&page, &action, &typed).status, 400);
    }
}

#[test]
fn rotating_asks_for_the_password_when_the_sign_in_is_old() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let action = format!("{}/rotate", path(&key));
    let fresh = browser.get(&action);
    assert!(!fresh.text().contains("current_password"));
    app.advance(15 * 60);
    let typed = [("old_ends_in", "0"), ("quiet_for", "3600")];
    let asked = browser.submit(&fresh, &action, &typed);
    assert_eq!(asked.status, 422);
    assert!(
        asked.text().contains("current_password"),
        "{}",
        asked.text()
    );
    app.token(&key);
    let wrong = [&typed[..], &[("current_password", "wrong horse battery")]].concat();
    assert_eq!(browser.submit(&asked, &action, &wrong).status, 422);
    app.token(&key);
    let right = [&typed[..], &[("current_password", PASSWORD)]].concat();
    let new = credentials(&browser.submit(&asked, &action, &right));
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    app.token(&new);
}
