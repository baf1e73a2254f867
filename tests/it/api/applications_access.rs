//! Who gets tokens for an application, as its connections are at that moment; and who sees it.

use mintmark::model::user::User;
use serde_json::{Value, json};

use super::{
    APPLICATIONS, call, create, create_for, create_list, create_member, delete, first_list, id,
    minimal, no_such_application, path, reaches, setup,
};
use crate::support::{Credentials, TestApp};

struct World {
    app: TestApp,
    token: String,
    anna: User,
    annas: String,
    key: Credentials,
}

impl World {
    fn build() -> Self {
        let (app, token) = setup();
        let (anna, annas) = create_member(&app, "anna", first_list(&app));
        let key = app.create_key("anna", "openid");
        Self {
            app,
            token,
            anna,
            annas,
            key,
        }
    }

    fn reaches(&self, application: &Value) -> bool {
        reaches(&self.app, &self.key, application)
    }

    fn users(&self, application: &Value) -> String {
        format!("{}/users", path(application))
    }

    fn who(&self, name: &str, value: impl Into<Value>) -> Value {
        let mut body = json!({
            "user-list-id": self.anna.user_list_id.to_string(), "user-id": self.anna.id.to_string(),
        });
        body[name] = value.into();
        body
    }

    fn connect(&self, application: &Value) {
        let body = self.who("presentation", "Anna");
        let done = call(
            &self.app,
            &self.token,
            "POST",
            &self.users(application),
            &body,
        );
        assert!(done.starts_with("201\n"), "{done}");
    }

    fn change_token_access(&self, application: &Value, enable: bool) {
        let at = format!("{}/change-token-access", self.users(application));
        let body = self.who("enable-access", enable);
        let done = call(&self.app, &self.token, "PUT", &at, &body);
        assert!(done.starts_with("200\n"), "{done}");
    }

    fn cut_off(&self, application: &Value) {
        let (list, user) = (self.anna.user_list_id, self.anna.id);
        let one = format!("{}/{list}/{user}", self.users(application));
        assert_eq!(delete(&self.app, &self.token, &one).status, 204);
    }

    fn connect_list(&self, application: &Value) {
        let body = json!({"user-lists": [self.anna.user_list_id.to_string()]});
        let at = format!("{}/userlists", path(application));
        let done = call(&self.app, &self.token, "POST", &at, &body);
        assert!(done.starts_with("200\n"), "{done}");
    }

    fn disconnect_list(&self, application: &Value) {
        let one = format!("{}/userlists/{}", path(application), self.anna.user_list_id);
        assert_eq!(delete(&self.app, &self.token, &one).status, 200);
    }
}

#[test]
fn one_who_is_connected_by_name_gets_tokens_until_they_are_cut_off() {
    let world = World::build();
    let made = create(&world.app, &world.token, &minimal("crm"));
    assert!(!world.reaches(&made));
    world.connect(&made);
    assert!(world.reaches(&made));
    world.change_token_access(&made, false);
    assert!(!world.reaches(&made));
    world.change_token_access(&made, true);
    assert!(world.reaches(&made));
    world.cut_off(&made);
    assert!(!world.reaches(&made));
    world.connect(&made);
    assert!(world.reaches(&made));
    assert_eq!(delete(&world.app, &world.token, &path(&made)).status, 200);
    assert!(!world.reaches(&made));
}

#[test]
fn one_who_is_connected_through_their_list_is_cut_off_alone() {
    let world = World::build();
    let list = first_list(&world.app);
    let made = create_for(&world.app, &world.token, "crm", &[list]);
    create_member(&world.app, "boris", list);
    let other = world.app.create_key("boris", "openid");
    let others = || reaches(&world.app, &other, &made);
    assert!(world.reaches(&made) && others());
    world.change_token_access(&made, false);
    assert!(!world.reaches(&made) && others());
    world.change_token_access(&made, true);
    assert!(world.reaches(&made) && others());
    world.cut_off(&made);
    assert!(!world.reaches(&made) && others());
    // Being connected to the list anew does not bring them back; being connected themselves does.
    world.disconnect_list(&made);
    assert!(!world.reaches(&made) && !others());
    world.connect_list(&made);
    assert!(!world.reaches(&made) && others());
    world.connect(&made);
    assert!(world.reaches(&made) && others());
    // Either connection is enough.
    world.disconnect_list(&made);
    assert!(world.reaches(&made) && !others());
    world.connect_list(&made);
    world.cut_off(&made);
    assert!(!world.reaches(&made) && others());
    world.change_token_access(&made, true);
    assert!(world.reaches(&made) && others());
}

#[test]
fn a_setting_of_one_user_is_no_ones_elses_and_no_other_applications() {
    let world = World::build();
    let list = first_list(&world.app);
    let crm = create_for(&world.app, &world.token, "crm", &[list]);
    let wiki = create_for(&world.app, &world.token, "wiki", &[list]);
    world.change_token_access(&crm, false);
    assert!(!world.reaches(&crm) && world.reaches(&wiki));
    world.connect(&wiki);
    assert!(!world.reaches(&crm) && world.reaches(&wiki));
    // An administrator is a user like any other here.
    let admin = world.app.create_key("admin", "openid");
    assert!(reaches(&world.app, &admin, &crm));
    let books = create(&world.app, &world.token, &minimal("books"));
    world.connect(&books);
    assert!(world.reaches(&books) && !reaches(&world.app, &admin, &books));
}

#[test]
fn a_member_sees_what_they_are_connected_to_by_name_with_access_or_without() {
    let world = World::build();
    let World {
        app, token, annas, ..
    } = &world;
    // The first one while there is no other of the same age.
    let (ours, theirs) = (first_list(app), create_list(app, "Theirs"));
    let named = create_for(app, token, "named", &[theirs]);
    app.advance(1);
    let through = create_for(app, token, "through", &[ours, theirs]);
    app.advance(1);
    let other = create_for(app, token, "other", &[theirs]);
    app.advance(1);
    let both = create_for(app, token, "both", &[ours]);
    world.connect(&both);
    let seen = || -> Vec<Value> {
        let list = app.get(APPLICATIONS, annas).json();
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["name"].clone()).collect()
    };
    assert_eq!(seen(), ["through", "both"]);
    world.connect(&named);
    world.change_token_access(&named, false);
    assert_eq!(seen(), ["named", "through", "both"]);
    let page = app.get(&format!("{APPLICATIONS}?result=page&size=1"), annas);
    assert_eq!(page.json()["totalElements"], 3);
    // Of its lists none is theirs.
    let mut shown = named.clone();
    shown["user-lists"] = json!([]);
    assert_eq!(app.get(&path(&named), annas).json(), shown);
    for part in ["status", "userlists", "users"] {
        let response = app.get(&format!("{}/{part}", path(&named)), annas);
        assert_eq!(response.status, 200, "{part}");
        let response = app.get(&format!("{}/{part}", path(&other)), annas);
        assert_eq!(response.whole(), no_such_application(), "{part}");
    }
    world.cut_off(&named);
    assert_eq!(seen(), ["through", "both"]);
    assert_eq!(app.get(&path(&named), annas).whole(), no_such_application());
    // A cut off through the list leaves the list connected, and the application seen.
    world.cut_off(&through);
    assert_eq!(seen(), ["through", "both"]);
    assert_eq!(app.get(&path(&through), annas).json()["id"], id(&through));
}
