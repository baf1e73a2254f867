//! The authorization matrix: every route of the table, called by everybody, for what is the
//! caller's, what is another's, what is missing and what cannot be an id.

use std::collections::HashMap;

use mintmark::http::ROUTES;
use mintmark::model::scope::{Scope, ScopeSet};

use super::answers;
use super::callers::{Caller, Kind, callers};
use super::paths::{MALFORMED, Target, Wanted, params, targets};
use super::rules::{Door, Needs, Reach, Rule, rule_for, rules};
use super::world::{Things, World};
use crate::support::{Request, Response};

/// What the tables say that a call gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    /// A challenge without an error: there was no token.
    NoToken,
    InvalidToken,
    LacksScope,
    /// 403, without a scope that would help.
    Refused,
    LacksMore,
    LacksApplications,
    Malformed,
    /// As if what the path names at this place did not exist.
    Missing(usize),
    Success,
}

#[test]
fn every_route_answers_everybody_as_the_table_says() {
    let routes = ROUTES
        .iter()
        .map(|route| (route.method.as_str(), route.path));
    let walked = walk(routes).unwrap_or_else(|failures| panic!("{failures}"));
    assert!(walked > 100, "only {walked} calls");
    println!("{walked} calls");
}

#[test]
fn a_route_without_a_row_makes_the_matrix_fail() {
    let known = ("GET", "/healthz");
    assert!(walk([known].into_iter()).is_ok());
    let added = ("GET", "/console/api/v2/added");
    let failure = walk([known, added].into_iter()).unwrap_err();
    let expected = "GET /console/api/v2/added has no row in the tables of tests/it/routes/rules.rs";
    assert_eq!(failure, expected);
    let other_method = walk([("DELETE", "/healthz")].into_iter()).unwrap_err();
    assert!(
        other_method.starts_with("DELETE /healthz has no row"),
        "{other_method}"
    );
}

#[test]
fn every_row_has_its_route() {
    for rule in rules() {
        let has = |route: &&mintmark::http::Route| {
            route.method.as_str() == rule.method && route.path == rule.path
        };
        let found = ROUTES.iter().filter(has).count();
        assert_eq!(found, 1, "{} {}", rule.method, rule.path);
    }
}

/// Calls every route as everybody, and holds each answer to the tables. How many calls it were, or
/// what did not fit.
fn walk<'a>(routes: impl Iterator<Item = (&'a str, &'a str)>) -> Result<usize, String> {
    // Nothing is called before every route has its row.
    let rules: Result<Vec<Rule>, String> = routes.map(|(m, path)| rule_for(m, path)).collect();
    let rules = rules?;
    let world = World::build();
    let callers = callers(&world.app);
    let mut walk = Walk {
        world,
        calls: 0,
        failures: Vec::new(),
    };
    for rule in &rules {
        match &rule.door {
            Door::Open(status) => walk.open(rule, *status, &callers),
            Door::Token(needs) => walk.scoped(rule, needs, &callers),
            // Walked in `pages`, by browsers.
            Door::Page(..) => {}
        }
    }
    match walk.failures.is_empty() {
        true => Ok(walk.calls),
        false => Err(walk.failures.join("\n")),
    }
}

struct Walk {
    world: World,
    calls: usize,
    failures: Vec<String>,
}

/// One cell of the matrix.
struct Cell<'a> {
    rule: &'a Rule,
    needs: &'a Needs,
    caller: &'a Caller,
    target: Target,
    outcome: Outcome,
}

impl Walk {
    fn open(&mut self, rule: &Rule, status: u16, callers: &[Caller]) {
        for caller in callers {
            let mut request = Request::new(rule.method, &rule.path);
            if rule.method == "POST" {
                request = Request::token("grant_type=client_credentials");
                request.path.clone_from(&rule.path);
            }
            if let Some(token) = &caller.token {
                request = request.bearer(token);
            }
            self.calls += 1;
            let response = self.world.exchange(&request);
            // One record is enough of what is the same for all, and can be large.
            if caller.kind == Kind::Anonymous {
                self.world.app.record(&request, &response);
            }
            if response.status != status {
                let what = format!("{} {} by {}", rule.method, rule.path, caller.name);
                self.failures.push(format!("{what}: {}", response.whole()));
            }
        }
    }

