//! Several at the same time: makers of keys, and requests while a secret changes.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{Desk, credentials, named, one};

#[test]
fn of_many_who_make_the_fiftieth_key_at_once_one_makes_it() {
    let desk = Desk::new();
    for at in 0..49 {
        desk.make(&desk.keys(), &desk.admin, &named(&format!("key {at}")));
    }
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let make = || {
            desk.post(&desk.keys(), &desk.admin, &named("the fiftieth"))
                .status
        };
        let makers: Vec<_> = (0..10).map(|_| scope.spawn(make)).collect();
        makers
            .into_iter()
            .map(|maker| maker.join().unwrap())
            .collect()
    });
    let made = statuses.iter().filter(|status| **status == 201).count();
    let refused = statuses.iter().filter(|status| **status == 400).count();
    assert_eq!((made, refused), (1, 9), "{statuses:?}");
    let keys = desk.app.get(&desk.keys(), &desk.admin).json();
    assert_eq!(keys.as_array().unwrap().len(), 50);
}

#[test]
fn not_one_request_fails_while_a_key_is_rotated_again_and_again() {
    let desk = Desk::new();
    let made = desk.make(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made);
    let mut current = credentials(&made);
    for _ in 0..5 {
        let is_over = AtomicBool::new(false);
        let new = std::thread::scope(|scope| {
            let old = current.clone();
            let (desk, is_over) = (&desk, &is_over);
            let user = scope.spawn(move || {
                let mut tokens = 0;
                while !is_over.load(Ordering::Acquire) || tokens < 20 {
                    assert_eq!(desk.status(&old), 200, "after {tokens} tokens");
                    tokens += 1;
                }
            });
            let body = json!({"old-ends-in": 600});
            let rotated = desk.post(&format!("{path}/rotate"), &desk.admin, &body);
            let new = credentials(&rotated.json());
            // The new one works from the answer on, and the old one still.
            for _ in 0..20 {
                assert_eq!(desk.status(&new), 200);
            }
            is_over.store(true, Ordering::Release);
            user.join().unwrap();
            new
        });
        assert_eq!(desk.status(&current), 200);
        desk.app.advance(600);
        assert_eq!([desk.status(&current), desk.status(&new)], [401, 200]);
        current = new;
    }
}
