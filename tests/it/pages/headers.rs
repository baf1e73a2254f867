//! What every HTML answer carries, errors too.

use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SIGN_IN, title};
use crate::support::{Browser, Request, Response, TestApp, Thread};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A whole answer's headers, but for cookies.
fn headers(response: &Response) -> Vec<String> {
    let whole = response.whole();
    let lines = whole.lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .filter(|line| !line.starts_with("set-cookie"))
        .map(str::to_owned)
        .collect()
}

fn expected(more: &[&str]) -> Vec<String> {
    let policy = format!("content-security-policy: {POLICY}");
    let mut lines = vec![
        "cache-control: no-store",
        &policy,
        "content-type: text/html; charset=utf-8",
        "cross-origin-opener-policy: same-origin",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
    ];
    lines.extend(more);
    lines.sort_unstable();
    lines.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_page_and_every_error_of_one_has_the_same_headers() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for (path, status) in [
        (PROFILE, 200),
        ("/console/profile/sessions", 200),
        ("/console/profile/password", 200),
        ("/console/nothing", 404),
        ("/console/nothing/", 404),
    ] {
        let page = browser.get(path);
        assert_eq!(page.status, status, "{path}");
        assert_eq!(headers(&page), expected(&[]), "{path}");
    }
    let refused = browser.post("/console/sign-out", &[]);
    assert_eq!((refused.status, headers(&refused)), (403, expected(&[])));
    let put = browser.send(Request::new("PUT", PROFILE));
    assert_eq!(
        (put.status, headers(&put)),
        (405, expected(&["allow: GET, HEAD"]))
    );
    let long = Request::new("POST", "/console/sign-out")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(&vec![b'a'; 64 * 1024 + 1]);
    let long = browser.send(long);
    assert_eq!(
        (long.status, headers(&long)[..6].to_vec()),
        (413, expected(&[]))
    );
    let anonymous = Browser::new(&app).get(SIGN_IN);
    assert_eq!(
        (anonymous.status, headers(&anonymous)),
        (200, expected(&[]))
    );
    let mut head = browser.send(Request::new("HEAD", PROFILE));
    assert_eq!((head.status, head.body.len()), (200, 0));
    head.headers.retain(|(name, _)| name != "content-length");
    assert_eq!(headers(&head), expected(&[]));
}

#[test]
fn errors_of_the_api_beside_the_pages_stay_json() {
    let app = TestApp::start();
    let mut browser = Browser::new(&app);
    for path in [
        "/console/api",
        "/console/api/v2/nothing",
        "/console/sys/nothing",
        "/nothing",
    ] {
        let response = browser.get(path);
        assert_eq!(response.status, 404);
        assert_eq!(
            response.header("content-type"),
            Some("application/json"),
            "{path}"
        );
    }
}

#[test]
fn a_panic_behind_a_page_is_a_page_without_its_cause() {
    let app = TestApp::start();
    let request = Request::new("GET", SIGN_IN);
    let response = app.send_to_panic(Thread::Worker, "as planned", request);
    assert_eq!(
        (response.status, title(&response).as_str()),
        (500, "Something went wrong · Mintmark")
    );
    assert_eq!(headers(&response)[..6], expected(&[])[..6]);
    assert!(!response.text().contains("as planned"));
    let id = response.header("x-request-id").unwrap();
    assert!(response.text().contains(&format!("<code>{id}</code>")));
}

#[test]
fn style_script_and_icon_can_be_kept_for_good_at_the_address_that_pages_have() {
    let app = TestApp::start();
    let mut browser = Browser::new(&app);
    let page = browser.get(SIGN_IN).text();
    let addresses: Vec<&str> = page
        .split(['"', ' '])
        .filter(|part| part.starts_with("/console/assets/"))
        .collect();
    // The icon stands in the head and in the page.
    assert_eq!(addresses.len(), 4, "{addresses:?}");
    for address in addresses {
        let asset = browser.get(address);
        assert_eq!(asset.status, 200, "{address}");
        let kept = "public, max-age=31536000, immutable";
        assert_eq!(asset.header("cache-control"), Some(kept));
        assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
        let etag = asset.header("etag").unwrap();
        let path = address.split('?').next().unwrap();
        let again = browser.send(Request::new("GET", path).header("if-none-match", etag));
        assert_eq!(
            (again.status, again.header("cache-control")),
            (304, Some("no-cache"))
        );
        let old = browser.get(&format!("{path}?v=old"));
        assert_eq!(
            (old.status, old.header("cache-control")),
            (200, Some("no-cache"))
        );
    }
    assert!(!page.contains("style="), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}

#[test]
fn what_people_write_is_text_on_every_page() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    app.database.execute(
        "UPDATE users SET presentation = '<script>alert(1)</script>&\"' WHERE login = 'ivan'",
    );
    let mut browser = Browser::of(&app, &user);
    for path in [
        PROFILE,
        "/console/profile/sessions",
        "/console/profile/nothing",
    ] {
        let page = browser.get(path).text();
        assert!(!page.contains("<script>"), "{path}: {page}");
    }
    let profile = browser.get(PROFILE).text();
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;";
    assert!(profile.contains(escaped), "{profile}");
}
