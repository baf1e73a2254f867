//! The limit of open files: raised where that is allowed, kept to where it is not.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use super::{open, read_answer, wait_for_line};
use crate::support::{Process, Request, SERVE, TestDatabase, basic, command};

/// A server that a shell starts after it has set its limits of open files.
fn start(limits: &str, database: &TestDatabase, folder: &tempfile::TempDir) -> Process {
    let server = command(folder.path(), &database.url_text(), &SERVE);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")])
        .arg(server.get_program())
        .args(server.get_args())
        .current_dir(folder.path())
        .env_clear()
        .envs(
            server
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Process::try_spawn(folder.path(), shell).unwrap_or_else(|log| panic!("{log}"))
}

/// The soft limit of open files that the process has now.
fn soft_limit(process: &Process) -> u64 {
    let limits = format!("/proc/{}/limits", process.child.id());
    let limits = std::fs::read_to_string(limits).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.unwrap().split_ascii_whitespace().nth(3);
    soft.unwrap().parse().unwrap()
}

fn warnings(process: &Process) -> Vec<String> {
    let mut log = process.log();
    log.retain(|line| !line.contains("\"level\":\"INFO\""));
    log
}

#[test]
fn a_low_limit_of_open_files_is_raised_for_the_connections_that_there_may_be() {
    let (database, folder) = (TestDatabase::create(), tempfile::tempdir().unwrap());
    let process = start("ulimit -S -n 64", &database, &folder);
    let soft = soft_limit(&process);
    let log = warnings(&process);
    match soft {
        // Ten thousand connections, and what is open besides.
        10_300 => assert!(!log.concat().contains("open files"), "{log:?}"),
        // This machine's own limit is lower.
        _ => assert!(log.concat().contains("open files"), "{soft} {log:?}"),
    }
}

#[test]
fn where_it_cannot_be_raised_connections_wait_before_files_run_out() {
    let (database, folder) = (TestDatabase::create(), tempfile::tempdir().unwrap());
    let process = start("ulimit -n 200", &database, &folder);
    let key = process.first_key();
    wait_for_line(&process, |line| {
        line.contains("\"open_files\":200")
            && line.contains("\"max_connections\":100")
            && line.contains("LimitNOFILE")
    });
    let log = warnings(&process);
    let ask = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let many: Vec<TcpStream> = (0..300).map(|_| open(process.address, ask)).collect();
    // One of those that are in; what opens files goes on.
    assert_eq!(read_answer(&many[0]).status, 200);
    drop(many);
    let request = Request::token("grant_type=client_credentials")
        .header("authorization", &basic(&key.client_id, &key.client_secret));
    assert_eq!(process.send(&request).status, 200);
    let ready = process.send(&Request::new("GET", "/readyz"));
    assert_eq!(
        (ready.status, ready.text().as_str()),
        (200, "{\"status\":\"ready\"}")
    );
    assert_eq!(warnings(&process), log);
}
