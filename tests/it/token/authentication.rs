//! One client, one way, one header: what is refused before it is asked who somebody is.

use super::{GRANT, assert_error, invalid_request};
use crate::support::{Request, TestApp, basic};

const TWO_HEADERS: &str = "There must be one Authorization header at most.";
const TWO_WAYS: &str = "Client credentials must be sent in one way only.";
const ANOTHER_ID: &str = "The client_id in the body is not the authenticated client's.";

#[test]
fn two_authorization_headers_are_refused_whatever_they_hold() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let right = basic(&key.client_id, &key.client_secret);
    for second in [right.as_str(), "Bearer x", "", "Basic !"] {
        for pair in [[right.as_str(), second], [second, right.as_str()]] {
            let request = Request::token(GRANT)
                .header("authorization", pair[0])
                .header("Authorization", pair[1]);
            assert_error(&app.send(request), 400, &invalid_request(TWO_HEADERS));
        }
    }
}

#[test]
fn two_ways_of_authentication_are_refused_even_when_both_are_right() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let (id, secret) = (&key.client_id, &key.client_secret);
    let in_body = format!("{GRANT}&client_id={id}&client_secret={secret}");
    for header in [
        basic(id, secret),
        "Bearer x".to_owned(),
        "Basic !".to_owned(),
    ] {
        let request = Request::token(&in_body).header("authorization", &header);
        assert_error(&app.send(request), 400, &invalid_request(TWO_WAYS));
    }
    let without_id = format!("{GRANT}&client_secret={secret}");
    let request = Request::token(&without_id).header("authorization", &basic(id, secret));
    assert_error(&app.send(request), 400, &invalid_request(TWO_WAYS));
}

#[test]
fn a_client_id_in_the_body_must_be_that_of_the_header() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let other = app.create_key("admin", "openid");
    let header = basic(&key.client_id, &key.client_secret);
    let same = format!("{GRANT}&client_id={}", key.client_id);
    let request = Request::token(&same).header("authorization", &header);
    assert_eq!(app.send(request).status, 200);
    for id in [other.client_id.as_str(), "x", &key.client_id.to_lowercase()] {
        let form = format!("{GRANT}&client_id={id}");
        let request = Request::token(&form).header("authorization", &header);
        assert_error(&app.send(request), 400, &invalid_request(ANOTHER_ID));
    }
}
