//! What a request must be before its form is read: method, media type, size.

use super::{GRANT, assert_error, invalid_request};
use crate::support::{KeptConnection, Request, TestApp, basic};

const METHOD: &str = "The method must be POST.";
const MEDIA_TYPE: &str =
    "The body must be application/x-www-form-urlencoded, without a content coding.";
const TOO_LARGE: &str = "The body is larger than 4096 bytes.";

#[test]
fn any_method_but_post_is_refused_with_the_one_that_is_allowed() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let header = basic(&key.client_id, &key.client_secret);
    for method in [
        "GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", "BREW",
    ] {
        let mut request = Request::token(GRANT).header("authorization", &header);
        request.method = method.to_owned();
        assert_error(&app.send(request), 405, &invalid_request(METHOD));
        let bare = Request::new(method, "/console/sys/token?grant_type=client_credentials");
        assert_error(&app.send(bare), 405, &invalid_request(METHOD));
    }
    let response = app.send(Request::new("HEAD", "/console/sys/token"));
    assert_eq!(
        (response.status, response.header("allow")),
        (405, Some("POST"))
    );
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.body, b"");
    let preflight = Request::new("OPTIONS", "/console/sys/token")
        .header("origin", "https://a.example")
        .header("access-control-request-method", "POST");
    assert_error(&app.send(preflight), 405, &invalid_request(METHOD));
}

#[test]
fn another_media_type_is_refused() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let header = basic(&key.client_id, &key.client_secret);
    let request = || {
        Request::new("POST", "/console/sys/token")
            .header("authorization", &header)
            .body(GRANT.as_bytes())
    };
    for right in [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-URLEncoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded ;charset=utf-8",
    ] {
        let response = app.send(request().header("content-type", right));
        assert_eq!(response.status, 200, "{right}");
    }
    let refused = invalid_request(MEDIA_TYPE);
    assert_error(&app.send(request()), 415, &refused);
    for wrong in [
        "",
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded, application/json",
        "application/x-www-form-urlencoded2",
        "application",
    ] {
        let response = app.send(request().header("content-type", wrong));
        assert_error(&response, 415, &refused);
    }
    let twice = request()
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-type", "application/x-www-form-urlencoded");
    assert_error(&app.send(twice), 415, &refused);
}

#[test]
fn a_content_coding_is_refused() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let header = basic(&key.client_id, &key.client_secret);
    let request = || Request::token(GRANT).header("authorization", &header);
    for coding in ["gzip", "br", "deflate", "identity, gzip", "x"] {
        let response = app.send(request().header("content-encoding", coding));
        assert_error(&response, 415, &invalid_request(MEDIA_TYPE));
    }
    let hidden = request()
        .header("content-encoding", "identity")
        .header("content-encoding", "gzip");
    assert_error(&app.send(hidden), 415, &invalid_request(MEDIA_TYPE));
    let plain = app.send(request().header("content-encoding", "identity"));
    assert_eq!(plain.status, 200);
}

/// A form of exactly `length` bytes.
fn form_of(length: usize) -> String {
    let start = format!("{GRANT}&x=");
    format!("{start}{}", "x".repeat(length - start.len()))
}

#[test]
fn a_body_of_4096_bytes_is_read_and_a_larger_one_refused() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    assert_eq!(app.post_token(&key, &form_of(4096)).status, 200);
    let response = app.post_token(&key, &form_of(4097));
    assert_error(&response, 413, &invalid_request(TOO_LARGE));
    assert_eq!(response.header("connection"), Some("close"));
}

#[test]
fn a_declared_length_is_refused_before_the_body_arrives() {
    let app = TestApp::start();
    for length in ["4097", "1000000", "9223372036854775807"] {
        // Not one byte of the body is ever sent, and the answer comes all the same.
        let request = Request::token("").header("content-length", length);
        assert_error(&app.send(request), 413, &invalid_request(TOO_LARGE));
    }
}

#[test]
fn a_chunked_body_is_refused_as_soon_as_it_is_too_large() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let header = basic(&key.client_id, &key.client_secret);
    let chunked = |chunks: &[String], end: &str| {
        let body: String = chunks
            .iter()
            .map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()))
            .collect();
        Request::token("")
            .header("authorization", &header)
            .header("transfer-encoding", "chunked")
            .body(format!("{body}{end}").as_bytes())
    };
    let form = form_of(4096);
    let halves = [form[..2048].to_owned(), form[2048..].to_owned()];
    assert_eq!(app.send(chunked(&halves, "0\r\n\r\n")).status, 200);
    // One chunk that says that it is large, and does not come whole.
    let large = Request::token("")
        .header("transfer-encoding", "chunked")
        .body(format!("f4240\r\n{}", "x".repeat(4097)).as_bytes());
    // The last chunk never comes.
    let more = [halves.as_slice(), &["x".to_owned()]].concat();
    for request in [large, chunked(&more, "")] {
        // The connection stays a while, for the rest, and its end is not waited for here.
        let response = KeptConnection::open(app.address).send(&request.to_bytes());
        assert_error(&response, 413, &invalid_request(TOO_LARGE));
        assert_eq!(response.header("connection"), Some("close"));
        app.record(&request, &response);
    }
}

#[test]
fn the_unread_body_of_a_refused_request_is_not_taken_for_the_next_request() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let right = Request::token(GRANT)
        .header("authorization", &basic(&key.client_id, &key.client_secret))
        .to_kept_bytes();
    for (method, media_type) in [
        ("PUT", "application/x-www-form-urlencoded"),
        ("DELETE", "text/plain"),
    ] {
        let hidden = Request::new(method, "/console/sys/token")
            .header("content-type", media_type)
            .body(&right);
        let mut connection = KeptConnection::open(app.address);
        let response = connection.send(&hidden.to_kept_bytes());
        assert_error(&response, 405, &invalid_request(METHOD));
        // The connection goes on with this request, or it ended.
        if response.header("connection") != Some("close") {
            let request = Request::new("GET", "/console/sys/token").to_kept_bytes();
            let response = connection.send(&request);
            assert_error(&response, 405, &invalid_request(METHOD));
        }
    }
}
