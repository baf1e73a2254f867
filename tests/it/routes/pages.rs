//! The pages' part of the authorization matrix: every page, used by everybody, with and without the
//! form's token, for what is the caller's, what is another's, what is missing and what is no id.

use std::collections::BTreeMap;

use mintmark::ambient::{random_base62, random_uuid};
use mintmark::domain::clients::{self, Rotation};
use mintmark::domain::user_lists::{self, NewUserList};
use mintmark::domain::{sessions, users};
use mintmark::model::ids::ClientId;
use mintmark::model::page::Window;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::user::User;
use serde_json::json;

use super::rules::{Door, Rule, Who, rules};
use crate::support::{Browser, Request, Response, TestApp, form};

/// Where every signed-out form can be found, and where every signed-in one can.
const SIGN_IN: &str = "/console/sign-in";
const PASSWORD: &str = "/console/profile/password";
const NOTHING: &str = "1eeb5447-c5bb-6867-b776-199d8903fded";

/// Everybody whom a page could treat differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Caller {
    Anonymous,
    /// Without a session, with an administrator's token for everything.
    Bearer,
    /// With a session whose user was switched off.
    Ended,
    /// Who must change their password first.
    Unsettled,
    Member,
    Administrator,
}

use Caller::*;

const CALLERS: [Caller; 6] = [Anonymous, Bearer, Ended, Unsettled, Member, Administrator];

/// What a page answers.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome {
    Status(u16),
    To(&'static str),
}

struct World {
    app: TestApp,
    member: User,
    other: User,
    administrator: User,
    unsettled: User,
    /// What is left in the browser of an administrator who was switched off.
    ended: BTreeMap<String, String>,
    token: String,
    others_key: String,
}

impl World {
    fn build() -> Self {
        let app = TestApp::start();
        let key = app.create_key("admin", &ScopeSet::all().to_string());
        let gone = app.create_user("gone", Role::Administrator);
        let ended = Browser::of(&app, &gone).cookies;
        app.write(|c, act| users::disable(c, act, &gone));
        Self {
            ended,
            token: app.token(&key).access_token,
            member: app.create_user("member", Role::Member),
            other: app.create_user("other", Role::Member),
            others_key: app.create_key("other", "").client_id,
            administrator: app.create_user("olga", Role::Administrator),
            // The first administrator has a password that the first start made.
            unsettled: app.app.read(|c| users::find_by_login(c, "admin")).unwrap(),
            app,
        }
    }

    fn user(&self, caller: Caller) -> Option<&User> {
        match caller {
            Anonymous | Bearer | Ended => None,
            Unsettled => Some(&self.unsettled),
            Member => Some(&self.member),
            Administrator => Some(&self.administrator),
        }
    }

