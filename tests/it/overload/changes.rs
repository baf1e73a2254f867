//! Whoever changes without end: one member, or many, from one peer or many.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{HONEST, World, attacker, peer_counts, send_from};
use crate::support::{Request, count};

/// How many changes there are at once.
const AT_ONCE: usize = 32;

fn attack(name: &str, members: usize) {
    let world = World::start(&[], true);
    let keys: Vec<(String, String)> = (0..members)
        .map(|number| world.member(&format!("mallory-{number}")))
        .collect();
    for peers in peer_counts() {
        let statuses = Mutex::new(BTreeMap::new());
        let tries = AtomicUsize::new(0);
        let name = format!("{name} from {peers} peers");
        world.hold_out(&name, |attack| {
            attack.on_threads(AT_ONCE, |_| {
                let number = tries.fetch_add(1, Ordering::Relaxed);
                let (path, token) = &keys[number % members];
                let body = json!({"description": number.to_string()});
                let request = Request::json("PATCH", path, &body)
                    .bearer(token)
                    .header("x-forwarded-for", &attacker(number % peers).to_string());
                let answer = send_from(HONEST, world.server.address, &request);
                let status = answer.map_or(0, |answer| answer.status);
                assert!([0, 200, 429, 503].contains(&status), "{status}");
                *statuses.lock().unwrap().entry(status).or_insert(0) += 1;
            });
        });
        let statuses = statuses.into_inner().unwrap();
        println!("{name}: {statuses:?}");
        assert!(statuses.values().sum::<usize>() > AT_ONCE, "{statuses:?}");
    }
}

#[test]
fn changes_of_one_member_keep_nobody_out() {
    attack("changes of one member", 1);
}

#[test]
fn changes_of_many_members_keep_nobody_out() {
    attack("changes of many members", count(20, 200));
}
