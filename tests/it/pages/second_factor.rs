//! The second factor: switched on and off, asked for at the sign-in.

use mintmark::domain::{second_factor, users};
use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SESSION, SIGN_IN, code, count_sessions, element, events, location};
use crate::support::{Browser, Response, TestApp, cli, os_user};

pub const HERE: &str = "/console/profile/second-factor";
const SET_UP: &str = "/console/profile/second-factor/set-up";
const ON: &str = "/console/profile/second-factor/on";
const OFF: &str = "/console/profile/second-factor/off";
const CODE: &str = "/console/sign-in/code";

pub fn now(app: &TestApp) -> i64 {
    app.act().now.seconds()
}

/// Switches it on. The secret, and the page with the recovery codes.
pub fn switch_on(app: &TestApp, browser: &mut Browser<'_>) -> (String, Response) {
    let page = browser.get(SET_UP);
    let begun = browser.submit(&page, SET_UP, &[("current_password", PASSWORD)]);
    assert_eq!(begun.status, 200, "{}", begun.text());
    let secret = element(&begun, "secret").replace(' ', "");
    assert_eq!(secret.len(), 32, "{secret}");
    let code = code(&secret, now(app));
    let on = browser.submit(&begun, ON, &[("code", &code)]);
    assert_eq!(on.status, 200, "{}", on.text());
    (secret, on)
}

/// Gives the password, and then this code.
pub fn give(browser: &mut Browser<'_>, code: &str) -> Response {
    let to_code = browser.sign_in("ivan", PASSWORD);
    assert_eq!(
        location(&to_code),
        "/console/sign-in/code?next=/console/profile"
    );
    let page = browser.get(CODE);
    browser.submit(&page, CODE, &[("code", code)])
}

#[test]
fn with_a_second_factor_the_password_alone_opens_nothing() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let mut first = Browser::signed_in(&app, "ivan", PASSWORD);
    let (secret, page) = switch_on(&app, &mut first);
    assert_eq!(element(&page, "codes").lines().count(), 10);
    assert!(
        first
            .get(HERE)
            .text()
            .contains("10 recovery codes are left.")
    );
    app.advance(30);

    let mut browser = Browser::new(&app);
    let to_code = browser.sign_in("ivan", PASSWORD);
    assert_eq!(
        location(&to_code),
        "/console/sign-in/code?next=/console/profile"
    );
    assert!(
        !browser.cookies.contains_key("mintmark_browser"),
        "it did not sign in yet"
    );
    for (path, to) in [
        (PROFILE, CODE.to_owned()),
        (
            "/console/profile/sessions?page=1",
            format!("{CODE}?next=/console/profile/sessions?page=1"),
        ),
        (
            "/console/profile/password",
            format!("{CODE}?next=/console/profile/password"),
        ),
    ] {
        assert_eq!(location(&browser.get(path)), to);
    }
    let waiting = browser.cookies[SESSION].clone();
    let page = browser.get(CODE);
    assert!(!page.text().contains("Sign out"), "nobody is signed in yet");
    let given = code(&secret, now(&app));
    let entered = browser.submit(&page, CODE, &[("code", &given)]);
    assert_eq!(location(&entered), PROFILE);
    assert_ne!(browser.cookies[SESSION], waiting, "a new id");
    assert_eq!(browser.get(PROFILE).status, 200);
    let mut thief = Browser::new(&app);
    thief.cookies.insert(SESSION.to_owned(), waiting);
    assert_eq!(location(&thief.get(PROFILE)), SIGN_IN);

    let on = format!("user:{0} {0} {{}}", user.id);
    assert_eq!(events(&app, "user.second_factor_on"), [on]);
    assert_eq!(
        events(&app, "user.signed_in").len(),
        2,
        "only whole sign-ins count"
    );
}

#[test]
fn a_code_is_taken_once_and_within_one_step() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut first = Browser::signed_in(&app, "ivan", PASSWORD);
    let (secret, _) = switch_on(&app, &mut first);
    let used = code(&secret, now(&app));
    assert_eq!(
        give(&mut Browser::new(&app), &used).status,
        422,
        "it switched the factor on"
    );
    app.advance(300);
    for (apart, is_taken) in [
        (-60, false),
        (60, false),
        (-30, true),
        (-30, false),
        (30, true),
        (0, false),
    ] {
        let given = code(&secret, now(&app) + apart);
        let response = give(&mut Browser::new(&app), &given);
        assert_eq!(
            response.status == 303,
            is_taken,
            "{apart}: {}",
            response.text()
        );
    }
    app.advance(60);
    let spaced = code(&secret, now(&app));
    let spaced = format!(" {} {} ", &spaced[..3], &spaced[3..]);
    assert_eq!(location(&give(&mut Browser::new(&app), &spaced)), PROFILE);
}

