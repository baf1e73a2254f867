//! Headers that are not ours: algorithm, key id, type, extensions (RFC 7515 section 4, RFC 8725).

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};

use super::forge::{ACCESS, Forge, ID, encode, rs};
use super::{assert_refused, assert_taken};
use crate::support::{Request, TestApp};

fn setup() -> (TestApp, Forge) {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let forge = Forge::new(&app, &key);
    (app, forge)
}

/// A token of a header and a signature that anybody chose; the claims are right.
fn with_signature(forge: &Forge, header: &str, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let claims = forge.access_claims().text();
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = sign(&message);
    format!("{message}.{}", encode(signature))
}

#[test]
fn a_token_that_is_right_in_every_part_is_taken() {
    let (app, forge) = setup();
    assert_taken(&app, &forge.access(&forge.access_claims()), "access token");
    assert_taken(&app, &forge.id(&forge.id_claims()), "id_token");
    // The order of the members and white space between them mean nothing.
    let header = format!(
        " {{ \"kid\" : {} , \"alg\":\"RS512\",\n\"typ\":\"at+jwt\" }} ",
        forge.header(ACCESS).raw("kid")
    );
    let claims = forge.access_claims().text();
    assert_taken(&app, &forge.sign(&header, &claims), "another layout");
}

#[test]
fn no_algorithm_but_rs512_is_taken_whatever_signature_stands_there() {
    let (app, forge) = setup();
    let right = |m: &str| rs(&forge.key, MessageDigest::sha512(), m);
    for typ in [ACCESS, ID] {
        for alg in [
            "none",
            "None",
            "NONE",
            "nOnE",
            "",
            "HS256",
            "HS384",
            "HS512",
            "RS256",
            "RS384",
            "PS256",
            "PS512",
            "ES256",
            "ES512",
            "EdDSA",
            "RSA1_5",
            "RSA-OAEP",
            "dir",
            "rs512",
            "Rs512",
            "RS512 ",
            " RS512",
            "RS512\u{0}",
            "RSA-SHA512",
        ] {
            let header = forge.header(typ).set("alg", alg).text();
            assert_refused(&app, &with_signature(&forge, &header, right), alg);
        }
        for raw in ["null", "512", "true", "[\"RS512\"]", "{\"RS512\":1}"] {
            let header = forge.header(typ).set_raw("alg", raw).text();
            assert_refused(&app, &with_signature(&forge, &header, right), raw);
        }
        let header = forge.header(typ).without("alg").text();
        assert_refused(&app, &with_signature(&forge, &header, right), "absent");
    }
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let (app, forge) = setup();
    let claims = encode(forge.access_claims().text());
    for alg in ["none", "RS512"] {
        let header = encode(forge.header(ACCESS).set("alg", alg).text());
        for token in [
            format!("{header}.{claims}."),
            format!("{header}.{claims}"),
            format!("{header}.{claims}.{}", encode([0])),
            format!("{header}.{claims}.{}", encode([0; 256])),
        ] {
            assert_refused(&app, &token, alg);
        }
    }
}

#[test]
fn the_public_key_is_no_secret_of_an_hmac() {
    let (app, forge) = setup();
    let rsa = forge.key.rsa().unwrap();
    let jwks = app.send(Request::new("GET", "/.well-known/jwks.json"));
    let jwk = &jwks.json()["keys"][0];
    let secrets = [
        forge.key.public_key_to_pem().unwrap(),
        forge
            .key
            .public_key_to_pem()
            .unwrap()
            .trim_ascii_end()
            .to_vec(),
        forge.key.public_key_to_der().unwrap(),
        rsa.public_key_to_pem_pkcs1().unwrap(),
        rsa.public_key_to_der_pkcs1().unwrap(),
        rsa.n().to_vec(),
        jwk["n"].as_str().unwrap().as_bytes().to_vec(),
        jwk.to_string().into_bytes(),
        jwks.body.clone(),
        forge.kid.clone().into_bytes(),
        b"secret".to_vec(),
    ];
    for (alg, digest) in [
        ("HS256", MessageDigest::sha256()),
        ("HS512", MessageDigest::sha512()),
        ("RS512", MessageDigest::sha512()),
    ] {
        let header = forge.header(ACCESS).set("alg", alg).text();
        for (at, secret) in secrets.iter().enumerate() {
            let token = with_signature(&forge, &header, |message| {
                let secret = PKey::hmac(secret).unwrap();
                let mut signer = Signer::new(digest, &secret).unwrap();
                signer.sign_oneshot_to_vec(message.as_bytes()).unwrap()
            });
            assert_refused(&app, &token, &format!("{alg} with secret {at}"));
        }
    }
}

