//! One spelling of a token only: canonical base64url in three parts, within 8 KiB, and every bit
//! of the signature.

use super::forge::{ACCESS, Forge, decode, encode, rs};
use super::{REFUSED, assert_refused, assert_taken};
use crate::support::{Request, TestApp, count};
use openssl::hash::MessageDigest;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn setup() -> (TestApp, Forge) {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let forge = Forge::new(&app, &key);
    (app, forge)
}

/// The same part with spare bits at its end that are not zero; `part` must have some.
fn with_spare_bits(part: &str) -> String {
    assert_ne!(part.len() % 4, 0, "no spare bits");
    let last = part.as_bytes()[part.len() - 1];
    let index = ALPHABET.iter().position(|c| *c == last).unwrap();
    format!(
        "{}{}",
        &part[..part.len() - 1],
        char::from(ALPHABET[index ^ 1])
    )
}

/// JSON padded with spaces until its encoding has spare bits.
fn with_room(json: String) -> String {
    let spaces = (0..3).find(|n| encode(format!("{json}{}", " ".repeat(*n))).len() % 4 != 0);
    format!("{json}{}", " ".repeat(spaces.unwrap()))
}

/// A signature over the parts as they are written.
fn sign_parts(forge: &Forge, header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let signature = rs(&forge.key, MessageDigest::sha512(), &message);
    format!("{message}.{}", encode(signature))
}

#[test]
fn base64url_that_is_padded_or_not_canonical_is_refused() {
    let (app, forge) = setup();
    let header = encode(with_room(forge.header(ACCESS).text()));
    let payload = encode(with_room(forge.access_claims().text()));
    let right = sign_parts(&forge, &header, &payload);
    assert_taken(&app, &right, "the right one");
    let signature = right.rsplit_once('.').unwrap().1;
    // The signature holds for what is written, in every case.
    for (header, payload) in [
        (with_spare_bits(&header), payload.clone()),
        (header.clone(), with_spare_bits(&payload)),
        (format!("{header}="), payload.clone()),
        (format!("{header}=="), payload.clone()),
        (header.clone(), format!("{payload}=")),
        (header.clone(), format!("{payload}==")),
        (header.clone(), format!("{payload}A")),
        (header.clone(), format!("{payload}AA")),
        (format!("{header}+"), payload.clone()),
        (header.clone(), format!("{payload}/")),
        (
            header.clone(),
            format!("{} {}", &payload[..8], &payload[8..]),
        ),
        (header.clone(), format!("{payload} ")),
        (format!(" {header}"), payload.clone()),
        (
            header.clone(),
            format!("{}\t{}", &payload[..8], &payload[8..]),
        ),
        (header.replace('e', "%65"), payload.clone()),
        (format!("{header}\u{e9}"), payload.clone()),
    ] {
        let token = sign_parts(&forge, &header, &payload);
        assert_refused(&app, &token, &format!("{header}.{payload}"));
    }
    for wrong in [
        with_spare_bits(signature),
        format!("{signature}="),
        format!("{signature}=="),
        format!("{signature}A"),
        format!("{signature}AA"),
        signature.replace(['-', '_'], "+"),
        format!("{}+{}", &signature[..9], &signature[10..]),
        format!("{}/{}", &signature[..9], &signature[10..]),
        format!("{} {}", &signature[..9], &signature[9..]),
        String::new(),
    ] {
        let token = format!("{header}.{payload}.{wrong}");
        assert_refused(&app, &token, &token);
    }
}

#[test]
fn whatever_is_not_three_parts_is_refused() {
    let (app, forge) = setup();
    let token = forge.access(&forge.access_claims());
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    for wrong in [
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "x".to_owned(),
        "null".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{token}{token}"),
        format!("{token},{token}"),
        format!("{token} {token}"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("\t{token}"),
        format!(
            "{{\"payload\":\"{payload}\",\"protected\":\"{header}\",\"signature\":\"{signature}\"}}"
        ),
    ] {
        assert_refused(&app, &wrong, &wrong);
    }
}

#[test]
fn a_token_with_bytes_that_are_no_text_is_refused_alike() {
    let (app, forge) = setup();
    let token = forge.access(&forge.access_claims());
    for byte in [0x80, 0xe9, 0xff] {
        let mut request = Request::new("GET", super::ME);
        let value = [b"Bearer ", token.as_bytes(), &[byte]].concat();
        request.headers.push(("authorization".to_owned(), value));
        assert_eq!(app.send(request).whole(), REFUSED, "{byte:x}");
    }
}

#[test]
fn any_flipped_bit_of_the_signature_is_refused() {
    let (app, forge) = setup();
    let token = forge.access(&forge.access_claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = decode(signature);
    let bits = signature.len() * 8;
    let tried = count(64, bits);
    for at in 0..tried {
        // Sampled over the whole length, and at every place within a byte.
        let bit = at * (bits / tried) + at % (bits / tried);
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let token = format!("{message}.{}", encode(flipped));
        assert_refused(&app, &token, &format!("bit {bit}"));
    }
    for wrong in [
        &signature[1..],
        &signature[..bits / 8 - 1],
        &[&signature[..], &[0]].concat(),
        &[&[0], &signature[..]].concat(),
        &[&signature[..], &signature[..]].concat(),
        &[0; 256],
        &[1],
        &[0xff; 256],
    ] {
        let token = format!("{message}.{}", encode(wrong));
        assert_refused(&app, &token, &format!("{} bytes", wrong.len()));
    }
    assert_taken(&app, &token, "the right one");
}

#[test]
fn altered_claims_under_a_signature_of_others_are_refused() {
    let (app, forge) = setup();
    let token = forge.access(&forge.access_claims());
    let parts: Vec<&str> = token.split('.').collect();
    let wider = forge.access_claims().set("scope", "openid users:write");
    let wider = encode(wider.text());
    assert_refused(
        &app,
        &format!("{}.{wider}.{}", parts[0], parts[2]),
        "claims",
    );
    let header = encode(format!("{} ", forge.header(ACCESS).text()));
    assert_refused(
        &app,
        &format!("{header}.{}.{}", parts[1], parts[2]),
        "header",
    );
}

#[test]
fn a_token_is_read_up_to_8_kib_and_no_further() {
    let (app, forge) = setup();
    let header = forge.header(ACCESS).text();
    let claims = forge.access_claims().text();
    let padded = |spaces: usize| forge.sign(&header, &format!("{claims}{}", " ".repeat(spaces)));
    let room = (8192 - padded(0).len()) * 3 / 4;
    let longest = (room - 3..=room + 3)
        .rev()
        .map(padded)
        .find(|t| t.len() <= 8192);
    let longest = longest.unwrap();
    assert!(longest.len() > 8188, "{}", longest.len());
    assert_taken(&app, &longest, "the longest");
    let longer = (room - 3..=room + 6).map(padded).find(|t| t.len() > 8192);
    assert_refused(&app, &longer.unwrap(), "longer");
    for length in [8193, 16_384, 60_000] {
        assert_refused(&app, &"A".repeat(length), "long");
    }
}
