//! Pages while the database is away.

use mintmark::model::scope::Role;

use super::{PASSWORD, PROFILE, SIGN_IN, title};
use crate::support::{Browser, TestApp};

#[test]
fn while_the_database_is_away_pages_say_so_and_nobody_is_signed_out() {
    let app = TestApp::start();
    let user = app.create_user("ivan", Role::Member);
    let mut inside = Browser::of(&app, &user);
    let mut outside = Browser::new(&app);
    let form = outside.get(SIGN_IN);
    app.with_busy_pool(|| {
        for path in [PROFILE, "/console/profile/sessions", SIGN_IN] {
            let away = inside.get(path);
            assert_eq!(
                (away.status, away.header("retry-after")),
                (503, Some("1")),
                "{path}"
            );
            assert_eq!(title(&away), "Not available now · Mintmark");
            assert_eq!(
                away.header("content-type"),
                Some("text/html; charset=utf-8")
            );
        }
        assert_eq!(outside.get(SIGN_IN).status, 200, "it needs no database");
        let typed = [("login", "ivan"), ("password", PASSWORD)];
        let away = outside.submit(&form, SIGN_IN, &typed);
        assert_eq!(
            (away.status, title(&away).as_str()),
            (503, "Not available now · Mintmark")
        );
    });
    assert_eq!(inside.get(PROFILE).status, 200);
    let typed = [("login", "ivan"), ("password", PASSWORD)];
    assert_eq!(outside.submit(&form, SIGN_IN, &typed).status, 303);
}
