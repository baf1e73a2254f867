//! A key is made once, and its secret seen once.

use mintmark::model::scope::Role;

use super::{GRANT, KEYS, PASSWORD, create, credentials, location};
use crate::support::{Browser, TestApp, form};

#[test]
fn a_key_made_on_the_page_can_do_what_was_ticked_and_nothing_else() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let empty = browser.get(KEYS);
    assert!(empty.text().contains("You have no access keys"));
    let page = browser.get(&format!("{KEYS}/new"));
    let text = page.text();
    for scope in [
        "openid",
        "applications:read",
        "users:read",
        "keys:read",
        "keys:write",
    ] {
        assert!(
            text.contains(&format!("value=\"{scope}\" data-deed")),
            "{scope}"
        );
    }
    for beyond in [
        "applications:write",
        "users:write",
        "audit:read",
        "introspect",
    ] {
        assert!(!text.contains(beyond), "{beyond}");
    }
    let sent = form(&page, KEYS);
    assert!(
        !sent.iter().any(|(name, _)| name == "scope"),
        "nothing is ticked"
    );
    assert!(
        sent.contains(&("expiry".to_owned(), "30".to_owned())),
        "{sent:?}"
    );

    let typed = [
        ("name", "my laptop"),
        ("scope", "applications:read"),
        ("scope", "openid"),
    ];
    let made = browser.submit(&page, KEYS, &typed);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let key = credentials(&made);
    assert!(key.client_id.starts_with("mmk_") && key.client_secret.starts_with("mms_"));
    let issuer = app.url("");
    let curl = format!(
        "curl -u &#39;{}:{}&#39; -d {GRANT} {issuer}/console/sys/token",
        key.client_id, key.client_secret
    );
    let text = made.text();
    assert!(
        text.contains(&curl.replace("&#39;", "'")) || text.contains(&curl),
        "{text}"
    );
    assert!(text.contains("export MINTMARK_CLIENT_SECRET="), "{text}");
    let tokens = app.token(&key);
    assert_eq!(tokens.answer["scope"], "openid applications:read");
    let expires = app.client(&key).expires_at.unwrap();
    assert_eq!(expires, app.act().now.plus_seconds(30 * 24 * 3600));
}

#[test]
fn a_repeated_form_makes_nothing_and_shows_nothing() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(&format!("{KEYS}/new"));
    let typed = [("name", "ci")];
    let key = credentials(&browser.submit(&page, KEYS, &typed));
    let again = browser.submit(&page, KEYS, &typed);
    assert_eq!(again.status, 409);
    assert!(
        again.text().contains("This form was sent before"),
        "{}",
        again.text()
    );
    assert!(!again.text().contains("mms_"));
    let list = browser.get(KEYS);
    assert_eq!(
        list.text().matches("mmk_").count(),
        list.text().matches(&key.client_id).count()
    );
    // Another form of the same session makes another key.
    let other = credentials(&create(&mut browser, &typed));
    assert_ne!(other.client_id, key.client_id);
}

