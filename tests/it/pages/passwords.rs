//! Passwords: those that guessing begins with, those that somebody else set, and those that an earlier
//! version hashed.

use mintmark::domain::{password, users};
use mintmark::model::scope::Role;
use mintmark::model::secret::Secret;

use super::typed::create;
use super::{PASSWORD, PROFILE, SIGN_IN, element, events, location};
use crate::support::{Browser, Request, TestApp, cli};

const USERS: &str = "/console/admin/users";
const CHANGE: &str = "/console/profile/password";

/// The hash of this very text.
fn hashed_as_it_is(password: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, Version};
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
    let params = Params::new(19 * 1024, 2, 1, None).unwrap();
    let (salt, mut output) = (b"sixteen bytes of", [0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut output)
        .unwrap();
    let (salt, output) = (BASE64.encode(salt), BASE64.encode(output));
    format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${output}")
}

#[test]
fn a_password_that_was_hashed_as_it_was_typed_is_taken_and_hashed_anew() {
    let app = TestApp::start();
    create(&app, "ivan", "any password will do");
    let (one, two) = ("мой ёж", "мои\u{306} е\u{308}ж");
    // Of this very text, as a version hashed it that did not compose.
    let old = hashed_as_it_is(two);
    app.database.execute(&format!(
        "UPDATE users SET password_hash = '{old}' WHERE login = 'ivan'"
    ));
    assert_eq!(Browser::new(&app).sign_in("ivan", one).status, 422);
    assert_eq!(location(&Browser::new(&app).sign_in("ivan", two)), PROFILE);
    assert_eq!(location(&Browser::new(&app).sign_in("ivan", one)), PROFILE);
    let now = app
        .database
        .query("SELECT password_hash AS text FROM users WHERE login = 'ivan'");
    assert_ne!(now, [old]);
}

#[test]
fn a_password_that_guessing_begins_with_is_refused_everywhere_and_the_page_says_why() {
    let app = TestApp::start();
    app.create_user("ivan.petrov", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan.petrov", PASSWORD);
    for (language, says) in [
        (
            "en",
            [
                "not made of digits alone",
                "Many people have this password",
                "little more than your login",
                "the name of this product",
                "a few characters over and over",
            ],
        ),
        (
            "ru",
            [
                "только из цифр",
                "есть у многих",
                "почти ваш логин",
                "название этой программы",
                "несколько повторённых символов",
            ],
        ),
    ] {
        browser
            .headers
            .push(("accept-language".to_owned(), language.to_owned()));
        let passwords = [
            "791612345678",
            "password1234",
            "ivan.petrovivan.petrov",
            "mintmark-2026",
            "kq7vzkq7vzkq7vz",
        ];
        for (new, says) in passwords.into_iter().zip(says) {
            let page = browser.get(CHANGE);
            let typed = [
                ("current_password", PASSWORD),
                ("new_password", new),
                ("repeat_password", new),
            ];
            let refused = browser.submit(&page, CHANGE, &typed);
            assert_eq!(refused.status, 422, "{new}");
            assert!(refused.text().contains(says), "{new}: {}", refused.text());
        }
        browser.headers.pop();
    }
    let list = app.database.query("SELECT id AS text FROM user_lists")[0].clone();
    let key = app.create_key("admin", "users:read users:write keys:read keys:write");
    let token = app.token(&key).access_token;
    let path = format!("/console/api/v2/user-lists/{list}/users");
    for password in ["123456789012", "password1234", "annaannaanna"] {
        let body = serde_json::json!({"login": "anna", "temporary-password": password});
        let refused = app.send(Request::json("POST", &path, &body).bearer(&token));
        assert_eq!(refused.status, 400, "{password}");
        assert!(
            refused
                .text()
                .contains("temporary-password: a password is not"),
            "{}",
            refused.text()
        );
    }
    let args = [
        "user",
        "set-password",
        "--login",
        "ivan.petrov",
        "--password-stdin",
    ];
    let refused = cli(
        app.keys_dir.parent().unwrap(),
        &app.database.url_text(),
        &args,
        "Ivan.Petrov!\n",
    );
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("not the login with little else"), "{said}");
}

