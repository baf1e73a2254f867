//! The binary beside a clock that is set: by `faketime`, which leaves alone the time since the machine
//! was started, as whoever sets a clock does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::storage::{create_client, run, token_request, until};
use crate::support::{Credentials, Process, Request, TestDatabase, command, count, is_full};

const FORM: &str = "grant_type=client_credentials";
const DAY: i64 = 24 * 3600;
const DAYS_400: i64 = 400 * DAY;

/// The library that `faketime` preloads.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap();
    let library = |folder: fs::DirEntry| folder.path().join("faketime/libfaketimeMT.so.1");
    let mut found = folders.map_while(Result::ok).map(library);
    found.find(|path| path.is_file()).expect(
        "this test sets the clock of a process: install Debian's package faketime, as tests/run does",
    )
}

/// A database with a client that ends in a month and one that does not, and a server on it whose clock
/// is set as a file says.
struct World {
    folder: tempfile::TempDir,
    ends: Credentials,
    stays: Credentials,
    server: Option<Process>,
    url: String,
    // Last, so that it outlives the server.
    database: TestDatabase,
}

impl World {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create_on_disk();
        let url = database.url_text();
        set_by(folder.path(), 0);
        let server = serve(folder.path(), &url);
        let create = |args: &[&str]| create_client(folder.path(), &url, args);
        let ends = create(&[
            "--user",
            "admin",
            "--scope",
            "openid",
            "--expires-in",
            "30d",
        ]);
        let stays = create(&["--user", "admin", "--scope", "openid"]);
        Self {
            ends,
            stays,
            server: Some(server),
            url,
            database,
            folder,
        }
    }

    fn server(&self) -> &Process {
        self.server.as_ref().unwrap()
    }

    /// Sets the clock, so many seconds beside the true one.
    fn set_by(&self, seconds: i64) {
        set_by(self.folder.path(), seconds);
    }

    /// Runs a command whose clock is so many seconds beside the true one.
    fn command(&self, ahead: i64, args: &[&str]) -> Output {
        self.set_by(ahead);
        let folder = self.folder.path();
        let password = folder.join("password");
        fs::write(&password, "correct horse battery").unwrap();
        let mut command = command(folder, &self.url, args);
        with_clock(&mut command, folder);
        let output = command.stdin(fs::File::open(password).unwrap()).output();
        output.unwrap()
    }

    fn stop(&mut self) {
        let mut server = self.server.take().unwrap();
        server.signal("TERM");
        let ended = server.wait(Duration::from_secs(20));
        assert!(
            ended.is_some_and(|status| status.success()),
            "{:?}",
            server.log()
        );
    }

    fn again(&mut self) {
        self.server = Some(serve(self.folder.path(), &self.url));
    }

    fn status(&self, of: &Credentials) -> u16 {
        self.server().send(&token_request(of, FORM)).status
    }

    /// A good client gets tokens of this time, and they are good.
    fn assert_goes_on(&self, of: &Credentials) {
        let answer = self.server().send(&token_request(of, FORM));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let me = Request::new("GET", "/console/api/v2/me").bearer(&token);
        assert_eq!(self.server().send(&me).status, 200);
    }

    fn warnings(&self) -> Vec<String> {
        let ready = self.server().send(&Request::new("GET", "/readyz?verbose"));
        super::names(&ready.json())
    }

    fn until_warned(&self, of: &[&str]) {
        until("the warnings are there", || self.warnings() == of);
    }

    fn has_logged(&self, words: [&str; 2]) -> bool {
        let log = self.server().log();
        log.iter()
            .any(|line| words.iter().all(|word| line.contains(word)))
    }

    /// What must not be deleted: clients, with and without an end, and events.
    fn kept(&self) -> Vec<String> {
        self.database.query(
            "SELECT 'client ' || id AS text FROM clients WHERE deleted_at IS NULL \
             UNION ALL SELECT 'event ' || id FROM audit_events WHERE kind <> 'client.first_used' \
             UNION ALL SELECT 'change ' || CAST(number AS TEXT) FROM changes ORDER BY 1",
        )
    }
}

fn set_by(folder: &Path, seconds: i64) {
    // Put in place whole: the library reads the file at each question.
    let new = folder.join("clock.new");
    fs::write(&new, format!("{seconds:+}\n")).unwrap();
    fs::rename(new, folder.join("clock")).unwrap();
}

/// Lets a command's clock be what the file in `folder` says.
fn with_clock(command: &mut Command, folder: &Path) {
    command
        .env("LD_PRELOAD", library())
        .env("FAKETIME_TIMESTAMP_FILE", folder.join("clock"))
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}

fn serve(folder: &Path, url: &str) -> Process {
    let args = [
        "serve",
        "--init",
        "--log-format",
        "json",
        "--listen",
        "127.0.0.1:0",
    ];
    let mut command = command(folder, url, &args);
    with_clock(&mut command, folder);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    Process::try_spawn(folder, command).unwrap_or_else(|log| panic!("{log}"))
}