#[test]
fn after_five_wrong_codes_the_sign_in_is_over_and_further_ones_wait() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut first = Browser::signed_in(&app, "ivan", PASSWORD);
    let (secret, page) = switch_on(&app, &mut first);
    let recovery = element(&page, "codes").lines().next().unwrap().to_owned();
    app.advance(60);
    let mut browser = Browser::new(&app);
    assert_eq!(give(&mut browser, "000000").status, 422);
    for status in [422, 422, 422, 303] {
        let page = browser.get(CODE);
        let wrong = browser.submit(&page, CODE, &[("code", "00000x")]);
        assert_eq!(wrong.status, status, "{}", wrong.text());
    }
    assert_eq!(location(&browser.get(CODE)), SIGN_IN);
    app.advance(60);
    let right = code(&secret, now(&app));
    let slowed = give(&mut Browser::new(&app), &right);
    assert_eq!(slowed.status, 429);
    assert!(
        slowed.text().contains("Too many wrong codes. Wait 14 min"),
        "{}",
        slowed.text()
    );
    assert_eq!(slowed.header("retry-after"), Some("840"));
    assert_eq!(location(&give(&mut Browser::new(&app), &recovery)), PROFILE);
    app.advance(14 * 60);
    let right = code(&secret, now(&app));
    assert_eq!(location(&give(&mut Browser::new(&app), &right)), PROFILE);
}

#[test]
fn a_sign_in_waits_ten_minutes_for_its_code() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut first = Browser::signed_in(&app, "ivan", PASSWORD);
    let (secret, _) = switch_on(&app, &mut first);
    let mut browser = Browser::new(&app);
    browser.sign_in("ivan", PASSWORD);
    app.advance(10 * 60 - 1);
    let page = browser.get(CODE);
    assert_eq!(page.status, 200);
    app.advance(1);
    let late = browser.submit(&page, CODE, &[("code", &code(&secret, now(&app)))]);
    assert_eq!(
        late.status, 403,
        "the form's token is of no session any more"
    );
    assert_eq!(location(&browser.get(CODE)), SIGN_IN);
}

#[test]
fn it_is_switched_on_only_with_the_password_and_a_first_code_in_time() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(SET_UP);
    for password in ["", "wrong horse battery"] {
        let refused = browser.submit(&page, SET_UP, &[("current_password", password)]);
        assert_eq!(refused.status, 422);
        assert!(!refused.text().contains("otpauth"), "{}", refused.text());
    }
    let typed = [("current_password", PASSWORD)];
    let begun = browser.submit(&page, SET_UP, &typed);
    let secret = element(&begun, "secret").replace(' ', "");
    assert!(begun.text().contains("<svg"), "a picture to scan");
    assert!(begun.text().contains(&format!(
        "otpauth://totp/Mintmark:ivan?secret={secret}&amp;"
    )));
    let wrong = browser.submit(&begun, ON, &[("code", "000000")]);
    assert_eq!(
        (wrong.status, element(&wrong, "secret")),
        (422, element(&begun, "secret"))
    );
    assert!(browser.get(HERE).text().contains("It is off"));
    let again = browser.submit(&page, SET_UP, &typed);
    assert_ne!(
        element(&again, "secret"),
        element(&begun, "secret"),
        "begun anew"
    );
    let of_the_first = code(&secret, now(&app));
    assert_eq!(
        browser
            .submit(&again, ON, &[("code", &of_the_first)])
            .status,
        422
    );
    app.advance(15 * 60);
    let secret = element(&again, "secret").replace(' ', "");
    let late = code(&secret, now(&app));
    assert_eq!(browser.submit(&again, ON, &[("code", &late)]).status, 409);
    let stored = app
        .database
        .query("SELECT sealed AS text FROM second_factors");
    assert!(
        stored[0].starts_with("v1.") && !stored[0].contains(&secret),
        "{stored:?}"
    );
}

#[test]
fn it_is_switched_off_with_the_password_and_then_nothing_is_asked_for() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let (_, _) = switch_on(&app, &mut browser);
    let page = browser.get(OFF);
    let refused = browser.submit(&page, OFF, &[("current_password", "wrong horse battery")]);
    assert_eq!(refused.status, 422);
    assert!(browser.get(HERE).text().contains("On since"));
    let off = browser.submit(&page, OFF, &[("current_password", PASSWORD)]);
    assert_eq!(location(&off), HERE);
    assert!(
        browser
            .get(HERE)
            .text()
            .contains("The second factor is off.")
    );
    assert_eq!(
        location(&Browser::new(&app).sign_in("ivan", PASSWORD)),
        PROFILE
    );
    assert_eq!(events(&app, "user.second_factor_off").len(), 1);
    for table in ["second_factors", "recovery_codes"] {
        let rows = app
            .database
            .query(&format!("SELECT user_id AS text FROM {table}"));
        assert_eq!(rows.len(), 0, "{table}");
    }
}

