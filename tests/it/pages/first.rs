//! The first sign-in: with what the first start made.

use mintmark::domain::first_start::{first_sign_in_paths, keep_first_sign_in};
use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SIGN_IN, location};
use crate::support::{Browser, TestApp};

const CHANGE: &str = "/console/profile/password";

#[test]
fn a_temporary_password_must_be_changed_before_anything_else() {
    let app = TestApp::start();
    let mut browser = Browser::new(&app);
    assert_eq!(
        location(&browser.sign_in("admin", &app.first_password)),
        PROFILE
    );
    for path in [PROFILE, "/console/profile/sessions"] {
        let to = browser.get(path);
        assert_eq!(location(&to).split("?next=").next(), Some(CHANGE));
    }
    let page = browser.get(CHANGE);
    assert!(
        page.text()
            .contains("Your password was set by somebody else.")
    );
    assert!(
        !page.text().contains("href=\"/console/profile\""),
        "nothing else is offered"
    );
    let token = &crate::support::form(&page, CHANGE)[0].1.clone();
    let ended = browser.post("/console/profile/sessions/end", &[("form_token", token)]);
    assert_eq!(location(&ended), CHANGE, "nothing else is done");
    let typed = [
        ("current_password", app.first_password.as_str()),
        ("new_password", PASSWORD),
        ("repeat_password", PASSWORD),
    ];
    assert_eq!(location(&browser.submit(&page, CHANGE, &typed)), PROFILE);
    assert_eq!(browser.get(PROFILE).status, 200);
    let mut again = Browser::new(&app);
    assert_eq!(again.sign_in("admin", &app.first_password).status, 422);
    assert_eq!(location(&again.sign_in("admin", PASSWORD)), PROFILE);
    assert_eq!(again.get(PROFILE).status, 200);
}

#[test]
fn one_can_leave_without_changing_it() {
    let app = TestApp::start();
    let mut browser = Browser::new(&app);
    browser.sign_in("admin", &app.first_password);
    let page = browser.get(CHANGE);
    assert_eq!(
        location(&browser.submit(&page, "/console/sign-out", &[])),
        SIGN_IN
    );
}

#[test]
fn the_first_sign_in_deletes_the_file_that_tells_it() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let paths = first_sign_in_paths(&app.keys_dir, app.app.database.url());
    let path = &paths[0];
    let text = "Sign-in\n  login:         admin\n  password:      x\n";
    assert_eq!(&keep_first_sign_in(&paths, text).unwrap(), path);
    Browser::signed_in(&app, "ivan", PASSWORD);
    assert!(path.exists(), "it is not Ivan's");
    Browser::new(&app).sign_in("admin", "wrong horse battery");
    assert!(path.exists(), "it was not signed in");
    // Where the folder of keys cannot be written it lies beside the database.
    for beside in paths.iter().skip(1) {
        std::fs::write(beside, text).unwrap();
    }
    Browser::signed_in(&app, "admin", &app.first_password);
    assert!(paths.iter().all(|path| !path.exists()));
}
