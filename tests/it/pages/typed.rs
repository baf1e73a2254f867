//! What people type: blanks at the ends, pasted tabs, letters put together in two ways.

use mintmark::domain::password;
use mintmark::domain::users::{self, NewUser};
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::secret::Secret;

use super::{PASSWORD, PROFILE, location};
use crate::support::{Browser, Request, TestApp};

const KEYS: &str = "/console/profile/keys";
const USERS: &str = "/console/admin/users";
const CHANGE: &str = "/console/profile/password";
/// `й` in two code points.
const TWO: &str = "и\u{306}";

/// The names of all clients, in order.
fn names(app: &TestApp) -> Vec<String> {
    app.database
        .query("SELECT name AS text FROM clients ORDER BY name")
}

fn administrator(app: &TestApp) -> Browser<'_> {
    let olga = app.create_user("olga", Role::Administrator);
    Browser::of(app, &olga)
}

#[test]
fn blanks_around_a_login_or_a_name_are_no_part_of_it() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let page = browser.get("/console/admin/users/new");
    let typed = [
        ("login", " ivan  "),
        ("presentation", "\u{a0}Ivan "),
        ("email", " a@b "),
        ("role", "member"),
        ("list", ""),
    ];
    let list = app.database.query("SELECT id AS text FROM user_lists")[0].clone();
    let typed =
        typed.map(|(name, value)| (name, if name == "list" { list.as_str() } else { value }));
    let made = browser.submit(&page, USERS, &typed);
    assert_eq!(made.status, 200, "{}", made.text());
    let row = "SELECT login || '|' || presentation || '|' || email AS text FROM users WHERE login_folded = 'ivan'";
    assert_eq!(app.database.query(row), ["ivan|Ivan|a@b"]);
    let page = browser.get("/console/profile/keys/new");
    let made = browser.submit(&page, KEYS, &[("name", "  CI key \u{3000}")]);
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(
        names(&app).contains(&"CI key".to_owned()),
        "{:?}",
        names(&app)
    );
    // Whoever signs in, or is connected, by a login with blanks around it, is meant.
    app.create_user("boris", Role::Member);
    assert_eq!(
        location(&Browser::new(&app).sign_in(" boris ", PASSWORD)),
        PROFILE
    );
    // The API and the command line take them alike.
    let key = app.create_key("olga", &ScopeSet::all().to_string());
    let token = app.token(&key).access_token;
    let path = format!("/console/api/v2/user-lists/{list}/users");
    let body = serde_json::json!({"login": " anna ", "temporary-password": PASSWORD});
    let made = app.send(Request::json("POST", &path, &body).bearer(&token));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["login"], "anna");
    for tab in ["bo\tb", "\tbob", "bob\n"] {
        let body = serde_json::json!({"login": tab, "temporary-password": PASSWORD});
        let refused = app.send(Request::json("POST", &path, &body).bearer(&token));
        assert_eq!(refused.status, 400);
        let why = "login: must not hold control characters";
        assert!(refused.text().contains(why), "{}", refused.text());
    }
}

