//! A key's own page: what it may do and never did, what happened to it, how much it is used.

use mintmark::model::scope::Role;

use super::{GRANT, PASSWORD, create, credentials, path};
use crate::support::{Browser, Credentials, TestApp};

#[test]
fn the_page_tells_what_was_never_used_what_happened_and_how_often() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let typed = [
        ("name", "ci"),
        ("scope", "openid"),
        ("scope", "applications:read"),
        ("scope", "users:read"),
    ];
    let key = credentials(&create(&mut browser, &typed));
    let fresh = browser.get(&path(&key)).text();
    assert!(
        fresh.contains("never used: openid applications:read users:read"),
        "{fresh}"
    );
    assert!(
        fresh.contains("No token was issued in the last 90 days."),
        "{fresh}"
    );

    let token = app.token(&key).access_token;
    app.token(&key);
    assert_eq!(app.get("/console/api/v2/applications", &token).status, 200);
    let wrong = Credentials {
        client_secret: "x".repeat(40),
        ..key.clone()
    };
    assert_eq!(app.post_token(&wrong, GRANT).status, 401);
    app.flush_uses();
    app.flush();
    let page = browser.get(&path(&key)).text();
    assert!(page.contains("never used: users:read"), "{page}");
    let today = app.act().now.to_string()[..10].to_owned();
    let sentence = format!("2 tokens in 90 days; the most on one day: 2, on {today}.");
    assert_eq!(page.matches(&sentence).count(), 2, "drawn and told: {page}");
    assert!(
        page.contains(&format!("<title>{today}: 2</title>")),
        "{page}"
    );
    for event in [
        "created",
        "used for the first time",
        "a token refused: wrong secret",
    ] {
        assert!(page.contains(event), "{event}: {page}");
    }
    assert!(page.contains("from 127.0.0.1"), "{page}");
}

#[test]
fn the_pages_speak_russian_too() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    browser
        .headers
        .push(("accept-language".to_owned(), "ru".to_owned()));
    let key = credentials(&create(&mut browser, &[("name", "Сборка")]));
    let page = browser.get(&path(&key)).text();
    for word in [
        "Что ему можно",
        "Последние события",
        "создан",
        "Сменить секрет",
        "lang=\"ru\"",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
}
