//! Changes without pause: what is right stays right while the log moves under it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mintmark::domain::{password, users};
use mintmark::model::secret::Secret;

use crate::support::{TestApp, count};

#[test]
fn nobody_is_refused_because_something_else_changed_meanwhile() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let token = app.token(&key).access_token;
    let hash = password::hash(&Secret::new("correct horse battery".to_owned()), false).unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        // Each change makes memory forget the owner, and moves the log while others read.
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    app.write(|c, act| {
                        let admin = users::find_by_login(c, "admin")?;
                        users::set_password(c, act, &admin, &hash)
                    });
                }
            });
        }
        let calls = scope.spawn(|| {
            for _ in 0..count(300, 20_000) {
                let me = app.get("/console/api/v2/me", &token);
                assert_eq!(me.status, 200, "{}", me.text());
            }
        });
        let tokens = scope.spawn(|| {
            for _ in 0..count(300, 20_000) {
                app.token(&key);
            }
        });
        let ended = [calls.join(), tokens.join()];
        stop.store(true, Ordering::Relaxed);
        for end in ended {
            end.unwrap();
        }
    });
}
