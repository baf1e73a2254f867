//! A file of the log that may not grow any more.

use std::fs::{self, File};
use std::process::Command;

use super::{Server, first_key, read_lines, until};
use crate::support::TestDatabase;

fn limit(server: &Server, bytes: &str) {
    let (pid, limit) = (server.child.id().to_string(), format!("--fsize={bytes}:"));
    let mut prlimit = Command::new("prlimit");
    let set = prlimit.args(["--pid", &pid, &limit]).status();
    assert!(set.unwrap().success());
}

#[test]
fn a_limit_on_the_size_of_files_ends_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let path = folder.path().join("log");
    let log = File::create(&path).unwrap();
    let mut server = Server::start(folder.path(), &database.url_text(), "json", log.into());
    server.wait_until_it_listens();
    let key = first_key(folder.path());
    let all_are_there = |server: &Server| {
        let text = fs::read_to_string(&path).unwrap();
        let ids = server.ids.lock().unwrap();
        ids.iter().all(|id| text.contains(id))
    };
    server.tokens(&key, 8);
    until("it is quiet", || all_are_there(&server));
    // The next line fits in part alone.
    limit(
        &server,
        &(fs::metadata(&path).unwrap().len() + 100).to_string(),
    );
    server.tokens(&key, 8);
    until("it is noticed", || server.warnings() == ["log-lines"]);
    limit(&server, "unlimited");
    until("lines go again", || server.warnings().is_empty());
    until("nothing is lost", || all_are_there(&server));
    let (_, dropped) = read_lines(&fs::read_to_string(&path).unwrap(), "json");
    assert_eq!(dropped, 0);
    server.stop();
}
