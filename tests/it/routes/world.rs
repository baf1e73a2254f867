//! What stands on the server while the routes are walked: two members with what is theirs, and
//! things made for one call, so that nothing is missed afterwards.

use std::cell::{Cell, RefCell};

use mintmark::ambient::random_uuid;
use mintmark::domain::user_lists::{self, NewUserList};
use mintmark::domain::users::{self, NewUser};
use mintmark::model::ids::{ClientId, UserId, UserListId};
use mintmark::model::scope::Role;
use mintmark::store::users::PasswordHash;
use serde_json::Value;

use super::API;
use super::callers::{MEMBER, OTHER_MEMBER};
use super::paths::Param;
use crate::support::{KeptConnection, Request, Response, TestApp, settings};

/// Ids of one thing of each kind.
#[derive(Clone, Debug)]
pub struct Things {
    pub list: UserListId,
    pub user: UserId,
    pub login: String,
    pub application: String,
    pub key: String,
    pub key_secret: String,
    pub service: String,
    pub service_secret: String,
    pub space: String,
}

impl Things {
    pub fn id(&self, param: Param) -> String {
        match param {
            Param::Application => self.application.clone(),
            Param::List => self.list.to_string(),
            Param::User => self.user.to_string(),
            Param::Key => self.key.clone(),
            Param::KeySecret => self.key_secret.clone(),
            Param::Service => self.service.clone(),
            Param::ServiceSecret => self.service_secret.clone(),
            Param::Space => self.space.clone(),
        }
    }

    /// A body with what it names filled in, but for `{new}`.
    pub fn fill(&self, body: &str) -> String {
        body.replace("{list}", &self.list.to_string())
            .replace("{user}", &self.user.to_string())
    }

    /// Every text by which one of the things could be recognised.
    pub fn names(&self) -> [String; 7] {
        let list = self.list.to_string();
        let user = self.user.to_string();
        [
            list,
            user,
            self.login.clone(),
            self.application.clone(),
            self.key.clone(),
            self.service.clone(),
            self.space.clone(),
        ]
    }
}

pub struct World {
    pub app: TestApp,
    /// What is the member's, and what is the other member's.
    pub ours: Things,
    pub theirs: Things,
    /// An administrator's token for everything.
    pub admin: String,
    /// The key that it was issued for.
    pub admin_key: ClientId,
    line: RefCell<Option<KeptConnection>>,
    made: Cell<u32>,
}

impl World {
    pub fn build() -> Self {
        // One member calls every route in every way, which no budget is made for.
        let mut settings = settings();
        settings.writes.per_member = settings.writes.per_caller;
        let app = TestApp::with(settings);
        let key = app.create_key(
            "admin",
            &mintmark::model::scope::ScopeSet::all().to_string(),
        );
        let admin = app.token(&key).access_token;
        let admin_key = ClientId::parse(&key.client_id).unwrap();
        let nothing = Things {
            list: UserListId::new(random_uuid()),
            user: UserId::new(random_uuid()),
            login: String::new(),
            application: String::new(),
            key: String::new(),
            key_secret: String::new(),
            service: String::new(),
            service_secret: String::new(),
            space: String::new(),
        };
        let mut world = Self {
            app,
            ours: nothing.clone(),
            theirs: nothing,
            admin,
            admin_key,
            line: RefCell::new(None),
            made: Cell::new(0),
        };
        world.ours = world.standing(MEMBER);
        world.theirs = world.standing(OTHER_MEMBER);
        world
    }

    /// A member with a list, an application and a key, and a service client.
    fn standing(&self, login: &str) -> Things {
        let list = self.create_list();
        let user = self.create_user(login, list);
        // Nobody who may act on keys lacks a scope of it.
        let key = self.app.create_key(login, "keys:write");
        let service = self.app.create_service("applications:read");
        Things {
            list,
            user,
            login: login.to_owned(),
            application: self.create_application(list),
            key_secret: self.secret_of(&key.client_id),
            key: key.client_id,
            service_secret: self.secret_of(&service.client_id),
            service: service.client_id,
            space: self.create_space(),
        }
    }

