//! The administration: users, service clients, signing keys.

use mintmark::model::scope::Role;

use super::{PASSWORD, SIGN_IN, location};
use crate::support::{Browser, Credentials, Response, TestApp, form};

const USERS: &str = "/console/admin/users";
const CLIENTS: &str = "/console/admin/clients";
const GRANT: &str = "grant_type=client_credentials";

fn administrator(app: &TestApp) -> Browser<'_> {
    app.create_user("olga", Role::Administrator);
    Browser::signed_in(app, "olga", PASSWORD)
}

/// What stands in the element with this id.
fn element(page: &Response, id: &str) -> String {
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    let start = text.find(&format!(" id=\"{id}\"")).unwrap();
    let text = &text[start..];
    let text = &text[text.find('>').unwrap() + 1..];
    text[..text.find('<').unwrap()].to_owned()
}

fn create_user(browser: &mut Browser<'_>, typed: &[(&str, &str)]) -> Response {
    let page = browser.get(&format!("{USERS}/new"));
    let list = page.text();
    let list = list[list.find("<select id=\"list\"").unwrap()..].to_owned();
    let start = list.find("<option value=\"").unwrap() + "<option value=\"".len();
    let list = list[start..start + 36].to_owned();
    let typed = [&[("role", "member"), ("list", list.as_str())], typed].concat();
    browser.submit(&page, USERS, &typed)
}

fn press(browser: &mut Browser<'_>, one: &str, act: &str) -> Response {
    let page = browser.get(one);
    browser.submit(&page, &format!("{one}/{act}"), &[])
}

#[test]
fn a_user_is_made_with_a_temporary_password_that_is_shown_once() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let page = browser.get(&format!("{USERS}/new"));
    let made = create_user(
        &mut browser,
        &[("login", "Иван"), ("presentation", "Иван Петров")],
    );
    let password = element(&made, "password");
    assert_eq!(password.len(), 20);
    let found = browser
        .get(&format!("{USERS}?search=%D0%9F%D0%95%D0%A2%D0%A0"))
        .text();
    assert!(
        found.contains(">Иван</a>") && !found.contains(">olga</a>"),
        "{found}"
    );
    assert!(!found.contains(&password));
    let taken = create_user(&mut browser, &[("login", "ИВАН")]);
    assert_eq!(taken.status, 422);
    assert!(
        taken
            .text()
            .contains("There is a user with this login already.")
    );
    let wrong = create_user(&mut browser, &[("login", "a b"), ("email", "x")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("without spaces"), "{}", wrong.text());
    let mut his = Browser::new(&app);
    let to = his.sign_in("Иван", &password);
    assert_eq!(location(&to), "/console/profile");
    assert_eq!(
        location(&his.get("/console/profile")),
        "/console/profile/password"
    );
    assert_eq!(page.status, 200);
}

#[test]
fn a_user_is_switched_off_and_on_reset_and_deleted_with_the_effect_at_once() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let user = app.create_user("ivan", Role::Member);
    let key = app.create_key("ivan", "openid");
    let one = format!("{USERS}/{}", user.id);
    let mut his = Browser::signed_in(&app, "ivan", PASSWORD);
    app.token(&key);
    assert_eq!(location(&press(&mut browser, &one, "disable")), one);
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    assert_eq!(location(&his.get("/console/profile")), SIGN_IN);
    assert_eq!(location(&press(&mut browser, &one, "enable")), one);
    app.token(&key);
    let mut his = Browser::signed_in(&app, "ivan", PASSWORD);
    assert_eq!(location(&press(&mut browser, &one, "sign-out")), one);
    assert_eq!(location(&his.get("/console/profile")), SIGN_IN);
    let reset = press(&mut browser, &one, "password");
    let temporary = element(&reset, "password");
    assert_eq!(his.sign_in("ivan", PASSWORD).status, 422);
    assert_eq!(
        location(&his.sign_in("ivan", &temporary)),
        "/console/profile"
    );

    let action = format!("{one}/delete");
    let page = browser.get(&action);
    let differs = browser.submit(&page, &action, &[("login", "olga")]);
    assert_eq!(differs.status, 422);
    app.token(&key);
    assert_eq!(
        location(&browser.submit(&page, &action, &[("login", "ivan")])),
        USERS
    );
    assert_eq!(app.post_token(&key, GRANT).status, 401);
    assert_eq!(browser.get(&one).status, 404);
}

