//! Signed tokens: JWS compact serialization (RFC 7515 section 7.1) with RS512.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, encode};
use openssl::sha::sha512;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::provider::with_private_key;
use super::signing_key::SigningKey;
use super::strict_json;

pub use super::unverified::{TokenError, Unverified, read_header};

/// The `typ` of an id_token.
pub const TYP_ID_TOKEN: &str = "JWT";

/// The `typ` of an access token (RFC 9068 section 2.1).
pub const TYP_ACCESS_TOKEN: &str = "at+jwt";

/// Why a token could not be signed: claims that are no JSON, or a failure in OpenSSL.
#[derive(Debug, Error)]
#[error("a token could not be signed: {0}")]
pub struct SignError(#[from] jsonwebtoken::errors::Error);

/// The signed token: header `{"typ":..,"alg":"RS512","kid":..}`, then `claims` as JSON.
///
/// # Errors
/// [`SignError`]; none is expected with claims of ours.
pub fn sign<C: Serialize>(key: &SigningKey, typ: &str, claims: &C) -> Result<String, SignError> {
    let kid = key.public().kid();
    let mut header = Header::new(Algorithm::RS512);
    header.typ = Some(typ.to_owned());
    header.kid = Some(kid.to_owned());
    let token = with_private_key(kid, key.private(), |encoding_key| {
        encode(&header, claims, encoding_key)
    })?;
    Ok(token)
}

/// The `at_hash` of an id_token issued together with `access_token` (OpenID Connect Core section
/// 3.1.3.6): Base64url of the left half of its SHA-512, 43 characters.
pub fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&sha512(access_token.as_bytes())[..32])
}

/// Reads verified claims: one JSON object without duplicate members at any depth, nothing after it.
/// Members that `T` does not know are left out; their values are for `T` and its caller to check.
///
/// # Errors
/// `Claims`.
pub fn parse_claims<T: DeserializeOwned>(payload: &[u8]) -> Result<T, TokenError> {
    strict_json::from_slice(payload).map_err(|_| TokenError::Claims)
}

#[cfg(test)]
mod tests {
    use super::super::signing_key::test_key;
    use super::*;
    use rsa::pkcs8::DecodePublicKey;
    use rsa::{Pkcs1v15Sign, RsaPublicKey};
    use serde::Deserialize;
    use serde_json::json;

    #[test]
    fn a_token_has_these_three_parts_and_another_implementation_verifies_it() {
        let key = test_key();
        let token = sign(key, TYP_ACCESS_TOKEN, &json!({"sub": "7"})).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = message.split_once('.').unwrap();
        let kid = key.public().kid();
        assert_eq!(
            URL_SAFE_NO_PAD.decode(header).unwrap(),
            format!(r#"{{"typ":"at+jwt","alg":"RS512","kid":"{kid}"}}"#).as_bytes()
        );
        let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
        assert_eq!(payload, br#"{"sub":"7"}"#);

        let der = key.public().pkey().public_key_to_der().unwrap();
        let independent = RsaPublicKey::from_public_key_der(&der).unwrap();
        // RFC 8017 section 9.2, note 1: the DigestInfo of SHA-512 before the digest.
        let scheme = Pkcs1v15Sign {
            hash_len: Some(64),
            prefix: Box::new([
                0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x03, 0x05, 0x00, 0x04, 0x40,
            ]),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        independent
            .verify(scheme, &sha512(message.as_bytes()), &signature)
            .unwrap();
    }

    #[test]
    fn what_is_signed_is_read_back() {
        let key = test_key();
        for typ in [TYP_ID_TOKEN, TYP_ACCESS_TOKEN] {
            let claims = json!({"sub": r#"{"user-id":1}"#, "iat": 1, "name": "Ж\u{0}"});
            let token = sign(key, typ, &claims).unwrap();
            let unverified = read_header(&token).unwrap();
            assert_eq!(unverified.typ(), typ);
            assert_eq!(unverified.kid(), key.public().kid());
            let payload = unverified.verify(key.public()).unwrap();
            let read: serde_json::Value = parse_claims(&payload).unwrap();
            assert_eq!(read, claims);
        }
    }

    #[test]
    fn the_at_hash_is_the_left_half_of_the_sha_512() {
        // printf abc | sha512sum: FIPS 180-4's example, ddaf35a1..4b55d39a|2192992a..
        let half = URL_SAFE_NO_PAD.decode(at_hash("abc")).unwrap();
        assert_eq!(half.len(), 32);
        assert_eq!(half[..4], [0xdd, 0xaf, 0x35, 0xa1]);
        assert_eq!(half[28..], [0x4b, 0x55, 0xd3, 0x9a]);
    }

    #[test]
    fn claims_with_a_duplicate_or_of_another_type_are_refused() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Claims {
            sub: String,
            exp: i64,
        }
        let read = |text: &str| parse_claims::<Claims>(text.as_bytes());
        let expected = Claims {
            sub: "7".to_owned(),
            exp: 9,
        };
        assert_eq!(read(r#"{"sub":"7","exp":9,"other":[]}"#), Ok(expected));
        for text in [
            r#"{"sub":"7","exp":9,"exp":9}"#,
            r#"{"sub":"7","exp":9,"other":{"a":1,"a":1}}"#,
            r#"{"sub":"7"}"#,
            r#"{"sub":7,"exp":9}"#,
            r#"{"sub":"7","exp":"9"}"#,
            r#"{"sub":"7","exp":9.5}"#,
            r#"{"sub":"7","exp":1e400}"#,
            r#"{"sub":"7","exp":18446744073709551615}"#,
            r#"{"sub":"7","exp":9}{}"#,
            r#"["7",9]"#,
        ] {
            assert_eq!(read(text), Err(TokenError::Claims), "{text}");
        }
    }
}