#[test]
fn the_secret_is_found_nowhere_afterwards() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let key = credentials(&create(
        &mut browser,
        &[("name", "ci"), ("scope", "keys:read")],
    ));
    let own = format!("{KEYS}/{}", key.client_id);
    for path in [
        KEYS.to_owned(),
        own.clone(),
        format!("{own}/edit"),
        format!("{own}/rotate"),
        format!("{own}/delete"),
    ] {
        let page = browser.get(&path);
        assert_eq!(page.status, 200);
        assert!(!page.text().contains(&key.client_secret), "{path}");
    }
    for table in [
        "audit_events",
        "client_secrets",
        "clients",
        "one_time_forms",
    ] {
        let column = match table {
            "audit_events" => "details",
            "client_secrets" => "digest",
            "clients" => "name",
            _ => "name",
        };
        let rows = app
            .database
            .query(&format!("SELECT {column} AS text FROM {table}"));
        assert!(!rows.is_empty(), "{table}");
        assert!(
            !rows.iter().any(|row| row.contains(&key.client_secret)),
            "{table}"
        );
    }
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_what_was_typed_stays() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let long = "я".repeat(101);
    for (typed, says) in [
        (vec![("name", "")], "Give it a name."),
        (
            vec![("name", long.as_str())],
            "A name has at most 100 characters",
        ),
        (
            vec![("name", "a\u{202e}b")],
            "A name has at most 100 characters",
        ),
        (
            vec![("name", "x"), ("networks", "192.0.2.0/33")],
            "At most 50 addresses or networks",
        ),
        (
            vec![
                ("name", "x"),
                ("expiry", "date"),
                ("expiry_date", "2020-01-01"),
            ],
            "A date from tomorrow on",
        ),
        (
            vec![("name", "x"), ("expiry", "date"), ("expiry_date", "")],
            "A date from tomorrow on",
        ),
        (
            vec![("name", "x"), ("expiry", "31")],
            "A date from tomorrow on",
        ),
        (
            vec![("name", "x"), ("scope", "nonsense")],
            "One of these cannot be given now.",
        ),
        (
            vec![("name", "x"), ("scope", "users:write")],
            "One of these cannot be given now.",
        ),
    ] {
        let answer = create(&mut browser, &typed);
        assert_eq!(answer.status, 422, "{typed:?}: {}", answer.text());
        assert!(answer.text().contains(says), "{typed:?}: {}", answer.text());
        assert!(!answer.text().contains("mms_"));
    }
    let shown = create(
        &mut browser,
        &[
            ("name", "<b>&"),
            ("networks", "x\"y"),
            ("scope", "keys:read"),
        ],
    );
    let sent = form(&shown, KEYS);
    let has = |name: &str, value: &str| sent.contains(&(name.to_owned(), value.to_owned()));
    assert!(
        has("name", "<b>&") && has("networks", "x\"y") && has("scope", "keys:read"),
        "{sent:?}"
    );
    assert!(!shown.text().contains("<b>&"), "{}", shown.text());
    assert_eq!(
        app.database
            .query("SELECT id AS text FROM clients WHERE name <> 'First key'"),
        [""; 0]
    );
}

#[test]
fn making_a_key_asks_for_the_password_when_the_sign_in_is_old() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let fresh = browser.get(&format!("{KEYS}/new"));
    assert!(!fresh.text().contains("current_password"));
    app.advance(15 * 60);
    let typed = [("name", "ci")];
    let refused = browser.submit(&fresh, KEYS, &typed);
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("current_password"));
    let wrong = browser.submit(
        &refused,
        KEYS,
        &[("name", "ci"), ("current_password", "wrong horse")],
    );
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("This is not your password."),
        "{}",
        wrong.text()
    );
    let right = [("name", "ci"), ("current_password", PASSWORD)];
    credentials(&browser.submit(&wrong, KEYS, &right));
    credentials(&create(&mut browser, &[("name", "another one")]));
}

#[test]
fn fifty_keys_are_the_most() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    for _ in 0..49 {
        app.create_key("ivan", "");
    }
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let late = browser.get(&format!("{KEYS}/new"));
    credentials(&create(&mut browser, &[("name", "the last")]));
    let refused = browser.submit(&late, KEYS, &[("name", "one more")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("at most 50"), "{}", refused.text());
    let list = browser.get(KEYS);
    assert!(list.text().contains("1–25 of 50"), "{}", list.text());
    assert!(
        list.text().contains("which is the most: delete one first"),
        "{}",
        list.text()
    );
}

