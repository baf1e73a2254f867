//! When a token counts: an hour at most, with ten seconds for clocks that disagree.

use std::time::Duration;

use super::forge::{Forge, Members};
use super::{assert_refused, assert_taken};
use crate::support::TestApp;

fn setup() -> (TestApp, Forge) {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let forge = Forge::new(&app, &key);
    (app, forge)
}

/// Both kinds of token, issued and ending so many seconds from now.
fn tokens(forge: &Forge, iat: i64, exp: i64) -> [String; 2] {
    let at = |offset: i64| forge.now.saturating_add(offset);
    let timed = |claims: Members| claims.set("iat", at(iat)).set("exp", at(exp));
    [
        forge.access(&timed(forge.access_claims())),
        forge.id(&timed(forge.id_claims())),
    ]
}

#[test]
fn a_token_counts_from_ten_seconds_before_to_ten_seconds_after_its_time() {
    let (app, forge) = setup();
    for (iat, exp) in [
        (0, 3600),
        (0, 1),
        (-3600, 0),
        (-3610, -10),
        (10, 3610),
        (-1, 1),
    ] {
        for token in tokens(&forge, iat, exp) {
            assert_taken(&app, &token, &format!("{iat} to {exp}"));
        }
    }
    for (iat, exp) in [
        // Expired by more than 10 s.
        (-3611, -11),
        (-12, -11),
        (-7200, -3600),
        // From the future by more than 10 s.
        (11, 3611),
        (11, 12),
        (3600, 7200),
        // Longer than an hour.
        (0, 3601),
        (-1, 3600),
        (-3600, 1),
        (0, 86400),
        (0, i64::MAX),
        (i64::MIN, 0),
        (i64::MIN, i64::MAX),
        // No time at all, or backwards.
        (0, 0),
        (5, 4),
        (10, -10),
        (i64::MAX, i64::MIN),
    ] {
        for token in tokens(&forge, iat, exp) {
            assert_refused(&app, &token, &format!("{iat} to {exp}"));
        }
    }
}

#[test]
fn an_issued_token_is_refused_from_the_first_moment_beyond_the_skew() {
    let (app, _) = setup();
    let key = app.create_key("admin", "openid applications:read");
    let short = app.create_client(Some("admin"), "openid", |new| new.lifetime = 60);
    for (key, lifetime) in [(&short, 60), (&key, 3600)] {
        let tokens = app.token(key);
        assert_eq!(tokens.answer["expires_in"], lifetime);
        let both = [tokens.access_token.clone(), tokens.id_token.unwrap()];
        app.advance(lifetime + 10);
        both.iter()
            .for_each(|token| assert_taken(&app, token, "10 s"));
        app.clock.advance(Duration::from_millis(1));
        both.iter()
            .for_each(|token| assert_refused(&app, token, "10.001 s"));
        // Back to a full second, which is where tokens begin.
        app.clock.advance(Duration::from_millis(999));
        both.iter()
            .for_each(|token| assert_refused(&app, token, "11 s"));
    }
}
