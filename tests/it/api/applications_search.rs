//! `search` on applications and their users: folded text, in whatever case and alphabet.

use serde_json::{Value, json};

use super::{
    APPLICATIONS, answer, call, create, create_for, create_list, create_member, delete, first_list,
    invalid, minimal, path, setup,
};
use crate::support::TestApp;

/// The names of the applications, or presentations of the users, that a search finds.
fn found(app: &TestApp, token: &str, path: &str, term: &str, name: &str) -> Vec<String> {
    let term: String = url::form_urlencoded::byte_serialize(term.as_bytes()).collect();
    let list = app.get(&format!("{path}?search={term}"), token).json();
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[name].as_str().unwrap().to_owned())
        .collect()
}

fn create_named(app: &TestApp, token: &str, name: &str, display_name: &str) -> Value {
    app.advance(1);
    let mut body = minimal(name);
    body["display-name"] = display_name.into();
    create(app, token, &body)
}

#[test]
fn applications_are_found_by_name_display_name_and_uri_in_any_case() {
    let (app, token) = setup();
    let crm = create_named(&app, &token, "crm-dev", "Клиенты и Сделки");
    create_named(&app, &token, "wiki", "100% of_what we know");
    create_named(&app, &token, "books", "a\\b");
    let moved = json!({"uri": "https://Ledger.example.org/"});
    call(&app, &token, "PATCH", &path(&crm), &moved);
    let find = |term: &str| found(&app, &token, APPLICATIONS, term, "name");
    assert_eq!(find(""), ["crm-dev", "wiki", "books"]);
    assert_eq!(find("CRM"), ["crm-dev"]);
    assert_eq!(find("сДЕЛ"), ["crm-dev"]);
    assert_eq!(find("ledger.EXAMPLE"), ["crm-dev"]);
    // What stood there before is not found any more.
    assert_eq!(find("applications/"), ["wiki", "books"]);
    assert_eq!(find("%"), ["wiki"]);
    assert_eq!(find("_"), ["wiki"]);
    assert_eq!(find("\\"), ["books"]);
    assert_eq!(find("f_w"), ["wiki"]);
    assert_eq!(find("1%"), [""; 0]);
    assert_eq!(find("nothing"), [""; 0]);
    // From the end of one into the beginning of the other there is no way.
    assert_eq!(find("wiki100"), [""; 0]);
    assert_eq!(find("'; DROP TABLE applications; --"), [""; 0]);
}

#[test]
fn a_search_goes_with_paging_the_deleted_and_what_a_member_may_see() {
    let (app, token) = setup();
    let ours = first_list(&app);
    let (_, anna) = create_member(&app, "anna", ours);
    for (name, list) in [
        ("crm-a", ours),
        ("crm-b", create_list(&app, "Theirs")),
        ("wiki", ours),
        ("crm-c", ours),
        ("crm-d", ours),
    ] {
        app.advance(1);
        let made = create_for(&app, &token, name, &[list]);
        if name == "crm-d" {
            delete(&app, &token, &path(&made));
        }
    }
    let names = |token: &str, query: &str| {
        let page = app.get(&format!("{APPLICATIONS}?{query}"), token).json();
        let content = page["content"].as_array().unwrap().iter();
        let names: Vec<Value> = content.map(|one| one["name"].clone()).collect();
        (page["totalElements"].as_i64().unwrap(), names)
    };
    let query = "search=CRM&result=page&size=2";
    assert_eq!(
        names(&token, query),
        (3, vec!["crm-a".into(), "crm-b".into()])
    );
    assert_eq!(
        names(&token, &format!("{query}&page=1")),
        (3, vec!["crm-c".into()])
    );
    assert_eq!(
        names(&anna, query),
        (2, vec!["crm-a".into(), "crm-c".into()])
    );
    assert_eq!(
        names(&token, &format!("{query}&deleted=true")),
        (1, vec!["crm-d".into()])
    );
}

#[test]
fn users_of_an_application_are_found_by_presentation_and_login() {
    let (app, token) = setup();
    let list = first_list(&app);
    let made = create(&app, &token, &minimal("crm"));
    let at = format!("{}/users", path(&made));
    for (login, presentation) in [("anna", "Анна К."), ("boris", "50%"), ("vera", "Вера")]
    {
        app.advance(1);
        let (user, _) = create_member(&app, login, list);
        let body = json!({
            "user-list-id": list.to_string(), "user-id": user.id.to_string(),
            "presentation": presentation,
        });
        assert!(call(&app, &token, "POST", &at, &body).starts_with("201\n"));
    }
    let find = |term: &str| found(&app, &token, &at, term, "presentation");
    assert_eq!(find(""), ["Анна К.", "50%", "Вера"]);
    assert_eq!(find("АННА"), ["Анна К."]);
    assert_eq!(find("ER"), ["Вера"]);
    assert_eq!(find("%"), ["50%"]);
    assert_eq!(find("x"), [""; 0]);
}

#[test]
fn a_search_term_has_a_bound() {
    let (app, token) = setup();
    create(&app, &token, &minimal("crm"));
    let long = format!("{APPLICATIONS}?search={}", "x".repeat(100));
    assert_eq!(app.get(&long, &token).whole(), answer(200, "[]"));
    let longer = format!("{long}x");
    let reason = "has at most 100 characters";
    assert_eq!(app.get(&longer, &token).whole(), invalid("search", reason));
}
