//! A database that lost its last changes and gave their numbers again: what the new history refuses is
//! served nowhere. Here inside one process, where every round is the test's own.

use std::time::Duration;

use mintmark::domain::clients::{self, ClientUpdate};
use mintmark::domain::{Act, DomainError};
use mintmark::model::ids::ClientId;
use mintmark::store::{AnyConnection, Database};

use super::history::{keep, lose};
use crate::support::{Credentials, TestApp, TestDatabase};

const FORM: &str = "grant_type=client_credentials";

/// A server that follows its log when the test says so, and somebody who writes elsewhere.
struct World {
    app: TestApp,
    elsewhere: Database,
    other: Credentials,
}

fn id(client: &Credentials) -> ClientId {
    ClientId::parse(&client.client_id).unwrap()
}

impl World {
    fn start() -> Self {
        let mut app = TestApp::start();
        app.end_jobs();
        let elsewhere = Database::open(&app.database.url(), 1).unwrap();
        let other = app.create_service("users:read");
        app.app.directory.follow().unwrap();
        Self {
            app,
            elsewhere,
            other,
        }
    }

    fn known(&self) -> Credentials {
        let key = self.app.create_key("admin", "openid");
        self.app.token(&key);
        key
    }

    /// As many changes, which concern nobody, made by this server.
    fn change(&self, count: usize) {
        for at in 0..count {
            self.app.write(|c, act| rename(c, act, &self.other, at));
        }
    }

    fn elsewhere<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Act) -> Result<T, DomainError>,
    ) -> T {
        let act = self.app.act();
        self.elsewhere.write(|c| work(c, &act)).unwrap()
    }

    /// As many changes made by somebody else, the first of which disables a client.
    fn disable_elsewhere(&self, client: &Credentials, count: usize) {
        self.elsewhere(|c, act| clients::disable(c, act, &id(client)));
        for at in 1..count {
            self.elsewhere(|c, act| rename(c, act, &self.other, 100 + at));
        }
    }

    fn status(&self, client: &Credentials) -> u16 {
        self.app.post_token(client, FORM).status
    }
}

fn rename(
    c: &mut AnyConnection,
    act: &Act,
    client: &Credentials,
    at: usize,
) -> Result<(), DomainError> {
    let update = ClientUpdate {
        name: Some(format!("renamed {at}")),
        ..ClientUpdate::default()
    };
    clients::update(c, act, &id(client), update).map(drop)
}

#[test]
fn what_was_made_under_numbers_that_are_given_again_is_applied() {
    let world = World::start();
    for lost in 1..4 {
        // Fewer, as many, more: less than was lost leaves the head behind.
        for made in 1..6 {
            let key = world.known();
            keep(&world.app.database);
            world.change(lost);
            lose(&world.app.database);
            world.disable_elsewhere(&key, made);
            assert_eq!(world.status(&key), 200, "it is served from memory");
            world.app.app.directory.follow().unwrap();
            assert_eq!(world.status(&key), 401, "lost {lost}, made {made}");
        }
    }
}

#[test]
fn what_only_the_lost_changes_allowed_is_forgotten() {
    let world = World::start();
    for made in 1..4 {
        let key = world.known();
        world.elsewhere(|c, act| clients::disable(c, act, &id(&key)));
        world.app.app.directory.follow().unwrap();
        keep(&world.app.database);
        world.app.write(|c, act| clients::enable(c, act, &id(&key)));
        let made_lost = world.known();
        assert_eq!([&key, &made_lost].map(|k| world.status(k)), [200, 200]);
        lose(&world.app.database);
        for at in 0..made {
            world.elsewhere(|c, act| rename(c, act, &world.other, 200 + at));
        }
        world.app.app.directory.follow().unwrap();
        assert_eq!([&key, &made_lost].map(|k| world.status(k)), [401, 401]);
    }
}

#[test]
fn a_writer_that_meets_another_history_answers_by_it() {
    let world = World::start();
    for made in 1..5 {
        let key = world.known();
        keep(&world.app.database);
        world.change(3);
        lose(&world.app.database);
        world.disable_elsewhere(&key, made);
        // The entry that this writer appends has the number that is expected next, too.
        world.change(1);
        assert_eq!(world.status(&key), 401, "made {made}");
    }
}

