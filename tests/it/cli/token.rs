//! `token`: asks a server for a token.

use serde_json::Value;

use super::Shell;
use crate::support::{Credentials, TestApp};

fn ask<'a>(server: &'a str, client: &'a Credentials, more: &[&'a str]) -> Vec<&'a str> {
    let args = [
        "token",
        "--server",
        server,
        "--client-id",
        &client.client_id,
        "--secret-stdin",
    ];
    [&args, more].concat()
}

#[test]
fn it_prints_the_token_and_nothing_else() {
    let shell = Shell::new();
    let server = shell.app.url("");
    let key = shell.create_client(&["--user", "admin", "--scope", "openid applications:read"]);
    let text = shell.text(&ask(&server, &key, &[]), &key.client_secret);
    let token = text.strip_suffix('\n').unwrap();
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(
        shell.app.get("/console/api/v2/applications", token).status,
        200
    );
    // A slash at the end of the URL is no part of the path.
    let slash = shell.app.url("/");
    let text = shell.text(
        &ask(&slash, &key, &["--scope", "openid"]),
        &key.client_secret,
    );
    let token = text.trim_end();
    assert_eq!(
        shell.app.get("/console/api/v2/applications", token).status,
        403
    );
    assert_eq!(shell.app.get("/console/api/v2/me", token).status, 200);
}

#[test]
fn an_id_and_a_secret_with_signs_go_through_as_they_are() {
    let shell = Shell::new();
    let key = Credentials {
        client_id: "id=with/&signs?".to_owned(),
        client_secret: "se+cret%41=&with:signs~and/others#123456".to_owned(),
    };
    let import = [
        "client",
        "import",
        "--id",
        &key.client_id,
        "--secret-stdin",
        "--service",
        "x",
        "--scope",
        "users:read",
    ];
    shell.json(&import, &key.client_secret);
    let server = shell.app.url("");
    let file = shell.folder.path().join("secret");
    std::fs::write(&file, format!("{}\r\n", key.client_secret)).unwrap();
    let file = file.to_str().unwrap();
    let args = [
        "token",
        "--server",
        &server,
        "--client-id",
        &key.client_id,
        "--secret-file",
        file,
    ];
    assert_eq!(shell.text(&args, "").trim_end().split('.').count(), 3);
}

#[test]
fn decoded_it_shows_headers_and_claims_but_no_token() {
    let shell = Shell::new();
    let server = shell.app.url("");
    let key = shell.create_client(&["--user", "admin", "--scope", "openid applications:read"]);
    let text = shell.text(&ask(&server, &key, &["--decode"]), &key.client_secret);
    let decoded: Value = serde_json::from_str(&text).unwrap();
    let [access, id] = [&decoded["access_token"], &decoded["id_token"]];
    assert_eq!(
        (&access["header"]["typ"], &id["header"]["typ"]),
        (&"at+jwt".into(), &"JWT".into())
    );
    for part in [access, id] {
        assert_eq!(part["header"]["alg"], "RS512");
        assert_eq!(part["claims"]["iss"], server.as_str());
        assert_eq!(part["claims"]["scope"], "openid applications:read");
        assert_eq!(part.as_object().unwrap().len(), 2, "no signature");
    }
    assert_eq!(access["claims"]["client_id"], key.client_id.as_str());
    assert_eq!(id["claims"]["aud"], key.client_id.as_str());
    assert!(!text.contains("eyJ"), "{text}");
    let narrow = ask(&server, &key, &["--decode", "--scope", "applications:read"]);
    let decoded: Value = serde_json::from_str(&shell.text(&narrow, &key.client_secret)).unwrap();
    assert_eq!(decoded["id_token"], Value::Null);
}

#[test]
fn a_secret_goes_to_another_host_in_plain_http_only_when_that_is_said() {
    let shell = Shell::new();
    let key = shell.create_client(&["--service", "x"]);
    let refused =
        |server: &str, more: &[&str]| shell.refused(&ask(server, &key, more), &key.client_secret);
    let why = "--server: plain HTTP would show the secret to whoever can listen on the way: ask by \
        https://, or say --plain-http where nobody can";
    for server in [
        "http://a.invalid",
        "http://192.0.2.1:9090/",
        "http://[2001:db8::1]",
    ] {
        assert_eq!(refused(server, &[]), why, "{server}");
    }
    let said = refused("http://a.invalid", &["--plain-http"]);
    assert!(
        said.starts_with("http://a.invalid/console/sys/token: "),
        "{said}"
    );
    let wrong = "--server: must be https://HOST[:PORT] or http://HOST[:PORT]";
    for server in ["ftp://a.invalid", "a.invalid", "https://", "//a.invalid"] {
        assert_eq!(refused(server, &[]), wrong, "{server}");
    }
}

#[test]
fn for_an_application_it_asks_with_resource() {
    let shell = Shell::new();
    let server = shell.app.url("");
    let uri = create_application(&shell.app, "billing");
    let client = shell.create_client(&["--service", "ci", "--audience", &uri]);
    let args = ask(&server, &client, &["--decode", "--resource", &uri]);
    let decoded: Value = serde_json::from_str(&shell.text(&args, &client.client_secret)).unwrap();
    assert_eq!(decoded["access_token"]["claims"]["aud"], uri.as_str());
    let unknown = ask(&server, &client, &["--resource", "https://a.example"]);
    assert_eq!(
        shell.refused(&unknown, &client.client_secret),
        "400 Bad Request: invalid_target: The resource is malformed, unknown, or not one that the \
         client may reach."
    );
}

#[test]
fn a_refusal_says_what_the_server_said_and_never_the_secret() {
    let shell = Shell::new();
    let server = shell.app.url("");
    let key = shell.create_client(&["--user", "admin", "--scope", "openid"]);
    let wrong = "not-the-secret-of-this-client-at-all";
    assert_eq!(
        shell.refused(&ask(&server, &key, &[]), wrong),
        "401 Unauthorized: invalid_client: Client authentication failed."
    );
    let more = ask(&server, &key, &["--scope", "users:write"]);
    assert_eq!(
        shell.refused(&more, &key.client_secret),
        "400 Bad Request: invalid_scope: The scope is malformed, unknown, or more than the client \
         may have. One space separates two scopes."
    );
    // Nobody listens at port 1.
    let why = shell.refused(&ask("http://127.0.0.1:1", &key, &[]), &key.client_secret);
    assert!(
        why.starts_with("http://127.0.0.1:1/console/sys/token: "),
        "{why}"
    );
    assert!(!why.contains(&key.client_secret), "{why}");
    let argument = [
        "token",
        "--server",
        &server,
        "--client-id",
        "x",
        "--secret",
        "s",
    ];
    shell.misused(&argument);
    shell.misused(&["token", "--server", &server, "--client-id", "x"]);
}

/// Registers an application, and answers its uri.
fn create_application(app: &TestApp, name: &str) -> String {
    let key = app.create_key("admin", "applications:write");
    let token = app.token(&key).access_token;
    let body = serde_json::json!({
        "source": {"type": "repository", "image-id": "25d2757d-ed6b-48ae-9abf-a563d00052ae"},
        "display-name": name,
        "publication-context": name,
        "development-mode": false,
    });
    let request = crate::support::Request::json("POST", "/console/api/v2/applications", &body);
    let made = app.send(request.bearer(&token));
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["uri"].as_str().unwrap().to_owned()
}
