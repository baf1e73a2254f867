//! Guessing passwords is slowed, and nobody is locked out by it.

use mintmark::domain::guard::GuardLimits;
use mintmark::model::network::Networks;
use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, events, location};
use crate::support::{Browser, TestApp, settings};

/// A server behind a proxy, so that a test can come from many addresses.
fn start(per_client: u32, per_peer: u32) -> TestApp {
    let mut settings = settings();
    settings.trusted_proxies = Networks::parse("127.0.0.0/8").unwrap();
    settings.guard = GuardLimits {
        per_client,
        per_peer,
    };
    let app = TestApp::with(settings);
    // At a minute's beginning, so that no test meets its end.
    let into = app.act().now.seconds().rem_euclid(60);
    app.advance(u64::try_from(60 - into).unwrap());
    app.create_user("ivan", Role::Member);
    app
}

fn from<'a>(app: &'a TestApp, last: u8) -> Browser<'a> {
    let mut browser = Browser::new(app);
    // Loopback all of them: others get no page over plain HTTP.
    let peer = format!("127.0.1.{last}");
    browser.headers.push(("x-forwarded-for".to_owned(), peer));
    browser
}

fn tries(browser: &mut Browser<'_>, login: &str, count: usize) -> Vec<u16> {
    (0..count)
        .map(|_| browser.sign_in(login, "wrong horse battery").status)
        .collect()
}

#[test]
fn known_and_unknown_logins_are_slowed_alike_and_the_minute_ends_it() {
    let app = start(2, 100);
    for login in ["ivan", "nobody"] {
        let mut browser = from(&app, 1);
        assert_eq!(tries(&mut browser, login, 3), [422, 422, 429]);
        let slowed = browser.sign_in(login, PASSWORD);
        assert_eq!(
            (slowed.status, slowed.header("retry-after")),
            (429, Some("60"))
        );
        assert!(slowed.text().contains("Wait 60 s"), "{}", slowed.text());
    }
    app.advance(60);
    assert_eq!(location(&from(&app, 1).sign_in("ivan", PASSWORD)), PROFILE);
}

#[test]
fn a_browser_that_signed_in_before_is_not_slowed_by_others() {
    let app = start(2, 4);
    let mut known = from(&app, 1);
    known.sign_in("ivan", PASSWORD);
    known.cookies.remove("mintmark_session");
    for peer in 1..=3 {
        tries(&mut from(&app, peer), "ivan", 3);
    }
    assert_eq!(
        from(&app, 9).sign_in("ivan", PASSWORD).status,
        429,
        "the account is slowed"
    );
    assert_eq!(tries(&mut from(&app, 1), "another", 3), [422, 422, 429]);
    assert_eq!(location(&known.sign_in("ivan", PASSWORD)), PROFILE);
    known.cookies.remove("mintmark_session");
    assert_eq!(
        tries(&mut known, "ivan", 3),
        [422, 422, 429],
        "it has a counter of its own"
    );
    assert_eq!(
        tries(&mut known, "olga", 1),
        [429],
        "and only for its own login"
    );
}

#[test]
fn a_peer_that_tries_many_logins_is_slowed() {
    let app = start(10, 3);
    let mut browser = from(&app, 1);
    for (login, status) in [
        ("a1", 422),
        ("a2", 422),
        ("a3", 422),
        ("a4", 429),
        ("ivan", 429),
    ] {
        assert_eq!(tries(&mut browser, login, 1), [status], "{login}");
    }
    assert_eq!(location(&from(&app, 2).sign_in("ivan", PASSWORD)), PROFILE);
}

#[test]
fn refusals_of_known_users_are_audited_once_for_each_peer_and_minute() {
    let app = start(100, 100);
    tries(&mut from(&app, 1), "ivan", 3);
    tries(&mut from(&app, 2), "ivan", 1);
    tries(&mut from(&app, 1), "nobody", 1);
    app.flush();
    let events = events(&app, "user.sign_in_refused");
    assert_eq!(events.len(), 2, "{events:?}");
    let ending = "{\"reason\":\"wrong password\",\"peer\":\"127.0.1.1\"}";
    assert!(
        events
            .iter()
            .any(|e| e.starts_with("server ") && e.ends_with(ending)),
        "{events:?}"
    );
}

