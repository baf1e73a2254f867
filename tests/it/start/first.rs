//! The first start without a terminal: a private file that the log names, and what becomes of it.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{SetUp, names};
use crate::support::{Process, Request, SERVE, TestDatabase, cli, command};

/// What follows `name:` in the file.
fn value(text: &str, name: &str) -> String {
    let line = text.lines().find(|l| l.trim().starts_with(name)).unwrap();
    line.split_once(':').unwrap().1.trim().to_owned()
}

#[test]
fn without_a_terminal_a_private_file_holds_the_sign_in_and_its_curl_line_works() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let server = Process::start(folder.path(), &database.url_text(), &[]);

    let file = folder.path().join("keys/first-start.txt");
    let mode = file.metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let [password, ends, id, secret] =
        ["password:", "Access key", "client_id:", "client_secret:"].map(|name| value(&text, name));
    let ends = ends
        .split("ends ")
        .nth(1)
        .unwrap()
        .trim_end_matches(')')
        .to_owned();
    let (_, password_ends) = text.split_once("sign-in, and ends ").unwrap();
    let password_ends = password_ends.split(';').next().unwrap();
    let url = format!("http://{}", server.address);
    let expected = format!(
        "Sign-in (the password must be changed at the first sign-in, and ends {password_ends};\n\
         after that: mintmark user set-password --login admin --password-stdin)\n\
         \x20 login:         admin\n\
         \x20 password:      {password}\n\
         \n\
         Access key (scope: openid applications:read; ends {ends})\n\
         \x20 client_id:     {id}\n\
         \x20 client_secret: {secret}\n\
         \n\
         A token:\n\
         \x20 curl -u {id}:{secret} -d grant_type=client_credentials {url}/console/sys/token\n"
    );
    assert_eq!(text, expected);
    assert!(password.len() == 20 && password.bytes().all(|b| b.is_ascii_alphanumeric()));

    let log = server.log();
    let naming: Vec<&String> = log.iter().filter(|l| l.contains("first start")).collect();
    assert_eq!(naming.len(), 1, "{log:?}");
    let line: Value = serde_json::from_str(naming[0]).unwrap();
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["file"], "keys/first-start.txt");
    assert!(
        !log.iter()
            .any(|l| l.contains(&secret) || l.contains(&password))
    );

    let curl = text.lines().last().unwrap();
    let output = Command::new("sh").args(["-c", curl]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["scope"], "openid applications:read");
    let token = answer["access_token"].as_str().unwrap();
    let me = server.send(&Request::new("GET", "/console/api/v2/me").bearer(token));
    assert_eq!(me.status, 200);
    assert_eq!(me.json()["login"], "admin");
}

#[test]
fn the_first_key_lives_for_a_day_and_may_read_applications() {
    let set_up = SetUp::new();
    let url = set_up.database.url_text();
    let list = ["client", "list", "--output", "json"];
    let output = cli(set_up.folder.path(), &url, &list, "");
    let clients: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(clients.as_array().unwrap().len(), 1);
    assert_eq!(clients[0]["scope"], "openid applications:read");
    assert_eq!(clients[0]["name"], "First key");
    assert_eq!(clients[0]["kind"], "access_key");
    let lives = set_up
        .database
        .query("SELECT CAST(expires_at - created_at AS TEXT) AS text FROM clients");
    assert_eq!(lives, ["86400000"]);
}

#[test]
fn a_second_start_shows_none_of_it() {
    let set_up = SetUp::new();
    let keys = set_up.folder.path().join("keys");
    let file = keys.join("first-start.txt");
    let text = std::fs::read(&file).unwrap();
    for is_there in [true, false] {
        if !is_there {
            std::fs::remove_file(&file).unwrap();
        }
        let out = set_up.folder.path().join("out");
        let mut serve = command(set_up.folder.path(), &set_up.database.url_text(), &SERVE);
        serve
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap());
        let server = Process::try_spawn(set_up.folder.path(), serve).unwrap();
        let log = server.log().join("\n");
        assert!(!log.contains("first"), "{log}");
        assert_eq!(std::fs::read_to_string(out).unwrap(), "");
        match is_there {
            true => assert_eq!(std::fs::read(&file).unwrap(), text, "left as it was"),
            false => assert_eq!(names(&keys), ["master.key"]),
        }
    }
}

#[test]
fn a_new_password_for_the_first_user_deletes_the_file_and_one_for_another_does_not() {
    let set_up = SetUp::new();
    let keys = set_up.folder.path().join("keys");
    let url = set_up.database.url_text();
    let run = |args: &[&str]| {
        let output = cli(set_up.folder.path(), &url, args, "correct horse battery\n");
        assert!(output.status.success(), "{output:?}");
    };
    run(&["user", "create", "--login", "second", "--password-stdin"]);
    run(&[
        "user",
        "set-password",
        "--login",
        "second",
        "--password-stdin",
    ]);
    assert_eq!(names(&keys), ["first-start.txt", "master.key"]);
    // In whatever case the login is typed.
    run(&[
        "user",
        "set-password",
        "--login",
        "Admin",
        "--password-stdin",
    ]);
    assert_eq!(names(&keys), ["master.key"]);
    run(&[
        "user",
        "set-password",
        "--login",
        "admin",
        "--password-stdin",
    ]);
    set_up.assert_serves();
}

#[test]
fn a_first_start_that_cannot_keep_the_sign_in_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    // A folder in the place of the file: it can be neither replaced nor written.
    std::fs::create_dir_all(folder.path().join("keys/first-start.txt/x")).unwrap();
    let why = super::refused(folder.path(), &url, &["--init"]);
    let file = "cannot keep the first sign-in in keys/first-start.txt: ";
    assert!(why.contains(file), "{why}");
    let users = "SELECT CAST(count(*) AS TEXT) AS text FROM users";
    assert_eq!(database.query(users), ["0"]);
    // A key that wraps nothing would look like the rest of an installation.
    assert!(!folder.path().join("keys/master.key").exists());
    std::fs::remove_dir_all(folder.path().join("keys/first-start.txt")).unwrap();
    let server = Process::start(folder.path(), &url, &[]);
    assert_eq!(super::token(&server, &server.first_key()).status, 200);
    assert_eq!(database.query(users), ["1"]);
}
