//! Forms: only those that a page of the same session sent are taken.

use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SESSION, SIGN_IN, count_sessions, location, title};
use crate::support::{Browser, Request, TestApp, form};

const SESSIONS: &str = "/console/profile/sessions";
const END_ALL: &str = "/console/profile/sessions/end";

fn with_header(browser: &mut Browser<'_>, name: &str, value: &str) {
    browser.headers.retain(|(n, _)| n != name);
    browser.headers.push((name.to_owned(), value.to_owned()));
}

#[test]
fn a_form_without_the_sessions_own_token_changes_nothing() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let mut ivan = Browser::signed_in(&app, "ivan", PASSWORD);
    let mut olga = Browser::signed_in(&app, "olga", PASSWORD);
    let olgas = form(&olga.get(SESSIONS), END_ALL)[0].1.clone();
    let own = form(&ivan.get(SESSIONS), END_ALL)[0].1.clone();
    let cookie = ivan.cookies[SESSION].clone();
    let refused = ivan.post(END_ALL, &[]);
    assert_eq!(refused.status, 403);
    assert_eq!(title(&refused), "The form is out of date · Mintmark");
    for token in [olgas.as_str(), &own[1..], &cookie, "x"] {
        assert_eq!(ivan.post(END_ALL, &[("form_token", token)]).status, 403);
    }
    let twice = [("form_token", own.as_str()), ("form_token", own.as_str())];
    assert_eq!(ivan.post(END_ALL, &twice).status, 400);
    assert_eq!(count_sessions(&app), 2);
    assert_eq!(
        location(&ivan.post(END_ALL, &[("form_token", &own)])),
        SIGN_IN
    );
}

#[test]
fn the_sign_in_form_has_a_token_of_its_own() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut victim = Browser::new(&app);
    let typed = [("login", "ivan"), ("password", PASSWORD)];
    assert_eq!(
        victim.post(SIGN_IN, &typed).status,
        403,
        "no form was opened"
    );
    let mut attacker = Browser::new(&app);
    let page = attacker.get(SIGN_IN);
    victim.get(SIGN_IN);
    assert_eq!(victim.submit(&page, SIGN_IN, &typed).status, 403);
    assert_eq!(count_sessions(&app), 0);
    assert_eq!(location(&attacker.submit(&page, SIGN_IN, &typed)), PROFILE);
}

#[test]
fn a_form_that_another_site_sent_changes_nothing() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(SESSIONS);
    let ours = app.url("");
    for (site, origin) in [
        (Some("cross-site"), None),
        (Some("same-site"), None),
        (Some("cross-site"), Some(ours.as_str())),
        (Some("same-origin"), Some("https://evil.example")),
        (None, Some("https://evil.example")),
        (None, Some("null")),
        (None, Some("http://127.0.0.1")),
    ] {
        browser.headers.clear();
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                with_header(&mut browser, name, value);
            }
        }
        let refused = browser.submit(&page, END_ALL, &[]);
        assert_eq!(refused.status, 403, "{site:?} {origin:?}");
        assert!(refused.text().contains("sent from another site"));
    }
    assert_eq!(count_sessions(&app), 1);
    for (site, origin) in [
        (None, None),
        (None, Some(ours.as_str())),
        (Some("same-origin"), Some("null")),
    ] {
        browser.headers.clear();
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                with_header(&mut browser, name, value);
            }
        }
        let page = browser.get(SESSIONS);
        assert_eq!(location(&browser.submit(&page, END_ALL, &[])), SIGN_IN);
        browser.sign_in("ivan", PASSWORD);
    }
}

#[test]
fn a_form_that_no_page_sends_is_refused() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let kind = "application/x-www-form-urlencoded";
    let post = |body: &[u8]| {
        let post = Request::new("POST", END_ALL).header("content-type", kind);
        post.body(body)
    };
    for (request, status) in [
        (Request::new("POST", END_ALL), 400),
        (Request::json("POST", END_ALL, &serde_json::json!({})), 400),
        (post(b"a=%zz"), 400),
        (post(b"a=\xff"), 400),
        (post(b"a%00=b"), 400),
        (post(&vec![b'a'; 64 * 1024 + 1]), 413),
    ] {
        let response = browser.send(request);
        assert_eq!(response.status, status, "{}", response.text());
        assert_eq!(
            response.header("content-type"),
            Some("text/html; charset=utf-8")
        );
    }
    assert_eq!(count_sessions(&app), 1);
}

#[test]
fn a_form_that_is_sent_after_the_session_ended_leads_to_the_sign_in() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(SESSIONS);
    app.advance(31 * 60);
    let sent = browser.submit(&page, END_ALL, &[]);
    assert_eq!(location(&sent), SIGN_IN);
    assert!(
        browser
            .get(SIGN_IN)
            .text()
            .contains("nothing was changed by it")
    );
}

#[test]
fn what_was_shown_before_the_sign_in_is_worth_nothing_in_the_session() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    let before = form(&browser.get(SIGN_IN), SIGN_IN)[0].1.clone();
    browser.sign_in("ivan", PASSWORD);
    assert!(browser.cookies.contains_key("mintmark_visit"));
    let refused = browser.post(END_ALL, &[("form_token", &before)]);
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(count_sessions(&app), 1);
}
