//! Secrets, tokens and headers never reach the log, wherever a caller puts them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::everything;
use crate::support::{Credentials, Process, Request, TestDatabase, basic, cli, send};

/// A secret of another system, with all that could be read or written in two ways.
const IMPORTED: &str = r#"Q7h"w+k%2Bv\z=9<XyPq4mRtLs8nJd3KfZaBcVeGh5Tu"#;
const IMPORTED_ID: &str = "panel=7";
const COOKIE: &str = "session=Wd9kQe7rTy2uIo4pLk6jHg";
const FORM: &str = "grant_type=client_credentials";

/// What must not be found, in every form in which it could be.
#[derive(Default)]
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    pub fn add(&mut self, secret: &str) {
        self.0.push(secret.to_owned());
        let runs = secret.split(|c: char| !c.is_ascii_alphanumeric());
        self.0
            .extend(runs.filter(|run| run.len() >= 12).map(str::to_owned));
        let percent: String = secret.bytes().map(|b| format!("%{b:02X}")).collect();
        self.0.extend([percent.to_lowercase(), percent]);
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.0.push(form);
        // In Base64 a text looks different at each of three places; its ends depend on what
        // stands beside it.
        for before in 0..3 {
            let padded = [&vec![b' '; before][..], secret.as_bytes()].concat();
            for text in [STANDARD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
                let text = text.trim_end_matches('=');
                self.0.push(text[4..text.len() - 2].to_owned());
            }
        }
    }

    pub fn assert_not_in(&self, lines: &[String]) {
        assert!(self.0.len() > 50);
        for line in lines {
            let found = self.0.iter().find(|hidden| line.contains(hidden.as_str()));
            assert!(found.is_none(), "{found:?} stands in {line}");
        }
    }
}

struct Loot {
    key: Credentials,
    imported: Credentials,
    access_token: String,
    id_token: String,
    hidden: Hidden,
}

fn prepare(process: &Process, database_url: &str) -> Loot {
    let import = [
        "client",
        "import",
        "--id",
        IMPORTED_ID,
        "--secret-stdin",
        "--user",
        "admin",
    ];
    let imported = cli(&process.folder, database_url, &import, IMPORTED);
    assert!(imported.status.success(), "{imported:?}");
    let key = process.first_key();
    let request =
        Request::token(FORM).header("authorization", &basic(&key.client_id, &key.client_secret));
    let answer = process.send(&request).json();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let (access_token, id_token) = (text("access_token"), text("id_token"));
    let mut hidden = Hidden::default();
    hidden.add(&key.client_secret);
    hidden.add(IMPORTED);
    hidden.add(COOKIE.split_once('=').unwrap().1);
    hidden.add(&access_token);
    hidden.add(&id_token);
    let first = std::fs::read_to_string(process.folder.join("keys/first-start.txt")).unwrap();
    let password = first
        .lines()
        .find_map(|line| line.trim().strip_prefix("password:"));
    hidden.add(password.unwrap().trim());
    let imported = Credentials {
        client_id: IMPORTED_ID.to_owned(),
        client_secret: IMPORTED.to_owned(),
    };
    for key in [&key, &imported] {
        hidden.add(basic(&key.client_id, &key.client_secret).split_at(6).1);
    }
    Loot {
        key,
        imported,
        access_token,
        id_token,
        hidden,
    }
}