#[test]
fn a_demotion_counts_at_once_for_the_session_and_the_last_administrator_stays() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let admin = app
        .database
        .query("SELECT id AS text FROM users WHERE login = 'admin'");
    let admin = format!("{USERS}/{}", admin[0]);
    let peter = app.create_user("peter", Role::Administrator);
    let mut peters = Browser::signed_in(&app, "peter", PASSWORD);
    assert_eq!(peters.get(USERS).status, 200);
    let form = peters.get(&format!("{USERS}/new"));
    let edit = format!("{USERS}/{}/edit", peter.id);
    let page = browser.get(&edit);
    let demoted = browser.submit(
        &page,
        &edit,
        &[("role", "member"), ("presentation", "Peter")],
    );
    assert_eq!(location(&demoted), format!("{USERS}/{}", peter.id));
    // It ended the session; the next one is a member's.
    assert_eq!(peters.get(USERS).status, 303);
    assert_eq!(peters.submit(&form, USERS, &[("login", "x")]).status, 303);
    let mut peters = Browser::signed_in(&app, "peter", PASSWORD);
    assert_eq!(peters.get(USERS).status, 403);
    // Of two administrators one can go, and the other stays.
    let page = browser.get(&format!("{admin}/delete"));
    let gone = browser.submit(&page, &format!("{admin}/delete"), &[("login", "admin")]);
    assert_eq!(location(&gone), USERS);
    let olga = app
        .database
        .query("SELECT id AS text FROM users WHERE login = 'olga'");
    let olga = format!("{USERS}/{}", olga[0]);
    let page = browser.get(&format!("{olga}/delete"));
    let stays = browser.submit(&page, &format!("{olga}/delete"), &[("login", "olga")]);
    assert_eq!(stays.status, 422);
    assert!(
        stays.text().contains("This is the last administrator"),
        "{}",
        stays.text()
    );
}

#[test]
fn a_service_client_is_made_for_its_applications_and_lives_as_long_as_it_says() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let (_, uri) = crate::token::create_application(&app, "crm", &[]);
    let page = browser.get(&format!("{CLIENTS}/new"));
    assert!(!page.text().contains("value=\"openid\""), "{}", page.text());
    let typed = [
        ("name", "crm-sync"),
        ("audiences", uri.as_str()),
        ("lifetime", "300"),
        ("scope", "users:read"),
    ];
    let made = browser.submit(&page, CLIENTS, &typed);
    let client = Credentials {
        client_id: element(&made, "client-id"),
        client_secret: element(&made, "client-secret"),
    };
    let answer = app
        .token_for(&client, &format!("{GRANT}&resource={uri}"))
        .answer;
    assert_eq!(
        (&answer["expires_in"], &answer["scope"]),
        (&300.into(), &serde_json::Value::Null)
    );
    assert_eq!(app.token(&client).answer["scope"], "users:read");
    let own = browser
        .get(&format!("{CLIENTS}/{}", client.client_id))
        .text();
    assert!(own.contains(&uri) && own.contains("300 s"), "{own}");
    // Its default audience is what the page says, and goes when the field is cleared.
    let edit = format!("{CLIENTS}/{}/edit", client.client_id);
    for (default, aud) in [
        (uri.as_str(), uri.clone()),
        ("", app.url("/console/api/v2")),
        (uri.as_str(), uri.clone()),
    ] {
        let page = browser.get(&edit);
        let done = browser.submit(&page, &edit, &[("default_audience", default)]);
        assert_eq!(done.status, 303, "{}", done.text());
        let token = app.token(&client).access_token;
        assert_eq!(crate::token::claims(&token)["aud"], aud);
    }
    let page = browser.get(&edit);
    assert!(
        page.text().contains(&format!(
            "name=\"default_audience\" type=\"text\" value=\"{uri}\""
        )),
        "{}",
        page.text()
    );
    let wrong = browser.submit(&page, &edit, &[("default_audience", "urn:x")]);
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(
        wrong.text().contains("One of the applications above"),
        "{}",
        wrong.text()
    );
    let typed = [
        ("name", "x"),
        ("audiences", "https://nowhere.example/"),
        ("lifetime", "59"),
    ];
    let page = browser.get(&format!("{CLIENTS}/new"));
    let wrong = browser.submit(&page, CLIENTS, &typed);
    assert_eq!(wrong.status, 422, "{}", wrong.text());
}

