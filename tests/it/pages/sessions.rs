//! How long sessions last, and what ends them.

use mintmark::domain::{AnyConnection, password, sessions, users};
use mintmark::model::scope::Role;
use mintmark::model::secret::Secret;

use super::{PASSWORD, PROFILE, SESSION, SIGN_IN, count_sessions, location};
use crate::support::{Browser, TestApp, actions};

const SESSIONS: &str = "/console/profile/sessions";

fn is_in(browser: &mut Browser<'_>) -> bool {
    match browser.get(PROFILE).status {
        200 => true,
        303 => false,
        other => panic!("{other}"),
    }
}

#[test]
fn a_session_ends_after_half_an_hour_without_use() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for _ in 0..3 {
        app.advance(29 * 60);
        assert!(is_in(&mut browser));
    }
    app.advance(30 * 60);
    assert!(!is_in(&mut browser));
}

#[test]
fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    for _ in 0..35 {
        app.advance(20 * 60);
        assert!(is_in(&mut browser));
    }
    app.advance(20 * 60 - 1);
    assert!(is_in(&mut browser));
    app.advance(1);
    assert!(!is_in(&mut browser));
}

#[test]
fn what_has_ended_by_itself_does_not_stay_in_the_database() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    Browser::of(&app, &user);
    app.advance(20 * 60);
    let mut alive = Browser::of(&app, &user);
    app.advance(10 * 60);
    let now = app.act().now;
    let trim = |c: &mut AnyConnection| sessions::trim(c, now);
    app.app.database.write(trim).unwrap();
    assert_eq!(count_sessions(&app), 1);
    assert!(is_in(&mut alive));
}

#[test]
fn that_a_session_was_seen_is_written_once_a_minute() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut browser = Browser::signed_in(&app, "ivan", PASSWORD);
    let seen = || {
        app.database
            .query("SELECT CAST(last_seen_at AS TEXT) AS text FROM sessions")
    };
    let first = seen();
    app.advance(59);
    assert!(is_in(&mut browser));
    assert_eq!(seen(), first);
    app.advance(1);
    assert!(is_in(&mut browser));
    let second: i64 = seen()[0].parse().unwrap();
    assert_eq!(second - first[0].parse::<i64>().unwrap(), 60_000);
}

#[test]
fn whoever_is_disabled_deleted_or_given_another_password_is_signed_out_at_once() {
    let app = TestApp::start();
    let hash = password::hash(&Secret::new(PASSWORD.to_owned()), false).unwrap();
    for act_on in ["disable", "delete", "password"] {
        let user = app.create_user(act_on, Role::Member);
        let mut browser = Browser::signed_in(&app, act_on, PASSWORD);
        assert!(is_in(&mut browser));
        app.write(|c, act| match act_on {
            "disable" => users::disable(c, act, &user),
            "delete" => users::delete(c, act, &user),
            _ => users::set_password(c, act, &user, &hash),
        });
        assert!(!is_in(&mut browser), "{act_on}");
        if act_on == "disable" {
            app.write(|c, act| users::enable(c, act, &user));
            assert!(!is_in(&mut browser), "enabling brings no session back");
        }
    }
    assert_eq!(count_sessions(&app), 0);
}

#[test]
fn a_demotion_counts_for_the_next_page() {
    let app = TestApp::start();
    app.create_user("olga", Role::Administrator);
    let mut browser = Browser::signed_in(&app, "olga", PASSWORD);
    assert!(
        browser
            .get(PROFILE)
            .text()
            .contains("<dd>Administrator</dd>")
    );
    app.database
        .execute("UPDATE users SET role = 'member' WHERE login = 'olga'");
    let profile = browser.get(PROFILE);
    // It is as good as another who signs in: either out, or in with less.
    assert!(profile.status == 303 || profile.text().contains("<dd>Member</dd>"));
}

