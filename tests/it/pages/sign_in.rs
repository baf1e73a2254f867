//! Signing in and out.

use mintmark::domain::users;
use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SESSION, SIGN_IN, count_sessions, events, location, title};
use crate::support::{Browser, Request, TestApp};

#[test]
fn a_right_password_leads_to_the_profile_and_signing_out_ends_it_on_the_server() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    let first = browser.get("/console");
    assert_eq!(location(&first), PROFILE);
    let to_sign_in = browser.get(PROFILE);
    assert_eq!(location(&to_sign_in), SIGN_IN);
    let form = browser.get(SIGN_IN);
    assert_eq!(
        (form.status, title(&form).as_str()),
        (200, "Sign in · Mintmark")
    );

    let signed_in = browser.sign_in("IVAN", PASSWORD);
    assert_eq!(location(&signed_in), PROFILE);
    let profile = browser.get(PROFILE);
    assert_eq!(
        (profile.status, title(&profile).as_str()),
        (200, "Profile · Mintmark")
    );
    assert!(
        profile.text().contains("<dd>ivan</dd>"),
        "{}",
        profile.text()
    );
    assert_eq!(location(&browser.get(SIGN_IN)), PROFILE);

    let kept = browser.cookies[SESSION].clone();
    let signed_out = browser.submit(&profile, "/console/sign-out", &[]);
    assert_eq!(location(&signed_out), SIGN_IN);
    assert!(!browser.cookies.contains_key(SESSION));
    let after = browser.get(SIGN_IN);
    assert!(
        after.text().contains("You are signed out."),
        "{}",
        after.text()
    );
    assert!(!browser.get(SIGN_IN).text().contains("You are signed out."));
    browser.cookies.insert(SESSION.to_owned(), kept);
    assert_eq!(location(&browser.get(PROFILE)), SIGN_IN);
    assert_eq!(count_sessions(&app), 0);

    let (id, peer) = (user.id, "127.0.0.1");
    let begun = events(&app, "user.signed_in");
    assert_eq!(begun.len(), 1);
    assert!(
        begun[0].starts_with(&format!(
            "user:{id} {id} {{\"login\":\"ivan\",\"session\":\""
        )),
        "{begun:?}"
    );
    assert!(
        begun[0].ends_with(&format!("\"peer\":\"{peer}\"}}")),
        "{begun:?}"
    );
    assert_eq!(events(&app, "user.signed_out").len(), 1);
}

#[test]
fn unknown_wrong_and_disabled_are_answered_with_the_same_bytes() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let olga = app.create_user("olga", Role::Member);
    app.write(|c, act| users::disable(c, act, &olga));
    let mut browser = Browser::new(&app);
    browser.get(SIGN_IN);
    let mut refused = |login: &str, password: &str| {
        let response = browser.sign_in(login, password);
        assert_eq!(response.status, 422);
        response.whole()
    };
    let unknown = refused("nobody", PASSWORD);
    let too_long = "x".repeat(513);
    for (login, password) in [
        ("ivan", "wrong horse battery"),
        ("ivan", ""),
        ("ivan", &too_long),
        ("olga", PASSWORD),
        ("olga", "wrong horse battery"),
        ("", ""),
    ] {
        assert_eq!(refused(login, password), unknown, "{login}");
    }
    assert!(unknown.contains("Login or password is wrong, or the account is switched off."));
    assert!(!unknown.contains("set-cookie"), "{unknown}");
    assert_eq!(count_sessions(&app), 0);
}

#[test]
fn after_the_sign_in_only_a_page_of_ours_is_come_to() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    let wanted = browser.get("/console/profile/sessions");
    assert_eq!(
        location(&wanted),
        "/console/sign-in?next=/console/profile/sessions"
    );
    let form = browser.get(location(&wanted));
    let typed = [("login", "ivan"), ("password", PASSWORD)];
    let signed_in = browser.submit(&form, SIGN_IN, &typed);
    assert_eq!(location(&signed_in), "/console/profile/sessions");
    for elsewhere in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/console/profile/../../evil",
        "/console/profile//evil.example",
        "/console/sign-out",
        "/console/profile/sessions/x/end",
        "/healthz",
        "javascript:alert(1)",
        "",
    ] {
        let mut browser = Browser::new(&app);
        let form = browser.get(SIGN_IN);
        let typed = [
            ("login", "ivan"),
            ("password", PASSWORD),
            ("next", elsewhere),
        ];
        let signed_in = browser.submit(&form, SIGN_IN, &typed);
        assert_eq!(location(&signed_in), PROFILE, "{elsewhere}");
    }
}

