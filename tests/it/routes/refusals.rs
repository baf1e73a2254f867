//! What every route of the resource API refuses alike, generated from the route table: methods that
//! the path does not know, tokens sent twice, bodies that are none, and all of it while the
//! database is busy.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mintmark::ambient::Clock;
use mintmark::domain::Authority;
use mintmark::http::ROUTES;
use mintmark::model::audit::Actor;
use serde_json::Value;

use super::answers;
use super::paths::fill;
use super::rules::{Needs, Rule, api_rules};
use super::world::World;
use crate::support::{Request, Response};

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
];
const TOO_MUCH: usize = 64 * 1024 + 1;

/// Every route of the resource API: its row, and its path with things that exist.
fn routes(world: &World) -> Vec<(Rule, Needs, String)> {
    let routes: Vec<_> = api_rules(ROUTES)
        .into_iter()
        .map(|(rule, needs)| {
            let path = fill(&rule.path, |_, param| world.ours.id(param));
            (rule, needs, path)
        })
        .collect();
    assert!(routes.len() >= 5);
    routes
}

/// Those of them that take a body, with a good one.
fn with_body(world: &World) -> Vec<(Rule, String, Value)> {
    let routes = routes(world).into_iter();
    let routes = routes.filter_map(|(rule, needs, path)| {
        let body = world.ours.fill(needs.body?);
        let body = body.replace("{new}", &world.new_name());
        Some((rule, path, serde_json::from_str(&body).unwrap()))
    });
    let routes: Vec<_> = routes.collect();
    assert!(!routes.is_empty());
    routes
}

fn as_admin(world: &World, method: &str, path: &str) -> Request {
    Request::new(method, path).bearer(&world.admin)
}

#[test]
fn a_method_that_a_path_does_not_know_is_answered_with_those_that_it_knows() {
    let world = World::build();
    let mut known: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (rule, _, path) in routes(&world) {
        let methods = known.entry(path).or_default();
        methods.push(rule.method);
        if rule.method == "GET" {
            methods.push("HEAD");
        }
    }
    let message = "This path does not know the method; see Allow.";
    for (path, known) in known {
        let allow = format!("405\nallow: {}\n", known.join(", "));
        let expected = answers::invalid_argument(405, message).replacen("405\n", &allow, 1);
        for method in METHODS.iter().filter(|method| !known.contains(method)) {
            for request in [Request::new(method, &path), as_admin(&world, method, &path)] {
                let whole = world.send(&request).whole();
                match *method {
                    "HEAD" => assert!(expected.starts_with(&whole), "HEAD {path}: {whole}"),
                    _ => assert_eq!(whole, expected, "{method} {path}"),
                }
            }
        }
    }
}

#[test]
fn no_route_takes_a_token_that_is_sent_in_two_ways() {
    let world = World::build();
    let message = "The token must be sent once, in the Authorization header.";
    for (rule, _, path) in routes(&world) {
        let twice = as_admin(&world, rule.method, &path).bearer(&world.admin);
        let in_query = format!("{path}?access_token={}", world.admin);
        for request in [twice, as_admin(&world, rule.method, &in_query)] {
            let whole = world.send(&request).whole();
            let expected = answers::invalid_argument(400, message);
            assert_eq!(whole, expected, "{} {path}", rule.method);
        }
        // Alone in the query it is not read at all.
        let whole = world.send(&Request::new(rule.method, &in_query)).whole();
        assert_eq!(whole, answers::no_token(), "{} {path}", rule.method);
    }
}

