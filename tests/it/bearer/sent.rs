//! How a token is sent: once, in the Authorization header (RFC 6750 section 2).

use super::{APPLICATIONS, ME, NO_TOKEN, REFUSED};
use crate::support::{Request, TestApp, basic};

const TWO_WAYS: &str = "400\n\
    cache-control: no-store\n\
    content-type: application/json\n\
    \n\
    {\"code\":3,\"status\":\"INVALID_ARGUMENT\",\"message\":\"The token must be sent once, in the Authorization header.\",\"details\":\"\"}";

fn setup() -> (TestApp, String) {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read applications:write");
    let token = app.token(&key).access_token;
    (app, token)
}

fn form(method: &str, path: &str, body: &str) -> Request {
    Request::new(method, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.as_bytes())
}

#[test]
fn no_token_gets_a_challenge_without_an_error() {
    let (app, token) = setup();
    let pair = basic(&app.first.client_id, &app.first.client_secret);
    assert_eq!(app.send(Request::new("GET", ME)).whole(), NO_TOKEN);
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "bearer",
        "Basic",
        &pair,
        &token,
        &format!("Token {token}"),
        &format!("DPoP {token}"),
        &format!("Bearer={token}"),
        &format!("Bearer{token}"),
        &format!("Bearer\t{token}"),
        &format!("Basic Bearer {token}"),
    ] {
        let request = Request::new("GET", ME).header("authorization", header);
        assert_eq!(app.send(request).whole(), NO_TOKEN, "{header}");
    }
}

#[test]
fn the_scheme_is_read_in_any_case_and_any_number_of_spaces_follows_it() {
    let (app, token) = setup();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let header = format!("{scheme} {token}");
        let request = Request::new("GET", ME).header("Authorization", &header);
        assert_eq!(app.send(request).status, 200, "{scheme}");
        let spaced =
            Request::new("GET", ME).header("Authorization", &format!("{scheme}   {token}"));
        assert_eq!(app.send(spaced).status, 200, "{scheme} and three spaces");
    }
}

#[test]
fn a_token_in_the_query_or_the_body_is_not_read() {
    let (app, token) = setup();
    for path in [ME, APPLICATIONS] {
        let target = format!("{path}?access_token={token}");
        let response = app.send(Request::new("GET", &target));
        assert_eq!(response.whole(), NO_TOKEN, "{path}");
    }
    let body = format!("access_token={token}");
    let missing = format!("{APPLICATIONS}/1eeb5447-c4f8-635e-b776-199d8903fded");
    for (method, path) in [("GET", ME), ("POST", APPLICATIONS), ("DELETE", &missing)] {
        let response = app.send(form(method, path, &body));
        assert_eq!(response.whole(), NO_TOKEN, "{method}");
    }
    for cookie in ["access_token", "id_token", "session"] {
        let request = Request::new("GET", ME).header("cookie", &format!("{cookie}={token}"));
        assert_eq!(app.send(request).whole(), NO_TOKEN, "{cookie}");
    }
    let request = Request::new("GET", ME).header("proxy-authorization", &format!("Bearer {token}"));
    assert_eq!(app.send(request).whole(), NO_TOKEN, "proxy-authorization");
}

#[test]
fn two_authorization_headers_are_refused() {
    let (app, token) = setup();
    let right = format!("Bearer {token}");
    let pair = basic(&app.first.client_id, &app.first.client_secret);
    for (first, second) in [
        (&right, &right),
        (&right, &pair),
        (&pair, &right),
        (&right, &"Bearer x".to_owned()),
        (&String::new(), &right),
    ] {
        let request = Request::new("GET", ME)
            .header("Authorization", first)
            .header("authorization", second);
        assert_eq!(app.send(request).whole(), TWO_WAYS, "{first}, {second}");
    }
    // Joined into one header they are one token that is none.
    let joined = format!("{right}, {right}");
    let request = Request::new("GET", ME).header("authorization", &joined);
    assert_eq!(app.send(request).whole(), REFUSED);
}

#[test]
fn a_token_in_the_header_and_in_the_query_is_refused() {
    let (app, token) = setup();
    for query in [
        format!("access_token={token}"),
        "access_token=x".to_owned(),
        "access_token=".to_owned(),
        "access_token".to_owned(),
        "page=0&access_token=x".to_owned(),
        "access%5Ftoken=x".to_owned(),
        "%61ccess_token=x".to_owned(),
    ] {
        for path in [ME, APPLICATIONS] {
            let response = app.get(&format!("{path}?{query}"), &token);
            assert_eq!(response.whole(), TWO_WAYS, "{path}?{query}");
        }
    }
    for query in ["access_tokens=x", "x=access_token", "ACCESS_TOKEN=x", ""] {
        assert_eq!(
            app.get(&format!("{ME}?{query}"), &token).status,
            200,
            "{query}"
        );
    }
}

#[test]
fn a_token_in_the_header_and_in_a_form_is_refused() {
    let (app, token) = setup();
    let missing = format!("{APPLICATIONS}/1eeb5447-c4f8-635e-b776-199d8903fded");
    for (method, path) in [
        ("GET", ME),
        ("GET", APPLICATIONS),
        ("POST", APPLICATIONS),
        ("DELETE", &missing),
    ] {
        for body in [
            format!("access_token={token}"),
            "access_token=x".to_owned(),
            "a=b&access%5ftoken=x".to_owned(),
        ] {
            let response = app.send(form(method, path, &body).bearer(&token));
            assert_eq!(response.whole(), TWO_WAYS, "{method} {body}");
        }
    }
    // Another form is no second way; the route says what it thinks of it.
    for (method, path, status) in [
        ("GET", ME, 200),
        ("POST", APPLICATIONS, 415),
        ("DELETE", &missing, 404),
    ] {
        let response = app.send(form(method, path, "token=x").bearer(&token));
        assert_eq!(response.status, status, "{method}");
    }
    // A token that is not taken is refused before anything of its body is read.
    let refused = form("POST", APPLICATIONS, "access_token=x").bearer("x");
    assert_eq!(app.send(refused).whole(), REFUSED);
}
