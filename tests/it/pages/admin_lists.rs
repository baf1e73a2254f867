//! The administration: user lists and who is in them, and what is not there.

use mintmark::model::scope::Role;

use super::{PASSWORD, location};
use crate::support::{Browser, Request, TestApp};

const USERS: &str = "/console/admin/users";
const LISTS: &str = "/console/admin/user-lists";

fn administrator(app: &TestApp) -> Browser<'_> {
    app.create_user("olga", Role::Administrator);
    Browser::signed_in(app, "olga", PASSWORD)
}

#[test]
fn a_list_is_made_and_deleted_while_nobody_is_in_it() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let page = browser.get(LISTS);
    let made = browser.submit(&page, LISTS, &[("presentation", "Партнёры")]);
    assert_eq!(location(&made), LISTS);
    assert_eq!(
        browser
            .submit(&page, LISTS, &[("presentation", "Партнёры")])
            .status,
        409
    );
    let found = browser
        .get(&format!("{LISTS}?search=%D0%9F%D0%90%D0%A0%D0%A2"))
        .text();
    assert!(found.contains("Партнёры"), "{found}");
    assert_eq!(found.matches("<th scope=\"row\"").count(), 1, "{found}");
    let ids = app
        .database
        .query("SELECT id AS text FROM user_lists ORDER BY created_at, id");
    let action = |id: &String| format!("{LISTS}/{id}/delete");
    let [used, empty] =
        match app.database.query("SELECT user_list_id AS text FROM users")[0].as_str() {
            used if used == ids[0] => [&ids[0], &ids[1]],
            _ => [&ids[1], &ids[0]],
        };
    let page = browser.get(&action(used));
    let stays = browser.submit(&page, &action(used), &[]);
    assert_eq!(stays.status, 422);
    assert!(
        stays.text().contains("cannot be deleted"),
        "{}",
        stays.text()
    );
    let page = browser.get(&action(empty));
    assert_eq!(location(&browser.submit(&page, &action(empty), &[])), LISTS);
}

#[test]
fn a_lists_page_shows_who_is_in_it_and_leads_to_making_one_more() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    let page = browser.get(LISTS);
    browser.submit(&page, LISTS, &[("presentation", "Партнёры")]);
    let asked = "SELECT id AS text FROM user_lists WHERE presentation = 'Партнёры'";
    let list = app.database.query(asked)[0].clone();
    let one = format!("{LISTS}/{list}");
    let empty = browser.get(&one).text();
    assert!(empty.contains("Nobody is in it."), "{empty}");
    let new = format!("{USERS}/new?list={list}");
    assert!(empty.contains(&format!("href=\"{new}\"")), "{empty}");
    let form = browser.get(&new);
    let chosen = format!("<option value=\"{list}\" selected>Партнёры</option>");
    assert!(form.text().contains(&chosen), "{}", form.text());
    let typed = [("login", "Иван"), ("role", "member"), ("list", &list)];
    let made = browser.submit(&form, USERS, &typed);
    assert_eq!(made.status, 200, "{}", made.text());
    for (query, finds) in [
        ("", true),
        ("?search=%D0%98%D0%92%D0%90", true),
        ("?search=olga", false),
    ] {
        let page = browser.get(&format!("{one}{query}")).text();
        assert_eq!(page.contains(">Иван</a>"), finds, "{query}: {page}");
        assert!(!page.contains(">olga</a>"), "{query}: {page}");
    }
    let user = app
        .database
        .query("SELECT id AS text FROM users WHERE login = 'Иван'");
    let his = browser.get(&format!("{USERS}/{}", user[0])).text();
    assert!(his.contains(&format!("<a href=\"{one}\">Партнёры</a>")));
}

#[test]
fn what_is_not_there_keeps_the_navigation_of_whoever_is_signed_in() {
    let app = TestApp::start();
    let mut browser = administrator(&app);
    for (path, back) in [
        (
            "/console/nothing",
            "href=\"/console/profile\">To the profile",
        ),
        (
            "/console/admin/nothing",
            "href=\"/console/profile\">To the profile",
        ),
        (
            "/console/admin/users/nobody",
            "href=\"/console/admin/users\">← Users",
        ),
        (
            "/console/admin/users/nobody/nothing",
            "href=\"/console/admin/users\">← Users",
        ),
    ] {
        let page = browser.get(path);
        assert_eq!(page.status, 404, "{path}");
        let text = page.text();
        assert!(
            text.contains("href=\"/console/admin/audit\""),
            "{path}: {text}"
        );
        assert!(text.contains(">Sign out</button>"), "{path}: {text}");
        assert!(text.contains(back), "{path}: {text}");
    }
    let wrong = browser.get("/console/admin/audit?from=yesterday");
    assert_eq!(wrong.status, 400);
    let back = "href=\"/console/admin/audit\">← Audit log";
    assert!(wrong.text().contains(back), "{}", wrong.text());
    let method = browser.send(Request::new("DELETE", USERS));
    assert_eq!(
        (method.status, method.header("allow")),
        (405, Some("GET, HEAD, POST"))
    );
    assert!(method.text().contains(">Sign out</button>"));
    app.create_user("mila", Role::Member);
    let mut hers = Browser::signed_in(&app, "mila", PASSWORD);
    for path in [USERS, "/console/admin/users/nobody/nothing"] {
        let page = hers.get(path).text();
        assert!(page.contains(">Sign out</button>"), "{path}: {page}");
        assert!(!page.contains("href=\"/console/admin"), "{path}: {page}");
    }
    let nobody = Browser::new(&app).get("/console/nothing").text();
    assert!(!nobody.contains("/console/admin") && !nobody.contains("Sign out"));
}