/// Requests that succeed and that fail, with everything in every wrong place.
fn requests(loot: &Loot) -> Vec<Request> {
    let Loot { key, imported, .. } = loot;
    let mut all = Vec::new();
    for key in [key, imported] {
        let (id, secret) = (&key.client_id, &key.client_secret);
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let token = |form: &str| Request::token(form);
        let with = |name: &str, value: &str| token(FORM).header(name, value);
        all.extend([
            with("authorization", &basic(id, secret)),
            with("authorization", &basic(id, &form)),
            with("authorization", &basic(id, &format!("{secret}x"))),
            with("authorization", &basic(secret, secret)),
            with("authorization", &basic(&format!("{id}:{secret}"), "")),
            with("authorization", &format!("Basic {secret}")),
            with(
                "authorization",
                &format!("Basic {}", STANDARD.encode(secret)),
            ),
            with("authorization", &format!("Bearer {secret}")),
            with("authorization", secret),
            with("content-type", secret),
            with("content-encoding", secret),
            with("content-length", secret),
            with("transfer-encoding", secret),
            with("expect", secret),
            with("x-request-id", secret),
            with("x-forwarded-for", secret),
            with("user-agent", secret),
            with("host", secret),
            with(secret, "x"),
            with("cookie", COOKIE).header("authorization", &basic(id, secret)),
            token(&format!("{FORM}&client_id={id}&client_secret={form}")),
            token(&format!("{FORM}&client_id={form}&client_secret={form}")),
            token(&format!("{FORM}&client_id={form}&client_secret={form}"))
                .header("authorization", &basic(id, secret)),
            token(&format!("{FORM}&{form}={form}&{form}={form}")),
            token(&format!("grant_type={form}")).header("authorization", &basic(id, secret)),
            token(&format!("{FORM}&scope={form}")).header("authorization", &basic(id, secret)),
            token(&format!("{FORM}&resource={form}")).header("authorization", &basic(id, secret)),
            token(&format!("{FORM}&resource=https://a.example/{form}"))
                .header("authorization", &basic(id, secret)),
            Request::new(
                "POST",
                &format!("/console/sys/token?client_id={id}&client_secret={form}"),
            ),
            Request::new("GET", &format!("/console/sys/token/{form}")),
            Request::new("GET", &format!("/{form}")),
            Request::new("GET", &format!("//user:{form}@host/")),
            Request::new("GET", &format!("http://user:{form}@host/healthz")),
            Request::new("GET", secret),
            Request::new(secret, "/healthz"),
        ]);
        let applications = "/console/api/v2/applications";
        let bearer = &loot.access_token;
        all.extend([
            Request::new("GET", &format!("{applications}/{form}")).bearer(bearer),
            Request::new("DELETE", &format!("{applications}/{form}")).bearer(bearer),
            Request::new("GET", &format!("{applications}?result={form}&{form}=1")).bearer(bearer),
            Request::json("POST", applications, &json!({ secret: secret })).bearer(bearer),
            Request::json("POST", applications, &json!(secret)).bearer(bearer),
            Request::new("GET", "/console/api/v2/me").bearer(secret),
        ]);
    }
    for token in [&loot.access_token, &loot.id_token] {
        let me = "/console/api/v2/me";
        let broken = format!("{}x", token);
        all.extend([
            Request::new("GET", me).bearer(token),
            Request::new("GET", me).bearer(&broken),
            Request::new("GET", me).bearer(token).bearer(token),
            Request::new("GET", me).header("authorization", token),
            Request::new("GET", me).header("cookie", &format!("token={token}")),
            Request::new("GET", &format!("{me}?access_token={token}")),
            Request::new("GET", &format!("{me}?access_token={token}")).bearer(token),
            Request::new("GET", &format!("{me}/{token}")).bearer(token),
            Request::new("GET", &format!("/{token}")),
            Request::new("GET", &format!("/console/api/v2/applications/{token}")).bearer(token),
            Request::token(&format!("{FORM}&client_id={token}&client_secret={token}")),
            Request::token(FORM).bearer(token),
            Request::new("GET", me)
                .bearer(token)
                .header("if-none-match", token),
        ]);
    }
    all
}

#[test]
fn no_secret_reaches_the_log_in_any_format_at_any_level() {
    for format in ["json", "text"] {
        for level in ["info", "debug", "trace,actix_http=trace,mio=trace"] {
            let folder = tempfile::tempdir().unwrap();
            let database = TestDatabase::create();
            let args = ["--log-format", format, "--log-level", level];
            let process = Process::start(folder.path(), &database.url_text(), &args);
            let loot = prepare(&process, &database.url_text());
            let mut ids = Vec::new();
            for request in requests(&loot) {
                let answer = send(process.address, &request);
                assert!(answer.status < 500, "{request:?} {}", answer.text());
                ids.extend(answer.header("x-request-id").map(str::to_owned));
            }
            let lines = everything(&process);
            assert!(ids.len() > 80, "{}", ids.len());
            for id in &ids {
                assert!(
                    lines.iter().any(|line| line.contains(id)),
                    "no line of {id}"
                );
            }
            loot.hidden.assert_not_in(&lines);
            for header in ["Basic ", "Bearer e", "uthorization:", "ookie"] {
                let found = lines.iter().find(|line| line.contains(header));
                assert!(found.is_none(), "{found:?}");
            }
        }
    }
}

#[test]
fn the_password_of_a_database_is_not_logged_when_it_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://mintmark:Jk8sWq3nVb6xZr1c@127.0.0.1:1/mintmark";
    let said = Process::try_start(folder.path(), url, &["--log-level", "trace"]).err();
    let said = said.expect("nothing listens there");
    assert!(said.contains("unavailable"), "{said}");
    assert!(!said.contains("Jk8sWq3nVb6xZr1c"), "{said}");
}
