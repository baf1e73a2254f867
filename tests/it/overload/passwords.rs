//! Whoever has passwords hashed over and over, under one login or under many, from one peer or many.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{PASSWORD, SIGN_IN, World, attacker, peer_counts, send_from, sign_in_form};
use crate::support::Request;

/// How many tries there are at once.
const AT_ONCE: usize = 64;
/// Guessing is slowed long before; what is shown here is the line behind it.
const UNGUARDED: [&str; 6] = [
    "--sign-in-places",
    "32",
    "--guard-per-client",
    "4000000000",
    "--guard-per-peer",
    "4000000000",
];

/// Signs in on many connections, through a trusted proxy, as whom `login` says for each try.
fn attack(name: &str, login: impl Fn(usize) -> String + Sync, password: &str, world: &World) {
    for peers in peer_counts() {
        let (cookie, token) = sign_in_form(world);
        let statuses = Mutex::new(BTreeMap::new());
        let name = format!("{name} from {peers} peers");
        world.hold_out(&name, |attack| {
            let tries = std::sync::atomic::AtomicUsize::new(0);
            attack.on_threads(AT_ONCE, |_| {
                let number = tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let body = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("form_token", &token)
                    .append_pair("login", &login(number))
                    .append_pair("password", password)
                    .finish();
                let request = Request::new("POST", SIGN_IN)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("cookie", &cookie)
                    .header("sec-fetch-site", "same-origin")
                    .header("x-forwarded-for", &attacker(number % peers).to_string())
                    .body(body.as_bytes());
                let answer = send_from(super::HONEST, world.server.address, &request);
                let status = answer.map_or(0, |answer| answer.status);
                assert!([0, 303, 422, 429, 503].contains(&status), "{status}");
                *statuses.lock().unwrap().entry(status).or_insert(0) += 1;
            });
        });
        println!("{name}: {:?}", statuses.into_inner().unwrap());
    }
}

#[test]
fn one_members_right_password_on_many_connections_keeps_nobody_out() {
    let world = World::start(&UNGUARDED, true);
    let mallory = |_| "mallory".to_owned();
    attack("one member's password", mallory, PASSWORD, &world);
}

#[test]
fn invented_logins_keep_nobody_out() {
    let world = World::start(&UNGUARDED, true);
    let invented = |number| format!("nobody-{number}");
    attack("invented logins", invented, "wrong horse battery", &world);
}
