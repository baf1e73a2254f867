//! Paths and methods: what is there, and what answers where nothing is.

use super::{APPLICATIONS, ME, NOTHING, answer, create, error, minimal, not_a_uuid, path, setup};
use crate::support::{Request, TestApp};

const NOT_FOUND: &str = "{\"code\":5,\"status\":\"NOT_FOUND\",\
    \"message\":\"There is nothing at this path.\",\"details\":\"\"}";
const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW",
];

fn ask(app: &TestApp, token: &str, target: &str) -> String {
    app.send(Request::new("GET", target).bearer(token)).whole()
}

#[test]
fn a_method_that_a_path_does_not_know_is_refused_before_any_credential_is_looked_at() {
    let (app, token) = setup();
    let one = format!("{APPLICATIONS}/{NOTHING}");
    let message = "This path does not know the method; see Allow.";
    let api = error(405, 3, "INVALID_ARGUMENT", message, "");
    for (path, allow) in [
        (ME, "GET, HEAD"),
        (APPLICATIONS, "GET, HEAD, POST"),
        (one.as_str(), "GET, HEAD, PATCH, DELETE"),
        (
            "/console/api/v2/applications/1111",
            "GET, HEAD, PATCH, DELETE",
        ),
        ("/console/api/v1/status/", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
        ("/openapi.yaml", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
        ("/docs/start.js", "GET, HEAD"),
        ("/docs/page.css", "GET, HEAD"),
        ("/docs/swagger-ui.css", "GET, HEAD"),
        ("/docs/swagger-ui-bundle.js", "GET, HEAD"),
        ("/.well-known/jwks.json", "GET, HEAD"),
        ("/.well-known/oauth-authorization-server", "GET, HEAD"),
        ("/.well-known/openid-configuration", "GET, HEAD"),
    ] {
        let known: Vec<&str> = allow.split(", ").collect();
        for method in METHODS.iter().filter(|m| !known.contains(m)) {
            let expected = api.replacen("405\n", &format!("405\nallow: {allow}\n"), 1);
            for request in [
                Request::new(method, path),
                Request::new(method, path).bearer(&token),
                Request::new(method, path).bearer("x"),
                Request::json(method, path, &minimal("a")),
                Request::new(method, path).header("x-http-method-override", "GET"),
            ] {
                assert_eq!(app.send(request).whole(), expected, "{method} {path}");
            }
        }
    }
    assert_eq!(app.get(APPLICATIONS, &token).text(), "[]");
}

#[test]
fn the_token_endpoint_knows_post_alone_and_says_so_in_its_own_form() {
    let (app, _) = setup();
    for method in METHODS.iter().filter(|method| **method != "POST") {
        let response = app.send(Request::new(method, "/console/sys/token"));
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(response.header("allow"), Some("POST"), "{method}");
        assert_eq!(
            response.header("cache-control"),
            Some("no-store"),
            "{method}"
        );
        match *method {
            "HEAD" => assert!(response.body.is_empty()),
            _ => assert_eq!(response.json()["error"], "invalid_request", "{method}"),
        }
    }
}

#[test]
fn a_path_where_nothing_is_answers_404_whoever_asks() {
    let (app, token) = setup();
    for path in [
        "//",
        "/x",
        "/console/api",
        "/console/api/v2",
        "/console/api/v2/",
        "/console/api/v2/me/",
        "/console/api/v2/ME",
        "/console/api/v2/me/x",
        "/console/api/v2//me",
        "//console/api/v2/me",
        "/console/api/v2/applications/",
        "/console/api/v2/applications//",
        "/console/api/v2/users",
        "/console/api/v2/user-lists/",
        "/console/api/v2/userlists",
        "/console/api/v2/spaces/",
        "/console/api/v3/me",
        "/console/api/v1/status",
        "/console/sys/",
        "/console/sys/token/",
        "/console/sys/tokens",
        "/console/sys/introspect",
        "/console/sys/revoke",
        "/.well-known/",
        "/.well-known/jwks",
        "/.well-known/jwks.json/",
        "/healthz/",
        "/HEALTHZ",
        "/metrics",
        "/docs/",
        "/openapi.yaml/",
        "/openapi.json",
        "/favicon.ico",
        "/keys/master.key",
        "/data/mintmark.db",
        "/.git/config",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            for request in [
                Request::new(method, path),
                Request::new(method, path).bearer(&token),
            ] {
                assert_eq!(
                    app.send(request).whole(),
                    answer(404, NOT_FOUND),
                    "{method} {path}"
                );
            }
        }
    }
    let one = create(&app, &token, &minimal("a"));
    for below in [
        "/",
        "/..",
        "/x",
        "/status/",
        "/status/start/",
        "/status/begin",
        "/userlists/",
        "/user-lists",
        "/users/",
        "/users/x/y/z",
    ] {
        let target = format!("{}{below}", path(&one));
        assert_eq!(
            ask(&app, &token, &target),
            answer(404, NOT_FOUND),
            "{below}"
        );
    }
}

#[test]
fn a_path_is_taken_as_written_and_leads_nowhere_else() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("a"));
    // A part of a path that is one part stays one, whatever it would mean elsewhere.
    for (part, shown) in [
        ("..", ".."),
        (".", "."),
        ("%2e%2e", ".."),
        ("%2E%2E", ".."),
        ("%2e%2e%2fme", "..%2fme"),
        ("..%2Fme", "..%2Fme"),
        ("%2e%2e%2f%2e%2e%2fapi%2fv2%2fme", "..%2f..%2fapi%2fv2%2fme"),
        ("..%5cme", "..\\me"),
        ("%252e%252e%252fme", "%252e%252e%252fme"),
        ("..;x", "..;x"),
        ("%00", ""),
        ("a%00b", "ab"),
        ("%c0%ae%c0%ae", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ("%", "%"),
        ("%zz", "%zz"),
        ("*", "*"),
    ] {
        let response = ask(&app, &token, &format!("{APPLICATIONS}/{part}"));
        let expected = not_a_uuid(shown);
        assert_eq!(response, expected, "{part}");
    }
    for path in [
        "/console/api/v2/applications/../me",
        "/console/api/v2/applications/%2e%2e/me",
        "/console/api/v2/x/../me",
        "/console/api/v2/./me",
        "/healthz/..",
        "/x/../healthz",
        "/%2e%2e/healthz",
        "/console%2fapi%2fv2%2fme",
        "/console\\api\\v2\\me",
        "/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/../../../../etc/passwd",
        "/.well-known/../healthz",
        "/healthz%00",
        "/healthz;x=y",
        "/healthz%3fx",
    ] {
        assert_eq!(ask(&app, &token, path), answer(404, NOT_FOUND), "{path}");
    }
    // Escapes of what needs none mean what they escape (RFC 3986 section 6.2.2.2).
    let id = super::id(&made);
    let escaped: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let escaped = format!("{APPLICATIONS}/{escaped}");
    assert_eq!(app.get(&escaped, &token).json(), made);
    assert_eq!(
        ask(&app, &token, "/console/api/v2/%6d%65"),
        ask(&app, &token, ME)
    );
    // A fragment is no part of a request; a query is no part of a path.
    let query = format!("{}?x=/../me#y", path(&made));
    assert_eq!(app.get(&query, &token).json(), made);
}