#[test]
fn the_signing_keys_are_shown_without_anything_private() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let page = browser.get("/console/admin/signing-keys").text();
    for kid in app.database.query("SELECT kid AS text FROM signing_keys") {
        assert!(page.contains(&kid), "{page}");
    }
    for sealed in app
        .database
        .query("SELECT sealed AS text FROM signing_keys")
    {
        assert!(!page.contains(&sealed));
    }
}

#[test]
fn an_administrator_too_gives_the_password_for_their_own_password_and_second_factor() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    super::second_factor::switch_on(&app, &mut browser);
    let id = app
        .database
        .query("SELECT id AS text FROM users WHERE login = 'olga'");
    let one = format!("{USERS}/{}", id[0]);
    let page = browser.get(&one);
    for act in ["password", "second-factor"] {
        let action = format!("{one}/{act}");
        assert!(!page.text().contains(&action), "{}", page.text());
        assert!(
            page.text()
                .contains(&format!("href=\"/console/profile/{act}\""))
        );
    }
    let token = form(&page, &format!("{one}/sign-out"))[0].1.clone();
    let once = "a".repeat(22);
    for (act, to) in [
        ("password", "/console/profile/password"),
        ("second-factor", "/console/profile/second-factor/off"),
    ] {
        let fields = [("form_token", token.as_str()), ("once", once.as_str())];
        let led = browser.post(&format!("{one}/{act}"), &fields);
        assert_eq!(location(&led), to);
    }
    let factor = browser.get("/console/profile/second-factor").text();
    assert!(factor.contains("10 recovery codes are left."), "{factor}");
    let mut again = Browser::new(&app);
    let to_code = again.sign_in("olga", PASSWORD);
    assert!(location(&to_code).starts_with("/console/sign-in/code"));
}

#[test]
fn an_old_sign_in_gives_the_password_again_to_open_an_account() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let user = app.create_user("ivan", Role::Member);
    let mut his = Browser::signed_in(&app, "ivan", PASSWORD);
    super::second_factor::switch_on(&app, &mut his);
    let one = format!("{USERS}/{}", user.id);
    let page = browser.get(&one);
    let new = browser.get(&format!("{USERS}/new"));
    let edit = format!("{one}/edit");
    let form = browser.get(&edit);
    app.advance(15 * 60);
    let to_administrator = [("role", "administrator"), ("presentation", "Ivan")];
    let stays = [("role", "member"), ("presentation", "Ivan the First")];
    let list = user.user_list_id.to_string();
    let made = [
        ("login", "peter"),
        ("role", "administrator"),
        ("list", list.as_str()),
    ];
    let password = format!("{one}/password");
    let factor = format!("{one}/second-factor");
    let asked = [
        browser.submit(&page, &password, &[]),
        browser.submit(&page, &factor, &[]),
        browser.submit(&form, &edit, &to_administrator),
        browser.submit(&new, USERS, &made),
    ];
    for asked in &asked {
        assert_eq!(asked.status, 422, "{}", asked.text());
        assert!(
            asked.text().contains("current_password"),
            "{}",
            asked.text()
        );
    }
    let users = "SELECT login || ' ' || role AS text FROM users ORDER BY login";
    let before = ["admin administrator", "ivan member", "olga administrator"];
    assert_eq!(app.database.query(users), before);
    let is_on = |app: &TestApp| {
        let factors = "SELECT user_id AS text FROM second_factors";
        !app.database.query(factors).is_empty()
    };
    assert!(is_on(&app));
    let wrong = [("current_password", "wrong horse battery")];
    assert_eq!(browser.submit(&asked[0], &password, &wrong).status, 422);
    assert_eq!(his.get("/console/profile").status, 200);

    // What opens nothing is done without.
    assert_eq!(location(&browser.submit(&form, &edit, &stays)), one);
    let right = ("current_password", PASSWORD);
    let reset = browser.submit(&asked[1], &factor, &[right]);
    assert_eq!(location(&reset), one);
    assert!(!is_on(&app));
    // For a quarter of an hour it was given just now.
    element(&browser.submit(&asked[0], &password, &[]), "password");
    element(&browser.submit(&asked[3], USERS, &made), "password");
    let promoted = browser.submit(&asked[2], &edit, &to_administrator);
    assert_eq!(location(&promoted), one);
}
