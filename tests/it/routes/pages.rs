//! The pages' part of the authorization matrix: every page, used by everybody, with and without the
//! form's token, for what is the caller's, what is another's, what is missing and what is no id.

use mintmark::domain::{sessions, users};
use mintmark::model::page::Window;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::user::User;

use super::rules::{Door, Rule, Who, rules};
use crate::support::{Browser, Response, TestApp, form};

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
    token: String,
}

impl World {
    fn build() -> Self {
        let app = TestApp::start();
        let key = app.create_key("admin", &ScopeSet::all().to_string());
        Self {
            token: app.token(&key).access_token,
            member: app.create_user("member", Role::Member),
            other: app.create_user("other", Role::Member),
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

    fn browser(&self, caller: Caller, count: usize) -> Browser<'_> {
        let app = &self.app;
        match self.user(caller) {
            Some(user) => Browser::of(app, user),
            None if caller == Ended => {
                let user = app.create_user(&format!("ended-{count}"), Role::Administrator);
                let browser = Browser::of(app, &user);
                app.write(|c, act| users::disable(c, act, &user));
                browser
            }
            None => {
                let mut browser = Browser::new(app);
                if caller == Bearer {
                    let token = format!("Bearer {}", self.token);
                    browser.headers.push(("authorization".to_owned(), token));
                }
                browser
            }
        }
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

    /// What stands in a path's place for an id, with whether that is the caller's to use.
    fn ids(&self, caller: Caller) -> Vec<(String, bool)> {
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
                let ids = match rule.path.contains("{id}") {
                    true => world.ids(caller),
                    false => vec![(String::new(), true)],
                };
                for (id, is_own) in ids {
                    calls += 1;
                    let path = rule.path.replace("{id}", &id);
                    let mut outcome = expected(&rule, who, success, caller, token);
                    if outcome == Outcome::Status(success) && !is_own {
                        outcome = Outcome::Status(404);
                    }
                    let response = send(&world, rule.method, &path, caller, token, calls);
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

fn send(
    world: &World,
    method: &str,
    path: &str,
    caller: Caller,
    token: bool,
    count: usize,
) -> Response {
    let mut browser = world.browser(caller, count);
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
