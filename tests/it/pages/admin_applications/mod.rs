//! Applications in the administration: registered, found, changed, connected, deleted.

mod change;
mod connect;
mod register;

use mintmark::model::scope::Role;

use super::{element, location};
use crate::support::{Browser, Credentials, Response, TestApp};

const HERE: &str = "/console/admin/applications";

/// A browser in which the administrator Olga is signed in.
fn olga(app: &TestApp) -> Browser<'_> {
    let olga = app.create_user("olga", Role::Administrator);
    Browser::of(app, &olga)
}

/// Opens a page and sends its form to `action`.
#[track_caller]
fn fill(browser: &mut Browser<'_>, page: &str, action: &str, typed: &[(&str, &str)]) -> Response {
    let page = browser.get(page);
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&page, action, typed)
}

/// Registers an application by its form, and answers where its page is.
#[track_caller]
fn register(browser: &mut Browser<'_>, name: &str, display_name: &str, lists: &[&str]) -> String {
    let mut typed = vec![("name", name), ("display_name", display_name)];
    typed.extend(lists.iter().map(|list| ("user_list", *list)));
    let made = fill(browser, &format!("{HERE}/new"), HERE, &typed);
    location(&made).to_owned()
}

/// Presses a button of the application's page, whose form sends these fields.
#[track_caller]
fn press(browser: &mut Browser<'_>, at: &str, act: &str, fields: &[(&str, &str)]) -> Response {
    fill(browser, at, &format!("{at}/{act}"), fields)
}

/// Whether the key gets a token for what has this uri.
#[track_caller]
fn reaches(app: &TestApp, key: &Credentials, uri: &str) -> bool {
    let uri: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
    let form = format!("grant_type=client_credentials&resource={uri}");
    let response = app.post_token(key, &form);
    if response.status == 200 {
        return true;
    }
    assert_eq!(response.status, 400, "{}", response.text());
    assert_eq!(response.json()["error"], "invalid_target");
    false
}

/// The application's uri, as its page shows it.
fn uri(browser: &mut Browser<'_>, at: &str) -> String {
    element(&browser.get(at), "uri")
}

/// The id of the first user list.
fn first_list(app: &TestApp) -> String {
    let query = "SELECT id AS text FROM user_lists ORDER BY created_at, id";
    app.database.query(query)[0].clone()
}

#[track_caller]
fn shows(page: &Response, what: &str) {
    let text = page.text();
    assert!(text.contains(what), "no {what}: {text}");
}

#[track_caller]
fn hides(page: &Response, what: &str) {
    let text = page.text();
    assert!(!text.contains(what), "{what}: {text}");
}
