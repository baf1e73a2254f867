//! Why an act was not done, said in Russian on Russian pages.

use mintmark::domain::{applications, clients, users};
use mintmark::model::ids::{ApplicationId, ClientId};
use mintmark::model::scope::Role;

use super::PROFILE;
use crate::support::{Browser, Response, TestApp, form};

const APPLICATIONS: &str = "/console/admin/applications";

/// That a Russian page says this.
#[track_caller]
fn assert_says(page: &Response, status: u16, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains("<html lang=\"ru\">"), "{text}");
    assert!(text.contains(sentence), "no {sentence}: {text}");
}

/// Sends a form of these fields to wherever it goes, with the token that every page has.
fn press(browser: &mut Browser<'_>, action: &str, fields: &[(&str, &str)]) -> Response {
    let page = browser.get(PROFILE);
    let token = form(&page, "/console/sign-out")[0].1.clone();
    let fields = [&[("form_token", token.as_str())], fields].concat();
    browser.post(action, &fields)
}

#[test]
fn whatever_the_domain_refuses_is_told_in_russian() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let anna = app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "openid");
    let id = ClientId::parse(&key.client_id).unwrap();
    app.write(|c, act| {
        let first = users::find_by_login(c, "admin")?;
        users::disable(c, act, &first)?;
        clients::disable(c, act, &id)
    });
    let russian = || ("accept-language".to_owned(), "ru".to_owned());
    let mut admin = Browser::of(&app, &olga);
    admin.headers.push(russian());
    let mut member = Browser::of(&app, &anna);
    member.headers.push(russian());

    // Keys.
    let of_key = format!("/console/profile/keys/{id}");
    let refused = press(&mut member, &format!("{of_key}/enable"), &[]);
    let sentence = "Этот ключ отключил администратор: только администратор может его включить.";
    assert_says(&refused, 409, sentence);
    let query = format!("SELECT id AS text FROM client_secrets WHERE client_id = '{id}'");
    let secret = &app.database.query(&query)[0];
    let remove = format!("{of_key}/secrets/{secret}/remove");
    let refused = press(&mut member, &remove, &[("anyway", "yes")]);
    let sentence = "Это самый новый секрет: смените его или отключите ключ.";
    assert_says(&refused, 409, sentence);

    // Users.
    let of_olga = format!("/console/admin/users/{}", olga.id);
    let last = "Это последний администратор: сначала создайте другого.";
    let refused = press(&mut admin, &format!("{of_olga}/disable"), &[]);
    assert_says(&refused, 409, last);
    let fields = [("presentation", "olga"), ("role", "member")];
    let refused = press(&mut admin, &format!("{of_olga}/edit"), &fields);
    assert_says(&refused, 422, last);
    let long = "x".repeat(101);
    let refused = admin.get(&format!("/console/admin/users?search={long}"));
    assert_says(&refused, 400, "Поиск: так нельзя.");

    // Applications.
    let fields = [("name", "crm"), ("display_name", "CRM")];
    let page = admin.get(&format!("{APPLICATIONS}/new"));
    let made = admin.submit(&page, APPLICATIONS, &fields);
    let at = super::location(&made).to_owned();
    let refused = press(&mut admin, &format!("{at}/status"), &[("act", "start")]);
    let sentence = "Состояние приложения уже другое, и в нём это невозможно.";
    assert_says(&refused, 409, sentence);
    let (list, user) = (anna.user_list_id.to_string(), anna.id.to_string());
    let fields = [
        ("user_list", list.as_str()),
        ("user", user.as_str()),
        ("enable", "no"),
    ];
    let refused = press(&mut admin, &format!("{at}/users/token-access"), &fields);
    let sentence = "Пользователь не подключён к приложению.";
    assert_says(&refused, 409, sentence);
    let id = at.rsplit('/').next().and_then(ApplicationId::parse);
    app.write(|c, act| applications::delete(c, act, id.unwrap()));
    let deleted = "Приложение удалено.";
    let refused = press(&mut admin, &format!("{at}/status"), &[("act", "stop")]);
    assert_says(&refused, 409, deleted);
    let refused = press(&mut admin, &format!("{at}/delete"), &[("name", "crm")]);
    assert_says(&refused, 409, "Приложение уже удалено.");

    // In English, what is wrong is told as the API tells it.
    admin.headers.pop();
    let refused = admin.get(&format!("/console/admin/users?search={long}"));
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("search: "), "{}", refused.text());
}
