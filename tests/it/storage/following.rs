//! Two processes on one database: what is changed through one is in force on the other.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    create_application, create_client, credentials, max_and_median, run, token, token_request,
    until,
};
use crate::support::{Credentials, Process, Request, TestDatabase, count, is_full};

/// The promise. It is asserted under the full counts only, which are for a machine that has
/// nothing else to do; every run prints the figures.
const PROMISE: Duration = Duration::from_secs(1);

const FORM: &str = "grant_type=client_credentials";

/// Two servers that are one service, and the command line.
struct Two {
    folder: tempfile::TempDir,
    url: String,
    one: Process,
    other: Process,
    // Last, so that it outlives the servers.
    _database: TestDatabase,
}

impl Two {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create_on_disk();
        let url = database.url_text();
        // Many refusals come from here, and a refusal must stay one.
        let args = [
            "--public-url",
            "http://localhost:9090",
            "--guard-per-peer",
            "1000000",
            "--guard-per-client",
            "1000000",
        ];
        let one = Process::start(folder.path(), &url, &args);
        let other = Process::start(folder.path(), &url, &args);
        Self {
            folder,
            url,
            one,
            other,
            _database: database,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn create(&self, args: &[&str]) -> Credentials {
        create_client(self.path(), &self.url, args)
    }

    fn run(&self, args: &[&str]) -> serde_json::Value {
        run(self.path(), &self.url, args)
    }

    /// The status at the other server, and the scope or error.
    fn ask(&self, client: &Credentials, form: &str) -> (u16, String) {
        let answer = self.other.send(&token_request(client, form));
        let said = answer.json();
        // Without a scope nothing was granted.
        let text = said["error"].as_str().or(said["scope"].as_str());
        (answer.status, text.unwrap_or_default().to_owned())
    }

    /// How long it takes from now on until the other server answers this.
    fn until(&self, client: &Credentials, form: &str, status: u16, said: &str) -> Duration {
        let began = Instant::now();
        until(said, || {
            let answer = self.ask(client, form);
            assert!([200, 400, 401].contains(&answer.0), "{answer:?}");
            answer == (status, said.to_owned())
        });
        let took = began.elapsed();
        if took > PROMISE {
            let log = self.other.log();
            let errors = log
                .iter()
                .filter(|line| !line.contains("\"level\":\"INFO\""));
            println!("{took:?}: {:?}", errors.collect::<Vec<_>>());
            for line in log.iter().rev().take(40).rev() {
                println!("{line}");
            }
        }
        took
    }
}

/// Prints how long a kind of change took in every round, and holds the promise.
fn report(kind: &str, times: Vec<Duration>) {
    let number = times.len();
    let within = times.iter().filter(|time| **time <= PROMISE).count();
    let (max, median) = max_and_median(times);
    let database = if TestDatabase::is_postgresql() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    println!(
        "{kind} on {database}: {within} of {number} within 1 s, max {max:?}, median {median:?}"
    );
    if is_full() {
        assert_eq!(within, number, "{kind}: max {max:?}");
    }
}

#[test]
fn a_disable_by_command_is_in_force_at_every_server() {
    let two = Two::start();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..count(5, 200) {
        let key = two.create(&["--user", "admin", "--scope", "openid"]);
        let issued = token(&two.other, &key);
        let me = Request::new("GET", "/console/api/v2/me").bearer(&issued);
        assert_eq!(two.other.send(&me).status, 200);
        two.run(&["client", "disable", "--id", &key.client_id]);
        let began = Instant::now();
        times[0].push(two.until(&key, FORM, 401, "invalid_client"));
        until("the token is refused", || two.other.send(&me).status == 401);
        times[1].push(began.elapsed());
        two.run(&["client", "delete", "--id", &key.client_id]);
    }
    let [tokens, calls] = times;
    report("a disable, at the token endpoint", tokens);
    report("a disable, at the Bearer check", calls);
}

#[test]
fn a_new_secret_by_command_works_at_once_everywhere_and_the_old_one_ends() {
    let two = Two::start();
    let mut times = Vec::new();
    for _ in 0..count(5, 200) {
        let old = two.create(&["--user", "admin", "--scope", "openid"]);
        token(&two.other, &old);
        let rotate = [
            "client",
            "rotate",
            "--id",
            &old.client_id,
            "--old-ends-in",
            "0s",
        ];
        let new = credentials(&two.run(&rotate));
        // A secret made a moment ago elsewhere: not even one request fails.
        let began = Instant::now();
        token(&two.other, &new);
        token(&two.one, &new);
        two.until(&old, FORM, 401, "invalid_client");
        times.push(began.elapsed());
        two.run(&["client", "delete", "--id", &old.client_id]);
    }
    report("a rotation", times);
}

#[test]
fn a_changed_scope_by_command_is_in_force_at_every_server() {
    let two = Two::start();
    let key = two.create(&["--user", "admin", "--scope", "openid applications:read"]);
    let mut times = Vec::new();
    assert_eq!(
        two.ask(&key, FORM),
        (200, "openid applications:read".to_owned())
    );
    for round in 0..count(5, 200) {
        let scope = ["openid", "openid applications:read"][round % 2];
        two.run(&["client", "update", "--id", &key.client_id, "--scope", scope]);
        times.push(two.until(&key, FORM, 200, scope));
    }
    report("a changed scope", times);
}

#[test]
fn a_disabled_user_is_refused_at_every_server() {
    let two = Two::start();
    let key = two.create(&["--user", "admin", "--scope", "openid"]);
    let login = [
        "--login",
        "second",
        "--role",
        "administrator",
        "--password-stdin",
    ];
    let password = "correct horse battery";
    let create = [&["user", "create"][..], &login].concat();
    assert!(
        crate::support::cli(two.path(), &two.url, &create, password)
            .status
            .success()
    );
    let mut times = Vec::new();
    for _ in 0..count(3, 200) {
        token(&two.other, &key);
        two.run(&["user", "disable", "--login", "admin"]);
        times.push(two.until(&key, FORM, 401, "invalid_client"));
        two.run(&["user", "enable", "--login", "admin"]);
        two.until(&key, FORM, 200, "openid");
    }
    report("a disabled user", times);
}

#[test]
fn what_one_server_changes_is_in_force_there_at_once_and_at_the_other_soon() {
    let two = Two::start();
    let writer = two.create(&[
        "--user",
        "admin",
        "--scope",
        "applications:read applications:write",
    ]);
    let writes = token(&two.one, &writer);
    let mut times = Vec::new();
    for round in 0..count(5, 200) {
        let made = two
            .one
            .send(&create_application(&writes, &format!("a{round}")));
        assert_eq!(made.status, 200, "{}", made.text());
        let uri = made.json()["uri"].as_str().unwrap().to_owned();
        let path = format!(
            "/console/api/v2/applications/{}",
            made.json()["id"].as_str().unwrap()
        );
        // What was made is there at once, since nobody knew better.
        let find = Request::new("GET", &path).bearer(&writes);
        assert_eq!(two.other.send(&find).json(), made.json());
        let client = two.create(&["--service", "x", "--audience", &uri]);
        let resource: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        let form = format!("{FORM}&resource={resource}");
        assert_eq!(two.ask(&client, &form), (200, String::new()));
        assert_eq!(two.one.send(&token_request(&client, &form)).status, 200);

        let delete = Request::new("DELETE", &path).bearer(&writes);
        assert_eq!(two.one.send(&delete).status, 200);
        let began = Instant::now();
        let here = two.one.send(&token_request(&client, &form));
        assert_eq!(
            (here.status, here.json()["error"].clone()),
            (400, "invalid_target".into())
        );
        two.until(&client, &form, 400, "invalid_target");
        times.push(began.elapsed());
    }
    report("an application deleted through the other server", times);
}

#[test]
fn a_users_access_that_one_server_changes_is_soon_that_at_the_other() {
    let two = Two::start();
    let key = two.create(&[
        "--user",
        "admin",
        "--scope",
        "openid applications:read applications:write",
    ]);
    let writes = token(&two.one, &key);
    let call = |method: &str, path: &str, body: Option<Value>| {
        let path = format!("/console/api/v2{path}");
        let request = match body {
            Some(body) => Request::json(method, &path, &body),
            None => Request::new(method, &path),
        };
        let answer = two.one.send(&request.bearer(&writes));
        assert!(answer.status < 300, "{}", answer.text());
        answer
    };
    let me = call("GET", "/me", None).json();
    let made = two.one.send(&create_application(&writes, "crm")).json();
    let users = format!("/applications/{}/users", made["id"].as_str().unwrap());
    let resource = made["uri"].as_str().unwrap().as_bytes();
    let resource: String = url::form_urlencoded::byte_serialize(resource).collect();
    let form = format!("{FORM}&resource={resource}");
    let user = json!({"user-list-id": me["user-list-id"], "user-id": me["id"]});
    let with = |name: &str, value: Value| {
        let mut body = user.clone();
        body[name] = value;
        Some(body)
    };
    let one = format!(
        "{users}/{}/{}",
        me["user-list-id"].as_str().unwrap(),
        me["id"].as_str().unwrap()
    );
    let access = format!("{users}/change-token-access");
    let (gets, gets_none) = ((200, String::new()), (400, "invalid_target".to_owned()));
    assert_eq!(two.ask(&key, &form), gets_none);
    let mut times = Vec::new();
    for _ in 0..count(3, 200) {
        // What is given is there at once everywhere: before a refusal the database is asked.
        call("POST", &users, with("presentation", json!("Admin")));
        assert_eq!(two.ask(&key, &form), gets);
        call("PUT", &access, with("enable-access", json!(false)));
        times.push(two.until(&key, &form, 400, "invalid_target"));
        call("PUT", &access, with("enable-access", json!(true)));
        assert_eq!(two.ask(&key, &form), gets);
        call("DELETE", &one, None);
        times.push(two.until(&key, &form, 400, "invalid_target"));
    }
    report("a user cut off from an application", times);
}
