//! User lists and users of an application: connected, cut off, disconnected.

use mintmark::model::scope::Role;

use super::{first_list, hides, location, olga, press, reaches, register, shows, uri};
use crate::support::{Browser, TestApp, form};

#[test]
fn a_list_is_connected_and_disconnected_with_the_effect_at_once() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "");
    let at = register(&mut browser, "crm", "CRM", &[]);
    let uri = uri(&mut browser, &at);
    let list = first_list(&app);
    shows(&browser.get(&at), "No user list is connected.");
    assert!(!reaches(&app, &key, &uri));
    for wrong in ["", "x", "1eeb5447-c5bb-6867-b776-199d8903fded"] {
        let refused = press(&mut browser, &at, "user-lists", &[("user_list", wrong)]);
        assert_eq!(refused.status, 422, "{}", refused.text());
        shows(&refused, "Choose a list that exists.");
    }
    let connected = press(&mut browser, &at, "user-lists", &[("user_list", &list)]);
    assert_eq!(location(&connected), at);
    assert!(reaches(&app, &key, &uri));
    // Nothing is left to choose from.
    let page = browser.get(&at);
    hides(&page, "<select");
    let ended = press(
        &mut browser,
        &at,
        "user-lists/disconnect",
        &[("user_list", &list)],
    );
    assert_eq!(location(&ended), at);
    assert!(!reaches(&app, &key, &uri));
    shows(&browser.get(&at), "No user list is connected.");
}

#[test]
fn a_user_is_connected_by_login_and_token_access_goes_off_and_on() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let anna = app.create_user("Анна", Role::Member);
    app.create_user("boris", Role::Member);
    let key = app.create_key("Анна", "");
    let at = register(&mut browser, "crm", "CRM", &[]);
    let uri = uri(&mut browser, &at);
    let users = format!("{at}/users");
    shows(&browser.get(&users), "Nobody is connected by name.");
    let connect = |browser: &mut Browser<'_>, login: &str| {
        let page = browser.get(&users);
        // The first form to that address is the search's.
        let token = form(&page, "/console/sign-out")[0].1.clone();
        browser.post(&users, &[("form_token", token.as_str()), ("login", login)])
    };
    let refused = connect(&mut browser, "nobody");
    assert_eq!(refused.status, 422);
    shows(&refused, "There is no user with this login.");
    shows(&refused, "value=\"nobody\"");
    for login in ["Анна", "boris"] {
        assert_eq!(location(&connect(&mut browser, login)), users);
    }
    assert!(reaches(&app, &key, &uri));
    let twice = connect(&mut browser, "boris");
    assert_eq!(twice.status, 422);
    shows(&twice, "The user is connected by name already");
    let found = browser.get(&format!("{users}?search=%D0%B0%D0%9D%D0%9D"));
    shows(&found, ">Анна</a></th>");
    hides(&found, ">boris</a></th>");

    let (list, user) = (anna.user_list_id.to_string(), anna.id.to_string());
    let who = [("user_list", list.as_str()), ("user", user.as_str())];
    for (enable, badge) in [("no", "gets no tokens"), ("yes", "gets tokens")] {
        let page = browser.get(&users);
        let fields = [who.as_slice(), &[("enable", enable)]].concat();
        let changed = browser.submit(&page, &format!("{users}/token-access"), &fields);
        assert_eq!(location(&changed), users);
        let page = browser.get(&format!("{users}?search=%D0%B0%D0%9D%D0%9D"));
        shows(&page, &format!(">{badge}</span>"));
        assert_eq!(reaches(&app, &key, &uri), enable == "yes");
    }
    let page = browser.get(&users);
    let malformed = browser.submit(&page, &format!("{users}/token-access"), &[("enable", "x")]);
    assert_eq!(malformed.status, 400);
    let ended = browser.submit(&page, &format!("{users}/disconnect"), &who);
    assert_eq!(location(&ended), users);
    assert!(!reaches(&app, &key, &uri));
    hides(&browser.get(&users), ">Анна</th>");
}
