//! An id_token as a Bearer token: its own claims, and the object in its `sub`.

use mintmark::model::scope::Role;

use super::claims::refuse_every_shape;
use super::forge::{Forge, Members};
use super::{REFUSED, assert_refused, assert_taken};
use crate::support::{TestApp, settings};

fn setup() -> (TestApp, Forge) {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let forge = Forge::new(&app, &key);
    assert_taken(&app, &forge.id(&forge.id_claims()), "the right one");
    (app, forge)
}

/// An id_token whose subject is this text.
fn about(forge: &Forge, subject: &str) -> String {
    forge.id(&forge.id_claims().set("sub", subject))
}

#[test]
fn a_claim_that_is_absent_mistyped_or_there_twice_is_refused() {
    let (app, forge) = setup();
    refuse_every_shape(&app, &forge.id_claims(), |claims| forge.id(claims));
}

#[test]
fn a_subject_that_is_not_the_object_that_we_write_is_refused() {
    let (app, forge) = setup();
    let right = forge.subject();
    let owner = forge.client.owner.unwrap().to_string();
    assert_taken(
        &app,
        &about(&forge, &format!(" {} ", right.text())),
        "spaces",
    );
    let identity = right.raw("auth-identity");
    for subject in [
        String::new(),
        " ".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        owner.clone(),
        format!("\"{owner}\""),
        forge.client.id.to_string(),
        format!("[{}]", right.text()),
        format!("{}{}", right.text(), right.text()),
        format!("{}\u{0}", right.text()),
        right.and_raw("role", "\"administrator\"").text(),
        "[".repeat(3000),
        right.and_raw("x", &"[".repeat(3000)).text(),
        right
            .set_raw(
                "auth-identity",
                &format!("{}1{}", "[".repeat(900), "]".repeat(900)),
            )
            .text(),
        format!("[{:?},{:?},\"admin\",{identity}]", owner, owner),
    ] {
        assert_refused(&app, &about(&forge, &subject), &subject);
    }
    for name in right.names() {
        let without = right.without(&name).text();
        assert_refused(&app, &about(&forge, &without), &without);
        let twice = right.and_raw(&name, &right.raw(&name)).text();
        assert_refused(&app, &about(&forge, &twice), &twice);
        for raw in ["null", "7", "true", "[]", "{}", "[\"x\"]"] {
            let mistyped = right.set_raw(&name, raw).text();
            assert_refused(&app, &about(&forge, &mistyped), &mistyped);
        }
    }
}

#[test]
fn a_subject_under_another_identity_is_refused() {
    let (app, forge) = setup();
    let id = forge.client.id.as_str();
    let other = app.create_key("admin", "openid applications:read");
    let right = forge.subject();
    let pair =
        |name: &str, domain: &str| format!("{{\"name\":\"{name}\",\"domain\":\"{domain}\"}}");
    for identity in [
        pair(id, "users"),
        pair(id, "USER_TOKENS"),
        pair(id, ""),
        pair("admin", "user_tokens"),
        pair("", "user_tokens"),
        pair(&other.client_id, "user_tokens"),
        format!("{{\"name\":\"{id}\"}}"),
        "{\"domain\":\"user_tokens\"}".to_owned(),
        format!("{{\"name\":[\"{id}\"],\"domain\":\"user_tokens\"}}"),
        format!("{{\"name\":\"{id}\",\"name\":\"{id}\",\"domain\":\"user_tokens\"}}"),
        format!("{{\"name\":\"{id}\",\"domain\":\"user_tokens\",\"x\":1}}"),
        format!("[\"{id}\",\"user_tokens\"]"),
    ] {
        let subject = right.set_raw("auth-identity", &identity).text();
        assert_refused(&app, &about(&forge, &subject), &identity);
    }
}

#[test]
fn an_id_token_for_another_client_or_user_is_refused() {
    let (app, forge) = setup();
    let member = app.create_user("member", Role::Member);
    let theirs = app.create_key("member", "openid applications:read");
    let service = app.create_service("applications:read");
    let console = format!("{}/console/api/v2", forge.issuer);
    let right = forge.id_claims();
    for aud in [
        "",
        "nobody",
        &console,
        &forge.issuer,
        &theirs.client_id,
        &service.client_id,
    ] {
        let token = forge.id(&right.set("aud", aud));
        assert_refused(&app, &token, &format!("aud {aud}"));
    }
    // The audience and the identity agree, but the client is not this user's.
    for client_id in [
        theirs.client_id.as_str(),
        service.client_id.as_str(),
        "nobody",
        ":",
    ] {
        let identity = format!("{{\"name\":\"{client_id}\",\"domain\":\"user_tokens\"}}");
        let subject = forge.subject().set_raw("auth-identity", &identity);
        let claims = right.set("aud", client_id).set("sub", subject.text());
        assert_refused(&app, &forge.id(&claims), client_id);
    }
    for user in [
        member.id.to_string(),
        "00000000-0000-0000-0000-000000000000".to_owned(),
        "admin".to_owned(),
        String::new(),
    ] {
        let subject = forge.subject().set("user-id", user.as_str()).text();
        assert_refused(&app, &about(&forge, &subject), &user);
    }
}

#[test]
fn the_values_of_an_id_token_must_be_ours_as_well() {
    let (app, forge) = setup();
    let right = forge.id_claims();
    let refuse = |wrong: Members, what: &str| assert_refused(&app, &forge.id(&wrong), what);
    refuse(right.set("iss", "https://evil.example"), "iss");
    refuse(right.set("iss", format!("{}/", forge.issuer)), "iss/");
    refuse(right.set("at_hash", ""), "at_hash");
    refuse(right.set("jti", ""), "jti");
    refuse(right.set("jti", "x".repeat(65)), "long jti");
    refuse(right.set("scope", "openid all"), "scope");
    refuse(right.set("gen", 0), "gen");
    refuse(right.set("exp", forge.now + 3601), "exp");
    refuse(right.set("iat", forge.now + 11), "iat");
}

#[test]
fn id_tokens_can_be_refused_altogether() {
    let mut settings = settings();
    settings.accept_id_tokens = false;
    let app = TestApp::with(settings);
    let key = app.create_key("admin", "openid applications:read");
    let tokens = app.token(&key);
    assert_taken(&app, &tokens.access_token, "the access token");
    let refused = app.get(super::ME, &tokens.id_token.unwrap());
    assert_eq!(refused.whole(), REFUSED);
}