    /// First what is refused, after which all is as it was; then what succeeds.
    fn scoped(&mut self, rule: &Rule, needs: &Needs, callers: &[Caller]) {
        let before = self.world.state();
        for succeeds in [false, true] {
            for caller in callers {
                // How what is missing is answered, by its place in the path.
                let mut missing = HashMap::new();
                let (own, anothers) = self.things(caller.kind);
                for target in targets(&rule.path, &own, &anothers) {
                    let outcome = outcome(rule, needs, caller, &target);
                    if (outcome == Outcome::Success) != succeeds {
                        continue;
                    }
                    let cell = Cell {
                        rule,
                        needs,
                        caller,
                        target,
                        outcome,
                    };
                    if let Err(why) = self.hold(&cell, &mut missing) {
                        let Cell { rule, target, .. } = cell;
                        self.failures.push(format!(
                            "{} {} by {} ({:?}): expected {outcome:?}, {why}",
                            rule.method, target.path, caller.name, target.wanted
                        ));
                    }
                }
            }
            if !succeeds && self.world.state() != before {
                self.failures.push(format!(
                    "{} {}: a refusal changed something",
                    rule.method, rule.path
                ));
            }
        }
    }

    /// What is the caller's own, and what is another's. Whoever is no member is asked for the same.
    fn things(&self, kind: Kind) -> (Things, Things) {
        let World { ours, theirs, .. } = &self.world;
        match kind {
            Kind::OtherMember => (theirs.clone(), ours.clone()),
            _ => (ours.clone(), theirs.clone()),
        }
    }

    fn hold(
        &mut self,
        cell: &Cell<'_>,
        missing: &mut HashMap<usize, String>,
    ) -> Result<(), String> {
        if cell.outcome == Outcome::Success {
            return self.succeed(cell);
        }
        let Cell {
            rule,
            needs,
            caller,
            target,
            ..
        } = cell;
        let (own, _) = self.things(caller.kind);
        let body = needs.body.map(|body| own.fill(body));
        let whole = self
            .call(rule.method, &target.path, body.as_deref(), caller)
            .whole();
        let expected = match cell.outcome {
            Outcome::Refused => {
                return match answers::is_refused(&whole) {
                    true => Ok(()),
                    false => Err(format!("got {whole}")),
                };
            }
            Outcome::NoToken => answers::no_token(),
            Outcome::InvalidToken => answers::invalid_token(),
            Outcome::LacksScope => answers::lacks(needs.scope.unwrap()),
            Outcome::LacksMore => answers::lacks_more(more(needs, caller), caller.scope),
            Outcome::LacksApplications => answers::lacks_applications(),
            Outcome::Malformed => {
                answers::invalid_argument(400, &format!("{MALFORMED} is not a valid UUID."))
            }
            Outcome::Missing(at) => {
                let is_missing = matches!(target.wanted, Wanted::Missing(_));
                // Another's answers as what is missing did, byte for byte.
                match missing.get(&at) {
                    Some(expected) if !is_missing => expected.clone(),
                    _ => {
                        missing.insert(at, whole.clone());
                        return match answers::is_not_found(&whole) {
                            true => Ok(()),
                            false => Err(format!("got {whole}")),
                        };
                    }
                }
            }
            Outcome::Success => unreachable!("answered above"),
        };
        match whole == expected {
            true => Ok(()),
            false => Err(format!("got {whole}")),
        }
    }