/// Signs in from so many new browsers, and gives them as they are afterwards, nobody signed in.
fn known<'a>(app: &'a TestApp, count: u8) -> Vec<Browser<'a>> {
    let known = |number: u8| {
        let mut browser = from(app, number);
        assert_eq!(location(&browser.sign_in("ivan", PASSWORD)), PROFILE);
        browser.cookies.remove("mintmark_session");
        browser
    };
    (1..=count).map(known).collect()
}

#[test]
fn many_browsers_that_are_known_have_the_guesses_of_one() {
    let app = start(5, 1000);
    let mut known = known(&app, 24);
    let statuses: Vec<u16> = (0..2)
        .flat_map(|_| {
            let each = known.iter_mut();
            each.map(|browser| tries(browser, "ivan", 1)[0])
                .collect::<Vec<_>>()
        })
        .collect();
    let plain = statuses.iter().filter(|status| **status == 422).count();
    let slowed = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((plain, slowed), (5, 43), "{statuses:?}");
}

#[test]
fn what_a_browser_is_known_by_ends_with_the_password() {
    let app = start(2, 100);
    let mut known = known(&app, 2);
    let mut inside = known.remove(0);
    assert_eq!(location(&inside.sign_in("ivan", PASSWORD)), PROFILE);
    let new = "another horse battery";
    let page = inside.get("/console/profile/password");
    let typed = [
        ("current_password", PASSWORD),
        ("new_password", new),
        ("repeat_password", new),
    ];
    let changed = inside.submit(&page, "/console/profile/password", &typed);
    assert_eq!(location(&changed), PROFILE);
    inside.cookies.remove("mintmark_session");
    // The account is slowed for everybody who is not known.
    for peer in 11..=13 {
        tries(&mut from(&app, peer), "ivan", 2);
    }
    assert_eq!(known[0].sign_in("ivan", new).status, 429);
    assert_eq!(
        location(&inside.sign_in("ivan", new)),
        PROFILE,
        "the browser in which it was changed is known by the new one"
    );
}

#[test]
fn a_browser_is_known_for_ninety_days() {
    let app = start(2, 100);
    let mut known = known(&app, 2);
    let slow = || {
        for peer in 11..=13 {
            tries(&mut from(&app, peer), "ivan", 2);
        }
    };
    app.advance(90 * 86_400 - 61);
    slow();
    assert_eq!(location(&known[0].sign_in("ivan", PASSWORD)), PROFILE);
    app.advance(120);
    slow();
    assert_eq!(known[1].sign_in("ivan", PASSWORD).status, 429);
    known[0].cookies.remove("mintmark_session");
    assert_eq!(
        location(&known[0].sign_in("ivan", PASSWORD)),
        PROFILE,
        "a sign-in renews it"
    );
}

#[test]
fn thirty_sign_ins_a_minute_of_one_account_have_an_event_each_and_more_are_told_in_one() {
    let app = start(1000, 1000);
    for number in 0..34 {
        let signed_in = from(&app, number % 2 + 1).sign_in("ivan", PASSWORD);
        assert_eq!(location(&signed_in), PROFILE);
    }
    assert_eq!(events(&app, "user.signed_in").len(), 30);
    app.advance(60);
    app.flush();
    assert_eq!(events(&app, "user.signed_in_often").len(), 2);
    assert_eq!(location(&from(&app, 1).sign_in("ivan", PASSWORD)), PROFILE);
    assert_eq!(events(&app, "user.signed_in").len(), 31);
}

#[test]
fn more_than_twenty_right_passwords_a_second_of_one_account_and_peer_are_slowed() {
    let app = start(1000, 1000);
    app.create_user("olga", Role::Member);
    let sign_in = |login: &str, peer| from(&app, peer).sign_in(login, PASSWORD);
    for _ in 0..20 {
        assert_eq!(location(&sign_in("ivan", 1)), PROFILE);
    }
    let slowed = sign_in("Ivan", 1);
    assert_eq!(
        (slowed.status, slowed.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(events(&app, "user.signed_in").len(), 20);
    assert_eq!(location(&sign_in("ivan", 2)), PROFILE);
    assert_eq!(location(&sign_in("olga", 1)), PROFILE);
    app.advance(1);
    assert_eq!(location(&sign_in("ivan", 1)), PROFILE);
}
