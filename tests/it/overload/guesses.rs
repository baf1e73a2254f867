//! Whoever guesses by what a browser is known, from one peer or many, under an account's login.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{HONEST, SIGN_IN, World, attacker, peer_counts, send_from, sign_in_form};
use crate::support::Request;

/// How many guesses there are at once.
const AT_ONCE: usize = 64;

/// As long as a real one, and never twice the same.
fn guess() -> String {
    let bytes = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    URL_SAFE_NO_PAD.encode(bytes.concat())
}

#[test]
fn guessed_proofs_of_a_known_browser_keep_its_account_in() {
    for peers in peer_counts() {
        // A server each time: a stranger's sign-in, such as the administrator's first, is slowed after it.
        let world = World::start(&[], true);
        let (cookie, token) = sign_in_form(&world);
        let suffix = world.known_browser().suffix;
        let statuses = Mutex::new(BTreeMap::new());
        let name = format!("guessed proofs of a known browser from {peers} peers");
        world.hold_out(&name, |attack| {
            let tries = AtomicUsize::new(0);
            attack.on_threads(AT_ONCE, |_| {
                let number = tries.fetch_add(1, Ordering::Relaxed);
                let body = format!("form_token={token}&login=chief&password=wrong+horse");
                let cookies = format!("{cookie}; mintmark_browser{suffix}={}", guess());
                let peer = attacker(number % peers).to_string();
                let request = Request::new("POST", SIGN_IN)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("cookie", &cookies)
                    .header("sec-fetch-site", "same-origin")
                    .header("x-forwarded-for", &peer)
                    .body(body.as_bytes());
                let answer = send_from(HONEST, world.server.address, &request);
                let status = answer.map_or(0, |answer| answer.status);
                assert!([0, 422, 429, 503].contains(&status), "{status}");
                *statuses.lock().unwrap().entry(status).or_insert(0) += 1;
            });
        });
        let statuses = statuses.into_inner().unwrap();
        println!("{name}: {statuses:?}");
        assert!(statuses.contains_key(&429), "nobody was slowed");
    }
}
