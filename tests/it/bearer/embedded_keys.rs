//! Keys and their addresses that travel in the header: never used, never fetched (RFC 8725
//! section 3.10).

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use openssl::x509::{X509, X509NameBuilder};
use serde_json::{Value, json};

use super::forge::{ACCESS, Forge, encode, rs};
use super::{assert_refused, assert_taken};
use crate::support::TestApp;

fn jwk(key: &PKey<Private>) -> Value {
    let rsa = key.rsa().unwrap();
    let (n, e) = (encode(rsa.n().to_vec()), encode(rsa.e().to_vec()));
    let kid = encode(sha256(
        format!("{{\"e\":\"{e}\",\"kty\":\"RSA\",\"n\":\"{n}\"}}").as_bytes(),
    ));
    json!({"kty": "RSA", "use": "sig", "alg": "RS512", "kid": kid, "n": n, "e": e})
}

/// A certificate that a key signed for itself.
fn certificate(key: &PKey<Private>) -> X509 {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "mintmark.test").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(key).unwrap();
    let (begin, end) = (Asn1Time::days_from_now(0), Asn1Time::days_from_now(9));
    builder.set_not_before(&begin.unwrap()).unwrap();
    builder.set_not_after(&end.unwrap()).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build()
}

#[test]
fn a_key_that_travels_in_the_header_is_never_used() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let forge = Forge::new(&app, &key);
    let stranger = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let fetched_from = TcpListener::bind("127.0.0.1:0").unwrap();
    fetched_from.set_nonblocking(true).unwrap();
    let address = format!("http://{}/keys", fetched_from.local_addr().unwrap());
    let claims = encode(forge.access_claims().text());

    for signer in [&stranger, &forge.key] {
        let x5c = STANDARD.encode(certificate(signer).to_der().unwrap());
        let thumbprint = encode(sha256(&certificate(signer).to_der().unwrap()));
        let own_kid = jwk(signer)["kid"].to_string();
        let ours = forge.header(ACCESS);
        for (name, raw) in [
            ("jwk", jwk(signer).to_string()),
            ("jwk", "null".to_owned()),
            ("jku", format!("\"{address}\"")),
            ("jku", "\"file:///etc/passwd\"".to_owned()),
            ("x5u", format!("\"{address}\"")),
            ("x5c", format!("[\"{x5c}\"]")),
            ("x5t#S256", format!("\"{thumbprint}\"")),
        ] {
            let named = ours.set_raw("kid", &own_kid);
            for header in [&ours, &named, &ours.without("kid")] {
                let header = header.and_raw(name, &raw).text();
                let message = format!("{}.{claims}", encode(&header));
                let signature = rs(signer, MessageDigest::sha512(), &message);
                let token = format!("{message}.{}", encode(signature));
                assert_refused(&app, &token, &header);
            }
        }
    }
    // A stranger's signature under our key's name, and nothing else wrong.
    let header = forge.header(ACCESS).text();
    let message = format!("{}.{claims}", encode(header));
    let signature = rs(&stranger, MessageDigest::sha512(), &message);
    assert_refused(
        &app,
        &format!("{message}.{}", encode(signature)),
        "a stranger's",
    );

    let visited = fetched_from.accept().unwrap_err();
    assert_eq!(visited.kind(), ErrorKind::WouldBlock, "nothing is fetched");
    assert_taken(&app, &forge.access(&forge.access_claims()), "the right one");
}