#[test]
fn another_rsa_signature_of_the_right_key_is_refused() {
    let (app, forge) = setup();
    let pss = |message: &str| {
        let mut signer = Signer::new(MessageDigest::sha512(), &forge.key).unwrap();
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        let length = RsaPssSaltlen::DIGEST_LENGTH;
        signer.set_rsa_pss_saltlen(length).unwrap();
        signer.sign_oneshot_to_vec(message.as_bytes()).unwrap()
    };
    for alg in ["RS256", "RS384", "PS512", "RS512"] {
        let header = forge.header(ACCESS).set("alg", alg).text();
        for digest in [MessageDigest::sha256(), MessageDigest::sha384()] {
            let token = with_signature(&forge, &header, |m| rs(&forge.key, digest, m));
            assert_refused(&app, &token, alg);
        }
        assert_refused(&app, &with_signature(&forge, &header, pss), alg);
    }
}

#[test]
fn a_kid_that_is_not_one_of_ours_is_refused() {
    let (app, forge) = setup();
    let keyring = app.app.directory.keyring();
    let next = keyring.jwks()[1].kid.clone();
    let flipped: String = forge
        .kid
        .chars()
        .map(|c| match c.is_ascii_lowercase() {
            true => c.to_ascii_uppercase(),
            false => c.to_ascii_lowercase(),
        })
        .collect();
    let claims = forge.access_claims().text();
    for kid in [
        "A".repeat(43),
        String::new(),
        "0".to_owned(),
        forge.kid[..42].to_owned(),
        format!("{}=", forge.kid),
        format!(" {}", forge.kid),
        format!("{}\u{0}", forge.kid),
        flipped,
        // Published too, but not the key of this signature.
        next,
        "../../keys/master.key".to_owned(),
        "' OR '1'='1".to_owned(),
        "k".repeat(64),
        "k".repeat(65),
        "k".repeat(5000),
        "ключ".to_owned(),
    ] {
        let header = forge.header(ACCESS).set("kid", kid.as_str()).text();
        assert_refused(&app, &forge.sign(&header, &claims), &kid);
    }
    let ours = forge.header(ACCESS).raw("kid");
    for raw in ["null", "7", "0", "true", "[]", "{}", &format!("[{ours}]")] {
        let header = forge.header(ACCESS).set_raw("kid", raw).text();
        assert_refused(&app, &forge.sign(&header, &claims), raw);
    }
    let header = forge.header(ACCESS).without("kid").text();
    assert_refused(&app, &forge.sign(&header, &claims), "absent");
}

#[test]
fn a_type_that_is_not_one_of_ours_is_refused() {
    let (app, forge) = setup();
    for claims in [forge.access_claims(), forge.id_claims()] {
        for typ in [
            "",
            "jwt",
            "Jwt",
            "JWT ",
            "JWS",
            "JOSE",
            "AT+JWT",
            "at+JWT",
            "at jwt",
            "application/at+jwt",
            "application/jwt",
            "dpop+jwt",
            "logout+jwt",
            "token-introspection+jwt",
        ] {
            let header = forge.header(typ).text();
            assert_refused(&app, &forge.sign(&header, &claims.text()), typ);
        }
        for raw in ["null", "1", "true", "[\"JWT\"]", "[\"at+jwt\"]", "{}"] {
            let header = forge.header(ID).set_raw("typ", raw).text();
            assert_refused(&app, &forge.sign(&header, &claims.text()), raw);
        }
        let header = forge.header(ID).without("typ").text();
        assert_refused(&app, &forge.sign(&header, &claims.text()), "absent");
    }
}

#[test]
fn one_kind_of_token_does_not_pass_for_the_other() {
    let (app, forge) = setup();
    let (access, id) = (forge.access_claims(), forge.id_claims());
    assert_refused(&app, &forge.id(&access), "an access token as JWT");
    assert_refused(&app, &forge.access(&id), "an id_token as at+jwt");
    // The claims of both at once.
    let at_hash = id.raw("at_hash");
    assert_refused(
        &app,
        &forge.access(&access.and_raw("at_hash", &at_hash)),
        "at_hash",
    );
    let client_id = access.raw("client_id");
    assert_refused(
        &app,
        &forge.id(&id.and_raw("client_id", &client_id)),
        "client_id",
    );
}

