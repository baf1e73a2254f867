//! `POST /applications`: what is made, to the byte.

use mintmark::ambient::Clock;
use serde_json::{Value, json};

use super::{
    APPLICATIONS, IMAGE, SPACE, VERSION, answer, create, create_list, error, first_list, id,
    minimal, path, post, setup,
};
use crate::support::{Request, TestApp};

/// The whole list, which shows what was made and what was not.
fn names(app: &TestApp, token: &str) -> Vec<String> {
    let list = app.get(APPLICATIONS, token).json();
    let names = list.as_array().unwrap().iter();
    names
        .map(|a| a["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_application_is_made_as_the_whole_body_says() {
    let (app, token) = setup();
    let (first, second) = (create_list(&app, "First"), create_list(&app, "Second"));
    let body = json!({
        "source": {"type": "repository", "project-version-id": VERSION, "image-id": IMAGE},
        "display-name": "Демо CRM \"dev\"",
        "publication-context": "DemoCRM-dev_1.0",
        "development-mode": true,
        "technology-version": "5.0.1-20240117.33032-636",
        "default-user-list": first.to_string(),
        "user-lists": [second.to_string(), first.to_string(), second.to_string()],
        "space-id": SPACE.to_uppercase(),
        "domain-name": "example.org",
        "autostarting-scheduled-jobs": true,
        "autostarting-esb": true,
        "default-time-zone": "Europe/Moscow",
        "default-locale": "ru",
        "dbms-type": "Postgres",
        "description": "Customers, deals <and> more",
    });
    app.advance(1);
    let response = post(&app, &token, &body);
    let made = response.json();
    let expected = format!(
        "{{\"display-name\":\"Демо CRM \\\"dev\\\"\",\"user-lists\":[\"{first}\",\"{second}\"],\
         \"current-task\":null,\"description\":\"Customers, deals <and> more\",\
         \"project\":{{\"id\":\"{IMAGE}\"}},\"endpoint\":null,\
         \"source\":{{\"project-version-id\":\"{VERSION}\",\"project-name\":\"\",\
         \"type\":\"image\",\"image-id\":\"{IMAGE}\",\"project-version\":\"\"}},\
         \"error\":null,\"uri\":\"{}\",\"space-id\":\"{SPACE}\",\"date-created\":\"{}\",\
         \"technology-version\":\"5.0.1-20240117.33032-636\",\"name\":\"DemoCRM-dev_1.0\",\
         \"default-user-list\":\"{first}\",\"development-mode\":true,\"debugging\":true,\
         \"autostarting-scheduled-jobs\":true,\"id\":\"{}\",\"autostarting-esb\":true,\
         \"status\":\"Running\",\"dbms-type\":\"Postgres\",\"scopes\":[]}}",
        app.url("/applications/DemoCRM-dev_1.0"),
        app.clock.now(),
        id(&made)
    );
    assert_eq!(response.whole(), answer(200, &expected));
    // It is what is read back, alone and in the list.
    assert_eq!(
        app.get(&path(&made), &token).whole(),
        answer(200, &expected)
    );
    let list = app.get(APPLICATIONS, &token).whole();
    assert_eq!(list, answer(200, &format!("[{expected}]")));
}

#[test]
fn what_the_body_leaves_out_has_its_default() {
    let (app, token) = setup();
    let body = json!({
        "source": {"type": "repository", "project-version-id": VERSION},
        "display-name": "a",
        "publication-context": "a",
        "development-mode": false,
    });
    let response = post(&app, &token, &body);
    let made = response.json();
    let expected = format!(
        "{{\"display-name\":\"a\",\"user-lists\":[],\"current-task\":null,\"description\":\"\",\
         \"project\":{{\"id\":\"{VERSION}\"}},\"endpoint\":null,\
         \"source\":{{\"project-version-id\":\"{VERSION}\",\"project-name\":\"\",\
         \"type\":\"repository\",\"image-id\":null,\"project-version\":\"\"}},\
         \"error\":null,\"uri\":\"{}\",\"space-id\":null,\"date-created\":\"{}\",\
         \"technology-version\":\"\",\"name\":\"a\",\"default-user-list\":null,\
         \"development-mode\":false,\"debugging\":false,\"autostarting-scheduled-jobs\":false,\
         \"id\":\"{}\",\"autostarting-esb\":false,\"status\":\"Running\",\"dbms-type\":\"File\",\"scopes\":[]}}",
        app.url("/applications/a"),
        app.clock.now(),
        id(&made)
    );
    assert_eq!(response.whole(), answer(200, &expected));
}

#[test]
fn null_stands_for_an_id_or_text_that_is_left_out() {
    let (app, token) = setup();
    let mut body = minimal("a");
    for name in [
        "default-user-list",
        "space-id",
        "domain-name",
        "default-time-zone",
        "default-locale",
        "dbms-type",
    ] {
        body[name] = Value::Null;
    }
    body["source"]["project-version-id"] = Value::Null;
    let made = create(&app, &token, &body);
    let default = create(&app, &token, &minimal("b"));
    for name in [
        "default-user-list",
        "space-id",
        "dbms-type",
        "source",
        "user-lists",
    ] {
        assert_eq!(made[name], default[name], "{name}");
    }
}

#[test]
fn every_kind_of_database_and_every_shortest_and_longest_text_is_taken() {
    let (app, token) = setup();
    for kind in ["File", "Postgres", "MSSQL"] {
        let mut body = minimal(kind);
        body["dbms-type"] = kind.into();
        assert_eq!(create(&app, &token, &body)["dbms-type"], kind);
    }
    let mut longest = minimal(&"n".repeat(100));
    longest["display-name"] = "я".repeat(100).into();
    longest["description"] = "я".repeat(1000).into();
    longest["technology-version"] = "v".repeat(100).into();
    longest["default-time-zone"] = "z".repeat(100).into();
    longest["default-locale"] = "l".repeat(100).into();
    longest["domain-name"] = "d".repeat(253).into();
    let made = create(&app, &token, &longest);
    for name in ["display-name", "description", "technology-version"] {
        assert_eq!(made[name], longest[name], "{name}");
    }
    let shortest = create(&app, &token, &minimal("0"));
    assert_eq!(shortest["name"], "0");
}

#[test]
fn an_application_is_an_audience_from_the_moment_it_is_made() {
    let (app, token) = setup();
    let mut body = minimal("crm");
    body["user-lists"] = json!([first_list(&app).to_string()]);
    let key = app.create_key("admin", "openid");
    let form = format!(
        "grant_type=client_credentials&resource={}",
        app.url("/applications/crm")
    );
    assert_eq!(app.post_token(&key, &form).status, 400);
    create(&app, &token, &body);
    assert_eq!(app.post_token(&key, &form).status, 200);
}

#[test]
fn a_name_is_never_given_twice_not_even_after_a_deletion() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let taken = error(
        409,
        6,
        "ALREADY_EXISTS",
        "an application has, or had, this publication context: a name is never used twice",
        "",
    );
    let mut other = minimal("crm");
    other["display-name"] = "another".into();
    assert_eq!(post(&app, &token, &other).whole(), taken);
    assert_eq!(names(&app, &token), ["crm"]);
    assert_eq!(super::delete(&app, &token, &path(&made)).status, 200);
    assert_eq!(post(&app, &token, &other).whole(), taken);
    assert_eq!(names(&app, &token), [""; 0]);
    // Names are compared as they are written.
    create(&app, &token, &minimal("CRM"));
    assert_eq!(names(&app, &token), ["CRM"]);
}

#[test]
fn a_json_body_is_taken_under_every_spelling_of_its_media_type() {
    let (app, token) = setup();
    for (at, kind) in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;x=y",
    ]
    .iter()
    .enumerate()
    {
        let body = minimal(&format!("a{at}")).to_string();
        let request = Request::new("POST", APPLICATIONS)
            .header("content-type", kind)
            .header("content-encoding", "identity")
            .bearer(&token)
            .body(body.as_bytes());
        assert_eq!(app.send(request).status, 200, "{kind}");
    }
}
