//! Strict reading of signed tokens (RFC 7515 section 5.2, RFC 8725): only what `jws` writes is taken.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use thiserror::Error;

use super::jws::{TYP_ACCESS_TOKEN, TYP_ID_TOKEN};
use super::provider::with_public_key;
use super::public_key::PublicKey;
use super::strict_json;

/// Longer tokens are refused unread, in bytes.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

const MAX_KID_BYTES: usize = 64;

/// Why a token is refused. For the log only: whoever sent it learns `invalid_token` and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    #[error("longer than 8 KiB")]
    TooLong,
    #[error("not three parts of the base64url alphabet")]
    NotCompact,
    #[error("a part is not canonical base64url")]
    NotCanonical,
    #[error("the header is not an object of alg, typ and kid alone")]
    Header,
    #[error("alg is not RS512")]
    Algorithm,
    #[error("typ is neither JWT nor at+jwt")]
    Type,
    #[error("kid is not that of the key, or too long")]
    KeyId,
    #[error("the signature does not verify")]
    Signature,
    #[error("the claims are not the expected object, or a member is there twice")]
    Claims,
}

/// A token whose header has been read, and whose claims cannot be, until the signature is verified.
#[derive(Debug)]
pub struct Unverified<'a> {
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
    typ: &'static str,
    kid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Reads the header of a token in JWS compact serialization. Taken are the members `alg` (`RS512`),
/// `typ` (`JWT` or `at+jwt`) and `kid` (at most 64 bytes), all three, once, and no other.
///
/// # Errors
/// Any [`TokenError`] but `Signature` and `Claims`.
pub fn read_header(token: &str) -> Result<Unverified<'_>, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::NotCompact)?;
    let (header, payload) = message.split_once('.').ok_or(TokenError::NotCompact)?;
    // A dot is not of the alphabet, so this also refuses a fourth part.
    if ![header, payload, signature].into_iter().all(is_base64url) {
        return Err(TokenError::NotCompact);
    }
    let header: Header =
        strict_json::from_slice(&decode(header)?).map_err(|_| TokenError::Header)?;
    if header.alg != "RS512" {
        return Err(TokenError::Algorithm);
    }
    let typ = [TYP_ID_TOKEN, TYP_ACCESS_TOKEN]
        .into_iter()
        .find(|known| *known == header.typ)
        .ok_or(TokenError::Type)?;
    if header.kid.len() > MAX_KID_BYTES {
        return Err(TokenError::KeyId);
    }
    Ok(Unverified {
        message,
        payload,
        signature,
        typ,
        kid: header.kid,
    })
}

impl Unverified<'_> {
    /// `JWT` or `at+jwt`; not to be trusted before [`Unverified::verify`].
    pub fn typ(&self) -> &'static str {
        self.typ
    }

    /// Which key is said to have signed it, at most 64 bytes of anything.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The payload's bytes, for [`parse_claims`](super::parse_claims), if `key` has the token's `kid` and has signed it.
    ///
    /// # Errors
    /// `KeyId`, `Signature`, or `NotCanonical` for the encoding of the payload or signature.
    pub fn verify(self, key: &PublicKey) -> Result<Vec<u8>, TokenError> {
        if self.kid != key.kid() {
            return Err(TokenError::KeyId);
        }
        let payload = decode(self.payload)?;
        let verified = with_public_key(key.kid(), key.pkey(), |decoding_key| {
            jsonwebtoken::crypto::verify(
                self.signature,
                self.message.as_bytes(),
                decoding_key,
                Algorithm::RS512,
            )
        });
        // An error here is a signature that is not canonical Base64url.
        match verified {
            Ok(true) => Ok(payload),
            Ok(false) => Err(TokenError::Signature),
            Err(_) => Err(TokenError::NotCanonical),
        }
    }
}

fn is_base64url(part: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !part.is_empty() && part.bytes().all(known)
}

/// Refuses padding and bits that stand for nothing, as the engine does by default.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::NotCanonical)
}

#[cfg(test)]
mod tests {
    use super::super::signing_key::{SigningKey, test_key};
    use super::*;

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const PAYLOAD: &str = r#"{"sub":"7"}"#;

