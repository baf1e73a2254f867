//! Claims of an access token: each there, of its type, and ours (RFC 9068 section 4).

use super::forge::{ACCESS, Forge, Members};
use super::{APPLICATIONS, assert_refused, assert_taken};
use crate::support::{Credentials, TestApp};
use mintmark::model::scope::Role;
use mintmark::store::user_lists;
use serde_json::json;

fn setup() -> (TestApp, Credentials, Forge) {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let forge = Forge::new(&app, &key);
    assert_taken(&app, &forge.access(&forge.access_claims()), "the right one");
    (app, key, forge)
}

/// Refuses the token whose claim has each of these values.
fn refuse(app: &TestApp, forge: &Forge, name: &str, values: &[&str]) {
    for value in values {
        let claims = forge.access_claims().set(name, *value);
        assert_refused(app, &forge.access(&claims), &format!("{name}: {value:?}"));
    }
}

/// Every other type than a text, as raw JSON.
pub fn not_a_text(right: &str) -> Vec<String> {
    let array = format!("[{right}]");
    let object = format!("{{\"value\":{right}}}");
    let others = ["null", "true", "0", "7", "1.5", "[]", "{}", &array, &object];
    others.map(str::to_owned).to_vec()
}

/// Every other type than a whole number that fits, as raw JSON.
pub fn not_a_number(right: &str) -> Vec<String> {
    let others = [
        "null",
        "true",
        "\"\"",
        "[]",
        "{}",
        "1e400",
        "1e10",
        "NaN",
        "9223372036854775808",
        "-9223372036854775809",
        &format!("\"{right}\""),
        &format!("{right}.0"),
        &format!("{right}.5"),
        &format!("{right}e0"),
        &format!("0{right}"),
        &format!("[{right}]"),
    ];
    others.map(str::to_owned).to_vec()
}

/// Every claim but the scope of an access token: absent. All: of every wrong type, there twice; and one that is not ours.
pub fn refuse_every_shape(app: &TestApp, right: &Members, token: impl Fn(&Members) -> String) {
    for name in right.names() {
        let value = right.raw(&name);
        let may_be_absent = name == "scope" && right.names().contains(&"client_id".to_owned());
        if !may_be_absent {
            assert_refused(app, &token(&right.without(&name)), &format!("no {name}"));
        }
        let others = match value.starts_with('"') {
            true => not_a_text(&value),
            false => not_a_number(&value),
        };
        for other in others {
            let wrong = right.set_raw(&name, &other);
            assert_refused(app, &token(&wrong), &format!("{name}: {other}"));
        }
        let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
        for twin in [&name, &escaped] {
            for value in [&value, &"null".to_owned()] {
                let twice = right.and_raw(twin, value);
                assert_refused(app, &token(&twice), &format!("{twin} twice"));
            }
        }
    }
    for (name, raw) in [
        ("nbf", "0"),
        ("admin", "true"),
        ("roles", "[\"administrator\"]"),
        ("cnf", "{\"jkt\":\"x\"}"),
        ("x", "{\"a\":1,\"a\":1}"),
        ("x", "{\"b\":[{\"a\":1,\"a\":1}]}"),
    ] {
        assert_refused(app, &token(&right.and_raw(name, raw)), name);
    }
}

#[test]
fn a_claim_that_is_absent_mistyped_or_there_twice_is_refused() {
    let (app, _, forge) = setup();
    refuse_every_shape(&app, &forge.access_claims(), |claims| forge.access(claims));
}

/// Nothing was granted: the claim is absent, or empty as release 0.1 wrote it. Such a token reaches what
/// needs no scope, and nothing else.
#[test]
fn a_token_without_a_scope_is_taken_with_and_without_the_claim() {
    let (app, _, forge) = setup();
    let right = forge.access_claims();
    for (what, claims) in [
        ("without the claim", right.without("scope")),
        ("with an empty one", right.set("scope", "")),
    ] {
        let token = forge.access(&claims);
        let me = app.get("/console/api/v2/me", &token);
        assert_eq!(me.status, 200, "{what}: {}", me.text());
        let refused = app.get(APPLICATIONS, &token);
        assert_eq!(refused.status, 403, "{what}: {}", refused.text());
    }
    let id_claims = forge.id_claims();
    assert_taken(&app, &forge.id(&id_claims), "the right id_token");
    // An id_token is issued for `openid` alone, so that it always has a scope.
    assert_refused(&app, &forge.id(&id_claims.without("scope")), "no scope");
}

#[test]
fn claims_of_another_issuer_or_audience_are_refused() {
    let (app, _, forge) = setup();
    let issuer = &forge.issuer;
    let localhost = issuer.replace("127.0.0.1", "localhost");
    let https = issuer.replace("http:", "https:");
    let capitals = issuer.to_uppercase();
    refuse(
        &app,
        &forge,
        "iss",
        &[
            "",
            &format!("{issuer}/"),
            &format!(" {issuer}"),
            &localhost,
            &https,
            &capitals,
            "https://evil.example",
            "https://mintmark.test",
        ],
    );
    let audience = format!("{issuer}/console/api/v2");
    refuse(
        &app,
        &forge,
        "aud",
        &[
            "",
            issuer,
            &format!("{audience}/"),
            &format!("{audience}/me"),
            &audience.to_uppercase(),
            &format!("{issuer}/applications/crm"),
            &format!("{audience} {issuer}"),
            forge.client.id.as_str(),
        ],
    );
    let both = json!([audience, issuer]);
    let claims = forge.access_claims().set("aud", both);
    assert_refused(&app, &forge.access(&claims), "two audiences");
}

