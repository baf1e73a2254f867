//! English and Russian: by what the browser asks for, and by choice.

use mintmark::model::scope::Role;

use super::{PROFILE, SIGN_IN, location, title};
use crate::support::{Browser, Request, TestApp};

const LANGUAGE: &str = "/console/language";

#[test]
fn pages_speak_the_language_that_the_browser_asks_for_until_another_is_chosen() {
    let app = TestApp::start();
    let mut browser = Browser::new(&app);
    let russian = (
        "accept-language".to_owned(),
        "ru-RU,ru;q=0.9,en;q=0.8".to_owned(),
    );
    browser.headers.push(russian);
    let page = browser.get(SIGN_IN);
    assert_eq!(title(&page), "Вход · Mintmark");
    assert!(page.text().contains("<html lang=\"ru\">"));
    let missing = browser.get("/console/nothing");
    assert_eq!(
        (missing.status, title(&missing).as_str()),
        (404, "Не найдено · Mintmark")
    );

    let chosen = browser.submit(&page, LANGUAGE, &[("language", "en")]);
    assert_eq!(location(&chosen), SIGN_IN);
    let page = browser.get(SIGN_IN);
    assert_eq!(title(&page), "Sign in · Mintmark");
    assert!(page.text().contains("<html lang=\"en\">"));
    let back = browser.submit(&page, LANGUAGE, &[("language", "ru"), ("back", PROFILE)]);
    assert_eq!(location(&back), PROFILE);
    assert_eq!(title(&browser.get(SIGN_IN)), "Вход · Mintmark");
}

#[test]
fn choosing_a_language_loses_neither_the_filter_of_a_list_nor_the_way_on_from_the_sign_in() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    for (mut browser, address) in [
        (
            Browser::of(&app, &olga),
            "/console/admin/audit?kind=user.created&page=0",
        ),
        (
            Browser::new(&app),
            "/console/sign-in?next=/console/profile/keys",
        ),
    ] {
        let page = browser.get(address);
        let chosen = browser.submit(&page, LANGUAGE, &[("language", "ru")]);
        assert_eq!(location(&chosen), address);
    }
}

#[test]
fn no_other_language_is_taken_and_no_other_way_back() {
    let app = TestApp::start();
    let mut browser = Browser::new(&app);
    let page = browser.get(SIGN_IN);
    assert_eq!(
        browser
            .submit(&page, LANGUAGE, &[("language", "de")])
            .status,
        400
    );
    let away = [("language", "ru"), ("back", "//evil.example")];
    assert_eq!(
        location(&browser.submit(&page, LANGUAGE, &away)),
        "/console"
    );
    let unsent = browser.post(LANGUAGE, &[("language", "en")]);
    assert_eq!(unsent.status, 403);
    let planted = format!("mintmark_language{}=de", app.cookie_suffix());
    let planted = Request::new("GET", SIGN_IN).header("cookie", &planted);
    assert_eq!(title(&app.send(planted)), "Sign in · Mintmark");
}
