//! Recovery codes: for whoever does not have their phone.

use mintmark::model::scope::Role;

use super::second_factor::{HERE, give, switch_on};
use super::{PASSWORD, PROFILE, element, events, location};
use crate::support::{Browser, Response, TestApp};

const CODES: &str = "/console/profile/second-factor/codes";

fn codes(page: &Response) -> Vec<String> {
    element(page, "codes").lines().map(str::to_owned).collect()
}

#[test]
fn a_recovery_code_lets_its_user_in_once() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let (_, page) = switch_on(&app, &mut browser);
    let ours = codes(&page);
    let mut olga = Browser::signed_in(&app, "olga", PASSWORD);
    let (_, page) = switch_on(&app, &mut olga);
    let hers = codes(&page);
    assert_eq!(give(&mut Browser::new(&app), &hers[0]).status, 422);
    assert_eq!(location(&give(&mut Browser::new(&app), &ours[0])), PROFILE);
    assert_eq!(give(&mut Browser::new(&app), &ours[0]).status, 422);
    app.advance(1);
    let typed = ours[1].replace('-', " ").to_uppercase();
    assert_eq!(location(&give(&mut Browser::new(&app), &typed)), PROFILE);
    assert!(
        browser
            .get(HERE)
            .text()
            .contains("8 recovery codes are left.")
    );
    let used = format!("user:{0} {0} {{\"left\":9}}", user.id);
    assert_eq!(events(&app, "user.recovery_code_used")[0], used);
    for code in &ours[2..9] {
        assert_eq!(location(&give(&mut Browser::new(&app), code)), PROFILE);
        app.advance(60);
    }
    assert!(
        browser
            .get(HERE)
            .text()
            .contains("1 recovery code is left. Make new ones")
    );
}

#[test]
fn what_is_stored_of_a_recovery_code_is_none() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let (_, page) = switch_on(&app, &mut browser);
    let stored = app
        .database
        .query("SELECT digest AS text FROM recovery_codes");
    assert_eq!(stored.len(), 10);
    for code in codes(&page) {
        let plain = code.replace('-', "");
        assert!(stored.iter().all(|digest| !digest.contains(&plain)));
    }
    assert_eq!(give(&mut Browser::new(&app), &stored[0]).status, 422);
}

#[test]
fn new_codes_are_shown_once_and_end_the_old_ones() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let (_, page) = switch_on(&app, &mut browser);
    let old = codes(&page);
    let form = browser.get(CODES);
    let refused = browser.submit(&form, CODES, &[("current_password", "wrong horse battery")]);
    assert_eq!(refused.status, 422);
    let typed = [("current_password", PASSWORD)];
    let made = browser.submit(&form, CODES, &typed);
    assert_eq!(made.status, 200);
    let new = codes(&made);
    let again = browser.submit(&form, CODES, &typed);
    assert_eq!(again.status, 409);
    assert!(
        again.text().contains("This form was sent before"),
        "{}",
        again.text()
    );
    assert!(!again.text().contains(&new[0]));
    assert!(!browser.get(HERE).text().contains(&new[0]));
    assert_eq!(give(&mut Browser::new(&app), &old[0]).status, 422);
    assert_eq!(location(&give(&mut Browser::new(&app), &new[0])), PROFILE);
    assert_eq!(events(&app, "user.recovery_codes_made").len(), 1);
}
