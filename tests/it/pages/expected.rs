//! What people, browsers and password managers expect of any site: addresses that lead on, names of one
//! machine that are taken alike, fields that say whose password it is.

use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SESSION, SIGN_IN, location};
use crate::support::{Browser, Request, Response, TestApp, form, settings};

const CHANGE: &str = "/console/profile/password";

#[test]
fn the_bare_host_and_a_slash_too_many_lead_to_the_console() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::new(&app);
    for (from, to) in [
        ("/", "/console"),
        ("/console/", "/console"),
        ("/console//", "/console"),
        ("/console/sign-in/", SIGN_IN),
        ("/console/profile/?a=b", "/console/profile?a=b"),
        ("/console/profile/keys/", "/console/profile/keys"),
        ("/.well-known/change-password", CHANGE),
    ] {
        assert_eq!(location(&browser.get(from)), to, "{from}");
        let head = browser.send(Request::new("HEAD", from));
        assert_eq!(
            (head.status, head.header("location")),
            (303, Some(to)),
            "{from}"
        );
    }
    for nothing in [
        "/console/nothing/",
        "/console/api/v2/me/",
        "/console/sys/token/",
        "//evil.example/",
    ] {
        assert_eq!(browser.get(nothing).status, 404, "{nothing}");
    }
    assert_eq!(browser.send(Request::new("POST", "/")).status, 405);
    assert_eq!(browser.post("/console/profile/", &[]).status, 404);
    // Led there without a session, somebody comes back after the sign-in.
    let to_sign_in = browser.get(CHANGE);
    assert_eq!(
        location(&to_sign_in),
        "/console/sign-in?next=/console/profile/password"
    );
}

#[test]
fn the_page_that_was_asked_for_is_come_to_by_way_of_a_code_of_a_new_password_and_of_a_lost_session()
{
    let app = TestApp::start();
    let wanted = "/console/profile/keys?search=ci&page=0";
    // A password that somebody else knows is changed first.
    let mut browser = Browser::new(&app);
    let to_sign_in = browser.get(wanted);
    let page = browser.get(location(&to_sign_in));
    let typed = [
        ("login", "admin"),
        ("password", app.first_password.as_str()),
    ];
    let signed_in = browser.submit(&page, SIGN_IN, &typed);
    assert_eq!(location(&signed_in), wanted);
    let to_change = browser.get(wanted);
    let page = browser.get(location(&to_change));
    let typed = [
        ("current_password", app.first_password.as_str()),
        ("new_password", "a fourth staple today"),
        ("repeat_password", "a fourth staple today"),
    ];
    assert_eq!(location(&browser.submit(&page, CHANGE, &typed)), wanted);
    // A form that was sent too late leads back to its page.
    let edit = "/console/admin/users/new";
    let page = browser.get(edit);
    app.advance(31 * 60);
    let late = browser.submit(&page, "/console/admin/users", &[]);
    assert_eq!(
        location(&late),
        "/console/sign-in?next=/console/admin/users"
    );
    assert!(
        browser
            .get(location(&late))
            .text()
            .contains("nothing was changed by it")
    );
}

/// A request to the server under another name.
fn under(host: &str, request: Request) -> Request {
    request.header("host", host)
}

#[test]
fn on_loopback_the_names_of_this_machine_are_taken_alike() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let port = app.address.port();
    for twin in ["localhost", "127.0.0.1", "[::1]"] {
        let host = format!("{twin}:{port}");
        for site in [true, false] {
            let mut browser = Browser::by(|request| app.send(under(&host, request)));
            browser.headers.clear();
            if site {
                browser
                    .headers
                    .push(("sec-fetch-site".to_owned(), "same-origin".to_owned()));
            }
            browser
                .headers
                .push(("origin".to_owned(), format!("http://{host}")));
            assert_eq!(
                location(&browser.sign_in("ivan", PASSWORD)),
                PROFILE,
                "{host}"
            );
            assert_eq!(browser.get(PROFILE).status, 200);
        }
    }
}

