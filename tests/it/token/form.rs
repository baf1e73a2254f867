//! The form: strict where a lenient reader would repair, and never echoed.

use super::{GRANT, INVALID_TARGET, assert_error, invalid_request};
use crate::support::{Request, TestApp, basic};

const REPEATED: &str = "A parameter must not be repeated.";
const MALFORMED: &str = "The body is not a well-formed form.";

#[test]
fn a_repeated_parameter_is_refused_even_when_one_name_is_percent_encoded() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    for form in [
        format!("{GRANT}&{GRANT}"),
        format!("{GRANT}&%67rant_type=client_credentials"),
        format!("{GRANT}&scope=openid&scope=openid"),
        format!("{GRANT}&scope=openid&s%63ope=openid"),
        format!("{GRANT}&%73%63%6f%70%65=openid&scope=users:read"),
        format!("{GRANT}&client_id=a&client_id=a"),
        format!("{GRANT}&client_secret=a&client%5fsecret=b"),
        format!("{GRANT}&unknown=1&unknown=2"),
        format!("{GRANT}&%=1&a=2"),
    ] {
        let why = match form.contains("&%=") {
            true => MALFORMED,
            false => REPEATED,
        };
        let response = app.post_token(&key, &form);
        assert_error(&response, 400, &invalid_request(why));
    }
}

#[test]
fn a_repeated_resource_is_an_invalid_target() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let console = app.url("/console/api/v2");
    for form in [
        format!("{GRANT}&resource={console}&resource={console}"),
        format!("{GRANT}&resource={console}&re%73ource={console}"),
        format!("{GRANT}&resource={console}&resource=https://b.example"),
    ] {
        assert_error(&app.post_token(&key, &form), 400, INVALID_TARGET);
    }
    let form = format!("{GRANT}&resource={console}&resource=");
    assert_eq!(app.post_token(&key, &form).status, 200, "empty is absent");
}

#[test]
fn what_is_not_a_well_formed_form_is_refused_in_any_parameter() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let header = basic(&key.client_id, &key.client_secret);
    let bad: &[&[u8]] = &[
        b"%00",
        b"\0",
        b"a\0b",
        b"%01",
        b"%0a",
        b"%0D%0A",
        b"\n",
        b"\x1b",
        b"%7f",
        b"\x7f",
        b"%C2%85",
        b"\xc2\x9f",
        b"\xff",
        b"%ff",
        b"%c3%28",
        b"%ed%a0%80",
        b"%c0%80",
        b"\xc3",
        b"%f4%90%80%80",
        b"%",
        b"%4",
        b"%zz",
        b"%+1",
        b"%u0041",
    ];
    for value in bad {
        for name in [
            "grant_type",
            "scope",
            "resource",
            "client_id",
            "client_secret",
            "other",
        ] {
            let first: &[u8] = match name {
                "grant_type" => b"",
                _ => b"grant_type=client_credentials&",
            };
            let body = [first, name.as_bytes(), b"=", value].concat();
            let request = Request::token("")
                .body(&body)
                .header("authorization", &header);
            let response = app.send(request);
            println!("{:?}", String::from_utf8_lossy(&body));
            assert_error(&response, 400, &invalid_request(MALFORMED));
        }
        let body = [b"grant_type=client_credentials&".as_slice(), value, b"=1"].concat();
        let request = Request::token("")
            .body(&body)
            .header("authorization", &header);
        assert_error(&app.send(request), 400, &invalid_request(MALFORMED));
    }
}

#[test]
fn unknown_parameters_are_ignored_and_empty_ones_count_as_absent() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    for form in [
        format!("{GRANT}&audiences=x&client_assertion=y&assertion=z&state=1"),
        format!("{GRANT}&Scope=users:write&SCOPE=users:write"),
        format!("{GRANT}&scope=&resource=&client_id=&client_secret="),
        format!("{GRANT}&scope=&scope=&resource&scope"),
        format!("&&{GRANT}&&=&=x&"),
        format!("grant_type=&{GRANT}"),
        format!("{GRANT}&%D1%8F=%D0%B6&emoji=%F0%9F%98%80"),
    ] {
        let response = app.post_token(&key, &form);
        assert_eq!(response.status, 200, "{form}: {}", response.text());
        assert_eq!(response.json()["scope"], "openid applications:read");
    }
    for form in [
        "",
        "grant_type=",
        "grant_type",
        "GRANT_TYPE=client_credentials",
        "a=b",
    ] {
        let response = app.post_token(&key, form);
        assert_error(
            &response,
            400,
            &invalid_request("The grant_type is missing."),
        );
    }
}

#[test]
fn what_was_sent_is_never_echoed_in_an_error() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let right = basic(&key.client_id, &key.client_secret);
    let marker = "Zq9echo";
    let forms = [
        format!("grant_type={marker}"),
        format!("{GRANT}&scope={marker}"),
        format!("{GRANT}&resource={marker}"),
        format!("{GRANT}&resource=https://{marker}.example/"),
        format!("{GRANT}&client_id={marker}"),
        format!("{GRANT}&client_secret={marker}"),
        format!("{GRANT}&{marker}=1&{marker}=2"),
        format!("{GRANT}&{marker}=%00"),
    ];
    let mut requests: Vec<Request> = Vec::new();
    for form in &forms {
        requests.push(Request::token(form).header("authorization", &right));
        requests.push(Request::token(form).header("authorization", &basic(marker, marker)));
        requests.push(Request::token(form));
        requests.push(Request::token(form).header("authorization", &format!("{marker} x")));
    }
    requests.push(Request::token(GRANT).header("content-type", marker));
    requests.push(Request::new(marker, "/console/sys/token"));
    for request in requests {
        let mut request = request
            .header("x-request-id", marker)
            .header("origin", marker);
        request.path = format!("{}?{marker}={marker}", request.path);
        let response = app.send(request.clone());
        assert!(response.status >= 400, "{request:?}");
        let seen = format!("{:?}{}", response.headers, response.text());
        assert!(
            !seen.to_lowercase().contains(&marker.to_lowercase()),
            "{seen}"
        );
        let description = response.json()["error_description"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            description
                .bytes()
                .all(|b| b == b' ' || b.is_ascii_graphic())
        );
        assert!(!description.contains(['"', '\\']), "RFC 6749 section 5.2");
    }
}
