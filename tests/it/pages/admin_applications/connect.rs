//! User lists and users of an application: connected, cut off, disconnected.

use mintmark::domain::Act;
use mintmark::domain::application_users::{self, NewConnection};
use mintmark::domain::user_lists::{self, NewUserList};
use mintmark::model::ids::ApplicationId;
use mintmark::model::scope::Role;

use super::{HERE, first_list, hides, location, olga, press, reaches, register, shows, uri};
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

#[test]
fn the_users_are_paged_and_shown_with_their_logins() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let at = register(&mut browser, "crm", "CRM", &[]);
    let users = format!("{at}/users");
    let id = at
        .rsplit('/')
        .next()
        .and_then(ApplicationId::parse)
        .unwrap();
    for number in 0..30 {
        app.advance(1);
        let user = app.create_user(&format!("user-{number:02}"), Role::Member);
        app.write(|c, act| {
            let new = NewConnection {
                user_list: user.user_list_id,
                user: user.id,
                presentation: format!("Worker {number:02}"),
            };
            application_users::connect(c, act, id, new)
        });
    }
    let first = browser.get(&users);
    for (number, is_there) in [(0, true), (24, true), (25, false), (29, false)] {
        for what in ["user-", "Worker "] {
            let shown = format!(">{what}{number:02}<");
            assert_eq!(first.text().contains(&shown), is_there, "{shown}");
        }
    }
    shows(&first, "1–25 of 30");
    let second = browser.get(&format!("{users}?page=1"));
    shows(&second, ">user-29<");
    hides(&second, ">user-24<");
    let found = browser.get(&format!("{users}?search=USER-07"));
    shows(&found, ">Worker 07<");
    hides(&found, ">user-08<");
}

#[test]
fn a_list_that_is_not_offered_is_named() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let at = register(&mut browser, "crm", "CRM", &[]);
    hides(&browser.get(&at), "user_list_named");
    app.advance(1);
    let (late, twin) = app.write(|c, act| {
        let mut make = |presentation: &str, later: i64| {
            let act = Act {
                now: act.now.plus_seconds(later),
                ..act.clone()
            };
            let new = NewUserList {
                presentation: presentation.to_owned(),
                ..NewUserList::default()
            };
            user_lists::create(c, &act, new)
        };
        for number in 0..1000 {
            make(&format!("list {number}"), 0)?;
        }
        make("Twins", 1)?;
        // In the names of all that are offered, and made after them.
        make("ist", 1)?;
        Ok((make("Ночная смена", 1)?, make("twins", 1)?))
    });
    let (late, twin) = (late.id.to_string(), twin.id.to_string());
    let page = browser.get(&at);
    hides(&page, &late);
    shows(&page, "There are more lists than can be offered here.");
    let name = |browser: &mut Browser<'_>, page: &str, action: &str, typed: &[(&str, &str)]| {
        let page = browser.get(page);
        browser.submit(&page, action, typed)
    };
    let to = format!("{at}/user-lists");
    for wrong in [
        "nowhere",
        "twins",
        "list",
        "1eeb5447-c5bb-6867-b776-199d8903fded",
    ] {
        let refused = name(&mut browser, &at, &to, &[("user_list_named", wrong)]);
        assert_eq!(refused.status, 422, "{wrong}");
        shows(&refused, "Choose a list that exists.");
        shows(&refused, &format!("value=\"{wrong}\""));
    }
    for named in ["ночная СМЕНА", "IST", &twin] {
        let connected = name(&mut browser, &at, &to, &[("user_list_named", named)]);
        assert_eq!(location(&connected), at);
    }
    let page = browser.get(&at);
    shows(&page, ">Ночная смена</a>");
    shows(&page, ">ist</a>");
    shows(&page, ">twins</a>");

    let new = [("name", "shop"), ("display_name", "Shop")];
    let with = |named| [&new[..], &[("user_list_named", named)]].concat();
    let form = format!("{HERE}/new");
    let refused = name(&mut browser, &form, HERE, &with("nowhere"));
    assert_eq!(refused.status, 422);
    let made = name(&mut browser, &form, HERE, &with("Ночная смена"));
    shows(&browser.get(location(&made)), ">Ночная смена</a>");

    let (form, users) = ("/console/admin/users/new", "/console/admin/users");
    let new = [("login", "night"), ("role", "member")];
    let with = |named| {
        [
            &new[..],
            &[("list", twin.as_str()), ("user_list_named", named)],
        ]
        .concat()
    };
    let refused = name(&mut browser, form, users, &with("nowhere"));
    assert_eq!(refused.status, 422);
    shows(&refused, "Choose a list that exists.");
    let made = name(&mut browser, form, users, &with("ночная смена"));
    assert_eq!(made.status, 200, "{}", made.text());
    let query = "SELECT user_list_id AS text FROM users WHERE login = 'night'";
    assert_eq!(app.database.query(query), [late]);
}