#[test]
fn another_name_than_the_requests_own_is_another_site() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let port = app.address.port();
    for (host, origin) in [
        (
            format!("127.0.0.1:{port}"),
            format!("http://localhost:{port}"),
        ),
        (format!("localhost:{port}"), format!("http://[::1]:{port}")),
        (format!("localhost:{port}"), "http://localhost".to_owned()),
        (
            format!("localhost:{port}"),
            format!("https://localhost:{port}"),
        ),
        (
            format!("evil.example:{port}"),
            format!("http://evil.example:{port}"),
        ),
        ("localhost:1".to_owned(), "http://localhost:1".to_owned()),
    ] {
        let mut browser = Browser::by(|request| app.send(under(&host, request)));
        browser.headers.clear();
        let page = browser.get(SIGN_IN);
        browser.headers.push(("origin".to_owned(), origin.clone()));
        let typed = [("login", "ivan"), ("password", PASSWORD)];
        let refused = browser.submit(&page, SIGN_IN, &typed);
        assert_eq!(refused.status, 403, "{host} {origin}");
        let address = app.url("/console");
        assert!(
            refused.text().contains(&address),
            "it names its address: {}",
            refused.text()
        );
        assert!(!browser.cookies.contains_key(SESSION));
    }
    let https = TestApp::behind_https("https://localhost:8443");
    let mut browser = Browser::by(|request| https.send(under("127.0.0.1:8443", request)));
    browser.headers.clear();
    let page = browser.get(SIGN_IN);
    browser
        .headers
        .push(("origin".to_owned(), "https://127.0.0.1:8443".to_owned()));
    assert_eq!(browser.submit(&page, SIGN_IN, &[]).status, 403);
}

#[test]
fn the_sign_in_knows_under_which_addresses_it_works() {
    let app = TestApp::with(settings());
    let page = app.send(Request::new("GET", SIGN_IN));
    let port = app.address.port();
    let own = format!("http://127.0.0.1:{port}");
    let expected = format!(
        "<p class=\"warning\" hidden data-origins=\"{own} {own} http://localhost:{port} http://[::1]:{port}\">"
    );
    assert!(page.text().contains(&expected), "{}", page.text());
    assert!(
        page.text().contains(&format!("<a href=\"{own}/console\">")),
        "{}",
        page.text()
    );
}

/// Whether the form to `action` says whose password is asked for, unseen.
fn names_its_user(page: &Response, action: &str, login: &str) -> bool {
    let text = page.text();
    let part = text
        .split("<form ")
        .find(|part| part.contains(&format!("action=\"{action}\"")));
    let part = part.unwrap_or_else(|| panic!("no form to {action}"));
    let part = &part[..part.find("</form>").unwrap()];
    let field = format!(
        "<input type=\"text\" name=\"username\" value=\"{login}\" autocomplete=\"username\" readonly hidden>"
    );
    let password = part
        .find("type=\"password\"")
        .expect("it asks for a password");
    part.find(&field).is_some_and(|at| at < password) && part.matches("\"username\"").count() == 2
}

#[test]
fn every_form_with_a_password_says_whose_it_is() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let ivan = app.create_user("ivan", Role::Member);
    let key = app.create_key("olga", "openid").client_id;
    let service = app.create_service("users:read").client_id;
    let mut browser = Browser::of(&app, &olga);
    // So long after the sign-in every act that matters asks.
    app.advance(16 * 60);
    let key = format!("/console/profile/keys/{key}/rotate");
    let service = format!("/console/admin/clients/{service}/rotate");
    let mut checked = 0;
    for (page, action) in [
        (CHANGE, CHANGE),
        (
            "/console/profile/second-factor/set-up",
            "/console/profile/second-factor/set-up",
        ),
        (
            "/console/profile/second-factor/off",
            "/console/profile/second-factor/off",
        ),
        (
            "/console/profile/second-factor/codes",
            "/console/profile/second-factor/codes",
        ),
        ("/console/profile/keys/new", "/console/profile/keys"),
        (key.as_str(), key.as_str()),
        ("/console/admin/clients/new", "/console/admin/clients"),
        (service.as_str(), service.as_str()),
        ("/console/admin/users/new", "/console/admin/users"),
    ] {
        let shown = browser.get(page);
        assert!(
            names_its_user(&shown, action, "olga"),
            "{page}: {}",
            shown.text()
        );
        checked += 1;
    }
    let one = format!("/console/admin/users/{}", ivan.id);
    let shown = browser.get(&one);
    let again = browser.submit(&shown, &format!("{one}/password"), &[]);
    assert_eq!(again.status, 422);
    assert!(
        names_its_user(&again, &format!("{one}/password"), "olga"),
        "{}",
        again.text()
    );
    assert_eq!(checked, 9);
    let sign_in = Browser::new(&app).get(SIGN_IN);
    assert!(
        form(&sign_in, SIGN_IN)
            .iter()
            .any(|(name, _)| name == "login")
    );
    assert!(
        sign_in
            .text()
            .contains("name=\"login\" type=\"text\" value=\"\" autocomplete=\"username\"")
    );
}
