//! What people write is shown as they wrote it, and is never a part of the page.

use mintmark::model::scope::Role;

use super::{PASSWORD, location};
use crate::support::{Browser, Response, TestApp};

const EVIL: &str = "\"'><script>alert(1)</script>{{7*7}}";
const KEYS: &str = "/console/profile/keys";
const CLIENTS: &str = "/console/admin/clients";
const USERS: &str = "/console/admin/users";
const LISTS: &str = "/console/admin/user-lists";
const APPLICATIONS: &str = "/console/admin/applications";

/// Fills the form on a page.
fn fill(browser: &mut Browser<'_>, page: &str, action: &str, typed: &[(&str, &str)]) -> Response {
    let page = browser.get(page);
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&page, action, typed)
}

/// That the page shows the text, and has no script in it but its own.
#[track_caller]
fn harmless(page: &Response, shows: bool) {
    let text = page.text();
    assert_eq!(text.matches("<script").count(), 1, "{text}");
    assert_eq!(
        text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        shows,
        "{text}"
    );
    assert!(!text.contains("\"'>"), "{text}");
}

#[test]
fn no_name_is_a_part_of_the_page_that_shows_it() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mut browser = Browser::new(&app);
    let agent = ("user-agent".to_owned(), EVIL.replace('/', ""));
    browser.headers.push(agent);
    browser.sign_in("olga", PASSWORD);

    let list = olga.user_list_id.to_string();
    let typed = [
        ("login", "ivan"),
        ("presentation", EVIL),
        ("role", "member"),
        ("list", list.as_str()),
    ];
    let made = fill(&mut browser, &format!("{USERS}/new"), USERS, &typed);
    assert_eq!(made.status, 200, "{}", made.text());
    location(&fill(&mut browser, LISTS, LISTS, &[("presentation", EVIL)]));
    let typed = [
        ("name", "crm"),
        ("display_name", EVIL),
        ("description", EVIL),
    ];
    let new = format!("{APPLICATIONS}/new");
    let application = fill(&mut browser, &new, APPLICATIONS, &typed);
    let application = location(&application).to_owned();
    harmless(&browser.get(&application), true);
    let scope = [("scope_name", "deals:read"), ("scope_description", EVIL)];
    location(&fill(
        &mut browser,
        &application,
        &format!("{application}/scopes"),
        &scope,
    ));

    for base in [KEYS, CLIENTS] {
        let typed = [("name", EVIL), ("description", EVIL)];
        let made = fill(&mut browser, &format!("{base}/new"), base, &typed);
        assert_eq!(made.status, 200, "{}", made.text());
        harmless(&made, true);
        let page = browser.get(base);
        harmless(&page, true);
        let text = page.text();
        let at = text.find(&format!("href=\"{base}/mmk_")).unwrap() + 6;
        let one = &text[at..at + text[at..].find('"').unwrap()];
        harmless(&browser.get(one), true);
        for act in ["edit", "rotate", "delete"] {
            harmless(&browser.get(&format!("{one}/{act}")), true);
        }
        let action = format!("{one}/disable");
        location(&fill(&mut browser, one, &action, &[]));
        harmless(&browser.get(one), true);
        let action = format!("{one}/delete");
        location(&fill(&mut browser, &action, &action, &[("name", EVIL)]));
        // The notice tells the name of what is gone.
        harmless(&browser.get(base), true);
    }
    for path in [
        USERS,
        LISTS,
        APPLICATIONS,
        "/console/admin/audit",
        "/console/profile/sessions",
        &format!("{USERS}/new"),
        &format!("{APPLICATIONS}/new"),
        &format!("{application}/edit"),
        &format!("{application}/delete"),
        &format!("{application}/users"),
    ] {
        let page = browser.get(path);
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        assert_eq!(text.matches("<script").count(), 1, "{path}: {text}");
        assert!(!text.contains("\"'>"), "{path}: {text}");
    }
}

#[test]
fn nothing_of_a_query_a_path_or_a_cookie_is_a_part_of_the_page() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mut browser = Browser::of(&app, &olga);
    let query: String = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for list in [
        KEYS,
        CLIENTS,
        USERS,
        LISTS,
        APPLICATIONS,
        "/console/admin/audit",
    ] {
        let page = browser.get(&format!("{list}?search={query}"));
        assert_eq!(page.status, 200, "{list}");
        harmless(&page, true);
    }
    for name in ["actor", "kind", "object_kind", "object_id"] {
        harmless(
            &browser.get(&format!("/console/admin/audit?{name}={query}")),
            true,
        );
    }
    let page = browser.get(&format!("/console/admin/audit?from={query}"));
    assert_eq!(page.status, 400);
    harmless(&page, false);
    harmless(&browser.get(&format!("/console/{query}")), false);
    harmless(
        &Browser::new(&app).get(&format!("/console/sign-in?next={query}")),
        false,
    );
    let said = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, EVIL);
    let notice = format!("client-deleted.{said}");
    browser.cookies.insert("mintmark_notice".to_owned(), notice);
    harmless(&browser.get(KEYS), true);
}

#[test]
fn no_page_says_what_the_request_called_the_host() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mut browser = Browser::of(&app, &olga);
    browser
        .headers
        .push(("x-forwarded-host".to_owned(), "evil.example".to_owned()));
    // Every request of a test names another host than the server's own.
    let typed = [("name", "ci")];
    let made = fill(&mut browser, &format!("{KEYS}/new"), KEYS, &typed);
    let pages = [
        made,
        browser.get(KEYS),
        browser.get("/console"),
        browser.get("/console/nothing"),
        Browser::new(&app).get(KEYS),
    ];
    for page in pages {
        let whole = page.whole();
        assert!(!whole.contains("mintmark.test"), "{whole}");
        assert!(!whole.contains("evil.example"), "{whole}");
    }
}