    fn succeed(&mut self, cell: &Cell<'_>) -> Result<(), String> {
        let Cell {
            rule,
            needs,
            caller,
            target,
            ..
        } = cell;
        let (own, anothers) = self.things(caller.kind);
        let named = params(&rule.path);
        let is_member = matches!(caller.kind, Kind::Member | Kind::OtherMember);
        let of = match target.wanted {
            Wanted::Anothers => &anothers,
            _ => &own,
        };
        let things = match rule.method {
            "GET" => of.clone(),
            _ => self.world.anew(of, &named, is_member),
        };
        let at = |path: &str| super::paths::fill(path, |_, param| things.id(param));
        if let Some((method, path, body)) = &needs.before {
            let body = Some(things.fill(body)).filter(|body| !body.is_empty());
            let admin = Some(self.world.admin.as_str());
            let prepared = self.world.call(method, &at(path), body.as_deref(), admin);
            if prepared.status >= 300 {
                return Err(format!(
                    "before it {method} {path} got {}",
                    prepared.whole()
                ));
            }
        }
        let body = needs.body.map(|body| things.fill(body));
        let response = self.call(rule.method, &at(&rule.path), body.as_deref(), caller);
        if response.status != needs.success {
            return Err(format!("got {}", response.whole()));
        }
        let text = String::from_utf8_lossy(&response.body).into_owned();
        let shows = |things: &Things| things.names().into_iter().find(|name| text.contains(name));
        let reach = reach(needs, caller.kind);
        let is_list = rule.is_list();
        match reach {
            Reach::Own | Reach::Nothing if shows(&anothers).is_some() => {
                Err(format!("it shows another's {:?}", shows(&anothers)))
            }
            Reach::Nothing if text != "[]" => Err(format!("it shows {text}")),
            Reach::Own | Reach::All if is_list && shows(of).is_none() => {
                Err(format!("it does not show {:?}: {text}", target.wanted))
            }
            Reach::All if is_list && named.is_empty() && shows(&anothers).is_none() => {
                Err(format!("it does not show what is another's: {text}"))
            }
            _ => Ok(()),
        }
    }

    fn call(&mut self, method: &str, path: &str, body: Option<&str>, caller: &Caller) -> Response {
        self.calls += 1;
        self.world.call(method, path, body, caller.token.as_deref())
    }
}

/// What the tables say of a call.
fn outcome(rule: &Rule, needs: &Needs, caller: &Caller, target: &Target) -> Outcome {
    match caller.kind {
        Kind::Anonymous => return Outcome::NoToken,
        Kind::Ended => return Outcome::InvalidToken,
        _ => {}
    }
    if needs
        .scope
        .is_some_and(|scope| !caller.scope.contains(scope))
    {
        return Outcome::LacksScope;
    }
    let reach = reach(needs, caller.kind);
    assert_ne!(reach, Reach::Lacks, "the caller has the scope");
    match (target.wanted, reach) {
        (Wanted::Malformed(_), _) => Outcome::Malformed,
        (Wanted::Missing(at) | Wanted::Crossed(at), _) => Outcome::Missing(at),
        (Wanted::Anothers, Reach::Own) => Outcome::Missing(0),
        (_, Reach::Refused) => Outcome::Refused,
        (_, Reach::Nothing) if !rule.is_list() => Outcome::Missing(0),
        _ if !more(needs, caller).is_subset(caller.scope) => Outcome::LacksMore,
        (_, Reach::All) if needs.opens && !caller.scope.contains(Scope::ApplicationsWrite) => {
            Outcome::LacksApplications
        }
        _ => Outcome::Success,
    }
}

/// What else this caller needs.
fn more(needs: &Needs, caller: &Caller) -> ScopeSet {
    match caller.kind {
        Kind::Service => needs.more - ScopeSet::of(&[Scope::OpenId]),
        _ => needs.more,
    }
}

fn reach(needs: &Needs, kind: Kind) -> Reach {
    match kind {
        Kind::Administrator => Reach::All,
        Kind::Service => needs.service,
        _ => needs.member,
    }
}
