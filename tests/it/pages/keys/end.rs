//! A key disabled, enabled, cut off and deleted, with the effect at once.

use mintmark::domain::clients;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;

use super::{GRANT, KEYS, PASSWORD, create, credentials, location, path, press};
use crate::support::{Browser, Credentials, TestApp};

const ME: &str = "/console/api/v2/me";

fn prepared(app: &TestApp) -> (Browser<'_>, Credentials) {
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(app, "ivan", PASSWORD);
    let key = credentials(&create(
        &mut browser,
        &[("name", "ci"), ("scope", "openid")],
    ));
    (browser, key)
}

#[test]
fn a_disabled_key_gets_no_token_and_an_enabled_one_only_new_ones() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let before = app.token(&key).access_token;
    assert_eq!(location(&press(&mut browser, &key, "disable")), path(&key));
    let page = browser.get(&path(&key));
    assert!(page.text().contains("ci is disabled."), "{}", page.text());
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    assert_eq!(app.get(ME, &before).status, 401);
    assert_eq!(location(&press(&mut browser, &key, "enable")), path(&key));
    assert_eq!(app.get(ME, &before).status, 401);
    let after = app.token(&key).access_token;
    assert_eq!(app.get(ME, &after).status, 200);
}

#[test]
fn what_an_administrator_disabled_its_owner_cannot_bring_back() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let shown = browser.get(&path(&key));
    press(&mut browser, &key, "disable");
    let with_enable = browser.get(&path(&key));
    let id = ClientId::parse(&key.client_id).unwrap();
    app.write(|c, act| clients::disable(c, act, &id));
    let enable = format!("{}/enable", path(&key));
    let refused = browser.submit(&with_enable, &enable, &[]);
    assert_eq!(refused.status, 409, "{}", refused.text());
    let page = browser.get(&path(&key));
    assert!(
        page.text().contains("disabled by an administrator"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(&enable), "{}", page.text());
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    assert!(!shown.text().contains("disabled by an administrator"));
}

#[test]
fn cut_off_refuses_what_was_issued_and_lets_the_key_go_on() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let before = app.token(&key).access_token;
    assert_eq!(app.get(ME, &before).status, 200);
    assert_eq!(location(&press(&mut browser, &key, "cut-off")), path(&key));
    assert_eq!(app.get(ME, &before).status, 401);
    let after = app.token(&key).access_token;
    assert_eq!(app.get(ME, &after).status, 200);
}

#[test]
fn a_key_is_deleted_by_typing_its_name() {
    let app = TestApp::start();
    let (mut browser, key) = prepared(&app);
    let before = app.token(&key).access_token;
    let action = format!("{}/delete", path(&key));
    let page = browser.get(&action);
    let wrong = browser.submit(&page, &action, &[("name", "CI")]);
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("This is not its name."),
        "{}",
        wrong.text()
    );
    app.token(&key);
    assert_eq!(
        location(&browser.submit(&page, &action, &[("name", "ci")])),
        KEYS
    );
    let list = browser.get(KEYS);
    assert!(list.text().contains("ci is deleted."), "{}", list.text());
    assert!(
        list.text().contains("You have no access keys"),
        "{}",
        list.text()
    );
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    assert_eq!(app.get(ME, &before).status, 401);
    assert_eq!(browser.get(&path(&key)).status, 404);
}