    /// A browser of its own for every call.
    fn browser(&self, caller: Caller) -> Browser<'_> {
        let app = &self.app;
        if let Some(user) = self.user(caller) {
            return Browser::of(app, user);
        }
        let mut browser = Browser::new(app);
        match caller {
            Ended => browser.cookies = self.ended.clone(),
            Bearer => {
                let token = format!("Bearer {}", self.token);
                browser.headers.push(("authorization".to_owned(), token));
            }
            _ => {}
        }
        browser
    }

    /// The youngest session of a user.
    fn session(&self, user: &User) -> String {
        let whole = Window::Whole;
        let now = self.app.act().now;
        let found = self
            .app
            .app
            .read(|c| sessions::list(c, user.id, whole, now));
        found.unwrap().0[0].id.to_string()
    }

    /// The path with ids in it, each with whether what it names is the caller's to use.
    fn paths(&self, caller: Caller, path: &str) -> Vec<(String, bool)> {
        let Some((before, after)) = path.split_once("/{") else {
            return vec![(path.to_owned(), true)];
        };
        let (_, after) = after.split_once('}').unwrap();
        let with = |(id, is_own): (String, bool)| {
            let path = match after.split_once("{secret}") {
                None => format!("{before}/{id}{after}"),
                Some((act, after)) => {
                    format!("{before}/{id}{act}{}{after}", self.older_secret(&id))
                }
            };
            (path, is_own)
        };
        let ids = match before {
            "/console/profile/sessions" => self.sessions(caller),
            "/console/profile/keys" => self.keys(caller),
            _ => self.administered(before),
        };
        ids.into_iter().map(with).collect()
    }

    fn keys(&self, caller: Caller) -> Vec<(String, bool)> {
        let service = self.app.create_service("users:read").client_id;
        let mut ids = vec![
            (self.others_key.clone(), false),
            (service, false),
            ("mmk_nobody".to_owned(), false),
            ("%00".to_owned(), false),
        ];
        if let Some(user) = self.user(caller) {
            ids.push((self.app.create_key(&user.login, "").client_id, true));
        }
        ids
    }

    /// What only an administrator gets at, and it makes no difference whose it is.
    fn administered(&self, before: &str) -> Vec<(String, bool)> {
        let made = match before {
            "/console/admin/clients" => self.app.create_service("users:read").client_id,
            "/console/admin/users" => {
                let login = format!("made-{}", random_uuid().simple());
                self.app.create_user(&login, Role::Member).id.to_string()
            }
            "/console/admin/user-lists" => {
                let new = NewUserList {
                    presentation: "made".to_owned(),
                    ..NewUserList::default()
                };
                let list = self.app.write(|c, act| user_lists::create(c, act, new));
                list.id.to_string()
            }
            "/console/admin/applications" => self.application(),
            other => panic!("no ids for {other}"),
        };
        let missing = [self.others_key.as_str(), NOTHING, "%00"].map(|id| (id.to_owned(), false));
        [vec![(made, true)], missing.to_vec()].concat()
    }

    /// An application that nobody named before.
    fn application(&self) -> String {
        let body = json!({
            "source": {"type": "repository", "image-id": NOTHING},
            "display-name": "CRM",
            "publication-context": format!("crm-{}", random_base62(10)),
            "development-mode": false,
        });
        let request = Request::new("POST", "/console/api/v2/applications")
            .header("content-type", "application/json")
            .bearer(&self.token)
            .body(body.to_string().as_bytes());
        let made = self.app.send(request);
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// The older of a client's two secrets; one that is nobody's if there is no such client.
    fn older_secret(&self, client: &str) -> String {
        let Ok(id) = ClientId::parse(client) else {
            return NOTHING.to_owned();
        };
        let keys = &self.app.app.digest_keys;
        let act = self.app.act();
        let rotated = self
            .app
            .app
            .write(|c| clients::rotate(c, &act, keys, &id, Rotation::of(3600)));
        if rotated.is_err() {
            return NOTHING.to_owned();
        }
        let query = format!(
            "SELECT id AS text FROM client_secrets WHERE client_id = '{client}' AND expires_at > 0"
        );
        self.app.database.query(&query)[0].clone()
    }

    fn sessions(&self, caller: Caller) -> Vec<(String, bool)> {
        Browser::of(&self.app, &self.other);
        let mut ids = vec![
            (self.session(&self.other), false),
            (NOTHING.to_owned(), false),
            ("x".to_owned(), false),
            ("%00".to_owned(), false),
        ];
        if let Some(user) = self.user(caller) {
            // One more than the browser's own.
            Browser::of(&self.app, user);
            ids.push((self.session(user), true));
        }
        ids
    }
}

/// What the table says that `caller` gets.
fn expected(rule: &Rule, who: Who, success: u16, caller: Caller, token: bool) -> Outcome {
    let is_signed_in = matches!(caller, Unsettled | Member | Administrator);
    if who != Who::Anybody && !is_signed_in {
        return Outcome::To(SIGN_IN);
    }
    if rule.method == "POST" && !token {
        return Outcome::Status(403);
    }
    match (who, caller) {
        (Who::Settled | Who::Administrator, Unsettled) => Outcome::To(PASSWORD),
        (Who::Administrator, Member) => Outcome::Status(403),
        // Whoever is signed in already goes on.
        (Who::Anybody, _) if rule.path == SIGN_IN && rule.method == "GET" && is_signed_in => {
            Outcome::Status(303)
        }
        _ => Outcome::Status(success),
    }
}

fn fits(outcome: &Outcome, response: &Response) -> bool {
    match outcome {
        Outcome::Status(status) => response.status == *status,
        Outcome::To(path) => {
            let location = response.header("location").unwrap_or_default();
            response.status == 303 && location.split('?').next() == Some(path)
        }
    }
}

#[test]
fn every_page_answers_everybody_as_the_table_says() {
    let world = World::build();
    let (mut calls, mut failures) = (0, Vec::new());
    for rule in rules() {
        let Door::Page(who, success) = rule.door else {
            continue;
        };
        for caller in CALLERS {
            for token in [false, true] {
                if rule.method == "GET" && token {
                    continue;
                }
                for (path, is_own) in world.paths(caller, &rule.path) {
                    calls += 1;
                    let mut outcome = expected(&rule, who, success, caller, token);
                    if outcome == Outcome::Status(success) && !is_own {
                        outcome = Outcome::Status(404);
                    }
                    let response = send(&world, rule.method, &path, caller, token);
                    if !fits(&outcome, &response) {
                        let (method, got) = (rule.method, response.whole());
                        let what = format!("{method} {path} by {caller:?} ({token}): {outcome:?}");
                        failures.push(format!("{what}: {got}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(calls > 100, "only {calls} calls");
    println!("{calls} calls");
}

fn send(world: &World, method: &str, path: &str, caller: Caller, token: bool) -> Response {
    let mut browser = world.browser(caller);
    if method == "GET" {
        return browser.get(path);
    }
    let (page, action) = match world.user(caller) {
        Some(_) => (PASSWORD, PASSWORD),
        None => (SIGN_IN, SIGN_IN),
    };
    let held = form(&browser.get(page), action)[0].1.clone();
    match token {
        true => browser.post(path, &[("form_token", &held)]),
        false => browser.post(path, &[]),
    }
}
