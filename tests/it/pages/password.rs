//! Changing one's own password.

use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SIGN_IN, count_sessions, events, location};
use crate::support::{Browser, TestApp};

const CHANGE: &str = "/console/profile/password";
const NEW: &str = "another horse battery";

fn change(
    browser: &mut Browser<'_>,
    current: &str,
    new: &str,
    repeat: &str,
) -> crate::support::Response {
    let page = browser.get(CHANGE);
    let typed = [
        ("current_password", current),
        ("new_password", new),
        ("repeat_password", repeat),
    ];
    browser.submit(&page, CHANGE, &typed)
}

#[test]
fn a_changed_password_ends_the_other_sessions_and_not_this_one() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let mut here = Browser::signed_in(&app, "ivan", PASSWORD);
    let mut there = Browser::signed_in(&app, "ivan", PASSWORD);
    let mut olgas = Browser::signed_in(&app, "olga", PASSWORD);
    assert_eq!(location(&change(&mut here, PASSWORD, NEW, NEW)), PROFILE);
    let profile = here.get(PROFILE);
    assert!(
        profile.text().contains("The password is changed."),
        "{}",
        profile.text()
    );
    assert_eq!(location(&there.get(PROFILE)), SIGN_IN);
    assert_eq!(olgas.get(PROFILE).status, 200);
    assert_eq!(there.sign_in("ivan", PASSWORD).status, 422);
    assert_eq!(location(&there.sign_in("ivan", NEW)), PROFILE);
    let expected = format!("user:{0} {0} {{\"login\":\"ivan\"}}", user.id);
    assert_eq!(events(&app, "user.password_changed"), [expected]);
    assert_eq!(count_sessions(&app), 3);
}

#[test]
fn a_password_is_changed_only_with_the_current_one_and_to_a_good_one() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let long = "x".repeat(513);
    for (current, new, repeat, says) in [
        (
            "wrong horse battery",
            NEW,
            NEW,
            "This is not your password.",
        ),
        ("", NEW, NEW, "Fill this in."),
        (PASSWORD, "", "", "Fill this in."),
        (
            PASSWORD,
            "short",
            "short",
            "A password has at least 12 characters.",
        ),
        (PASSWORD, &long, &long, "A password has at most 512 bytes."),
        (
            PASSWORD,
            NEW,
            "another horse batterx",
            "This is another one than above.",
        ),
        (
            PASSWORD,
            PASSWORD,
            PASSWORD,
            "The new password must not be the current one.",
        ),
    ] {
        let response = change(&mut browser, current, new, repeat);
        assert_eq!(response.status, 422);
        assert!(
            response.text().contains(says),
            "{says}: {}",
            response.text()
        );
        assert!(!response.text().contains(NEW), "no password is shown again");
    }
    let mut other = Browser::new(&app);
    assert_eq!(other.sign_in("ivan", NEW).status, 422);
    assert_eq!(location(&other.sign_in("ivan", PASSWORD)), PROFILE);
}

#[test]
fn guessing_the_current_password_in_a_session_is_slowed() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for _ in 0..10 {
        let refused = change(&mut browser, "wrong horse battery", NEW, NEW);
        assert!(refused.text().contains("This is not your password."));
    }
    let slowed = change(&mut browser, PASSWORD, NEW, NEW);
    assert_eq!(slowed.status, 422);
    assert!(
        slowed.text().contains("Too many failed tries."),
        "{}",
        slowed.text()
    );
    assert_eq!(browser.get(PROFILE).status, 200);
}
