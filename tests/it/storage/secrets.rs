//! What somebody who holds a copy of the database can read: no key and no secret.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use serde_json::{Value, json};

use super::{create_client, run, token, token_request};
use crate::support::{Credentials, Process, Request, TestDatabase, cli};

/// Every row of every table as text, and for SQLite the bytes of its files.
fn dump(database: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    let mut dump = Vec::new();
    let Some(file) = database.file() else {
        let tables = "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'";
        for table in database.query(tables) {
            let rows = database.query(&format!("SELECT t::text AS text FROM \"{table}\" t"));
            dump.push((table, rows.join("\n").into_bytes()));
        }
        return dump;
    };
    for table in database.query("SELECT name AS text FROM sqlite_master WHERE type = 'table'") {
        let columns = database.query(&format!(
            "SELECT name AS text FROM pragma_table_info('{table}')"
        ));
        let quoted: Vec<String> = columns
            .iter()
            .map(|column| format!("quote(\"{column}\")"))
            .collect();
        let rows = format!(
            "SELECT {} AS text FROM \"{table}\"",
            quoted.join(" || ',' || ")
        );
        dump.push((table, database.query(&rows).join("\n").into_bytes()));
    }
    for end in ["", "-wal", "-shm"] {
        let name = format!("{}{end}", file.display());
        dump.push((name.clone(), std::fs::read(&name).unwrap()));
    }
    dump
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into_bytes()
}

/// What follows `name:` in the first start's file.
fn first(folder: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join("keys/first-start.txt")).unwrap();
    let line = text
        .lines()
        .find(|line| line.trim().starts_with(name))
        .unwrap();
    line.split_once(':').unwrap().1.trim().to_owned()
}

/// Secrets of a key that is made and rotated over HTTP. They stand in the answer that makes each,
/// and in no other.
fn over_http(folder: &Path, url: &str, server: &Process) -> [String; 2] {
    let admin = create_client(folder, url, &["--user", "admin"]);
    let admin = token(server, &admin);
    let call = |request: Request| server.send(&request.bearer(&admin));
    let me = call(Request::new("GET", "/console/api/v2/me")).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (list, user) = (text(&me["user-list-id"]), text(&me["id"]));
    let keys = format!("/console/api/v2/user-lists/{list}/users/{user}/access-tokens");
    let made = call(Request::json(
        "POST",
        &keys,
        &json!({"description": "over HTTP"}),
    ))
    .json();
    let key = format!("{keys}/{}", text(&made["client-id"]));
    let rotate = format!("{key}/rotate");
    let rotated = call(Request::json("POST", &rotate, &json!({}))).json();
    let secrets = [
        text(&made["client-secret"]),
        text(&rotated["client-secret"]),
    ];
    let third = call(Request::json("POST", &rotate, &json!({})));
    assert_eq!(third.status, 400);
    let renamed = call(Request::json("PATCH", &key, &json!({"description": "new"})));
    let answers = [
        third,
        renamed,
        call(Request::new("GET", &key)),
        call(Request::new("GET", &keys)),
    ];
    for secret in &secrets {
        for answer in &answers {
            assert!(!answer.text().contains(secret), "{}", answer.text());
        }
    }
    secrets
}

#[test]
fn no_private_key_and_no_secret_is_readable_in_a_dump_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    let path = folder.path();
    let server = Process::start(path, &url, &[]);

    let password = "a password that is told to nobody";
    let users: [&[&str]; 2] = [
        &["user", "create", "--login", "second", "--password-stdin"],
        &[
            "user",
            "set-password",
            "--login",
            "second",
            "--password-stdin",
        ],
    ];
    for args in users {
        assert!(cli(path, &url, args, password).status.success());
    }
    let imported = Credentials {
        client_id: "imported".to_owned(),
        client_secret: "the+secret%20that/was=brought&along!!".to_owned(),
    };
    let args = [
        "client",
        "import",
        "--id",
        "imported",
        "--service",
        "x",
        "--scope",
        "users:read",
        "--secret-stdin",
    ];
    assert!(
        cli(path, &url, &args, &imported.client_secret)
            .status
            .success()
    );
    let key = create_client(
        path,
        &url,
        &["--user", "admin", "--scope", "openid applications:write"],
    );
    let rotated = run(path, &url, &["client", "rotate", "--id", &key.client_id]);
    let tried = Credentials {
        client_id: key.client_id.clone(),
        client_secret: "a secret that was tried and is wrong".to_owned(),
    };
    let refused = server.send(&token_request(&tried, "grant_type=client_credentials"));
    assert_eq!(refused.status, 401);
    let issued = [token(&server, &key), token(&server, &imported)];
    let made = server.send(&super::create_application(&issued[0], "billing"));
    assert_eq!(made.status, 200);
    let over_http = over_http(path, &url, &server);
    // The refusal is written with the next batch.
    let refusals = "SELECT details AS text FROM audit_events WHERE kind = 'token.refused'";
    super::until("the refusal is written", || {
        database.query(refusals).len() == 1
    });

    let mut secrets: Vec<Vec<u8>> = vec![
        first(path, "password:").into_bytes(),
        first(path, "client_secret:").into_bytes(),
        password.into(),
        imported.client_secret.into_bytes(),
        key.client_secret.into_bytes(),
        rotated["client_secret"].as_str().unwrap().into(),
        tried.client_secret.into_bytes(),
        b"mms_".to_vec(),
    ];
    secrets.extend(over_http.into_iter().map(String::into_bytes));
    for token in &issued {
        secrets.push(token.clone().into_bytes());
        secrets.extend(token.split('.').map(|part| part.as_bytes().to_vec()));
    }
    // The master key, as it stands in its file and as it is.
    let line = std::fs::read_to_string(path.join("keys/master.key")).unwrap();
    let bytes = STANDARD.decode(line.trim_end()).unwrap();
    secrets.extend([
        line.trim_end().into(),
        URL_SAFE_NO_PAD.encode(&bytes).into(),
        hex(&bytes),
        bytes,
    ]);
    // Private keys as PEM or as PKCS #8, whose header names rsaEncryption (RFC 8017, appendix A),
    // in bytes, in hexadecimal, and in Base64 from each of the three places that it can start at.
    secrets.extend([b"PRIVATE".to_vec(), b"-----BEGIN".to_vec()]);
    let rsa = [
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    ];
    let base64 = |skip: usize| STANDARD.encode(&rsa[skip..skip + 6]).into_bytes();
    secrets.extend([rsa.to_vec(), hex(&rsa), base64(0), base64(1), base64(2)]);

    let dump = dump(&database);
    let found = |wanted: &[u8]| dump.iter().any(|(_, bytes)| holds(bytes, wanted));
    for secret in &secrets {
        for (place, bytes) in &dump {
            let shown = String::from_utf8_lossy(secret);
            assert!(!holds(bytes, secret), "{shown} stands in {place}");
        }
    }
    // What is looked for would be found: these are there, and are no secrets.
    for open in [
        key.client_id.as_str(),
        "$argon2id$",
        "billing",
        "wrong secret",
        "signing_keys",
    ] {
        assert!(found(open.as_bytes()) || open == "signing_keys", "{open}");
    }
    let kids = database.query("SELECT kid AS text FROM signing_keys");
    assert!(kids.len() == 2 && kids.iter().all(|kid| found(kid.as_bytes())));
}