#[test]
fn the_list_shows_where_one_is_signed_in_and_signs_out_there() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let mut here = Browser::new(&app);
    here.headers
        .push(("user-agent".to_owned(), FIREFOX.to_owned()));
    here.sign_in("ivan", PASSWORD);
    let mut there = Browser::new(&app);
    there
        .headers
        .push(("user-agent".to_owned(), "curl/8.5 <b>".to_owned()));
    there.sign_in("ivan", PASSWORD);
    let mut olgas = Browser::signed_in(&app, "olga", PASSWORD);

    let list = here.get(SESSIONS);
    let text = list.text();
    for shown in ["Firefox on Linux", "this browser", "curl", "127.0.0.1"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    let ends: Vec<String> = actions(&list)
        .into_iter()
        .filter(|a| a.ends_with("/end"))
        .collect();
    // The other browser's, and everything.
    assert_eq!(ends.len(), 2, "{ends:?}");
    assert_eq!(ends[1], "/console/profile/sessions/end");

    let page = olgas.get(SESSIONS);
    let token = page.text();
    let token = token.split("name=\"form_token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let not_hers = olgas.post(&ends[0], &[("form_token", token)]);
    assert_eq!(not_hers.status, 404, "another's session is as good as none");
    assert!(is_in(&mut there));

    let ended = here.submit(&list, &ends[0], &[]);
    assert_eq!(location(&ended), SESSIONS);
    assert!(
        here.get(SESSIONS)
            .text()
            .contains("That session has ended.")
    );
    assert!(!is_in(&mut there));
    assert!(is_in(&mut here) && is_in(&mut olgas));
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[test]
fn signing_out_everywhere_ends_every_session_of_ones_own() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    app.create_user("olga", Role::Member);
    let mut here = Browser::signed_in(&app, "ivan", PASSWORD);
    let mut there = Browser::signed_in(&app, "ivan", PASSWORD);
    let mut olgas = Browser::signed_in(&app, "olga", PASSWORD);
    let list = here.get(SESSIONS);
    let ended = here.submit(&list, "/console/profile/sessions/end", &[]);
    assert_eq!(location(&ended), SIGN_IN);
    assert!(!here.cookies.contains_key(SESSION));
    assert!(
        here.get(SIGN_IN)
            .text()
            .contains("signed out in every browser")
    );
    assert!(!is_in(&mut here) && !is_in(&mut there) && is_in(&mut olgas));
}

#[test]
fn the_fifty_first_session_of_a_user_ends_the_oldest() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let mut first = Browser::signed_in(&app, "ivan", PASSWORD);
    app.advance(1);
    for number in 0..49 {
        Browser::signed_in(&app, "ivan", PASSWORD);
        // More than twenty a second of one account are slowed.
        app.advance(u64::from(number % 20 == 19));
    }
    let list = first.get(SESSIONS);
    assert!(list.text().contains("1–25 of 50"), "{}", list.text());
    let second = first.get("/console/profile/sessions?page=1");
    assert!(second.text().contains("26–50 of 50"), "{}", second.text());
    assert_eq!(first.get("/console/profile/sessions?page=-1").status, 404);
    app.advance(1);
    Browser::signed_in(&app, "ivan", PASSWORD);
    assert_eq!(count_sessions(&app), 50);
    assert!(!is_in(&mut first));
}

#[test]
fn who_reads_is_not_refused_because_nothing_can_be_written() {
    let app = TestApp::start();
    app.create_user("olga", Role::Member);
    let mut browser = Browser::signed_in(&app, "olga", "correct horse battery");
    // Long enough for it to be written that the session was seen.
    app.advance(61);
    app.with_busy_writer(|| assert_eq!(browser.get("/console/profile").status, 200));
    let seen = "SELECT CAST(last_seen_at - created_at AS TEXT) AS text FROM sessions";
    assert_eq!(app.database.query(seen), ["0"]);
    assert_eq!(browser.get("/console/profile").status, 200);
    assert_eq!(app.database.query(seen), ["61000"]);
}
