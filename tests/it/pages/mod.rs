//! The pages: signing in, sessions, forms, and what every one of them answers.

mod cookies;
mod first;
mod forms;
mod guessing;
mod headers;
mod language;
mod password;
mod sessions;
mod sign_in;

use crate::support::{Response, TestApp};

/// The password of every user that a test makes.
const PASSWORD: &str = "correct horse battery";
const PROFILE: &str = "/console/profile";
const SIGN_IN: &str = "/console/sign-in";
const SESSION: &str = "mintmark_session";

/// The text between the tags of a page's title.
fn title(page: &Response) -> String {
    let text = page.text();
    let start = text.find("<title>").unwrap() + "<title>".len();
    text[start..text.find("</title>").unwrap()].to_owned()
}

/// Where a redirect leads.
fn location(response: &Response) -> &str {
    assert_eq!(response.status, 303, "{}", response.text());
    assert_eq!(response.text(), "");
    response.header("location").unwrap()
}

/// The audit events of this kind, as `actor object_id details`, in order.
fn events(app: &TestApp, kind: &str) -> Vec<String> {
    app.database.query(&format!(
        "SELECT actor || ' ' || object_id || ' ' || details AS text FROM audit_events \
         WHERE kind = '{kind}' ORDER BY at, id"
    ))
}

/// How many sessions there are in the database.
fn count_sessions(app: &TestApp) -> usize {
    app.database.query("SELECT id AS text FROM sessions").len()
}
