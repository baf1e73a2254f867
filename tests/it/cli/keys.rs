//! `key list`: the signing keys, and their public halves for verifiers that read no key set.

use openssl::pkey::PKey;
use openssl::sign::Verifier;

use serde_json::json;

use super::Shell;
use crate::support::Request;

#[test]
fn the_public_halves_are_shown_as_pem_with_their_kid() {
    let shell = Shell::new();
    let jwks = shell
        .app
        .send(Request::new("GET", "/.well-known/jwks.json"))
        .json();
    let published = jwks["keys"].as_array().unwrap();
    let keys = shell.json(&["key", "list", "--pem"], "");
    let keys = keys.as_array().unwrap();
    assert_eq!(keys.len(), published.len());
    let text = shell.text(&["key", "list", "--pem"], "");
    for key in keys {
        let member = |name: &str| key[name].as_str().unwrap();
        let (kid, pem) = (member("kid"), member("pem"));
        assert!(published.iter().any(|key| key["kid"] == kid), "{kid}");
        assert!(!pem.contains("PRIVATE"), "{pem}");
        PKey::public_key_from_pem(pem.as_bytes()).unwrap();
        // As text, the file can be used as it is.
        let shown = format!("kid: {kid}\nstate: {}\n{}", member("state"), pem.trim_end());
        assert!(text.contains(&shown), "{text}");
    }
    let states: Vec<&str> = keys
        .iter()
        .map(|key| key["state"].as_str().unwrap())
        .collect();
    assert!(
        states.contains(&"active") && states.contains(&"next"),
        "{states:?}"
    );

    // The active one verifies a token.
    let active = keys.iter().find(|key| key["state"] == "active").unwrap();
    let key = PKey::public_key_from_pem(active["pem"].as_str().unwrap().as_bytes()).unwrap();
    let token = shell.app.token(&shell.app.first).access_token;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut verifier = Verifier::new(openssl::hash::MessageDigest::sha512(), &key).unwrap();
    let signature =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature);
    let is_right = verifier.verify_oneshot(&signature.unwrap(), signed.as_bytes());
    assert!(is_right.unwrap());

    let plain = shell.text(&["key", "list"], "");
    assert!(!plain.contains("BEGIN"), "{plain}");
}

#[test]
fn the_signing_keys_are_listed_as_they_are_published() {
    let shell = Shell::new();
    let jwks = shell.app.get("/.well-known/jwks.json", "").json();
    let kid = |at: usize| jwks["keys"][at]["kid"].clone();
    let mut listed = shell.json(&["key", "list"], "");
    let listed = listed.as_array_mut().unwrap();
    listed.sort_by_key(|key| key["state"].to_string());
    assert_eq!(listed.len(), 2);
    let at = listed[0]["published_at"].clone();
    let key = |kid: serde_json::Value, state: &str, activated_at: serde_json::Value| json!({"kid": kid, "state": state, "bits": 2048, "published_at": at, "activated_at": activated_at});
    assert_eq!(listed[0], key(kid(0), "active", at.clone()));
    assert_eq!(listed[1], key(kid(1), "next", json!(null)));
    let table = shell.text(&["key", "list"], "");
    assert_eq!(table.lines().count(), 3);
    assert!(!table.contains("sealed"));
}
