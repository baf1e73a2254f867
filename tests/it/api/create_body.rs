//! `POST /applications`: bodies that are refused as a whole, for their shape, kind, size or slowness.

use serde_json::json;

use super::create_refused::{JSON, assert_nothing_made, raw};
use super::{APPLICATIONS, error, minimal, setup};
use crate::support::Request;

#[test]
fn a_body_that_is_not_one_json_object_is_refused() {
    let (app, token) = setup();
    let right = minimal("a").to_string();
    let positional = json!([
        minimal("a")["source"],
        "a",
        "a",
        false,
        "",
        null,
        [],
        null,
        null,
        false,
        false,
        null,
        null,
        null,
        "",
    ]);
    let not_utf8 = [right.replace("\"a\"", "\"").as_bytes(), b"\xff\"}"].concat();
    for body in [
        b"".to_vec(),
        b" ".to_vec(),
        b"null".to_vec(),
        b"7".to_vec(),
        b"\"a\"".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"{".to_vec(),
        format!("[{right}]").into_bytes(),
        positional.to_string().into_bytes(),
        format!("{right}{right}").into_bytes(),
        format!("{right},").into_bytes(),
        format!("{right}\0").into_bytes(),
        right.replace(',', ",,").into_bytes(),
        right.replace('"', "'").into_bytes(),
        right.replace("false", "False").into_bytes(),
        format!("\u{feff}{right}").into_bytes(),
        format!("// c\n{right}").into_bytes(),
        "[".repeat(60_000).into_bytes(),
        "{\"source\":".repeat(6_000).into_bytes(),
        not_utf8,
    ] {
        let response = app.send(raw(&token, JSON, &body));
        let what = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(response.status, 400, "{what}");
        assert_eq!(
            response.json()["message"],
            "The body is not valid.",
            "{what}"
        );
        assert_eq!(response.json()["code"], 3, "{what}");
    }
    assert_nothing_made(&app, &token);
}

#[test]
fn another_media_type_or_a_content_coding_is_refused() {
    let (app, token) = setup();
    let message = "The body must be application/json, without a content coding.";
    let expected = error(415, 3, "INVALID_ARGUMENT", message, "");
    let body = minimal("a").to_string();
    for kind in [
        "",
        "text/json",
        "text/plain",
        "application/xml",
        "application/jsonx",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
    ] {
        let response = app.send(raw(&token, kind, body.as_bytes()));
        assert_eq!(response.whole(), expected, "{kind}");
    }
    let none = Request::new("POST", APPLICATIONS).bearer(&token);
    assert_eq!(app.send(none.clone()).whole(), expected);
    assert_eq!(app.send(none.body(body.as_bytes())).whole(), expected);
    let twice = raw(&token, JSON, body.as_bytes()).header("content-type", JSON);
    assert_eq!(app.send(twice).whole(), expected);
    for coding in ["gzip", "br", "deflate", "zstd", "gzip, identity"] {
        let coded = raw(&token, JSON, body.as_bytes()).header("content-encoding", coding);
        assert_eq!(app.send(coded).whole(), expected, "{coding}");
    }
    assert_nothing_made(&app, &token);
}

#[test]
fn a_body_over_64_kib_is_refused_by_its_length_or_as_soon_as_it_is_passed() {
    let (app, token) = setup();
    let message = "The body is larger than 64 KiB.";
    let expected = error(413, 3, "INVALID_ARGUMENT", message, "");
    let padded = |length: usize| {
        let body = minimal("a").to_string();
        format!("{body}{}", " ".repeat(length - body.len())).into_bytes()
    };
    // By what it says of itself: none of it is ever sent.
    for length in ["65537", "1000000000000"] {
        let mut request = raw(&token, JSON, b"").header("content-length", length);
        request.body = None;
        assert_eq!(app.send(request).whole(), expected, "{length}");
    }
    assert_eq!(
        app.send(raw(&token, JSON, &padded(65_537))).whole(),
        expected
    );
    // By what arrives: the last chunk never comes.
    let mut chunked = b"10001\r\n".to_vec();
    chunked.extend(padded(65_537));
    chunked.extend(b"\r\n");
    let request = raw(&token, JSON, &chunked).header("transfer-encoding", "chunked");
    assert_eq!(app.send(request).whole(), expected);
    assert_nothing_made(&app, &token);
    assert_eq!(app.send(raw(&token, JSON, &padded(65_536))).status, 200);
}

#[test]
fn a_body_that_does_not_arrive_is_given_up() {
    let (app, token) = setup();
    let message = "The body did not arrive in time.";
    let expected = error(408, 3, "INVALID_ARGUMENT", message, "");
    let slow = raw(&token, JSON, b"{\"source\":").header("content-length", "1000");
    assert_eq!(app.send(slow).whole(), expected);
    assert_nothing_made(&app, &token);
}
