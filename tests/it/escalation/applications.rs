//! The applications that are open to a user: a key of theirs reaches them, and in person the user gives
//! away every scope that they define. So both are asked for.

use mintmark::domain::user_lists::{self, NewUserList};
use mintmark::domain::users::{self, NewUser, PasswordHash};
use mintmark::model::scope::Role;
use mintmark::model::user::User;
use serde_json::{Value, json};

use super::{API, Attempt, Stage};

const PEOPLE: &str = "openid applications:read users:read users:write keys:read keys:write";
const PASSWORD: &str = "correct horse battery";

/// A member of a list of its own, to which an application with a scope is open.
struct Connected {
    stage: Stage,
    user: User,
    application: String,
    uri: String,
}

impl Connected {
    fn set() -> Self {
        let stage = Stage::set();
        let list = stage.app.write(|c, act| {
            let new = NewUserList {
                presentation: "Customers".to_owned(),
                ..NewUserList::default()
            };
            user_lists::create(c, act, new)
        });
        let user = stage.app.write(|c, act| {
            let hash = PasswordHash {
                hash: "none".to_owned(),
                temporary: false,
                ends_at: None,
            };
            let new = NewUser {
                login: "ann".to_owned(),
                presentation: None,
                email: None,
                phone: None,
                role: Role::Member,
                user_list: Some(list.id),
            };
            users::create(c, act, new, &hash)
        });
        let lists = [list.id.to_string()];
        let (application, uri) = crate::token::create_application(&stage.app, "crm", &lists);
        let scopes = json!({"scopes": [{"name": "orders:read", "description": "see orders"}]});
        let path = format!("{API}/applications/{application}");
        let done = stage.call(&stage.all, &Attempt::patch("", path, scopes));
        assert_eq!(done.status, 200, "{}", done.text());
        Self {
            stage,
            user,
            application,
            uri,
        }
    }

    /// A service client's token, for these scopes; it reaches the application, with these of its own.
    fn service(&self, scope: &str, own: &[&str]) -> String {
        let id = mintmark::model::ids::ApplicationId::parse(&self.application).unwrap();
        let own = own.iter().map(|name| (*name).to_owned()).collect();
        let granted = mintmark::model::granted_scopes::GrantedScopes::new(vec![(id, own)]);
        let service = self.stage.app.create_client(None, scope, |new| {
            new.audiences = vec![self.uri.clone()];
            new.application_scopes = granted.unwrap();
        });
        self.stage.app.token(&service).access_token
    }
}

#[test]
fn somebodys_key_is_made_and_taken_over_only_by_who_reaches_their_applications() {
    let world = Connected::set();
    let stage = &world.stage;
    let token = stage.narrow("admin", "keys:write");
    let key = stage.app.create_key("ann", "keys:write");
    let path = Stage::key_path(&world.user, &key);
    let new = json!({"description": "mine", "scopes": ["keys:write"]});
    for attempt in [
        Attempt::post("makes one", Stage::keys_path(&world.user), new.clone()),
        Attempt::post(
            "rotates",
            format!("{path}/rotate"),
            json!({"old-ends-in": 0}),
        ),
    ] {
        let refused = stage.call(&token, &attempt);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("scope=\"applications:write\""),
            "{challenge}"
        );
        stage.only_with_more(&token, &attempt);
    }
    let off = Attempt::patch("", path.clone(), json!({"disabled": true}));
    assert_eq!(
        stage.call(&token, &off).status,
        200,
        "taking away needs no more"
    );
    let enable = Attempt::patch("enables", path, json!({"disabled": false}));
    stage.only_with_more(&token, &enable);
    // A service client that reaches it too, and the owner.
    let own = stage.app.create_key("ann", "keys:write");
    let make = Attempt::post("", Stage::keys_path(&world.user), new);
    for token in [
        world.service("keys:write", &[]),
        stage.app.token(&own).access_token,
    ] {
        let made = stage.call(&token, &make);
        assert_eq!(made.status, 201, "{}", made.text());
    }
    // Whoever gets no tokens for it is as one to whom it is not open.
    let access = json!({"user-list-id": world.user.user_list_id, "user-id": world.user.id,
        "enable-access": false});
    let path = format!(
        "{API}/applications/{}/users/change-token-access",
        world.application
    );
    let done = stage.call(&stage.all, &Attempt::new("", "PUT", path, Some(access)));
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(stage.call(&token, &make).status, 201);
}

#[test]
fn a_person_is_made_and_let_in_only_by_who_has_their_applications_and_every_scope_there() {
    let world = Connected::set();
    let stage = &world.stage;
    let list = format!("{API}/user-lists/{}/users", world.user.user_list_id);
    let path = Stage::user_path(&world.user);
    let new = |login: &str| json!({"login": login, "temporary-password": PASSWORD});
    let reset = json!({"temporary-password": PASSWORD});
    let attempts = |login: &str| -> [(String, Value); 2] {
        [
            (list.clone(), new(login)),
            (format!("{path}/reset-password"), reset.clone()),
        ]
    };
    let token = stage.narrow("admin", PEOPLE);
    for (path, body) in attempts("one") {
        stage.only_with_more(&token, &Attempt::post("lets in", path, body));
    }
    let scope = PEOPLE.strip_prefix("openid ").unwrap();
    let (less, enough) = (
        world.service(scope, &[]),
        world.service(scope, &["orders:read"]),
    );
    for (path, body) in attempts("two") {
        let attempt = Attempt::post("", path, body);
        assert_eq!(stage.call(&less, &attempt).status, 403);
        let done = stage.call(&enough, &attempt);
        assert!(done.status < 300, "{}", done.text());
    }
    // Where no application is open, nobody needs to reach one.
    let elsewhere = format!("{API}/user-lists/{}/users", stage.admin.user_list_id);
    let made = stage.call(&token, &Attempt::post("", elsewhere, new("three")));
    assert_eq!(made.status, 201, "{}", made.text());
}