    /// A token with any header and a signature that verifies.
    fn forge(header: &str, payload: &str) -> String {
        let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
        forge_parts(&header, &payload)
    }

    fn forge_parts(header: &str, payload: &str) -> String {
        let message = format!("{header}.{payload}");
        let signature = test_key().private().sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn right_header() -> String {
        let kid = test_key().public().kid();
        format!(r#"{{"typ":"JWT","alg":"RS512","kid":"{kid}"}}"#)
    }

    fn read(token: &str) -> Result<Vec<u8>, TokenError> {
        read_header(token)?.verify(test_key().public())
    }

    /// The same token with the last character of `part` standing for one more bit.
    fn with_trailing_bit(part: &str) -> String {
        let last = part.as_bytes()[part.len() - 1];
        let index = ALPHABET.iter().position(|c| *c == last).unwrap();
        let changed = char::from(ALPHABET[index ^ 1]);
        format!("{}{changed}", &part[..part.len() - 1])
    }

    #[test]
    fn a_token_of_the_known_shape_is_taken() {
        let token = forge(&right_header(), PAYLOAD);
        assert_eq!(read(&token).unwrap(), PAYLOAD.as_bytes());
    }

    #[test]
    fn every_other_header_is_refused() {
        use TokenError::{Algorithm, Header, KeyId, Type};
        let right = right_header();
        let mut cases = vec![
            ("[]".into(), Header),
            (r#"["RS512","JWT","x"]"#.into(), Header),
            ("{}".into(), Header),
            (format!("{right} x"), Header),
            (right.replace("JWT", r#"JWT","typ":"JWT"#), Header),
            (right.replace("JWT", r#"JWT","\u0074yp":"at+jwt"#), Header),
            (right.replace(r#""JWT""#, "null"), Header),
            (right.replace(r#""JWT""#, &"[".repeat(3000)), Header),
            (right.replace(r#""typ":"JWT","#, ""), Header),
            (right.replace(r#""alg":"RS512","#, ""), Header),
            (right.replace(r#""RS512""#, "512"), Header),
            (r#"{"typ":"JWT","alg":"RS512"}"#.into(), Header),
            (r#"{"typ":"JWT","alg":"RS512","kid":7}"#.into(), Header),
            (r#"{"typ":"JWT","alg":"RS512","kid":null}"#.into(), Header),
            (r#"{"typ":"JWT","alg":"RS512","kid":""}"#.into(), KeyId),
            (r#"{"typ":"JWT","alg":"RS512","kid":"x"}"#.into(), KeyId),
        ];
        for algorithm in [
            "none", "None", "", "HS256", "HS512", "RS256", "RS384", "PS512", "ES512", "rs512",
            "RS512 ", "RSA-OAEP",
        ] {
            cases.push((right.replace("RS512", algorithm), Algorithm));
        }
        for typ in ["", "jwt", "AT+JWT", "application/at+jwt", "JOSE", "JWT "] {
            cases.push((right.replace("JWT", typ), Type));
        }
        for member in [
            r#""crit":["exp"]"#,
            r#""crit":[]"#,
            r#""b64":false"#,
            r#""jwk":{"kty":"RSA"}"#,
            r#""jku":"https://example.org/""#,
            r#""x5u":"https://example.org/""#,
            r#""x5c":["x"]"#,
            r#""x5t":"x""#,
            r#""zip":"DEF""#,
            r#""enc":"A256GCM""#,
            r#""cty":"JWT""#,
            r#""x":{"a":1,"a":1}"#,
        ] {
            cases.push((right.replace('}', &format!(",{member}}}")), Header));
        }
        for (header, error) in cases {
            assert_eq!(read(&forge(&header, PAYLOAD)), Err(error), "{header}");
        }
    }

    #[test]
    fn a_kid_has_at_most_64_bytes() {
        let header = |kid: String| format!(r#"{{"typ":"JWT","alg":"RS512","kid":"{kid}"}}"#);
        let longest = forge(&header("k".repeat(64)), PAYLOAD);
        assert_eq!(read_header(&longest).unwrap().kid(), "k".repeat(64));
        let longer = forge(&header("k".repeat(65)), PAYLOAD);
        assert_eq!(read_header(&longer).unwrap_err(), TokenError::KeyId);
    }

    #[test]
    fn any_flipped_bit_of_the_signature_is_refused() {
        let token = forge(&right_header(), PAYLOAD);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for bit in 0..signature.len() * 8 {
            let mut altered = signature.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(altered));
            assert_eq!(read(&token), Err(TokenError::Signature), "{bit}");
        }
        for altered in [&signature[1..], &signature[..255], &[0; 256], &[0xff; 256]] {
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(altered));
            assert_eq!(read(&token), Err(TokenError::Signature));
        }
        let longer = URL_SAFE_NO_PAD.encode([&signature[..], &[0]].concat());
        let token = format!("{message}.{longer}");
        assert_eq!(read(&token), Err(TokenError::Signature));
    }

    #[test]
    fn altered_claims_and_the_signature_of_another_key_are_refused() {
        let token = forge(&right_header(), PAYLOAD);
        let (_, signature) = token.rsplit_once('.').unwrap();
        let other = forge(&right_header(), r#"{"sub":"8"}"#);
        let (message, _) = other.rsplit_once('.').unwrap();
        let mixed = format!("{message}.{signature}");
        assert_eq!(read(&mixed), Err(TokenError::Signature));

        let stranger = SigningKey::generate(2048).unwrap();
        let signature = stranger.private().sign(message.as_bytes()).unwrap();
        let foreign = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(read(&foreign), Err(TokenError::Signature));
        let error = read_header(&token).unwrap().verify(stranger.public());
        assert_eq!(error, Err(TokenError::KeyId));
    }

    #[test]
    fn only_canonical_base64url_is_taken() {
        // No part's length in bytes is a multiple of three, so that each has spare bits at its end.
        let payload = r#"{"sub":"7","n":1}"#;
        let header = format!(
            "{}{}",
            right_header(),
            " ".repeat(3 - right_header().len() % 3 + 1)
        );
        let token = forge(&header, payload);
        assert!(read(&token).is_ok());
        let parts: Vec<&str> = token.split('.').collect();
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);
        for (header, payload) in [
            (with_trailing_bit(header), payload.to_owned()),
            (header.to_owned(), with_trailing_bit(payload)),
            // One character more than a multiple of four encodes nothing.
            (header.to_owned(), format!("{payload}AA")),
        ] {
            let token = forge_parts(&header, &payload);
            assert_eq!(read(&token), Err(TokenError::NotCanonical), "{token}");
        }
        let token = format!("{header}.{payload}.{}", with_trailing_bit(signature));
        assert_eq!(read(&token), Err(TokenError::NotCanonical));
    }

    #[test]
    fn whatever_is_not_three_parts_of_the_alphabet_is_refused() {
        let token = forge(&right_header(), PAYLOAD);
        let parts: Vec<&str> = token.split('.').collect();
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);
        for wrong in [
            String::new(),
            ".".into(),
            "..".into(),
            header.into(),
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!(".{payload}.{signature}"),
            format!("{header}..{signature}"),
            format!("{token}."),
            format!(".{token}"),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{header}.a.b.c.d"),
            format!("{token}="),
            format!("{token}=="),
            format!("{header}=.{payload}.{signature}"),
            format!(" {token}"),
            format!("{token}\n"),
            format!("{header}.{payload} .{signature}"),
            format!("{header}.{payload}.+{}", &signature[1..]),
            format!("{header}.{payload}./{}", &signature[1..]),
            format!("{header}.{payload}.é{}", &signature[2..]),
            format!("{token}\0"),
        ] {
            assert_eq!(read(&wrong), Err(TokenError::NotCompact), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_over_8_kib_is_refused_unread() {
        let header = right_header();
        let small = forge(&header, PAYLOAD);
        let room = (8192 - small.len()) / 4 * 3;
        let payload = format!("{PAYLOAD}{}", " ".repeat(room));
        let long = forge(&header, &payload);
        assert!(8188 < long.len() && long.len() <= 8192);
        assert_eq!(read(&long).unwrap(), payload.as_bytes());
        assert_eq!(read(&"A".repeat(8192)), Err(TokenError::NotCompact));
        assert_eq!(read(&"A".repeat(8193)), Err(TokenError::TooLong));
    }
}
