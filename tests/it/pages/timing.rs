//! An unknown login costs what a wrong password costs: the time of a refusal tells nothing.

use std::time::{Duration, Instant};

use mintmark::domain::guard::GuardLimits;
use mintmark::domain::users;
use mintmark::model::scope::Role;

use super::{PASSWORD, SIGN_IN};
use crate::support::{Browser, TestApp, count, settings};

#[test]
fn unknown_wrong_and_disabled_are_refused_in_the_same_time() {
    let mut settings = settings();
    settings.guard = GuardLimits {
        per_client: u32::MAX,
        per_peer: u32::MAX,
    };
    let app = TestApp::with(settings);
    app.create_user("ivan", Role::Member);
    let olga = app.create_user("olga", Role::Member);
    app.write(|c, act| users::disable(c, act, &olga));
    let kinds = [
        ("ivan", "wrong horse battery"),
        ("nobody", PASSWORD),
        ("olga", PASSWORD),
    ];
    let mut browser = Browser::new(&app);
    let page = browser.get(SIGN_IN);
    let mut times: [Vec<Duration>; 3] = Default::default();
    for round in 0..count(21, 1000) {
        for at in 0..3 {
            let kind = (at + round) % 3;
            let (login, password) = kinds[kind];
            let began_at = Instant::now();
            let typed = [("login", login), ("password", password)];
            let response = browser.submit(&page, SIGN_IN, &typed);
            times[kind].push(began_at.elapsed());
            assert_eq!(response.status, 422);
        }
    }
    let medians = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    for ((login, _), time) in kinds.iter().zip(medians) {
        println!("{login}: {time:?}");
    }
    // A hash that is left out would show at once: all else is a hundredth of it.
    let wrong = medians[0];
    for time in &medians[1..] {
        assert!(*time < wrong * 2 && wrong < *time * 2, "{medians:?}");
    }
}
