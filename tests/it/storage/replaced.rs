//! The file of an SQLite database deleted, moved or replaced under the server: nothing is acknowledged
//! that is lost, nothing is made or touched in its place, and what is put back goes on.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{
    assert_temporarily_unavailable, assert_unavailable, create_application, create_client, run,
    token, token_request, until,
};
use crate::support::{Credentials, Process, Request, TestDatabase, count, query_at};

/// The promise is two seconds; the rest is for a machine that has other things to do.
const SOON: Duration = Duration::from_millis(2900);

struct Served {
    folder: tempfile::TempDir,
    server: Process,
    writer: Credentials,
    token: String,
    acknowledged: BTreeSet<String>,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let url = format!("sqlite:{}", folder.path().join("data/m.db").display());
        let args = ["--writes-per-caller", "1000000"];
        let server = Process::start(folder.path(), &url, &args);
        let scope = "applications:read applications:write";
        let writer = create_client(folder.path(), &url, &["--user", "admin", "--scope", scope]);
        // Known is who is still in memory once the log has told of all this.
        thread::sleep(Duration::from_secs(1));
        let token = token(&server, &writer);
        Self {
            folder,
            server,
            writer,
            token,
            acknowledged: BTreeSet::new(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.file("m.db").display())
    }

    /// Does something to the file while changes are made: of those that begin after it none succeeds.
    fn while_changes_are_made(&mut self, round: &str, act: impl FnOnce(&Self)) {
        let (acted, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        let has_made = AtomicBool::new(false);
        let served = &*self;
        let made: Vec<String> = thread::scope(|scope| {
            let writer = |writer: usize| {
                let (acted, ended, has_made) = (&acted, &ended, &has_made);
                move || {
                    let mut made = Vec::new();
                    for at in 0.. {
                        if ended.load(Ordering::SeqCst) {
                            break;
                        }
                        let name = format!("{round}w{writer}n{at}");
                        let (is_late, sent) = (acted.load(Ordering::SeqCst), Instant::now());
                        let answer = served
                            .server
                            .send(&create_application(&served.token, &name));
                        let took = sent.elapsed();
                        assert!(took < SOON, "{} after {took:?}", answer.status);
                        match answer.status {
                            200 if is_late => panic!("acknowledged, and lost: {name}"),
                            200 => {
                                made.push(name);
                                has_made.store(true, Ordering::SeqCst);
                            }
                            _ => assert_unavailable(&answer),
                        }
                    }
                    made
                }
            };
            let writers: Vec<_> = (0..3).map(|at| scope.spawn(writer(at))).collect();
            until("something is made", || has_made.load(Ordering::SeqCst));
            thread::sleep(Duration::from_millis(100));
            act(served);
            acted.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(300));
            ended.store(true, Ordering::SeqCst);
            let made = writers.into_iter().map(|writer| writer.join().unwrap());
            made.flatten().collect()
        });
        assert!(!made.is_empty(), "nothing was made before it");
        self.acknowledged.extend(made);
    }

    /// Changes and reads are refused, known clients are served, health and the log tell.
    fn assert_refused(&self) {
        let send = |request: &Request| {
            let sent = Instant::now();
            let answer = self.server.send(request);
            assert!(
                sent.elapsed() < SOON,
                "{}: {:?}",
                request.path,
                sent.elapsed()
            );
            answer
        };
        let ready = || send(&Request::new("GET", "/readyz?verbose"));
        until("it is told", || ready().text().contains("database-moved"));
        let answer = ready();
        let database = &answer.json()["checks"]["database"];
        assert_eq!((answer.status, database), (503, &"unavailable".into()));
        let told = |line: &String| line.contains("database-moved") && line.contains("ERROR");
        until("it is logged", || self.server.log().iter().any(told));
        let form = "grant_type=client_credentials";
        until("it is an outage", || {
            let known = send(&token_request(&self.writer, form));
            assert_eq!(known.status, 200, "{}", known.text());
            known.json()["expires_in"] == 300
        });
        let wrong = Credentials {
            client_secret: "wrong".to_owned(),
            ..self.writer.clone()
        };
        assert_temporarily_unavailable(&send(&token_request(&wrong, form)));
        let list = Request::new("GET", "/console/api/v2/applications");
        assert_unavailable(&send(&list.bearer(&self.token)));
        assert_unavailable(&send(&create_application(&self.token, "refused")));
        assert_eq!(send(&Request::new("GET", "/healthz")).status, 200);
    }

    fn assert_served(&self) {
        let ready = || self.server.send(&Request::new("GET", "/readyz?verbose"));
        until("it is ready again", || ready().status == 200);
        assert!(!ready().text().contains("database-moved"));
    }

    fn assert_kept(&self) {
        let query = "SELECT name AS text FROM applications";
        let found: BTreeSet<String> = query_at(&self.url(), query).into_iter().collect();
        let lost: Vec<_> = self.acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
        assert!(!found.contains("refused"));
        let check = "SELECT integrity_check AS text FROM pragma_integrity_check";
        assert_eq!(query_at(&self.url(), check), ["ok"]);
    }

