//! `--application-scope`: scopes of applications' own.

use serde_json::json;

use super::{Shell, credentials};
use crate::support::Request;

#[test]
fn an_applications_own_scopes_are_given_replaced_and_taken_away() {
    let shell = Shell::new();
    let writer = shell.app.create_key("admin", "applications:write");
    let token = shell.app.token(&writer).access_token;
    let call = |method: &str, path: &str, body: serde_json::Value| {
        let response = shell
            .app
            .send(Request::json(method, path, &body).bearer(&token));
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    };
    let applications = "/console/api/v2/applications";
    let register = |name: &str| {
        let body = json!({
            "publication-context": name, "display-name": name, "development-mode": false,
            "source": {"type": "repository", "image-id": "00000000-0000-4000-8000-000000000001"},
        });
        let made = call("POST", applications, body);
        let (id, uri) = (made["id"].as_str().unwrap(), made["uri"].as_str().unwrap());
        let scopes = json!({"scopes": [{"name": "orders:read"}, {"name": "a=b,c"}]});
        call("PATCH", &format!("{applications}/{id}"), scopes);
        (id.to_owned(), uri.to_owned())
    };
    let ((crm, crm_uri), (wiki, _)) = (register("crm"), register("wiki"));
    let both = format!("{crm}=orders:read a=b,c");
    let other = format!("{wiki}=orders:read");
    let made = shell.json(
        &[
            "client",
            "create",
            "--service",
            "sync",
            "--audience",
            &crm_uri,
            "--application-scope",
            &both,
            "--application-scope",
            &other,
        ],
        "",
    );
    let client = credentials(&made);
    let encoded: String = url::form_urlencoded::byte_serialize(crm_uri.as_bytes()).collect();
    let granted = || {
        let form = format!("grant_type=client_credentials&resource={encoded}");
        shell.app.token_for(&client, &form).answer["scope"].clone()
    };
    assert_eq!(granted(), "orders:read a=b,c");
    let update = ["client", "update", "--id", &client.client_id];
    let list = shell.json(&["client", "list"], "");
    let mut clients = list.as_array().unwrap().iter();
    let listed = clients.find(|c| c["client_id"] == client.client_id.as_str());
    let shown = [both.as_str(), &other];
    assert_eq!(listed.unwrap()["application_scopes"], json!(shown));
    assert!(shell.text(&["client", "list"], "").contains(&both));

    let unchanged = [&update[..], &["--description", "x"]].concat();
    assert_eq!(
        shell.json(&unchanged, "")["application_scopes"],
        json!(shown)
    );
    let one = format!("{crm}=a=b,c");
    let narrowed = [&update[..], &["--application-scope", &one]].concat();
    assert_eq!(
        shell.json(&narrowed, "")["application_scopes"],
        json!([one])
    );
    assert_eq!(granted(), "a=b,c");
    let none = [&update[..], &["--no-application-scope"]].concat();
    assert_eq!(shell.json(&none, "")["application_scopes"], json!([]));
    assert_eq!(granted(), serde_json::Value::Null);

    // A key of a user who is connected, and nobody else's.
    let key = ["client", "create", "--user", "admin", "--scope", "openid"];
    let with = [&key[..], &["--application-scope", &other]].concat();
    let why = "application-scopes: an application that does not exist, or that is not open to the \
        key's user";
    assert_eq!(shell.refused(&with, ""), why);
    let user = &shell.json(&["user", "list"], "")[0];
    let body = json!({"user-lists": [user["user_list_id"]]});
    call("POST", &format!("{applications}/{wiki}/userlists"), body);
    shell.create_client(&with[2..]);
    let import = ["client", "import", "--id", "old", "--secret-stdin"];
    let with = [&import[..], &with[2..]].concat();
    let imported = shell.json(&with, &"x".repeat(40));
    assert_eq!(imported["application_scopes"], json!([other]));

    for (given, why) in [
        (
            vec![format!("{wiki}=orders:write")],
            "application-scopes: a scope that the application does not define",
        ),
        (
            vec![other.clone(), other.clone()],
            "application-scopes: an application stands there once",
        ),
    ] {
        let mut args = update.to_vec();
        for given in &given {
            args.extend(["--application-scope", given]);
        }
        assert_eq!(shell.refused(&args, ""), why);
    }
    for wrong in ["orders:read", "crm=orders:read", "=orders:read", &crm] {
        let said = shell.misused(&[&update[..], &["--application-scope", wrong]].concat());
        assert!(
            said.contains("an application's id, '=' and the names"),
            "{said}"
        );
    }
    let contrary = ["--no-application-scope", "--application-scope", &one];
    shell.misused(&[&update[..], &contrary].concat());
}