#[test]
fn an_extension_of_the_header_is_refused() {
    let (app, forge) = setup();
    let claims = forge.access_claims().text();
    for (name, raw) in [
        ("crit", "[\"exp\"]"),
        ("crit", "[\"alg\"]"),
        ("crit", "[]"),
        ("crit", "null"),
        ("b64", "false"),
        ("b64", "true"),
        ("zip", "\"DEF\""),
        ("zip", "null"),
        ("enc", "\"A256GCM\""),
        ("cty", "\"JWT\""),
        ("epk", "{}"),
        ("p2c", "1000000000"),
        ("nonce", "\"x\""),
        ("x", "{\"a\":1,\"a\":1}"),
    ] {
        let header = forge.header(ACCESS).and_raw(name, raw).text();
        assert_refused(&app, &forge.sign(&header, &claims), name);
    }
    let unencoded = forge.header(ACCESS);
    let unencoded = unencoded.and_raw("crit", "[\"b64\"]");
    let unencoded = unencoded.and_raw("b64", "false").text();
    assert_refused(&app, &forge.sign(&unencoded, &claims), "RFC 7797");
}

#[test]
fn a_member_of_the_header_that_is_there_twice_is_refused() {
    let (app, forge) = setup();
    let claims = forge.access_claims().text();
    let right = forge.header(ACCESS);
    let kid = right.raw("kid");
    for (name, raw) in [
        ("alg", "\"RS512\""),
        ("alg", "\"none\""),
        ("typ", "\"at+jwt\""),
        ("typ", "\"JWT\""),
        ("kid", kid.as_str()),
        ("kid", "\"x\""),
        // The same names, escaped.
        ("\\u0061lg", "\"RS512\""),
        ("t\\u0079p", "\"at+jwt\""),
        ("ki\\u0064", kid.as_str()),
    ] {
        let last = right.and_raw(name, raw).text();
        assert_refused(&app, &forge.sign(&last, &claims), &last);
        let first = format!("{{\"{name}\":{raw},{}", &right.text()[1..]);
        assert_refused(&app, &forge.sign(&first, &claims), &first);
    }
}

#[test]
fn an_encrypted_token_is_refused() {
    let (app, forge) = setup();
    let header = encode(format!(
        "{{\"typ\":\"at+jwt\",\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"kid\":\"{}\"}}",
        forge.kid
    ));
    let token = forge.access(&forge.access_claims());
    let parts: Vec<&str> = token.split('.').collect();
    for shape in [
        format!(
            "{header}.{}.{}.{}.{}",
            parts[2],
            encode([1; 12]),
            parts[1],
            encode([2; 16])
        ),
        format!(
            "{}.{}.{}.{}.{}",
            parts[0],
            parts[2],
            encode([1; 12]),
            parts[1],
            parts[2]
        ),
        format!("{header}....{}", parts[2]),
        format!("{token}.{}.{}", parts[1], parts[2]),
        format!("{token}.{}", parts[2]),
    ] {
        assert_refused(&app, &shape, &shape);
    }
}

#[test]
fn a_header_that_is_no_object_of_ours_is_refused() {
    let (app, forge) = setup();
    let claims = forge.access_claims().text();
    let right = forge.header(ACCESS).text();
    for header in [
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "7".to_owned(),
        "\"RS512\"".to_owned(),
        "[]".to_owned(),
        format!("[\"RS512\",\"at+jwt\",\"{}\"]", forge.kid),
        format!("[{right}]"),
        "{}".to_owned(),
        format!("{right}{right}"),
        format!("{right},"),
        right.replace('}', ",}"),
        right.replace('"', "'"),
        format!("\u{feff}{right}"),
        format!("{right}\u{0}"),
        format!("{}1{}", "{\"a\":".repeat(900), "}".repeat(900)),
        "[".repeat(5000),
        right.replace("\"at+jwt\"", &"[".repeat(5000)),
    ] {
        assert_refused(&app, &forge.sign(&header, &claims), &header);
    }
    let not_utf8 = [right.replace('}', ",\"x\":\"").as_bytes(), b"\xff\"}"].concat();
    let message = format!("{}.{}", encode(not_utf8), encode(&claims));
    let signature = rs(&forge.key, MessageDigest::sha512(), &message);
    assert_refused(
        &app,
        &format!("{message}.{}", encode(signature)),
        "not UTF-8",
    );
}