    fn stop(&mut self) {
        let began = Instant::now();
        self.server.signal("TERM");
        let ended = self.server.wait(Duration::from_secs(10));
        assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
        println!("ended after {:?}", began.elapsed());
    }
}

/// That the file is taken away for good: what stands in its place afterwards is neither read nor
/// touched, not even at the stop. Whoever kept the file has everything that was acknowledged.
fn assert_nothing_is_lost(replace: impl Fn(&Served)) {
    if TestDatabase::is_postgresql() {
        return;
    }
    for round in 0..count(2, 20) {
        let mut served = Served::start();
        let (path, kept) = (served.file("m.db"), served.file("kept.db"));
        // What is deleted would be gone, and nobody could look.
        fs::hard_link(&path, &kept).unwrap();
        served.while_changes_are_made(&format!("r{round}"), &replace);
        let standing = fs::read(&path).ok();
        served.assert_refused();
        served.assert_refused();
        served.stop();
        assert!(fs::read(&path).ok() == standing, "it was touched");
        fs::rename(&kept, &path).unwrap();
        served.server = Process::start(served.folder.path(), &served.url(), &[]);
        served.assert_served();
        served.assert_kept();
        println!("{} kept", served.acknowledged.len());
    }
}

#[test]
fn a_file_that_is_moved_away_stops_changes_and_goes_on_when_it_is_back() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let mut served = Served::start();
    let (path, away) = (served.file("m.db"), served.file("away.db"));
    for round in 0..count(2, 20) {
        served.while_changes_are_made(&format!("r{round}"), |_| fs::rename(&path, &away).unwrap());
        served.assert_refused();
        assert!(!path.exists(), "a file was made in its place");
        fs::rename(&away, &path).unwrap();
        served.assert_served();
        served.assert_kept();
    }
    // The whole folder.
    let (data, away) = (path.parent().unwrap(), served.folder.path().join("away"));
    served.while_changes_are_made("folder", |_| fs::rename(data, &away).unwrap());
    served.assert_refused();
    assert!(!data.exists(), "a folder was made in its place");
    fs::rename(&away, data).unwrap();
    served.assert_served();
    served.assert_kept();
    served.stop();
    served.assert_kept();
}

#[test]
fn a_file_that_is_deleted_is_not_made_anew_and_nothing_is_acknowledged_after_it() {
    assert_nothing_is_lost(|served| fs::remove_file(served.file("m.db")).unwrap());
}

#[test]
fn an_empty_file_in_its_place_stays_empty() {
    assert_nothing_is_lost(|served| {
        fs::write(served.file("new"), "").unwrap();
        fs::rename(served.file("new"), served.file("m.db")).unwrap();
    });
}

#[test]
fn another_database_in_its_place_is_neither_read_nor_written() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let other = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", other.path().join("m.db").display());
    drop(Process::start(other.path(), &url, &[]));
    let copy = other.path().join("copy.db");
    run(
        other.path(),
        &url,
        &["database", "backup", copy.to_str().unwrap()],
    );
    assert_nothing_is_lost(|served| {
        fs::copy(&copy, served.file("new")).unwrap();
        fs::rename(served.file("new"), served.file("m.db")).unwrap();
    });
}

#[test]
fn an_older_backup_in_its_place_is_neither_read_nor_written() {
    assert_nothing_is_lost(|served| {
        let backup = served.file("backup.db");
        let args = ["database", "backup", backup.to_str().unwrap()];
        run(served.folder.path(), &served.url(), &args);
        thread::sleep(Duration::from_millis(100));
        fs::rename(&backup, served.file("m.db")).unwrap();
    });
}

/// Its name is that of a file which another process may be using by then.
#[test]
fn what_another_database_keeps_beside_it_is_not_taken_away_at_the_stop() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let mut served = Served::start();
    let beside = ["m.db", "m.db-wal", "m.db-shm"];
    served.while_changes_are_made("r", |served| {
        for name in beside {
            fs::rename(served.file(name), served.file(&format!("kept-{name}"))).unwrap();
            fs::write(served.file(name), name).unwrap();
        }
    });
    served.assert_refused();
    served.stop();
    for name in beside {
        assert_eq!(fs::read(served.file(name)).unwrap(), name.as_bytes());
        fs::rename(served.file(&format!("kept-{name}")), served.file(name)).unwrap();
    }
    served.assert_kept();
}

#[test]
fn without_its_log_beside_it_nothing_is_acknowledged() {
    if TestDatabase::is_postgresql() {
        return;
    }
    for name in ["m.db-wal", "m.db-shm"] {
        let mut served = Served::start();
        let away = served.file("away");
        served.while_changes_are_made("r", |served| {
            fs::rename(served.file(name), &away).unwrap();
        });
        served.assert_refused();
        assert!(!served.file(name).exists(), "{name} was made in its place");
        fs::rename(&away, served.file(name)).unwrap();
        served.assert_served();
        served.assert_kept();
    }
}