#[test]
fn a_password_that_somebody_else_set_ends_after_seven_days_and_says_so() {
    let app = TestApp::start();
    let administrator = app.create_user("olga", Role::Administrator);
    let mut olga = Browser::of(&app, &administrator);
    let ivan = app.create_user("ivan", Role::Member);
    let page = olga.get(&format!("{USERS}/{}", ivan.id));
    let reset = olga.submit(&page, &format!("{USERS}/{}/password", ivan.id), &[]);
    assert_eq!(reset.status, 200);
    let ends_at = app.act().now.plus_seconds(7 * 86_400).to_string();
    assert!(
        reset.text().contains("The temporary password ends"),
        "{}",
        reset.text()
    );
    assert!(
        reset.text().contains(&ends_at),
        "{ends_at}: {}",
        reset.text()
    );
    assert!(
        olga.get(&format!("{USERS}/{}", ivan.id))
            .text()
            .contains(&ends_at)
    );
    let temporary = element(&reset, "password");
    let list = app.database.query("SELECT id AS text FROM user_lists")[0].clone();
    let key = app.create_key("admin", "users:read users:write keys:read keys:write");
    let one = format!("/console/api/v2/user-lists/{list}/users/{}", ivan.id);
    let ends = |app: &TestApp| {
        app.get(&one, &app.token(&key).access_token).json()["temporary-password-ends-at"].clone()
    };
    assert_eq!(ends(&app), ends_at);

    app.advance(7 * 86_400 - 1);
    assert_eq!(
        location(&Browser::new(&app).sign_in("ivan", &temporary)),
        PROFILE
    );
    // Whoever signed in just before can still change it.
    let mut late = Browser::new(&app);
    late.sign_in("ivan", &temporary);
    app.advance(1);
    let mut over = Browser::new(&app);
    let refused = over.sign_in("ivan", &temporary);
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .text()
            .contains("This temporary password has ended."),
        "{}",
        refused.text()
    );
    let wrong = over.sign_in("ivan", "wrong horse battery");
    assert!(
        !wrong.text().contains("has ended"),
        "who does not know it is told nothing"
    );
    app.flush();
    assert!(
        events(&app, "user.sign_in_refused")
            .iter()
            .any(|event| event.contains("temporary password ended"))
    );
    let page = late.get(CHANGE);
    let typed = [
        ("current_password", temporary.as_str()),
        ("new_password", PASSWORD),
        ("repeat_password", PASSWORD),
    ];
    assert_eq!(location(&late.submit(&page, CHANGE, &typed)), PROFILE);
    app.advance(30 * 86_400);
    assert_eq!(
        location(&Browser::new(&app).sign_in("ivan", PASSWORD)),
        PROFILE,
        "their own does not end"
    );
    assert_eq!(ends(&app), serde_json::Value::Null);
    // The first administrator's is no other; the host gives a new one.
    assert!(
        Browser::new(&app)
            .sign_in("admin", &app.first_password)
            .text()
            .contains("has ended")
    );
    let hash = password::hash(&Secret::new("given by the host 7".to_owned()), true).unwrap();
    app.write(|c, act| {
        let user = users::find_by_login(c, "admin")?;
        users::set_password(c, act, &user, &hash)
    });
    assert_eq!(
        location(&Browser::new(&app).sign_in("admin", "given by the host 7")),
        PROFILE
    );
    // A clock that was ahead for a while takes nothing for good.
    app.advance(400 * 86_400);
    assert_eq!(
        Browser::new(&app)
            .sign_in("admin", "given by the host 7")
            .status,
        422
    );
    assert_eq!(app.send(Request::new("GET", SIGN_IN)).status, 200);
}