#[test]
fn a_pasted_tab_is_an_error_of_its_field_and_nothing_that_was_typed_is_lost() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let list = app.database.query("SELECT id AS text FROM user_lists")[0].clone();
    let clients = "/console/admin/clients";
    for (page, action, field, others) in [
        (
            "/console/profile/keys/new",
            KEYS,
            "name",
            vec![("networks", "192.0.2.0/24")],
        ),
        (
            "/console/admin/clients/new",
            clients,
            "name",
            vec![("description", "kept as it is")],
        ),
        (
            "/console/admin/clients/new",
            clients,
            "description",
            vec![("name", "kept as it is")],
        ),
        (
            "/console/admin/users/new",
            USERS,
            "login",
            vec![
                ("presentation", "kept as it is"),
                ("list", &list),
                ("role", "member"),
            ],
        ),
        (
            "/console/admin/users/new",
            USERS,
            "presentation",
            vec![("login", "kept"), ("list", &list), ("role", "member")],
        ),
        (
            "/console/admin/users/new",
            USERS,
            "phone",
            vec![("login", "kept"), ("list", &list), ("role", "member")],
        ),
        (
            "/console/admin/user-lists",
            "/console/admin/user-lists",
            "presentation",
            vec![],
        ),
        (
            "/console/admin/applications/new",
            "/console/admin/applications",
            "display_name",
            vec![("name", "kept")],
        ),
        (
            "/console/admin/applications/new",
            "/console/admin/applications",
            "description",
            vec![("name", "kept"), ("display_name", "kept")],
        ),
    ] {
        for control in ['\t', '\0', '\u{1}', '\u{7f}', '\u{85}'] {
            let opened = browser.get(page);
            let value = format!("be{control}hind");
            let mut typed = others.clone();
            typed.push((field, &value));
            let shown = browser.submit(&opened, action, &typed);
            assert_eq!(shown.status, 422, "{page} {field}: {}", shown.text());
            let text = shown.text();
            let marked = format!("id=\"{field}-error\"");
            assert!(text.contains(&marked), "{page} {field}: {text}");
            for (name, value) in others
                .iter()
                .filter(|(name, _)| !matches!(*name, "list" | "role"))
            {
                assert!(
                    text.contains(&format!("value=\"{value}\"")),
                    "{page} loses {name}: {text}"
                );
            }
        }
    }
    // What is searched for has none, so a tab is a space.
    app.create_user("tabbed", Role::Member);
    for search in ["tabbed%09", "%00tabbed", "tab%09bed"] {
        let found = browser.get(&format!("{USERS}?search={search}"));
        assert_eq!(found.status, 200, "{search}");
        assert_eq!(
            found.text().contains(">tabbed<"),
            search != "tab%09bed",
            "{search}"
        );
    }
    assert_eq!(
        browser
            .get("/console/admin/audit?search=a%09b&kind=user.created%09")
            .status,
        200
    );
    // Nor is a sign-in with one a broken form.
    for login in ["ol\tga", "ol\0ga"] {
        assert_eq!(Browser::new(&app).sign_in(login, PASSWORD).status, 422);
    }
    let page = browser.get(CHANGE);
    let typed = [
        ("current_password", PASSWORD),
        ("new_password", "a new\tpassword here"),
        ("repeat_password", "a new\tpassword here"),
    ];
    let shown = browser.submit(&page, CHANGE, &typed);
    assert_eq!(shown.status, 422);
    assert!(
        shown.text().contains("no control characters"),
        "{}",
        shown.text()
    );
}

/// Makes a user by the domain, with this password.
pub fn create(app: &TestApp, login: &str, password: &str) {
    let hash = password::hash(&Secret::new(password.to_owned()), false).unwrap();
    let new = NewUser {
        login: login.to_owned(),
        presentation: None,
        email: None,
        phone: None,
        role: Role::Member,
        user_list: None,
    };
    app.write(|c, act| users::create(c, act, new, &hash));
}

#[test]
fn a_login_and_a_password_are_the_same_however_their_letters_are_put_together() {
    let app = TestApp::start();
    let (login, password) = ("Андре\u{439}", "старый зелёный чайник");
    let (login_two, password_two) = (
        format!("андре{TWO}"),
        "старыи\u{306} зеле\u{308}ныи\u{306} чаи\u{306}ник",
    );
    create(&app, &format!("Андре{TWO}"), password_two);
    assert_eq!(
        app.database
            .query("SELECT login AS text FROM users WHERE login <> 'admin'"),
        [login]
    );
    for typed_login in [login, login_two.as_str()] {
        for typed in [password, password_two] {
            let mut browser = Browser::new(&app);
            assert_eq!(location(&browser.sign_in(typed_login, typed)), PROFILE);
        }
    }
    // There is no second one of it, and a search finds it either way.
    let mut browser = administrator(&app);
    let list = app.database.query("SELECT id AS text FROM user_lists")[0].clone();
    let page = browser.get("/console/admin/users/new");
    let typed = [
        ("login", login_two.as_str()),
        ("list", list.as_str()),
        ("role", "member"),
    ];
    let refused = browser.submit(&page, USERS, &typed);
    assert_eq!(refused.status, 422);
    for search in [login, login_two.as_str()] {
        let query: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
        let found = browser.get(&format!("{USERS}?search={query}"));
        assert!(
            found.text().contains("Андре\u{439}"),
            "{search}: {}",
            found.text()
        );
    }
    for unseen in [
        "an\u{200d}na",
        "an\u{202e}na",
        "anna\u{fe0f}",
        "an\u{34f}na",
    ] {
        let page = browser.get("/console/admin/users/new");
        let typed = [
            ("login", unseen),
            ("list", list.as_str()),
            ("role", "member"),
        ];
        assert_eq!(
            browser.submit(&page, USERS, &typed).status,
            422,
            "{unseen:?}"
        );
    }
    // Guesses count together.
    for n in 0..10 {
        let login = if n % 2 == 0 { login } else { &login_two };
        let mut guesser = Browser::new(&app);
        assert_eq!(guesser.sign_in(login, "wrong horse battery").status, 422);
    }
    assert_eq!(
        Browser::new(&app)
            .sign_in(login, "wrong horse battery")
            .status,
        429
    );
}
