//! Applications registered, listed, searched for.

use mintmark::model::scope::{Role, ScopeSet};

use super::{HERE, fill, first_list, hides, location, olga, reaches, register, shows, uri};
use crate::support::TestApp;

#[test]
fn an_application_is_registered_once_and_the_users_of_its_list_get_tokens() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "");
    let list = browser.get(HERE);
    assert_eq!(list.status, 200);
    shows(&list, "No application is registered yet.");

    let form = browser.get(&format!("{HERE}/new"));
    let lists = first_list(&app);
    let typed = [
        ("name", "crm"),
        ("display_name", "Наш <CRM>"),
        ("description", "Deals"),
        ("user_list", lists.as_str()),
    ];
    let made = browser.submit(&form, HERE, &typed);
    let at = location(&made).to_owned();
    assert!(at.starts_with(&format!("{HERE}/")), "{at}");
    let page = browser.get(&at);
    shows(&page, "Наш &lt;CRM&gt; is registered.");
    shows(&page, "<span class=\"badge good\">running</span>");
    shows(&page, "<dd>Deals</dd>");
    let uri = uri(&mut browser, &at);
    assert_eq!(uri, app.url("/applications/crm"));
    assert!(reaches(&app, &key, &uri));

    // The same form again makes nothing.
    let again = browser.submit(&form, HERE, &typed);
    assert_eq!(again.status, 409);
    shows(&again, "Made already");
    let made = "SELECT name AS text FROM applications";
    assert_eq!(app.database.query(made), ["crm"]);

    // The API shows it as it shows every other.
    let token = app.create_key("olga", &ScopeSet::all().to_string());
    let token = app.token(&token).access_token;
    let id = at.strip_prefix(&format!("{HERE}/")).unwrap();
    let answer = app.get(&format!("/console/api/v2/applications/{id}"), &token);
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    assert_eq!(answer["uri"], uri.as_str());
    assert_eq!(answer["user-lists"][0], lists.as_str());
    // Console clients count on an id.
    assert_eq!(answer["project"]["id"], id);
    assert!(answer["source"]["project-version-id"].is_null());
}

#[test]
fn what_cannot_be_registered_is_said_at_its_field_and_nothing_is_made() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    register(&mut browser, "crm", "CRM", &[]);
    let nobodys = "1eeb5447-c5bb-6867-b776-199d8903fded";
    let long = "я".repeat(101);
    for (name, display_name, list, status, says) in [
        (
            "a b",
            "Shop",
            "",
            422,
            "Use 1 to 100 of the characters A-Z a-z",
        ),
        (
            "crm",
            "Shop",
            "",
            422,
            "An application has, or had, this publication context",
        ),
        (
            "shop",
            "",
            "",
            422,
            "Use 1 to 100 characters, and no control",
        ),
        (
            "shop",
            &long,
            "",
            422,
            "Use 1 to 100 characters, and no control",
        ),
        ("shop", "Shop", nobodys, 422, "Choose a list that exists."),
        (
            "shop",
            "Shop",
            "x",
            400,
            "The form did not arrive as this page sends it.",
        ),
    ] {
        let mut typed = vec![("name", name), ("display_name", display_name)];
        if !list.is_empty() {
            typed.push(("user_list", list));
        }
        let refused = fill(&mut browser, &format!("{HERE}/new"), HERE, &typed);
        assert_eq!(refused.status, status, "{}", refused.text());
        shows(&refused, says);
        if status == 422 {
            shows(&refused, &format!("value=\"{name}\""));
        }
    }
    let made = "SELECT name AS text FROM applications";
    assert_eq!(app.database.query(made), ["crm"]);
}

#[test]
fn the_list_is_searched_in_any_case_paged_and_shows_the_deleted_ones_apart() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let shop = register(&mut browser, "shop", "Лавка", &[]);
    for at in 1..=25 {
        app.advance(1);
        register(
            &mut browser,
            &format!("crm-{at:02}"),
            &format!("Crm {at:02}"),
            &[],
        );
    }
    let first = browser.get(HERE);
    shows(&first, "1–25 of 26");
    let next = browser.get(&format!("{HERE}?page=1"));
    shows(&next, "26–26 of 26");
    assert_ne!(
        first.text().contains(">Crm 25</a>"),
        next.text().contains(">Crm 25</a>")
    );
    assert_eq!(browser.get(&format!("{HERE}?page=x")).status, 404);

    let found = browser.get(&format!("{HERE}?search=%D0%BB%D0%90%D0%92"));
    shows(&found, &format!("<a href=\"{shop}\">Лавка</a>"));
    hides(&found, "Crm");
    shows(&browser.get(&format!("{HERE}?search=%25")), "Nothing fits.");

    let delete = format!("{shop}/delete");
    assert_eq!(
        location(&fill(&mut browser, &delete, &delete, &[("name", "shop")])),
        HERE
    );
    shows(
        &browser.get(HERE),
        "Лавка is deleted: there are no more tokens for it.",
    );
    hides(&browser.get(HERE), "Лавка");
    let deleted = browser.get(&format!("{HERE}?deleted=yes"));
    shows(&deleted, "<span class=\"badge bad\">deleted</span>");
    hides(&deleted, "Crm");
}

#[test]
fn the_pages_speak_russian() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let at = register(&mut browser, "crm", "CRM", &[]);
    browser
        .headers
        .push(("accept-language".to_owned(), "ru".to_owned()));
    shows(&browser.get(HERE), "<h1>Приложения</h1>");
    shows(&browser.get(&at), ">работает</span>");
    shows(
        &browser.get(&format!("{at}/users")),
        "<h1>Пользователи: CRM</h1>",
    );
}
