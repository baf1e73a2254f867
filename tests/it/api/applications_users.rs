//! `/applications/{id}/users`: who is connected, by name or through a list, and with what.

use mintmark::ambient::Clock;
use mintmark::domain::users;
use mintmark::model::ids::{UserId, UserListId};
use mintmark::model::user::User;
use serde_json::{Value, json};

use super::{
    answer, call, create, create_for, create_list, create_member, delete, error, events,
    first_list, minimal, no_such_application, path, setup, state,
};
use crate::support::TestApp;

/// One of an application's users, and what is said of them.
struct Who<'a> {
    app: &'a TestApp,
    token: &'a str,
    at: String,
    list: UserListId,
    user: UserId,
}

impl<'a> Who<'a> {
    fn new(app: &'a TestApp, token: &'a str, application: &Value, user: &User) -> Self {
        Self {
            app,
            token,
            at: format!("{}/users", path(application)),
            list: user.user_list_id,
            user: user.id,
        }
    }

    fn body(&self, more: Value) -> Value {
        let mut body = json!({
            "user-list-id": self.list.to_string(), "user-id": self.user.to_string(),
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn connect(&self, presentation: &str) -> String {
        let body = self.body(json!({ "presentation": presentation }));
        call(self.app, self.token, "POST", &self.at, &body)
    }

    fn can_connect(&self) -> String {
        let at = format!("{}/check-can-connect-user", self.at);
        let body = self.body(json!({"presentation": "x"}));
        call(self.app, self.token, "POST", &at, &body)
    }

    fn change_token_access(&self, enable: bool) -> String {
        let at = format!("{}/change-token-access", self.at);
        let body = self.body(json!({ "enable-access": enable }));
        call(self.app, self.token, "PUT", &at, &body)
    }

    fn one(&self) -> String {
        format!("{}/{}/{}", self.at, self.list, self.user)
    }

    fn set_admin(&self, is_admin: bool) -> String {
        let body = json!({ "is-admin": is_admin });
        call(self.app, self.token, "PUT", &self.one(), &body)
    }

    fn cut_off(&self) -> String {
        delete(self.app, self.token, &self.one()).whole()
    }

    /// The user as the answers show one.
    fn shown(&self, presentation: &str, is_admin: bool, token_access: bool) -> String {
        let (list, user) = (self.list, self.user);
        format!(
            "{{\"user-list-id\":\"{list}\",\"user-id\":\"{user}\",\"presentation\":\"{presentation}\",\
             \"is-admin\":{is_admin},\"token-access-enabled\":{token_access}}}"
        )
    }
}

fn can(can: bool) -> String {
    answer(200, &format!("{{\"can-connect\":{can}}}"))
}

const DONE: &str = "204\ncache-control: no-store\n\n";

#[test]
fn a_user_is_connected_by_name_changed_and_cut_off() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let (anna, annas) = create_member(&app, "anna", first_list(&app));
    let (boris, borises) = create_member(&app, "boris", create_list(&app, "B"));
    let (one, two) = (
        Who::new(&app, &token, &made, &anna),
        Who::new(&app, &token, &made, &boris),
    );
    let list = |token: &str| app.get(&one.at, token).whole();
    let began = app.clock.now().millis();
    assert_eq!(list(&token), answer(200, "[]"));
    assert_eq!(one.can_connect(), can(true));
    app.advance(1);
    let shown = one.shown("Анна", false, true);
    assert_eq!(one.connect("Анна"), answer(201, &shown));
    assert_eq!(one.can_connect(), can(false));
    app.advance(1);
    let other = two.shown("B.", false, true);
    assert_eq!(two.connect("B."), answer(201, &other));
    assert_eq!(list(&token), answer(200, &format!("[{shown},{other}]")));
    // A member finds themselves only.
    assert_eq!(list(&annas), answer(200, &format!("[{shown}]")));
    assert_eq!(list(&borises), answer(200, &format!("[{other}]")));

    let stood = state(&app);
    let twice = "the user is connected by name already";
    assert_eq!(one.connect("A"), error(409, 6, "ALREADY_EXISTS", twice, ""));
    assert_eq!(one.set_admin(false), answer(200, &shown));
    assert_eq!(one.change_token_access(true), answer(200, &shown));
    assert_eq!(state(&app), stood);

    app.advance(1);
    let shown = one.shown("Анна", true, true);
    assert_eq!(one.set_admin(true), answer(200, &shown));
    app.advance(1);
    let shown = one.shown("Анна", true, false);
    assert_eq!(one.change_token_access(false), answer(200, &shown));
    assert_eq!(list(&annas), answer(200, &format!("[{shown}]")));
    app.advance(1);
    assert_eq!(one.cut_off(), DONE);
    assert_eq!(list(&token), answer(200, &format!("[{other}]")));
    assert_eq!(list(&annas), no_such_application());
    assert_eq!(one.can_connect(), can(true));
    let gone = error(404, 5, "NOT_FOUND", "No such connected user.", "");
    assert_eq!(one.cut_off(), gone);
    assert_eq!(one.set_admin(true), gone);
    // Connected again, nothing is left of what was.
    app.advance(1);
    let shown = one.shown("A", false, true);
    assert_eq!(one.connect("A"), answer(201, &shown));
    assert_eq!(list(&token), answer(200, &format!("[{other},{shown}]")));

    let uri = made["uri"].as_str().unwrap();
    let event = |kind: &str, who: &Who<'_>, is_admin: bool, access: bool| {
        format!(
            "application.{kind} {{\"name\":\"crm\",\"uri\":\"{uri}\",\"user-id\":\"{}\",\
             \"user-list-id\":\"{}\",\"is-admin\":{is_admin},\"token-access-enabled\":{access}}}",
            who.user, who.list
        )
    };
    assert_eq!(
        events(&app, &made, began),
        [
            event("user_connected", &one, false, true),
            event("user_connected", &two, false, true),
            event("user_changed", &one, true, true),
            event("token_access_disabled", &one, true, false),
            event("user_disconnected", &one, true, false),
            event("user_connected", &one, false, true),
        ]
    );
}

#[test]
fn who_is_connected_through_their_list_is_listed_once_they_have_a_setting() {
    let (app, token) = setup();
    let ours = first_list(&app);
    let made = create_for(&app, &token, "crm", &[ours]);
    let (anna, annas) = create_member(&app, "anna", ours);
    let one = Who::new(&app, &token, &made, &anna);
    let list = || app.get(&one.at, &token).whole();
    // What is said already changes nothing, and makes nobody listed.
    let stood = state(&app);
    let shown = one.shown("anna", false, true);
    assert_eq!(one.change_token_access(true), answer(200, &shown));
    assert_eq!(one.set_admin(false), answer(200, &shown));
    assert_eq!(one.can_connect(), can(true));
    assert_eq!(state(&app), stood);
    assert_eq!(list(), answer(200, "[]"));

    let shown = one.shown("anna", true, true);
    assert_eq!(one.set_admin(true), answer(200, &shown));
    assert_eq!(list(), answer(200, &format!("[{shown}]")));
    let shown = one.shown("anna", true, false);
    assert_eq!(one.change_token_access(false), answer(200, &shown));
    assert_eq!(list(), answer(200, &format!("[{shown}]")));
    // By name too: they have access again, and stay what they are.
    let shown = one.shown("Anna", true, true);
    assert_eq!(one.connect("Anna"), answer(201, &shown));
    assert_eq!(list(), answer(200, &format!("[{shown}]")));
    // Cut off, they stay connected through the list, without access.
    assert_eq!(one.cut_off(), DONE);
    let shown = one.shown("Anna", false, false);
    assert_eq!(list(), answer(200, &format!("[{shown}]")));
    assert_eq!(app.get(&path(&made), &annas).status, 200);
    let stood = state(&app);
    assert_eq!(one.cut_off(), DONE);
    assert_eq!(state(&app), stood);

    // While the list is not connected, the setting stays and means nothing.
    let lists = format!("{}/userlists/{ours}", path(&made));
    assert_eq!(delete(&app, &token, &lists).status, 200);
    assert_eq!(list(), answer(200, "[]"));
    let gone = error(404, 5, "NOT_FOUND", "No such connected user.", "");
    assert_eq!(one.cut_off(), gone);
    let body = json!({"user-lists": [ours.to_string()]});
    call(
        &app,
        &token,
        "POST",
        &format!("{}/userlists", path(&made)),
        &body,
    );
    assert_eq!(list(), answer(200, &format!("[{shown}]")));
}

#[test]
fn a_setting_that_means_nothing_does_not_come_back_with_a_connection_by_name() {
    let (app, token) = setup();
    let ours = first_list(&app);
    let made = create_for(&app, &token, "crm", &[ours]);
    let (anna, _) = create_member(&app, "anna", ours);
    let one = Who::new(&app, &token, &made, &anna);
    assert!(one.set_admin(true).starts_with("200\n"));
    let lists = format!("{}/userlists/{ours}", path(&made));
    assert_eq!(delete(&app, &token, &lists).status, 200);
    let shown = one.shown("Anna", false, true);
    assert_eq!(one.connect("Anna"), answer(201, &shown));
}

#[test]
fn a_deleted_user_is_no_applications_user_any_more() {
    let (app, token) = setup();
    let ours = first_list(&app);
    let made = create_for(&app, &token, "crm", &[ours]);
    let named = create(&app, &token, &minimal("wiki"));
    let (anna, _) = create_member(&app, "anna", ours);
    let (boris, _) = create_member(&app, "boris", ours);
    for user in [&anna, &boris] {
        Who::new(&app, &token, &made, user).change_token_access(false);
        app.advance(1);
        Who::new(&app, &token, &named, user).connect("x");
    }
    app.write(|c, act| users::delete(c, act, &anna));
    for (application, access) in [(&made, false), (&named, true)] {
        let one = Who::new(&app, &token, application, &anna);
        let other = Who::new(&app, &token, application, &boris);
        let presentation = if access { "x" } else { "boris" };
        let left = format!("[{}]", other.shown(presentation, false, access));
        assert_eq!(app.get(&one.at, &token).whole(), answer(200, &left));
        let gone = error(404, 5, "NOT_FOUND", "No such connected user.", "");
        assert_eq!(one.cut_off(), gone);
        assert_eq!(one.can_connect(), can(false));
    }
}

#[test]
fn the_users_are_an_array_or_pages_of_it() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("crm"));
    let mut shown = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        app.advance(1);
        let (user, _) = create_member(&app, name, first_list(&app));
        let who = Who::new(&app, &token, &made, &user);
        who.connect(name);
        shown.push(who.shown(name, false, true));
    }
    let at = format!("{}/users", path(&made));
    let get = |query: &str| app.get(&format!("{at}{query}"), &token).whole();
    for (query, range) in [
        ("", 0..5),
        ("?size=2", 0..2),
        ("?size=2&page=2", 4..5),
        ("?page=1", 5..5),
    ] {
        let expected = format!("[{}]", shown[range].join(","));
        assert_eq!(get(query), answer(200, &expected), "{query}");
    }
    let content = shown[2..4].join(",");
    let expected = format!(
        "{{\"totalElements\":5,\"totalPages\":3,\"last\":false,\"first\":false,\"size\":2,\
         \"number\":1,\"numberOfElements\":2,\"content\":[{content}]}}"
    );
    assert_eq!(get("?result=page&size=2&page=1"), answer(200, &expected));
}