#[test]
fn another_users_key_is_as_good_as_none() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let hers = app.create_key("olga", "openid");
    let service = app.create_service("users:read");
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for id in [&hers.client_id, &service.client_id, "mmk_nobody", "%00"] {
        for act in ["", "/edit", "/rotate", "/delete"] {
            let answer = browser.get(&format!("{KEYS}/{id}{act}"));
            assert_eq!(answer.status, 404, "{id}{act}");
        }
        let page = browser.get(KEYS);
        let token = form(&page, "/console/sign-out")[0].1.clone();
        for act in [
            "disable",
            "enable",
            "cut-off",
            "delete",
            "edit",
            "secrets/x/remove",
        ] {
            let fields = [("form_token", token.as_str())];
            let answer = browser.post(&format!("{KEYS}/{id}/{act}"), &fields);
            assert_eq!(answer.status, 404, "{id}/{act}: {}", answer.text());
        }
    }
    app.token(&hers);
    assert_eq!(location(&browser.get("/console")), "/console/profile");
}

#[test]
fn a_long_list_is_searched_in_every_alphabet() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for name in ["Сервер сборки", "laptop", "100%_sure"] {
        credentials(&create(&mut browser, &[("name", name)]));
    }
    for (search, found) in [
        ("%D0%A1%D0%91%D0%9E%D0%A0", "Сервер сборки"),
        ("LAPTOP", "laptop"),
        ("0%25_", "100%_sure"),
    ] {
        let page = browser.get(&format!("{KEYS}?search={search}"));
        assert_eq!(
            page.text().matches("<code id=\"client-id-").count(),
            1,
            "{}",
            page.text()
        );
        assert!(page.text().contains(found), "{}", page.text());
    }
    let beyond = browser.get(&format!("{KEYS}?page=9"));
    assert_eq!(beyond.status, 200);
    assert!(
        !beyond.text().contains("Nothing is called"),
        "{}",
        beyond.text()
    );
    let none = browser.get(&format!("{KEYS}?search=nothing"));
    assert!(
        none.text().contains("Nothing is called “nothing”."),
        "{}",
        none.text()
    );
}

#[test]
fn without_a_script_the_form_says_what_the_key_could_do_before_it_is_made() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(&format!("{KEYS}/new"));
    let nothing = "it can: get a token that allows nothing at the console.";
    assert!(page.text().contains(nothing), "{}", page.text());
    let button = "<noscript><button type=\"submit\" name=\"preview\" value=\"yes\" formnovalidate>";
    let (main, other) = (
        page.text()
            .find("<button class=\"main\" type=\"submit\">")
            .unwrap(),
        page.text().find(button).unwrap(),
    );
    assert!(main < other, "the Enter key presses the first");
    let typed = [
        ("preview", "yes"),
        ("name", "ци"),
        ("scope", "keys:read"),
        ("scope", "users:read"),
        ("expiry", "date"),
        ("expiry_date", "2099-12-31"),
        ("networks", "192.0.2.7"),
    ];
    let shown = browser.submit(&page, KEYS, &typed);
    assert_eq!(shown.status, 200);
    let line = "Until 2100-01-01 00:00 UTC it can: see users, see access keys.";
    assert!(shown.text().contains(line), "{}", shown.text());
    let sent = form(&shown, KEYS);
    for (name, value) in &typed[1..] {
        let field = ((*name).to_owned(), (*value).to_owned());
        assert!(sent.contains(&field), "{name}: {sent:?}");
    }
    assert!(browser.get(KEYS).text().contains("You have no access keys"));
    let key = credentials(&browser.submit(&shown, KEYS, &[]));
    assert_eq!(app.client(&key).scope.to_string(), "users:read keys:read");

    // In the form that changes it, too.
    let action = format!("{KEYS}/{}/edit", key.client_id);
    let page = browser.get(&action);
    let typed = [
        ("preview", "yes"),
        ("scope", "keys:read"),
        ("expiry", "never"),
    ];
    let shown = browser.submit(&page, &action, &typed);
    assert_eq!(shown.status, 200);
    let line = "Without an end it can: see access keys.";
    assert!(shown.text().contains(line), "{}", shown.text());
    assert_eq!(app.client(&key).scope.to_string(), "users:read keys:read");
}
