//! The authorization endpoint (RFC 6749 section 3.1), which the metadata must name and behind which
//! there is nothing: one refusal for everybody, and never a redirect.

use mintmark::ambient::{random_base62, random_uuid};

use crate::support::{KeptConnection, Request, Response, TestApp, count, exchange};

const AUTHORIZE: &str = "/console/sys/authorize";
const JSON: &str = r#"{"error":"unsupported_response_type","error_description":"There is no authorization code flow here, only the client credentials grant."}"#;
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Everything of the refusal, but the body of a page.
fn head(is_page: bool) -> String {
    let (content_type, pragma) = match is_page {
        true => ("text/html; charset=utf-8", ""),
        false => ("application/json", "pragma: no-cache\n"),
    };
    format!(
        "400\ncache-control: no-store\ncontent-security-policy: default-src 'none'; \
         style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'\ncontent-type: {content_type}\n\
         cross-origin-opener-policy: same-origin\n{pragma}referrer-policy: no-referrer\n\
         vary: Accept\nx-content-type-options: nosniff\n\n"
    )
}

fn ask(app: &TestApp, method: &str, accept: &str) -> Response {
    let request = Request::new(method, AUTHORIZE);
    app.send(match accept {
        "" => request,
        accept => request.header("accept", accept),
    })
}

#[test]
fn a_program_is_told_in_json_and_a_person_on_a_page() {
    let app = TestApp::start();
    for accept in ["", "*/*", "application/json", "application/json, text/html"] {
        for method in ["GET", "POST"] {
            let answer = ask(&app, method, accept);
            let expected = format!("{}{JSON}", head(false));
            assert_eq!(answer.whole(), expected, "{method} {accept}");
        }
    }
    let page = ask(&app, "GET", BROWSER);
    let text = page.text();
    assert_eq!(page.whole(), format!("{}{text}", head(true)));
    for sentence in [
        "<section lang=\"en\"><h1>No sign-in for programs</h1>",
        "<section lang=\"ru\"><h1>Вход для программ не предусмотрен</h1>",
    ] {
        assert!(text.contains(sentence), "{text}");
    }
    for inside in ["<script", "<form", "style=", "http-equiv"] {
        assert!(!text.contains(inside), "{inside}: {text}");
    }
    for accept in ["", BROWSER] {
        let (get, head) = (ask(&app, "GET", accept), ask(&app, "HEAD", accept));
        assert_eq!(head.status, 400);
        assert!(head.body.is_empty());
        let length = |answer: &Response| answer.header("content-length").map(str::to_owned);
        assert_eq!(length(&head), length(&get));
    }
    let unknown = app.send(Request::new("PUT", AUTHORIZE));
    assert_eq!(
        unknown.whole(),
        "405\nallow: GET, HEAD, POST\ncache-control: no-store\ncontent-type: application/json\n\
         pragma: no-cache\n\n{\"error\":\"invalid_request\",\"error_description\":\"Allow names the \
         methods of this path.\"}"
    );
}