#[test]
fn a_body_of_another_kind_or_beyond_the_bound_is_refused_and_changes_nothing() {
    let world = World::build();
    let before = world.state();
    let kind = "The body must be application/json, without a content coding.";
    let size = "The body is larger than 64 KiB.";
    for (rule, path, body) in with_body(&world) {
        let good = body.to_string();
        let base = || as_admin(&world, rule.method, &path);
        let json = || base().header("content-type", "application/json");
        for (request, status, message) in [
            (base().body(good.as_bytes()), 415, kind),
            (
                base()
                    .header("content-type", "text/json")
                    .body(good.as_bytes()),
                415,
                kind,
            ),
            (
                json()
                    .header("content-encoding", "gzip")
                    .body(good.as_bytes()),
                415,
                kind,
            ),
            (base(), 415, kind),
            (json().body(&vec![b' '; TOO_MUCH]), 413, size),
        ] {
            let what = format!("{} {path}", rule.method);
            let whole = crate::support::send(world.app.address, &request);
            world.app.record(&request, &whole);
            assert_eq!(
                whole.whole(),
                answers::invalid_argument(status, message),
                "{what}"
            );
            assert_eq!(whole.header("connection"), Some("close"), "{what}");
        }
    }
    assert_eq!(world.state(), before);
}

#[test]
fn a_body_that_is_not_as_it_must_be_is_refused_and_changes_nothing() {
    let world = World::build();
    let before = world.state();
    for (rule, path, body) in with_body(&world) {
        let Value::Object(members) = &body else {
            panic!("{} {path} has a body that is no object", rule.method);
        };
        let good = body.to_string();
        let more = |member: &str| format!("{{{member},{}", &good[1..]);
        let twice = members
            .iter()
            .next()
            .map(|(name, value)| more(&format!("\"{name}\":{value}")));
        let mut bad = vec![
            (good[..good.len() - 1].to_owned(), "at line 1, "),
            (format!("[{good}]"), "at line 1, "),
            (format!("{good} x"), "at line 1, "),
            (String::new(), "at line 1, "),
            ("null".to_owned(), "at line 1, "),
            (more("\"surprise\":1"), "unknown field `surprise`"),
            (
                more("\"id\":\"1eeb5447-c4f8-635e-b776-199d8903fded\""),
                "unknown field `id`",
            ),
            (more("\"generation\":7"), "unknown field `generation`"),
        ];
        bad.extend(twice.map(|twice| (twice, "duplicate field")));
        for (body, details) in bad {
            let request = as_admin(&world, rule.method, &path)
                .header("content-type", "application/json")
                .body(body.as_bytes());
            let whole = world.send(&request).whole();
            let expected = answers::invalid_argument(400, "The body is not valid.");
            let expected = expected.replace("\"details\":\"\"}", "\"details\":\"") + details;
            assert!(
                whole.starts_with(&expected),
                "{} {path} {body}: {whole}",
                rule.method
            );
        }
    }
    assert_eq!(world.state(), before);
}

/// PostgreSQL stores no NUL, and a query with one fails there: it must not come so far.
#[test]
fn a_text_with_a_nul_or_half_a_character_is_refused_by_every_route_and_changes_nothing() {
    let world = World::build();
    let before = world.state();
    for (rule, path, body) in with_body(&world) {
        for at in texts(&body, "") {
            let mut body = body.clone();
            *body.pointer_mut(&at).unwrap() = "@".into();
            for text in ["a\\u0000b", "\\u0000", "\\ud800", "\\udc00a"] {
                let body = body.to_string().replace("\"@\"", &format!("\"{text}\""));
                let request = as_admin(&world, rule.method, &path)
                    .header("content-type", "application/json")
                    .body(body.as_bytes());
                let answer = world.send(&request);
                let what = format!("{} {path} {body}", rule.method);
                assert_eq!(answer.status, 400, "{what}: {}", answer.whole());
                assert_eq!(answer.json()["code"], 3, "{what}: {}", answer.whole());
            }
        }
    }
    assert_eq!(world.state(), before);
}

