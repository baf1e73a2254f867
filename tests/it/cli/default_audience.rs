//! `--default-audience`: what a service client's tokens are for when a request names nothing.

use serde_json::{Value, json};

use super::{Shell, credentials};
use crate::support::Request;

fn register(shell: &Shell, name: &str) -> String {
    let writer = shell.app.create_key("admin", "applications:write");
    let token = shell.app.token(&writer).access_token;
    let body = json!({
        "publication-context": name, "display-name": name, "development-mode": false,
        "source": {"type": "repository", "image-id": "00000000-0000-4000-8000-000000000001"},
    });
    let request = Request::json("POST", "/console/api/v2/applications", &body);
    let made = shell.app.send(request.bearer(&token)).json();
    made["uri"].as_str().unwrap().to_owned()
}

#[test]
fn a_default_audience_is_stored_for_one_application_and_else_as_it_is_said() {
    let shell = Shell::new();
    let (crm, wiki) = (register(&shell, "crm"), register(&shell, "wiki"));
    let create = ["client", "create", "--service", "a"];
    let one = shell.json(&[&create[..], &["--audience", &crm]].concat(), "");
    let client = credentials(&one);
    let listed = || -> Value {
        let list = shell.json(&["client", "list"], "");
        let mut clients = list.as_array().unwrap().iter();
        let found = clients.find(|c| c["client_id"] == client.client_id.as_str());
        found.unwrap()["default_audience"].clone()
    };
    let aud = || {
        let token = shell.app.token(&client).access_token;
        crate::token::claims(&token)["aud"].clone()
    };
    assert_eq!((listed(), aud()), (json!(crm), json!(crm)));
    let update = |more: &[&str]| {
        let args = [&["client", "update", "--id", &client.client_id], more].concat();
        shell.json(&args, "")["default_audience"].clone()
    };
    let both = format!("{crm} {wiki}");
    assert_eq!(
        update(&["--audience", &both, "--scope", "users:read"]),
        json!(crm)
    );
    assert_eq!(update(&["--default-audience", &wiki]), json!(wiki));
    assert_eq!((listed(), aud()), (json!(wiki), json!(wiki)));
    assert_eq!(update(&["--no-default-audience"]), Value::Null);
    let console = json!(shell.app.url("/console/api/v2"));
    assert_eq!((listed(), aud()), (Value::Null, console));

    let args = [
        "client",
        "update",
        "--id",
        &client.client_id,
        "--default-audience",
        "urn:x",
    ];
    let why = shell.refused(&args, "");
    assert!(
        why.contains("is not one of the client's audiences"),
        "{why}"
    );
    let key = [
        "client",
        "create",
        "--user",
        "admin",
        "--default-audience",
        &crm,
    ];
    let why = shell.refused(&key, "");
    assert!(why.contains("default"), "{why}");
}
