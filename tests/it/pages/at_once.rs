//! Forms that are sent again, or several times at once: what they do is done once.

use mintmark::model::scope::Role;

use super::second_factor::{now, switch_on};
use super::{PASSWORD, code, element};
use crate::support::{Browser, Response, TestApp};

const KEYS: &str = "/console/profile/keys";
const SET_UP: &str = "/console/profile/second-factor/set-up";
const ON: &str = "/console/profile/second-factor/on";
const CODE: &str = "/console/sign-in/code";

#[test]
fn a_form_that_is_sent_several_times_at_once_makes_one_key() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(&format!("{KEYS}/new"));
    let cookies = &browser.cookies;
    let answers: Vec<(u16, bool)> = std::thread::scope(|scope| {
        let (app, page) = (&app, &page);
        let send = move || {
            let mut same = Browser::new(app);
            same.cookies.clone_from(cookies);
            let answer = same.submit(page, KEYS, &[("name", "ci")]);
            (answer.status, answer.text().contains("mms_"))
        };
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        senders.into_iter().map(|s| s.join().unwrap()).collect()
    });
    let made = answers.iter().filter(|answer| **answer == (200, true));
    let told = answers.iter().filter(|answer| **answer == (409, false));
    assert_eq!((made.count(), told.count()), (1, 7), "{answers:?}");
    let keys = "SELECT id AS text FROM clients WHERE name = 'ci'";
    assert_eq!(app.database.query(keys).len(), 1);
}

#[test]
fn a_first_code_that_is_sent_twice_is_told_that_it_was_taken() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let page = browser.get(SET_UP);
    let begun = browser.submit(&page, SET_UP, &[("current_password", PASSWORD)]);
    let secret = element(&begun, "secret").replace(' ', "");
    let typed = code(&secret, now(&app));
    let on = browser.submit(&begun, ON, &[("code", &typed)]);
    assert_eq!(element(&on, "codes").lines().count(), 10);
    let again = browser.submit(&begun, ON, &[("code", &typed)]);
    assert_eq!(again.status, 409);
    assert!(
        again.text().contains("This form was sent before"),
        "{}",
        again.text()
    );
    assert!(!again.text().contains("otpauth"));
}

#[test]
fn a_code_that_is_sent_several_times_at_once_lets_in_once() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let (secret, page) = switch_on(&app, &mut browser);
    let recovery = element(&page, "codes").lines().next().unwrap().to_owned();
    app.advance(60);
    for typed in [code(&secret, now(&app)), recovery] {
        let mut waiting: Vec<Browser<'_>> = (0..4)
            .map(|_| {
                let mut browser = Browser::new(&app);
                browser.sign_in("ivan", PASSWORD);
                browser
            })
            .collect();
        let sessions: Vec<_> = waiting
            .iter_mut()
            .map(|browser| (browser.get(CODE), browser.cookies.clone()))
            .collect();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let give = |(page, cookies): &(Response, _)| {
                let mut same = Browser::new(&app);
                same.cookies.clone_from(cookies);
                same.submit(page, CODE, &[("code", &typed)]).status
            };
            let givers: Vec<_> = sessions
                .iter()
                .map(|session| scope.spawn(move || give(session)))
                .collect();
            givers.into_iter().map(|g| g.join().unwrap()).collect()
        });
        let entered = statuses.iter().filter(|status| **status == 303).count();
        assert_eq!(entered, 1, "{statuses:?}");
    }
}