#[test]
fn claims_about_another_subject_or_client_are_refused() {
    let (app, _, forge) = setup();
    let member = app.create_user("member", Role::Member);
    let theirs = app.create_key("member", "openid applications:read");
    let service = app.create_service("applications:read");
    let owner = forge.client.owner.unwrap().to_string();
    refuse(
        &app,
        &forge,
        "sub",
        &[
            "",
            "admin",
            forge.client.id.as_str(),
            &service.client_id,
            &member.id.to_string(),
            "00000000-0000-0000-0000-000000000000",
            &owner.replace('-', ""),
            &format!("{{{owner}}}"),
            &format!("{owner} "),
            &forge.subject().text(),
        ],
    );
    refuse(
        &app,
        &forge,
        "client_id",
        &[
            "",
            ":",
            "nobody",
            &theirs.client_id,
            &service.client_id,
            &owner,
            &format!("{} ", forge.client.id),
            &"x".repeat(257),
        ],
    );
}

#[test]
fn a_service_clients_token_is_about_itself_alone() {
    let (app, ..) = setup();
    let service = app.create_service("applications:read");
    let other = app.create_service("applications:read");
    let forge = Forge::new(&app, &service);
    let right = forge.access_claims();
    assert_eq!(app.get(APPLICATIONS, &forge.access(&right)).status, 200);
    let admin = app.client(&app.first).owner.unwrap().to_string();
    refuse(&app, &forge, "sub", &["", &other.client_id, &admin]);
    refuse(&app, &forge, "client_id", &["", &other.client_id, &admin]);
}

#[test]
fn a_jti_scope_or_generation_that_we_never_write_is_refused() {
    let (app, _, forge) = setup();
    refuse(&app, &forge, "jti", &["", &"x".repeat(65)]);
    refuse(
        &app,
        &forge,
        "scope",
        &[
            " ",
            "all",
            "OPENID",
            "openid ",
            " openid",
            "openid  applications:read",
            "openid\tapplications:read",
            "openid,applications:read",
        ],
    );
    let right = forge.access_claims();
    let generation: i64 = right.raw("gen").parse().unwrap();
    for other in [generation - 1, generation + 1, 0, -1, i64::MIN, i64::MAX] {
        let wrong = right.set("gen", other);
        assert_refused(&app, &forge.access(&wrong), &format!("gen {other}"));
    }
}

#[test]
fn claims_that_are_no_object_or_are_nested_deeply_are_refused() {
    let (app, _, forge) = setup();
    let right = forge.access_claims();
    let text = right.text();
    let header = forge.header(ACCESS).text();
    let values: Vec<String> = right.names().iter().map(|n| right.raw(n)).collect();
    let deep = |open: &str, close: &str, times: usize| {
        format!("{}1{}", open.repeat(times), close.repeat(times))
    };
    for payload in [
        String::new(),
        "null".to_owned(),
        "7".to_owned(),
        "[]".to_owned(),
        format!("[{text}]"),
        format!("[{}]", values.join(",")),
        format!("{text}{text}"),
        format!("{text} 1"),
        text.replacen('}', ",}", 1),
        format!("\u{feff}{text}"),
        format!("{text}\u{0}"),
        "[".repeat(5000),
        deep("{\"a\":", "}", 800),
        right.and_raw("x", &deep("[", "]", 2000)).text(),
        right.and_raw("x", &deep("{\"a\":", "}", 700)).text(),
        right.set_raw("scope", &deep("[", "]", 2000)).text(),
    ] {
        assert_refused(&app, &forge.sign(&header, &payload), &payload);
    }
    assert_taken(&app, &forge.access(&right), "the right one");
}

#[test]
fn an_access_token_for_an_application_is_no_use_here() {
    let (app, key, _) = setup();
    let writer = app.create_key("admin", "applications:write");
    let list = app.app.read(user_lists::find_first);
    let body = json!({
        "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
        "display-name": "CRM",
        "publication-context": "crm",
        "development-mode": false,
        "user-lists": [list.unwrap().unwrap().id.to_string()],
    });
    let writing = app.token(&writer).access_token;
    let request = crate::support::Request::json("POST", APPLICATIONS, &body).bearer(&writing);
    let made = app.send(request).json();
    let form = format!(
        "grant_type=client_credentials&resource={}",
        made["uri"].as_str().unwrap()
    );
    let tokens = app.token_for(&key, &form);
    assert_eq!(tokens.answer.get("scope"), None);
    assert_refused(&app, &tokens.access_token, "for an application");
    // Not even with every scope in it.
    let forge = Forge::new(&app, &key);
    let claims = forge.access_claims().set("aud", made["uri"].clone());
    assert_refused(&app, &forge.access(&claims), "forged for an application");
}