/// Where the texts of a body stand, as JSON pointers.
fn texts(body: &Value, at: &str) -> Vec<String> {
    match body {
        Value::String(_) => vec![at.to_owned()],
        Value::Array(values) => (0..)
            .zip(values)
            .flat_map(|(n, value)| texts(value, &format!("{at}/{n}")))
            .collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| texts(value, &format!("{at}/{name}")))
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_body_that_does_not_come_to_its_end_is_not_waited_for_by_any_route() {
    let world = World::build();
    let before = world.state();
    let expected = answers::invalid_argument(408, "The body did not arrive in time.");
    let requests: Vec<Request> = with_body(&world)
        .into_iter()
        .map(|(rule, path, body)| Request::json(rule.method, &path, &body).bearer(&world.admin))
        .collect();
    let answers = at_once(&requests, |request| {
        let mut stream = TcpStream::connect(world.app.address).unwrap();
        let bytes = request.to_bytes();
        stream.write_all(&bytes[..bytes.len() - 1]).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Response::parse(&answer).unwrap()
    });
    for (request, answer) in requests.iter().zip(&answers) {
        world.app.record(request, answer);
        assert_eq!(
            answer.whole(),
            expected,
            "{} {}",
            request.method,
            request.path
        );
        assert_eq!(answer.header("connection"), Some("close"));
    }
    assert_eq!(world.state(), before);
}

#[test]
fn while_every_connection_to_the_database_is_in_use_every_route_says_so_soon() {
    let world = World::build();
    let before = world.state();
    let requests: Vec<Request> = routes(&world)
        .into_iter()
        // From memory.
        .filter(|(rule, ..)| rule.path != "/console/api/v2/me")
        .map(|(rule, needs, path)| match needs.body {
            None => as_admin(&world, rule.method, &path),
            Some(body) => {
                let body = world.ours.fill(body).replace("{new}", &world.new_name());
                let body = serde_json::from_str(&body).unwrap();
                Request::json(rule.method, &path, &body).bearer(&world.admin)
            }
        })
        .collect();
    let answers = world.app.with_busy_pool(|| {
        at_once(&requests, |request| {
            let began = Instant::now();
            let answer = crate::support::send(world.app.address, request);
            (answer, began.elapsed())
        })
    });
    let mut times: Vec<Duration> = Vec::new();
    for (request, (answer, time)) in requests.iter().zip(answers) {
        world.app.record(request, &answer);
        let what = format!("{} {}", request.method, request.path);
        assert_eq!(answer.whole(), answers::unavailable(), "{what}");
        times.push(time);
    }
    // The longest also tells how busy this machine is.
    times.sort_unstable();
    println!("from {:?} to {:?}", times[0], times[times.len() - 1]);
    assert!(times[times.len() / 2] < Duration::from_secs(2), "{times:?}");
    assert_eq!(world.state(), before);
}

#[test]
fn who_has_spent_the_budget_of_changes_is_told_so_by_every_route_that_changes() {
    let world = World::build();
    let spent = || {
        let now = world.app.clock.monotonic();
        let key = world.app.app.directory.client(&world.admin_key).unwrap();
        let actor = Actor::AccessKey(key.client.owner.unwrap(), world.admin_key.clone());
        let budget = &world.app.app.write_budget;
        while budget
            .spend(&Authority::unlimited(actor.clone()), now)
            .is_ok()
        {}
    };
    spent();
    let before = world.state();
    for (rule, _, path) in routes(&world) {
        let answer = world.send(&as_admin(&world, rule.method, &path));
        let what = format!("{} {path}", rule.method);
        match rule.method {
            "GET" => assert_ne!(answer.status, 429, "{what}"),
            _ => {
                assert_eq!(answer.status, 429, "{what}");
                assert_eq!(answer.json()["code"], 8, "{what}");
            }
        }
    }
    assert_eq!(world.state(), before);
}

/// Does all of it at the same time; the answers in the order of `of`.
fn at_once<A: Sync, B: Send>(of: &[A], work: impl Fn(&A) -> B + Sync) -> Vec<B> {
    std::thread::scope(|scope| {
        let started: Vec<_> = of.iter().map(|one| scope.spawn(|| work(one))).collect();
        started.into_iter().map(|one| one.join().unwrap()).collect()
    })
}
