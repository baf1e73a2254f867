//! A right password that no right code followed: an event, a warning at the next sign-in, a list beside
//! the sessions until the password is changed.

use mintmark::model::scope::Role;

use super::second_factor::{give, switch_on};
use super::{PASSWORD, PROFILE, SIGN_IN, code, events, location};
use crate::support::{Browser, TestApp};

const SESSIONS: &str = "/console/profile/sessions";
const CODE: &str = "/console/sign-in/code";
const WARNING: &str = "your right password was given without a right code";
const LIST: &str = "Your password without a code";

fn now(app: &TestApp) -> i64 {
    app.act().now.seconds()
}

#[test]
fn a_right_password_without_a_code_is_an_event_a_warning_and_a_row_beside_the_sessions() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let mut ivan = Browser::signed_in(&app, "ivan", PASSWORD);
    let (secret, _) = switch_on(&app, &mut ivan);
    app.advance(60);
    // Somebody else has the password, and gives up before the code, or after a wrong one.
    let mut thief = Browser::new(&app);
    thief
        .headers
        .push(("user-agent".to_owned(), "curl/8.1".to_owned()));
    assert!(location(&thief.sign_in("ivan", PASSWORD)).starts_with(CODE));
    let mut other = Browser::new(&app);
    assert_eq!(give(&mut other, "000000").status, 422);
    let given = events(&app, "user.password_given");
    assert_eq!(given.len(), 2);
    let begins = format!("user:{0} {0} {{\"login\":\"ivan\",\"session\":\"", user.id);
    assert!(
        given.iter().all(|event| event.starts_with(&begins)),
        "{given:?}"
    );
    assert!(
        given
            .iter()
            .all(|event| event.ends_with("\"peer\":\"127.0.0.1\"}")),
        "{given:?}"
    );

    app.advance(11 * 60);
    let mut ivan = Browser::new(&app);
    let entered = give(&mut ivan, &code(&secret, now(&app)));
    assert_eq!(location(&entered), PROFILE);
    let profile = ivan.get(PROFILE).text();
    assert!(
        profile.contains(WARNING) && profile.contains("2 times"),
        "{profile}"
    );
    assert!(
        !ivan.get(PROFILE).text().contains(WARNING),
        "it is said once"
    );
    let sessions = ivan.get(SESSIONS).text();
    let (_, list) = sessions
        .split_once(LIST)
        .expect("it stands beside the sessions");
    assert!(
        list.contains("curl") && list.contains("127.0.0.1"),
        "{list}"
    );

    // The owner's own sign-in, with its code, is none of them; nor is it told again.
    app.advance(60);
    let mut again = Browser::new(&app);
    give(&mut again, &code(&secret, now(&app)));
    assert!(!again.get(PROFILE).text().contains(WARNING));
    assert_eq!(
        again.get(SESSIONS).text().matches("127.0.0.1").count(),
        sessions.matches("127.0.0.1").count() + 1
    );

    let page = ivan.get("/console/profile/password");
    let typed = [
        ("current_password", PASSWORD),
        ("new_password", "another horse battery"),
        ("repeat_password", "another horse battery"),
    ];
    ivan.submit(&page, "/console/profile/password", &typed);
    assert!(
        !ivan.get(SESSIONS).text().contains(LIST),
        "the password is another now"
    );
}

#[test]
fn without_a_second_factor_there_is_nothing_to_tell_and_no_more_than_twenty_are_kept() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut ivan = Browser::signed_in(&app, "ivan", PASSWORD);
    assert_eq!(events(&app, "user.password_given").len(), 0);
    assert!(!ivan.get(SESSIONS).text().contains(LIST));
    switch_on(&app, &mut ivan);
    for _ in 0..25 {
        // More than twenty within a second are slowed.
        app.advance(1);
        Browser::new(&app).sign_in("ivan", PASSWORD);
    }
    let rows = app.database.query("SELECT id AS text FROM half_sign_ins");
    assert_eq!(rows.len(), 20);
    assert_eq!(events(&app, "user.password_given").len(), 25);
    // The same browser's next try takes the place of the one before.
    let mut once = Browser::new(&app);
    for _ in 0..3 {
        let page = once.get(SIGN_IN);
        once.submit(&page, SIGN_IN, &[("login", "ivan"), ("password", PASSWORD)]);
    }
    let mine = app.database.query("SELECT id AS text FROM half_sign_ins");
    assert_eq!(mine.len(), 20);
    app.write(|c, act| {
        let user = mintmark::domain::users::find_by_login(c, "ivan")?;
        mintmark::domain::users::delete(c, act, &user)
    });
    assert_eq!(
        app.database
            .query("SELECT id AS text FROM half_sign_ins")
            .len(),
        0
    );
}
