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
    let port = app.address.port();
    assert_eq!(
        set(&form),
        [format!(
            "mintmark_visit_{port}={visit}; Path=/; HttpOnly; SameSite=Lax"
        )]
    );
    let signed_in = browser.sign_in("ivan", PASSWORD);
    let session = &browser.cookies[SESSION];
    let known = &browser.cookies["mintmark_browser"];
    assert_eq!(
        set(&signed_in),
        [
            format!("mintmark_session_{port}={session}; Path=/; HttpOnly; SameSite=Lax"),
            format!(
                "mintmark_browser_{port}={known}; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000"
            ),
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
    let name = format!("{SESSION}{}", app.cookie_suffix());
    let pair = format!("{name}={session}");
    let get = |cookie: &str| app.send(Request::new("GET", PROFILE).header("cookie", cookie));
    assert_eq!(get(&pair).status, 200);
    for cookies in [
        format!("{pair}; {name}=x"),
        format!("{name}=x; {pair}"),
        format!("__Host-{pair}"),
        format!("{SESSION}={session}"),
        format!("{name}={}", "x".repeat(43)),
        format!("{name}=%00"),
        format!("{name}="),
    ] {
        assert_eq!(location(&get(&cookies)), SIGN_IN, "{cookies}");
    }
}

#[test]
fn a_cookie_of_another_program_on_this_host_keeps_nobody_out() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    for strange in [
        "name=Иван",
        "имя=1; =; ;; a",
        "x=\"\u{fe}\"; theme",
        "mintmark_session=x; mintmark_visit=y",
    ] {
        let mut browser = Browser::new(&app);
        browser
            .headers
            .push(("cookie".to_owned(), strange.to_owned()));
        assert_eq!(
            location(&browser.sign_in("ivan", PASSWORD)),
            PROFILE,
            "{strange}"
        );
        assert_eq!(browser.get(PROFILE).status, 200, "{strange}");
        // And in one line with ours.
        let ours = format!(
            "{SESSION}{}={}",
            app.cookie_suffix(),
            browser.cookies[SESSION]
        );
        for line in [format!("{strange}; {ours}"), format!("{ours}; {strange}")] {
            let get = Request::new("GET", PROFILE).header("cookie", &line);
            assert_eq!(app.send(get).status, 200, "{line}");
        }
    }
}

#[test]
fn two_servers_on_one_host_sign_nobody_out_of_the_other() {
    let (one, other) = (TestApp::start(), TestApp::start());
    let mut held: Vec<String> = Vec::new();
    for app in [&one, &other] {
        app.create_user("ivan", Role::Member);
        let mut browser = Browser::new(app);
        browser.sign_in("ivan", PASSWORD);
        let pair = |(name, value): (&String, &String)| format!("{name}{}={value}", browser.suffix);
        held.extend(browser.cookies.iter().map(pair));
    }
    let names: std::collections::BTreeSet<&str> = held
        .iter()
        .map(|pair| pair.split('=').next().unwrap())
        .collect();
    assert_eq!(
        names.len(),
        held.len(),
        "no cookie took another's place: {held:?}"
    );
    for app in [&one, &other] {
        let get = Request::new("GET", PROFILE).header("cookie", &held.join("; "));
        assert_eq!(app.send(get).status, 200);
    }
}

#[test]
fn a_cookie_that_another_program_planted_for_a_part_of_our_paths_is_ended() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let name = format!("{SESSION}{}", app.cookie_suffix());
    let ours = format!("{name}={}", browser.cookies[SESSION]);
    let planted = Request::new("GET", PROFILE).header("cookie", &format!("{name}=planted; {ours}"));
    let answer = app.send(planted);
    assert_eq!(location(&answer), SIGN_IN);
    let ended =
        ["/console", "/console/", PROFILE].map(|path| format!("{name}=; Path={path}; Max-Age=0"));
    assert_eq!(set(&answer)[..3], ended, "{:?}", set(&answer));
    let again = Request::new("GET", PROFILE).header("cookie", &ours);
    assert_eq!(app.send(again).status, 200);
}