    /// Of the things in `of` those that a call on `params` could use up, made anew. A member's own
    /// user stays: nobody else is the member.
    pub fn anew(&self, of: &Things, params: &[Param], for_member: bool) -> Things {
        let mut things = of.clone();
        if params.contains(&Param::User) && !for_member {
            things.login = self.new_name();
            things.user = self.create_user(&things.login, of.list);
        }
        if params == [Param::List] {
            things.list = self.create_list();
        }
        if params.contains(&Param::Application) {
            things.application = self.create_application(of.list);
        }
        if params.contains(&Param::Key) {
            // Whoever may act on keys has this scope, and so all that the key can do.
            things.key = self.app.create_key(&things.login, "keys:write").client_id;
            things.key_secret = self.secret_of(&things.key);
        }
        if params.contains(&Param::Service) {
            things.service = self.app.create_service("keys:write").client_id;
            things.service_secret = self.secret_of(&things.service);
        }
        things
    }

    /// The id of a new client's secret.
    fn secret_of(&self, client: &str) -> String {
        let query = format!("SELECT id AS text FROM client_secrets WHERE client_id = '{client}'");
        self.app.database.query(&query).remove(0)
    }

    /// A name that nothing has.
    pub fn new_name(&self) -> String {
        self.made.set(self.made.get() + 1);
        format!("new-{}", self.made.get())
    }

    fn create_list(&self) -> UserListId {
        let new = NewUserList {
            presentation: self.new_name(),
            ..NewUserList::default()
        };
        self.app.write(|c, act| user_lists::create(c, act, new)).id
    }

    fn create_user(&self, login: &str, list: UserListId) -> UserId {
        // Nobody signs in here, and a hash would cost more than the rest.
        let hash = PasswordHash {
            hash: "none".to_owned(),
            temporary: false,
            ends_at: None,
        };
        let new = NewUser {
            login: login.to_owned(),
            presentation: None,
            email: None,
            phone: None,
            role: Role::Member,
            user_list: Some(list),
        };
        self.app
            .write(|c, act| users::create(c, act, new, &hash))
            .id
    }

    fn create_application(&self, list: UserListId) -> String {
        let body = serde_json::json!({
            "publication-context": self.new_name(),
            "display-name": "an application",
            "development-mode": false,
            "user-lists": [list.to_string()],
            "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
        });
        let made = self.json("POST", "/applications", &body);
        made["id"].as_str().unwrap().to_owned()
    }

    fn create_space(&self) -> String {
        let body = serde_json::json!({"name": self.new_name()});
        let made = self.json("POST", "/spaces", &body);
        made["id"].as_str().unwrap().to_owned()
    }

    /// A call of the administrator's that must succeed.
    pub fn json(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::json(method, &format!("{API}{path}"), body).bearer(&self.admin);
        let response = self.send(&request);
        assert!(
            response.status < 300,
            "{method} {path}: {}",
            response.whole()
        );
        response.json()
    }

    /// Sends a call with this token and this body; `{new}` in it becomes a name that nothing has.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        token: Option<&str>,
    ) -> Response {
        let mut request = Request::new(method, path);
        if let Some(body) = body {
            let body = body.replace("{new}", &self.new_name());
            request = request
                .header("content-type", "application/json")
                .body(body.as_bytes());
        }
        if let Some(token) = token {
            request = request.bearer(token);
        }
        self.send(&request)
    }

    /// Sends a request, and records the exchange for the contract check.
    pub fn send(&self, request: &Request) -> Response {
        let response = self.exchange(request);
        self.app.record(request, &response);
        response
    }

    /// Sends a request on the one connection.
    pub fn exchange(&self, request: &Request) -> Response {
        let mut line = self.line.borrow_mut();
        let open = line.get_or_insert_with(|| KeptConnection::open(self.app.address));
        let response = open.send(&request.to_kept_bytes());
        if response.header("connection") == Some("close") {
            *line = None;
        }
        response
    }

    /// What every change moves.
    pub fn state(&self) -> Vec<String> {
        self.app.database.state()
    }
}