#[test]
fn a_clock_that_jumps_ahead_for_seconds_deletes_nothing_and_is_told() {
    let mut world = World::start();
    let before = world.kept();
    // The second one is longer than every job rests but for those that rest for an hour.
    let times: &[u64] = if is_full() { &[3, 70] } else { &[3] };
    for seconds in times {
        world.set_by(DAYS_400);
        let began = Instant::now();
        world.until_warned(&["clock-ahead"]);
        world.assert_goes_on(&world.ends);
        sleep(Duration::from_secs(*seconds).saturating_sub(began.elapsed()));
        world.set_by(0);
        world.until_warned(&[]);
        world.assert_goes_on(&world.ends);
    }
    assert!(world.has_logged(["\"alarm\"", "clock-ahead"]));
    assert!(world.has_logged(["alarm ended", "clock-ahead"]));

    // During a stop: its last rounds delete nothing.
    world.set_by(DAYS_400);
    world.stop();
    assert_eq!(world.kept(), before);

    // At a start: it is served by, and nothing is deleted by it.
    world.again();
    world.until_warned(&["clock-ahead"]);
    assert_eq!(world.status(&world.ends), 401);
    sleep(Duration::from_secs(2));
    world.stop();
    world.set_by(0);
    world.again();
    assert_eq!(world.warnings(), [""; 0]);
    world.assert_goes_on(&world.ends);
    world.stop();
    let without_refusals: Vec<String> = world
        .database
        .query("SELECT 'event ' || id AS text FROM audit_events WHERE kind = 'token.refused'");
    let mut after = world.kept();
    after.retain(|row| !without_refusals.contains(row));
    assert_eq!(after, before);
}

#[test]
fn a_clock_that_is_set_back_revives_nothing_and_is_told() {
    let mut world = World::start();
    let folder = world.folder.path().to_owned();
    let soon = create_client(
        &folder,
        &world.url,
        &["--user", "admin", "--expires-in", "3s"],
    );
    until("it has ended", || world.status(&soon) == 401);
    let before = world.kept();
    for back in [-120, -3600] {
        world.set_by(back);
        world.until_warned(&["clock-behind"]);
        assert_eq!(world.status(&soon), 401);
        world.assert_goes_on(&world.stays);
        // Also by a start, which knows it from the database; and by the command line.
        world.stop();
        world.again();
        assert_eq!(world.warnings(), ["clock-behind"]);
        assert_eq!(world.status(&soon), 401);
        world.assert_goes_on(&world.stays);
    }
    assert!(world.has_logged(["\"alarm\"", "clock-behind"]));
    let now = world.kept();
    assert!(
        before.iter().all(|row| now.contains(row)),
        "nothing is deleted"
    );
}

#[test]
fn a_command_reckons_no_end_and_deletes_nothing_by_a_clock_that_is_far_ahead() {
    let mut world = World::start();
    world.stop();
    let id = world.stays.client_id.clone();
    let rotate = ["client", "rotate", "--id", &id];
    let secrets = "SELECT id AS text FROM client_secrets ORDER BY id";
    assert!(world.command(0, &rotate).status.success());
    let before = world.database.query(secrets);
    // Two days: by the clock alone the older of the two secrets has ended.
    let cases: [(i64, &[&str]); 5] = [
        (2 * DAY, &rotate),
        (DAYS_400, &rotate),
        (
            DAYS_400,
            &["client", "create", "--user", "admin", "--expires-in", "30d"],
        ),
        (
            DAYS_400,
            &["client", "update", "--id", &id, "--expires-in", "30d"],
        ),
        (
            DAYS_400,
            &[
                "user",
                "create",
                "--login",
                "ivan",
                "--role",
                "member",
                "--password-stdin",
            ],
        ),
    ];
    for (ahead, args) in &cases {
        let output = world.command(*ahead, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("database trust-clock"), "{args:?}: {said}");
        assert_eq!(world.database.query(secrets), before, "{args:?}");
    }
    // What only takes away is done by whatever clock; and what reckons nothing.
    for args in [
        &["client", "cut-off", "--id", &id][..],
        &["client", "create", "--user", "admin", "--scope", "openid"],
        &["client", "rotate", "--id", &id, "--old-ends-in", "0s"],
    ] {
        let output = world.command(DAYS_400, args);
        assert!(output.status.success(), "{args:?}: {output:?}");
    }
    // The operator knows better.
    let trusted = world.command(DAYS_400, &["database", "trust-clock"]);
    assert!(trusted.status.success(), "{trusted:?}");
    for (_, args) in &cases[1..] {
        let output = world.command(DAYS_400, args);
        assert!(output.status.success(), "{args:?}: {output:?}");
    }
}

#[test]
fn a_process_that_was_suspended_deletes_nothing_and_says_so() {
    let world = World::start();
    let before = world.kept();
    let rest = Duration::from_secs(u64::try_from(count(5, 600)).unwrap());
    world.server().signal("STOP");
    sleep(rest);
    world.server().signal("CONT");
    world.assert_goes_on(&world.ends);
    until("it is told", || world.has_logged(["suspended", "seconds"]));
    assert_eq!(world.warnings(), [""; 0]);
    assert_eq!(world.kept(), before);
}

#[test]
fn a_clock_that_is_apart_from_the_database_s_is_told() {
    let mut world = World::start();
    world.stop();
    world.set_by(8);
    world.again();
    match TestDatabase::is_postgresql() {
        true => world.until_warned(&["clocks-apart"]),
        // It is on this machine, and has no clock of its own.
        false => {
            sleep(Duration::from_secs(2));
            assert_eq!(world.warnings(), [""; 0]);
        }
    }
    world.assert_goes_on(&world.ends);
}

#[test]
fn a_clock_that_was_wrong_for_long_and_is_set_right_is_trusted_by_a_command() {
    let mut world = World::start();
    world.stop();
    // Near enough to be sure, so that it is written down.
    world.set_by(3000);
    world.again();
    world.stop();
    world.set_by(0);
    world.again();
    assert_eq!(world.warnings(), ["clock-behind"]);
    world.stop();
    run(
        world.folder.path(),
        &world.url,
        &["database", "trust-clock"],
    );
    world.again();
    assert_eq!(world.warnings(), [""; 0]);
    let event = "SELECT kind AS text FROM audit_events WHERE kind = 'database.clock_trusted'";
    assert_eq!(world.database.query(event).len(), 1);
}
