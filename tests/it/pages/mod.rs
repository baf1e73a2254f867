//! The pages: signing in, sessions, forms, and what every one of them answers.

mod admin;
mod admin_applications;
mod admin_audit;
mod admin_lists;
mod at_once;
mod away;
mod cookies;
mod escaping;
mod expected;
mod first;
mod forms;
mod guessing;
mod headers;
mod keys;
mod language;
mod load;
mod password;
mod passwords;
mod recovery;
mod refusals;
mod rush;
mod second_factor;
mod sessions;
mod sign_in;
mod timing;
mod typed;
mod unfinished;

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

/// The code for a Base32 secret at a time (RFC 6238), computed here from its parts.
fn code(secret: &str, seconds: i64) -> String {
    let mut bits = 0_u64;
    let mut held = 0;
    let mut key = Vec::new();
    for letter in secret.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => continue,
        };
        bits = bits << 5 | u64::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    let key = openssl::pkey::PKey::hmac(&key).unwrap();
    let sha1 = openssl::hash::MessageDigest::sha1();
    let mut signer = openssl::sign::Signer::new(sha1, &key).unwrap();
    let step = (seconds / 30).to_be_bytes();
    let mac = signer.sign_oneshot_to_vec(&step).unwrap();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// What stands in the element with this id.
fn element(page: &Response, id: &str) -> String {
    let text = page.text();
    let start = text
        .find(&format!("id=\"{id}\">"))
        .unwrap_or_else(|| panic!("no {id}: {text}"));
    let inner = &text[start + id.len() + 6..];
    inner[..inner.find('<').unwrap()].to_owned()
}
