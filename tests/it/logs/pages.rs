//! What people type, what their browsers hold and what pages show them never reaches the log.

use super::everything;
use super::secrets::Hidden;
use crate::support::{Browser, Process, Response, TestDatabase, form};

const SIGN_IN: &str = "/console/sign-in";
const CHANGE: &str = "/console/profile/password";
const SET_UP: &str = "/console/profile/second-factor/set-up";
const KEYS: &str = "/console/profile/keys";
const USERS: &str = "/console/admin/users";
const OWN: &str = "Fünf Wörter & 1 Geheimnis=%41";

/// Makes something that has a secret, which is shown once.
fn make(browser: &mut Browser<'_>, at: &str, typed: &[(&str, &str)]) -> Response {
    let page = browser.get(&format!("{at}/new"));
    let made = browser.submit(&page, at, typed);
    assert_eq!(made.status, 200, "{}", made.text());
    made
}

/// What stands in the element with this id.
fn element(page: &Response, id: &str) -> String {
    let text = page.text();
    let (_, inner) = text.split_once(&format!("id=\"{id}\">")).unwrap();
    inner.split('<').next().unwrap().to_owned()
}

#[test]
fn no_password_cookie_token_or_code_of_a_page_reaches_the_log() {
    for format in ["json", "text"] {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create();
        let level = "trace,actix_http=trace,mio=trace";
        let args = ["--log-format", format, "--log-level", level];
        let process = Process::start(folder.path(), &database.url_text(), &args);
        let note = process.folder.join("keys/first-start.txt");
        let note = std::fs::read_to_string(note).unwrap();
        let mut lines = note.lines();
        let password = lines.find_map(|line| line.trim().strip_prefix("password:"));
        let password = password.unwrap().trim().to_owned();
        let mut hidden = Hidden::default();
        hidden.add(&password);
        hidden.add(OWN);

        let mut browser = Browser::by(|request| process.send(&request));
        let page = browser.get(SIGN_IN);
        hidden.add(&form(&page, SIGN_IN)[0].1);
        // A password in the wrong field, and in the address.
        browser.sign_in(&password, OWN);
        browser.get(&format!("{SIGN_IN}?next={password}&password={password}"));
        browser.get(&format!("/console/{password}"));
        assert_eq!(browser.sign_in("admin", &password).status, 303);
        let page = browser.get(CHANGE);
        hidden.add(&form(&page, CHANGE)[0].1);
        let typed = [
            ("current_password", password.as_str()),
            ("new_password", OWN),
            ("repeat_password", OWN),
        ];
        assert_eq!(browser.submit(&page, CHANGE, &typed).status, 303);
        let page = browser.get(SET_UP);
        let begun = browser.submit(&page, SET_UP, &[("current_password", OWN)]);
        assert_eq!(begun.status, 200, "{}", begun.text());
        hidden.add(&element(&begun, "secret"));
        hidden.add(&element(&begun, "secret").replace(' ', ""));
        let made = make(&mut browser, KEYS, &[("name", "ci"), ("expiry", "30")]);
        hidden.add(&element(&made, "client-secret"));
        let list = browser.get(&format!("{USERS}/new")).text();
        let (_, list) = list
            .split_once("<select id=\"list\" name=\"list\"><option value=\"")
            .unwrap();
        let typed = [("login", "ivan"), ("role", "member"), ("list", &list[..36])];
        let made = make(&mut browser, USERS, &typed);
        hidden.add(&element(&made, "password"));
        for cookie in browser.cookies.values() {
            hidden.add(cookie);
        }
        assert_eq!(browser.cookies.len(), 3);
        let lines = everything(&process);
        let shown: Vec<&String> = lines.iter().filter(|line| line.contains(CHANGE)).collect();
        assert!(shown.len() >= 2, "the requests are logged: {lines:?}");
        for line in shown {
            assert!(line.contains("user:"), "it names who is signed in: {line}");
        }
        hidden.assert_not_in(&lines);
    }
}