/// Whatever is sent, and whoever is signed in: two answers, byte for byte.
#[test]
fn nothing_of_the_request_changes_the_refusal_or_stands_in_it() {
    let app = TestApp::start();
    let [json, page] = ["", BROWSER].map(|accept| ask(&app, "GET", accept));
    let pick = |of: usize| usize::from(random_uuid().as_bytes()[0]) % of;
    for round in 0..count(300, 10_000) {
        let mark = random_base62(12);
        let queries = [
            String::new(),
            format!(
                "?response_type=code&client_id={mark}&redirect_uri=https://{mark}.example/cb&state={mark}"
            ),
            format!(
                "?response_type=none&prompt=none&redirect_uri=http%3a%2f%2f{mark}%0d%0aLocation:x"
            ),
            format!("?response_mode=form_post&response_type=id_token&scope=openid&nonce={mark}"),
            format!("?request={mark}&request_uri=urn:{mark}&%ff%zz=%00&&=;{mark}"),
            format!("?{}", mark.repeat(100)),
        ];
        let method = ["GET", "POST", "HEAD"][pick(3)];
        let is_page = pick(2) == 1;
        let path = format!("{AUTHORIZE}{}", queries[pick(queries.len())]);
        let mut request = Request::new(method, &path);
        if is_page {
            request = request.header("accept", BROWSER);
        }
        for (name, value) in [
            (
                "cookie",
                format!("mintmark_session={mark}; mintmark_language=ru"),
            ),
            ("accept-language", "ru".to_owned()),
            ("host", format!("{mark}.example")),
            ("origin", format!("https://{mark}.example")),
            ("authorization", format!("Bearer {mark}")),
            ("x-forwarded-host", mark.clone()),
        ] {
            if pick(2) == 1 && name != "host" {
                request = request.header(name, &value);
            }
        }
        if method == "POST" && pick(4) != 0 {
            let form = "application/x-www-form-urlencoded";
            let body = format!("response_type=code&redirect_uri=https://{mark}.example/&x={mark}");
            request = request.header("content-type", form).body(body.as_bytes());
        }
        let answer = app.send(request.clone());
        let expected = if is_page { &page } else { &json };
        match method {
            "HEAD" => assert_eq!((answer.status, answer.body.len()), (400, 0), "{round}"),
            _ => assert_eq!(answer.whole(), expected.whole(), "{request:?}"),
        }
        for never in ["location", "set-cookie", "refresh", "www-authenticate"] {
            assert_eq!(answer.header(never), None, "{request:?}");
        }
        let closes = answer.header("connection") == Some("close");
        assert!(closes || request.body.is_none(), "{request:?}");
    }
}

/// A body is not read: nothing behind it is answered, and it is not waited for.
#[test]
fn a_body_is_not_read_and_ends_the_connection() {
    let app = TestApp::start();
    let smuggled = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    for framing in [
        format!("content-length: {}\r\n\r\n{smuggled}", smuggled.len()),
        "content-length: 1000000\r\n\r\n".to_owned(),
        format!("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        "transfer-encoding: chunked\r\n\r\n".to_owned(),
    ] {
        let bytes = format!("POST {AUTHORIZE} HTTP/1.1\r\nhost: x\r\n{framing}");
        let answer = exchange(app.address, bytes.as_bytes());
        let text = String::from_utf8(answer).unwrap();
        assert!(text.starts_with("HTTP/1.1 400"), "{text}");
        assert!(text.contains("connection: close"), "{text}");
        assert!(text.ends_with(JSON), "{text}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
    }
    // Without one the connection goes on, until the client says that it does not.
    let mut kept = KeptConnection::open(app.address);
    for method in ["GET", "POST", "HEAD", "GET"] {
        let request = Request::new(method, AUTHORIZE);
        assert_eq!(kept.send(&request.to_kept_bytes()).status, 400, "{method}");
    }
    let last = format!("GET {AUTHORIZE} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = exchange(app.address, format!("{last}{last}").as_bytes());
    let text = String::from_utf8(answer).unwrap();
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
}

/// The same of every refusal that ends a connection.
#[test]
fn nothing_is_served_behind_an_answer_that_ends_the_connection() {
    let app = TestApp::start();
    let smuggled = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    for path in ["/console/sys/token", "/console/api/v2/applications"] {
        for framing in [
            format!("content-length: {}\r\n\r\n{smuggled}", smuggled.len()),
            format!("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        ] {
            let bytes =
                format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: text/x\r\n{framing}");
            let answer = exchange(app.address, bytes.as_bytes());
            let text = String::from_utf8(answer).unwrap();
            let closes = text.contains("connection: close");
            assert!(closes || path.contains("/api/"), "{text}");
            if closes {
                assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
            }
        }
    }
}