#[test]
fn a_session_has_a_new_id_at_every_sign_in_and_the_one_before_ends() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    let planted = "a".repeat(43);
    browser.cookies.insert(SESSION.to_owned(), planted.clone());
    browser.sign_in("ivan", PASSWORD);
    let first = browser.cookies[SESSION].clone();
    assert_ne!(first, planted);
    // The sign-in form of a second tab that was opened before.
    let mut other = Browser::new(&app);
    let form = other.get(SIGN_IN);
    other.cookies.insert(SESSION.to_owned(), first.clone());
    let typed = [("login", "ivan"), ("password", PASSWORD)];
    assert_eq!(location(&other.submit(&form, SIGN_IN, &typed)), PROFILE);
    assert_ne!(other.cookies[SESSION], first);
    assert_eq!(
        location(&browser.get(PROFILE)),
        SIGN_IN,
        "the one before is over"
    );
    assert_eq!(count_sessions(&app), 1);
}

#[test]
fn who_comes_by_is_led_to_the_sign_in_and_only_who_sent_a_form_is_told_of_it() {
    let app = TestApp::start();
    let told = |method: &str, path: &str| {
        let response = app.send(Request::new(method, path));
        assert!(location(&response).starts_with(SIGN_IN), "{method} {path}");
        let cookies = response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        cookies
            .filter(|(_, value)| value.starts_with("mintmark_notice_"))
            .count()
    };
    assert_eq!(told("GET", PROFILE), 0);
    assert_eq!(told("GET", "/console/profile/sessions"), 0);
    assert_eq!(told("POST", "/console/profile/sessions/end"), 1);
}

#[test]
fn a_session_is_no_use_at_the_api_and_a_token_none_on_pages() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let me = browser.send(Request::new("GET", "/console/api/v2/me"));
    assert_eq!((me.status, me.json()["code"].as_u64()), (401, Some(16)));
    let key = app.create_key("ivan", "openid keys:write");
    let tokens = app.token(&key);
    for token in [tokens.access_token, tokens.id_token.unwrap()] {
        let profile = app.get(PROFILE, &token);
        assert_eq!(location(&profile), SIGN_IN);
    }
    let session = browser.cookies[SESSION].clone();
    let as_token = app.get("/console/api/v2/me", &session);
    assert_eq!(as_token.status, 401);
}

#[test]
fn what_is_stored_of_a_session_opens_nothing() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let cookie = &browser.cookies[SESSION];
    let rows = app
        .database
        .query("SELECT id || ' ' || digest || ' ' || digest_key_id AS text FROM sessions");
    assert_eq!(rows.len(), 1);
    for stored in rows[0].split(' ') {
        assert!(!stored.contains(cookie.as_str()));
        let mut thief = Browser::new(&app);
        thief.cookies.insert(SESSION.to_owned(), stored.to_owned());
        assert_eq!(location(&thief.get(PROFILE)), SIGN_IN);
    }
}

#[test]
fn the_way_on_survives_what_means_something_else_in_a_query() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    for path in [
        "/console/profile/keys/a&next=b",
        "/console/profile/keys/a+b%2Fc",
        "/console/profile/keys?search=%D0%BA%D0%BB+%2B&page=1",
        "/console/admin/audit?kind=user.created&from=2026-11-30&search=a%26b",
    ] {
        browser.cookies.remove(SESSION);
        let to = location(&browser.get(path)).to_owned();
        let form = browser.get(&to);
        assert_eq!(form.status, 200, "{to}");
        let typed = [("login", "ivan"), ("password", PASSWORD)];
        assert_eq!(location(&browser.submit(&form, SIGN_IN, &typed)), path);
    }
}
