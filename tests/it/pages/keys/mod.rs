//! Access keys on the profile page: made, rotated, changed, ended, watched.

mod create;
mod end;
mod limits;
mod own_page;
mod rotate;

use super::{PASSWORD, location};
use crate::support::{Browser, Credentials, Response};

const KEYS: &str = "/console/profile/keys";
const GRANT: &str = "grant_type=client_credentials";

/// What stands in the element with this id.
fn element(page: &Response, id: &str) -> String {
    let text = page.text();
    let start = text
        .find(&format!(" id=\"{id}\""))
        .unwrap_or_else(|| panic!("no {id}: {text}"));
    let text = &text[start..];
    let text = &text[text.find('>').unwrap() + 1..];
    text[..text.find('<').unwrap()].to_owned()
}

/// The id and the secret that a page shows.
fn credentials(page: &Response) -> Credentials {
    assert_eq!(page.status, 200, "{}", page.text());
    Credentials {
        client_id: element(page, "client-id"),
        client_secret: element(page, "client-secret"),
    }
}

/// Makes a key by its form.
fn create(browser: &mut Browser<'_>, typed: &[(&str, &str)]) -> Response {
    let page = browser.get(&format!("{KEYS}/new"));
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&page, KEYS, typed)
}

/// The key's own page.
fn path(key: &Credentials) -> String {
    format!("{KEYS}/{}", key.client_id)
}

/// Presses a button of the key's page.
fn press(browser: &mut Browser<'_>, key: &Credentials, act: &str) -> Response {
    let page = browser.get(&path(key));
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&page, &format!("{}/{act}", path(key)), &[])
}

/// Rotates a key by its form.
fn rotate(browser: &mut Browser<'_>, key: &Credentials, old_ends_in: &str) -> Response {
    let action = format!("{}/rotate", path(key));
    let page = browser.get(&action);
    assert_eq!(page.status, 200, "{}", page.text());
    let typed = [("old_ends_in", old_ends_in), ("quiet_for", "3600")];
    browser.submit(&page, &action, &typed)
}
