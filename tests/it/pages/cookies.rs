//! The cookies' attributes, and where they are good for nothing.

use mintmark::model::network::Networks;
use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SESSION, SIGN_IN, location};
use crate::support::{Browser, Request, Response, TestApp, settings};

fn set(response: &Response) -> Vec<String> {
    let headers = response
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    headers.map(|(_, value)| value.clone()).collect()
}

#[test]
fn over_plain_http_on_loopback_cookies_are_for_this_server_and_no_script() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    let form = browser.get(SIGN_IN);
    let visit = browser.cookies["mintmark_visit"].clone();
    assert_eq!(
        set(&form),
        [format!(
            "mintmark_visit={visit}; Path=/; HttpOnly; SameSite=Lax"
        )]
    );
    let signed_in = browser.sign_in("ivan", PASSWORD);
    let session = &browser.cookies[SESSION];
    let known = &browser.cookies["mintmark_browser"];
    assert_eq!(
        set(&signed_in),
        [
            format!("mintmark_session={session}; Path=/; HttpOnly; SameSite=Lax"),
            format!("mintmark_browser={known}; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000"),
        ]
    );
    assert_eq!(session.len(), 43);
}

#[test]
fn over_https_no_other_host_and_no_plain_http_can_set_a_cookie() {
    let url = "https://auth.example.org";
    let app = TestApp::behind_https(url);
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    let from = ("x-forwarded-for".to_owned(), "192.0.2.7".to_owned());
    browser.headers.push(from);
    browser.headers.push(("origin".to_owned(), url.to_owned()));
    let form = browser.get(SIGN_IN);
    let visit = browser.cookies["__Host-mintmark_visit"].clone();
    assert_eq!(
        set(&form),
        [format!(
            "__Host-mintmark_visit={visit}; Path=/; HttpOnly; SameSite=Lax; Secure"
        )]
    );
    let signed_in = browser.sign_in("ivan", PASSWORD);
    assert_eq!(location(&signed_in), PROFILE);
    let session = browser.cookies["__Host-mintmark_session"].clone();
    let expected =
        format!("__Host-mintmark_session={session}; Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(set(&signed_in)[0], expected);
    assert!(
        set(&signed_in)[1].ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000")
    );
    assert_eq!(browser.get(PROFILE).status, 200);
    let bare = Request::new("GET", PROFILE).header("cookie", &format!("{SESSION}={session}"));
    assert_eq!(
        location(&app.send(bare)),
        SIGN_IN,
        "a cookie without the prefix"
    );
}

#[test]
fn plain_http_from_another_machine_gets_no_page() {
    let mut settings = settings();
    settings.trusted_proxies = Networks::parse("127.0.0.0/8").unwrap();
    let app = TestApp::with(settings);
    for path in [SIGN_IN, PROFILE] {
        let from = Request::new("GET", path).header("x-forwarded-for", "192.0.2.7");
        let response = app.send(from);
        assert_eq!(response.status, 403);
        assert!(response.text().contains("use HTTPS"), "{}", response.text());
        assert_eq!(set(&response), Vec::<String>::new());
    }
    assert_eq!(app.send(Request::new("GET", SIGN_IN)).status, 200);
}

#[test]
fn of_two_session_cookies_neither_counts() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let session = &browser.cookies[SESSION];
    let pair = format!("{SESSION}={session}");
    let get = |cookie: &str| app.send(Request::new("GET", PROFILE).header("cookie", cookie));
    assert_eq!(get(&pair).status, 200);
    for cookies in [
        format!("{pair}; {SESSION}=x"),
        format!("{SESSION}=x; {pair}"),
        format!("__Host-{pair}"),
        format!("{SESSION}={}", "x".repeat(43)),
        format!("{SESSION}=%00"),
        format!("{SESSION}="),
    ] {
        assert_eq!(location(&get(&cookies)), SIGN_IN, "{cookies}");
    }
}
