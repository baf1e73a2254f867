//! `/docs`: the contract as a page, out of the binary alone.

use crate::support::{Request, Response, TestApp};

const PAGE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/http/docs/page.html"
));
const STYLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/http/docs/page.css"
));
const START: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/http/docs/start.js"
));

/// Each file and its type.
const FILES: [(&str, &str); 5] = [
    ("/docs", "text/html"),
    ("/docs/start.js", "text/javascript"),
    ("/docs/page.css", "text/css"),
    ("/docs/swagger-ui.css", "text/css"),
    ("/docs/swagger-ui-bundle.js", "text/javascript"),
];

/// The headers of every answer here, in order of their names, the type and the tag apart.
const HEADERS: &str = "cache-control: no-cache\n\
    content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'\n";
const LAST_HEADERS: &str = "referrer-policy: no-referrer\nx-content-type-options: nosniff\n";

fn fetch(app: &TestApp, path: &str) -> Response {
    app.send(Request::new("GET", path))
}

fn etag(response: &Response) -> &str {
    response.header("etag").unwrap()
}

#[test]
fn the_page_and_its_files_are_answered_with_their_types_and_policies() {
    let app = TestApp::start();
    for (path, content_type) in FILES {
        let response = fetch(&app, path);
        let expected = format!(
            "200\n{HEADERS}content-type: {content_type}; charset=utf-8\netag: {}\n{LAST_HEADERS}\n{}",
            etag(&response),
            response.text()
        );
        assert_eq!(response.whole(), expected, "{path}");
        let head = app.send(Request::new("HEAD", path));
        let length = head.header("content-length").unwrap();
        assert_eq!(
            (head.status, length, head.body.len()),
            (200, response.body.len().to_string().as_str(), 0)
        );
    }
    assert_eq!(fetch(&app, "/docs").text(), PAGE);
    assert_eq!(fetch(&app, "/docs/start.js").text(), START);
    assert_eq!(fetch(&app, "/docs/page.css").text(), STYLE);
    let script = fetch(&app, "/docs/swagger-ui-bundle.js").text();
    assert!(script.contains(".SwaggerUIBundle=") && script.len() > 1_000_000);
    let style = fetch(&app, "/docs/swagger-ui.css").text();
    assert!(style.starts_with(".swagger-ui{") && style.len() > 100_000);
}

#[test]
fn a_browser_that_has_a_file_is_told_that_it_still_holds() {
    let app = TestApp::start();
    let mut tags = Vec::new();
    for (path, _) in FILES {
        let tag = etag(&fetch(&app, path)).to_owned();
        let ask = |known: &str| app.send(Request::new("GET", path).header("if-none-match", known));
        let expected = format!("304\n{HEADERS}etag: {tag}\n{LAST_HEADERS}\n");
        for known in [tag.as_str(), &format!("\"x\", W/{tag}"), "*"] {
            assert_eq!(ask(known).whole(), expected, "{path} {known}");
        }
        assert_eq!(ask("\"x\"").status, 200);
        tags.push(tag);
    }
    tags.dedup();
    assert_eq!(tags.len(), FILES.len(), "each has a tag of its own");
}

#[test]
fn the_page_names_its_own_files_and_nothing_from_elsewhere() {
    let app = TestApp::start();
    let mut named: Vec<&str> = Vec::new();
    for attribute in ["src=\"", "href=\""] {
        let parts = PAGE.split(attribute).skip(1);
        named.extend(parts.map(|part| part.split('"').next().unwrap()));
    }
    assert_eq!(
        named.len(),
        PAGE.matches("src=").count() + PAGE.matches("href=").count()
    );
    named.retain(|name| *name != "data:,");
    named.sort_unstable();
    named.dedup();
    assert_eq!(
        named,
        [
            "/docs/page.css",
            "/docs/start.js",
            "/docs/swagger-ui-bundle.js",
            "/docs/swagger-ui.css",
            "/openapi.yaml"
        ]
    );
    for path in named {
        assert_eq!(fetch(&app, path).status, 200, "{path}");
    }
    for text in [PAGE, START, STYLE] {
        assert!(!text.contains("://") && !text.contains("='//") && !text.contains("url("));
    }
    // What the policy would refuse anyway: code and style that stand in the page.
    assert!(!PAGE.contains("<style") && !PAGE.contains(" style=") && !PAGE.contains(" on"));
    assert_eq!(
        PAGE.matches("<script").count(),
        PAGE.matches("<script src=").count()
    );
    let style = fetch(&app, "/docs/swagger-ui.css").text();
    assert!(!style.contains("@import") && !style.contains("@font-face"));
    let pictures = style.split("url(").skip(1);
    assert!(
        pictures
            .map(|p| p.trim_start_matches('"'))
            .all(|p| p.starts_with("data:image/"))
    );
}

#[test]
fn no_other_file_of_the_page_is_there() {
    let app = TestApp::start();
    let missing = app.send(Request::new("GET", "/nothing")).whole();
    assert!(missing.starts_with("404\n"), "{missing}");
    for path in [
        "/docs/",
        "/docs/index.html",
        "/docs/page.html",
        "/docs/swagger-initializer.js",
        "/docs/swagger-ui.js",
        "/docs/swagger-ui.css.map",
        "/docs/swagger-ui-bundle.js.map",
        "/docs/oauth2-redirect.html",
        "/docs/favicon-32x32.png",
        "/docs/../openapi.yaml",
        "/docs/%2e%2e/openapi.yaml",
        "/docs/start.js/",
        "/docs//start.js",
        "/DOCS",
    ] {
        assert_eq!(fetch(&app, path).whole(), missing, "{path}");
    }
    for (path, _) in FILES {
        let response = app.send(Request::new("POST", path));
        let allow = response.header("allow");
        assert_eq!((response.status, allow), (405, Some("GET, HEAD")), "{path}");
    }
}