#[test]
fn another_epoch_is_read_afresh_though_every_entry_is_there() {
    let world = World::start();
    let key = world.known();
    // Behind the back of the log, as a restore of this very place would.
    let off = "UPDATE clients SET disabled_at = 1, disabled_by = 'administrator' WHERE id = ";
    let sql = format!("{off} '{}'", key.client_id);
    world.app.database.execute(&sql);
    world.app.app.directory.follow().unwrap();
    assert_eq!(world.status(&key), 200, "nothing tells of it");
    let epoch = "UPDATE change_head SET epoch = 'another'";
    world.app.database.execute(epoch);
    world.app.app.directory.follow().unwrap();
    assert_eq!(world.status(&key), 401);
}

#[test]
fn what_was_read_before_memory_was_emptied_is_not_kept() {
    let world = World::start();
    let key = world.app.create_key("admin", "openid");
    let directory = &world.app.app.directory;
    directory.forget();
    directory.follow().unwrap();
    std::thread::scope(|scope| {
        let reading = world.app.with_busy_readers(|| {
            let reading = scope.spawn(|| directory.read_credentials(&id(&key)).unwrap());
            // It waits for a connection by now; memory is emptied, and stands where it stood.
            std::thread::sleep(Duration::from_millis(300));
            directory.forget();
            directory.follow().unwrap();
            reading
        });
        assert!(reading.join().unwrap().is_some());
    });
    assert!(directory.client(&id(&key)).is_none());
    assert_eq!(world.status(&key), 200);
    assert!(directory.client(&id(&key)).is_some());
}

#[test]
fn an_id_that_is_known_not_to_exist_is_asked_for_in_another_history() {
    let world = World::start();
    let directory = &world.app.app.directory;
    for made in 1..4 {
        keep(&world.app.database);
        world.change(made);
        let name = format!("made-elsewhere-{made}");
        assert!(
            directory
                .read_credentials(&ClientId::parse(&name).unwrap())
                .unwrap()
                .is_none()
        );
        assert!(directory.is_unknown(&name));
        lose(&world.app.database);
        for at in 0..made {
            world.elsewhere(|c, act| rename(c, act, &world.other, 300 + at));
        }
        directory.follow().unwrap();
        assert!(!directory.is_unknown(&name), "made {made}");
    }
}

#[test]
fn entries_without_a_mark_are_followed_and_read_once() {
    let world = World::start();
    let bare = |client: &Credentials, number: &str| {
        format!(
            "UPDATE clients SET disabled_at = 1, disabled_by = 'administrator' WHERE id = '{id}'; \
             UPDATE change_head SET number = number + 1; \
             INSERT INTO changes (number, kind, subject, changed_at) \
             SELECT number, 'client', '{id}', {number} FROM change_head",
            id = client.client_id
        )
    };
    for at in ["1000", "2000"] {
        let [gone, stays] = [world.known(), world.known()];
        // As a process of the last release writes it.
        world.app.database.execute(&bare(&gone, at));
        let directory = &world.app.app.directory;
        directory.follow().unwrap();
        assert_eq!(world.status(&gone), 401);
        assert!(
            directory.client(&id(&stays)).is_some(),
            "only what it names"
        );
        directory.follow().unwrap();
        assert!(directory.client(&id(&stays)).is_some());
    }
}

#[test]
fn the_last_entry_of_the_log_is_never_trimmed() {
    let world = World::start();
    let key = world.known();
    let later = world.app.act().now.plus_seconds(10 * 86_400);
    let trimmed =
        |c: &mut AnyConnection, _: &Act| Ok(mintmark::store::changes::delete_before(c, later)?);
    world.elsewhere(trimmed);
    let left = "SELECT CAST(count(*) AS TEXT) AS text FROM changes";
    assert_eq!(world.app.database.query(left), ["1"]);
    let directory = &world.app.app.directory;
    world.elsewhere(|c, act| rename(c, act, &world.other, 1));
    directory.follow().unwrap();
    assert!(directory.client(&id(&key)).is_some(), "nothing was missed");
}

#[test]
fn a_connection_that_was_opened_again_is_no_proof_of_the_same_history() {
    if !TestDatabase::is_postgresql() {
        // An SQLite connection is cut off by nobody.
        return;
    }
    let world = World::start();
    let key = world.known();
    let off = "UPDATE clients SET disabled_at = 1, disabled_by = 'administrator' WHERE id = ";
    let sql = format!("{off} '{}'", key.client_id);
    world.app.database.execute(&sql);
    world.app.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    world.app.app.directory.follow().unwrap();
    assert_eq!(world.status(&key), 401);
}