#[test]
fn it_is_worth_nothing_in_the_row_of_another_user() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let mut ivan = Browser::signed_in(&app, "ivan", PASSWORD);
    let mut olga = Browser::signed_in(&app, "olga", PASSWORD);
    switch_on(&app, &mut ivan);
    let (olgas, _) = switch_on(&app, &mut olga);
    app.database.execute(
        "UPDATE second_factors SET sealed = (SELECT sealed FROM second_factors f JOIN users u \
         ON u.id = f.user_id WHERE u.login = 'olga')",
    );
    app.advance(60);
    let mut browser = Browser::new(&app);
    browser.sign_in("ivan", PASSWORD);
    let page = browser.get(CODE);
    let mut request = crate::support::Request::new("POST", CODE)
        .header("content-type", "application/x-www-form-urlencoded");
    let token = crate::support::form(&page, CODE)[0].1.clone();
    let body = format!("form_token={token}&code={}", code(&olgas, now(&app)));
    request = request.body(body.as_bytes());
    let name = format!("{SESSION}{}", app.cookie_suffix());
    let cookie = format!("{name}={}", browser.cookies[SESSION]);
    // Sent by hand: the contract check takes no 500 that no test asked for.
    let response = crate::support::send(app.address, &request.header("cookie", &cookie));
    assert_eq!(response.status, 500);
    assert_eq!(location(&browser.get(PROFILE)), CODE);
}

#[test]
fn whoever_has_the_password_alone_ends_no_session() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut first = Browser::signed_in(&app, "ivan", PASSWORD);
    switch_on(&app, &mut first);
    app.advance(1);
    for number in 0..51 {
        Browser::new(&app).sign_in("ivan", PASSWORD);
        // More than twenty a second of one account are slowed.
        app.advance(u64::from(number % 20 == 19));
    }
    assert_eq!(count_sessions(&app), 51);
    assert_eq!(first.get(PROFILE).status, 200);
}

#[test]
fn the_command_line_switches_it_off_for_whoever_lost_it() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    switch_on(&app, &mut browser);
    let keys = app.keys_dir.to_str().unwrap();
    let reset = [
        "user",
        "reset-second-factor",
        "--login",
        "ivan",
        "--keys-dir",
        keys,
    ];
    let url = app.database.url_text();
    let done = cli(app.keys_dir.parent().unwrap(), &url, &reset, "");
    assert!(done.status.success(), "{done:?}");
    assert_eq!(
        location(&Browser::new(&app).sign_in("ivan", PASSWORD)),
        PROFILE
    );
    let event = &events(&app, "user.second_factor_off")[0];
    assert!(event.starts_with(&format!("cli:{} ", os_user())), "{event}");
}

#[test]
fn only_an_administrator_switches_another_users_off() {
    let app = TestApp::start();
    let ivan = app.create_user("ivan", Role::Member);
    let olga = app.create_user("olga", Role::Member);
    let mut browser = Browser::signed_in(&app, "olga", PASSWORD);
    switch_on(&app, &mut browser);
    let act = mintmark::domain::Act {
        authority: mintmark::domain::Authority::of_session(&ivan),
        ..app.act()
    };
    let refused = app.app.write(|c| second_factor::turn_off(c, &act, olga.id));
    assert!(refused.is_err());
    assert!(browser.get(HERE).text().contains("On since"));
}

#[test]
fn a_deleted_users_second_factor_goes_with_them() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    switch_on(&app, &mut browser);
    app.write(|c, act| users::delete(c, act, &user));
    assert_eq!(count_sessions(&app), 0);
    let standing = app.app.read(|c| second_factor::find(c, user.id)).unwrap();
    assert_eq!(standing, second_factor::Standing::Off);
    let codes = app.database.query("SELECT id AS text FROM recovery_codes");
    assert_eq!(codes.len(), 0);
}

#[test]
fn whether_it_is_on_is_told_over_the_resource_api_at_once() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let token = app.token(&app.create_key("ivan", "openid users:read"));
    let list = format!("/console/api/v2/user-lists/{}/users", user.user_list_id);
    let told = || {
        let one = format!("{list}/{}", user.id);
        let of = |path: &str| app.get(path, &token.access_token).json();
        let users = [of("/console/api/v2/me"), of(&one), of(&list)[0].take()];
        users.map(|user| user["second-factor-authentication"].to_string())
    };
    let (off, on) = (
        "{\"priority-list\":[],\"use-always\":false}",
        "{\"priority-list\":[],\"use-always\":true}",
    );
    assert_eq!(told(), [off; 3]);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    // What waits for its first code is not on yet.
    let page = browser.get(SET_UP);
    browser.submit(&page, SET_UP, &[("current_password", PASSWORD)]);
    assert_eq!(told(), [off; 3]);
    switch_on(&app, &mut browser);
    assert_eq!(told(), [on; 3]);
    app.write(|c, act| second_factor::turn_off(c, act, user.id));
    assert_eq!(told(), [off; 3]);
}
