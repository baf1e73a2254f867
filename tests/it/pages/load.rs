//! Many who sign in at once: a few are served at a time, the rest wait or are told to come again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mintmark::domain::guard::GuardLimits;
use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, location};
use crate::support::{Browser, FullLine, TestApp, count, settings};

const CHANGE: &str = "/console/profile/password";

fn unguarded() -> TestApp {
    let mut settings = settings();
    settings.guard = GuardLimits {
        per_client: 5,
        per_peer: 1_000_000,
    };
    TestApp::with(settings)
}

#[test]
fn when_the_line_is_full_a_sign_in_is_told_to_come_again_and_tokens_are_issued() {
    let app = unguarded();
    let user = app.create_user("ivan", Role::Member);
    let mut inside = Browser::of(&app, &user);
    let change = inside.get(CHANGE);
    let taken = FullLine::of(&app);
    for _ in 0..10 {
        let busy = Browser::new(&app).sign_in("ivan", PASSWORD);
        assert_eq!((busy.status, busy.header("retry-after")), (503, Some("5")));
        assert!(
            busy.text().contains("Too many people are signing in"),
            "{}",
            busy.text()
        );
    }
    let typed = [
        ("current_password", PASSWORD),
        ("new_password", "another horse battery"),
        ("repeat_password", "another horse battery"),
    ];
    let busy = inside.submit(&change, CHANGE, &typed);
    assert!(
        busy.text().contains("Too many people are signing in"),
        "{}",
        busy.text()
    );
    assert_eq!(inside.get(PROFILE).status, 200);
    app.token(&app.first);
    drop(taken);
    // None of the ten counted as a failed try.
    assert_eq!(
        location(&Browser::new(&app).sign_in("ivan", PASSWORD)),
        PROFILE
    );
    assert_eq!(location(&inside.submit(&change, CHANGE, &typed)), PROFILE);
}

#[test]
fn of_many_at_once_everybody_is_let_in_or_told_to_come_again() {
    let app = unguarded();
    app.create_user("ivan", Role::Member);
    let forms: Vec<_> = (0..count(150, 1000))
        .map(|_| {
            let mut browser = Browser::new(&app);
            let page = browser.get(super::SIGN_IN);
            (browser.cookies, page)
        })
        .collect();
    let answers = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for (cookies, page) in forms {
            let (app, answers) = (&app, &answers);
            scope.spawn(move || {
                let mut browser = Browser::new(app);
                browser.cookies = cookies;
                let typed = [("login", "ivan"), ("password", PASSWORD)];
                let status = browser.submit(&page, super::SIGN_IN, &typed).status;
                *answers.lock().unwrap().entry(status).or_insert(0) += 1;
            });
        }
    });
    let answers = answers.into_inner().unwrap();
    println!("{answers:?}");
    // Many tries of one login at once are many tries: the rest of them is slowed.
    assert!(
        answers
            .keys()
            .all(|status| [303, 429, 503].contains(status)),
        "{answers:?}"
    );
    assert!(answers[&303] > 0, "{answers:?}");
    assert_eq!(
        location(&Browser::new(&app).sign_in("ivan", PASSWORD)),
        PROFILE
    );
}
