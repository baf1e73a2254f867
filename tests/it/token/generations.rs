//! The number by which all that was issued to a client is refused at once: it is never given twice.

use std::time::{Duration, Instant};

use mintmark::domain::{clients, users};
use mintmark::model::ids::ClientId;
use mintmark::model::scope::Role;
use serde_json::Value;

use super::{GRANT, claims};
use crate::bearer::Forge;
use crate::support::{Credentials, Process, Request, TestApp, basic, cli, signal};

const ME: &str = "/console/api/v2/me";

/// What the upgrade runs.
const UPGRADE: [&str; 2] = [
    include_str!("../../../migrations/2026-12-01-000030_clients/up.sql"),
    include_str!("../../../migrations/2026-12-01-000031_users/up.sql"),
];

fn generation(token: &str) -> i64 {
    claims(token)["gen"].as_i64().unwrap()
}

#[test]
fn a_generation_is_above_every_one_that_it_covers_and_at_the_databases_time() {
    let app = TestApp::start();
    let anna = app.create_user("anna", Role::Member);
    let keys = [
        app.create_key("anna", "openid"),
        app.create_key("anna", "openid"),
    ];
    let id = |key: &Credentials| ClientId::parse(&key.client_id).unwrap();
    let mut last = 0;
    for round in 0..3 {
        // The first key alone, several times, so that it is far ahead of the other.
        for _ in 0..3 {
            app.write(|c, act| clients::cut_off(c, act, &id(&keys[0])));
        }
        let before = keys.each_ref().map(|key| app.token(key));
        let [ahead, behind] = before.each_ref().map(|t| generation(&t.access_token));
        assert!(
            ahead > behind && behind >= last,
            "{round}: {ahead} {behind}"
        );
        app.write(|c, act| {
            let anna = users::find(c, &act.authority, (anna.user_list_id, anna.id))?;
            users::disable(c, act, &anna)?;
            let off = users::find(c, &act.authority, (anna.user_list_id, anna.id))?;
            users::enable(c, act, &off)
        });
        for (key, old) in keys.iter().zip(&before) {
            assert_eq!(app.get(ME, &old.access_token).status, 401);
            let new = app.token(key).access_token;
            assert!(generation(&new) > ahead);
            assert_eq!(app.get(ME, &new).status, 200);
            last = generation(&new);
        }
        // And one of them again, which must get above its owner's.
        app.write(|c, act| clients::cut_off(c, act, &id(&keys[1])));
        assert!(generation(&app.token(&keys[1]).access_token) > last);
    }
    // Milliseconds since 1970, and not a sum of two of them.
    assert!(
        (1_700_000_000_000..3_000_000_000_000).contains(&last),
        "{last}"
    );
}

#[test]
fn tokens_of_the_last_release_go_on_after_an_upgrade() {
    let app = TestApp::start();
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "openid");
    let service = app.create_service("applications:read");
    app.database
        .execute("UPDATE clients SET generation = 3; UPDATE users SET generation = 2");
    for sql in UPGRADE {
        app.database.execute(sql);
    }
    app.app.directory.forget();
    app.advance(0);
    // Until then a token carried its client's number and its owner's, added up.
    for (client, path, was) in [(&key, ME, 5), (&service, "/console/api/v2/applications", 3)] {
        let forge = Forge::new(&app, client);
        let claims = forge.access_claims();
        for (number, status) in [(was, 200), (was - 1, 401), (was + 1, 401)] {
            let token = forge.access(&claims.set("gen", number));
            assert_eq!(app.get(path, &token).status, status, "{number}");
        }
        assert_eq!(generation(&app.token(client).access_token), was);
        let id = ClientId::parse(&client.client_id).unwrap();
        app.write(|c, act| clients::cut_off(c, act, &id));
        assert_eq!(app.get(path, &forge.access(&claims)).status, 401);
        assert!(generation(&app.token(client).access_token) > was);
    }
}

/// The binary on an SQLite file in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
    url: String,
}

impl Place {
    fn run(&self, args: &[&str], stdin: &str) -> Value {
        let args = [args, &["--output", "json"]].concat();
        let done = cli(self.folder.path(), &self.url, &args, stdin);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{args:?}: {said}");
        serde_json::from_slice(&done.stdout).unwrap_or_default()
    }
}

fn token(server: &Process, key: &Credentials) -> String {
    let basic = basic(&key.client_id, &key.client_secret);
    let answer = server.send(&Request::token(GRANT).header("authorization", &basic));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn status(server: &Process, token: &str) -> u16 {
    server.send(&Request::new("GET", ME).bearer(token)).status
}

/// Waits until the server has followed what a command changed.
fn wait_for(server: &Process, token: &str, expected: u16) {
    let began = Instant::now();
    while status(server, token) != expected {
        assert!(began.elapsed() < Duration::from_secs(20), "{expected}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_was_cut_off_stays_so_when_it_is_done_again_after_an_old_backup_was_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.db");
    let url = format!("sqlite:{}", file.display());
    let place = Place { folder, url };
    let path = place.folder.path();
    let mut server = Process::start(path, &place.url, &[]);
    let user = ["user", "create", "--login", "anna", "--password-stdin"];
    place.run(&user, "correct horse battery\n");
    let keys = [0, 1].map(|_| {
        let made = place.run(&["client", "create", "--user", "anna"], "");
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Credentials {
            client_id: text("client_id"),
            client_secret: text("client_secret"),
        }
    });
    let backup = path.join("backup.db");
    place.run(&["database", "backup", backup.to_str().unwrap()], "");
    let first = keys.each_ref().map(|key| token(&server, key));
    // The one key is cut off, and both by their owner.
    let cut_off = || {
        place.run(&["client", "cut-off", "--id", &keys[0].client_id], "");
        place.run(&["user", "disable", "--login", "anna"], "");
        place.run(&["user", "enable", "--login", "anna"], "");
    };
    cut_off();
    for old in &first {
        wait_for(&server, old, 401);
    }
    let second = keys.each_ref().map(|key| token(&server, key));
    for good in &second {
        wait_for(&server, good, 200);
    }
    // The database is put back as it was, and what was done since is done again.
    let address = server.address.to_string();
    assert!(signal(server.child.id(), "KILL"));
    server.child.wait().unwrap();
    for end in ["m.db-wal", "m.db-shm"] {
        let _ = std::fs::remove_file(path.join(end));
    }
    std::fs::copy(&backup, &file).unwrap();
    let server = Process::start(path, &place.url, &["--listen", &address]);
    for lost in &second {
        assert_eq!(status(&server, lost), 401, "it belongs to what was lost");
    }
    for _ in 0..2 {
        cut_off();
        for old in &first {
            wait_for(&server, old, 401);
        }
        let new = keys.each_ref().map(|key| token(&server, key));
        for good in &new {
            wait_for(&server, good, 200);
        }
        for old in first.iter().chain(&second) {
            assert_eq!(status(&server, old), 401);
        }
    }
}
