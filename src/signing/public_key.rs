//! The public half of a signing key: its JWK (RFC 7518 section 6.3.1) and thumbprint (RFC 7638).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Public};
use openssl::sha::sha256;
use rsa::RsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use serde::Serialize;

use super::provider::install_provider;
use super::signing_key::SigningKeyError;

/// An RSA public key that verifies tokens. Cloning shares the parsed key.
#[derive(Clone)]
pub struct PublicKey {
    pkey: PKey<Public>,
    jwk: Jwk,
}

/// A published key; serialises to exactly these members in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// `RSA`.
    pub kty: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    pub key_use: &'static str,
    /// `RS512`.
    pub alg: &'static str,
    /// The thumbprint.
    pub kid: String,
    /// The modulus: Base64url of its bytes, big-endian, without leading zeros.
    pub n: String,
    /// The public exponent, in the same form.
    pub e: String,
}

impl PublicKey {
    /// The public half of `key`.
    pub(super) fn of<T: HasPublic>(key: &PKeyRef<T>) -> Result<Self, SigningKeyError> {
        install_provider();
        let der = key.public_key_to_der()?;
        let parts =
            RsaPublicKey::from_public_key_der(&der).map_err(|_| SigningKeyError::NotAnRsaKey)?;
        let n = URL_SAFE_NO_PAD.encode(parts.n().to_bytes_be());
        let e = URL_SAFE_NO_PAD.encode(parts.e().to_bytes_be());
        Ok(Self {
            pkey: PKey::public_key_from_der(&der)?,
            jwk: Jwk {
                kty: "RSA",
                key_use: "sig",
                alg: "RS512",
                kid: thumbprint(&n, &e),
                n,
                e,
            },
        })
    }

    /// Names the key in tokens and in the key set: its thumbprint, 43 characters.
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// The key as it is published.
    pub fn jwk(&self) -> Jwk {
        self.jwk.clone()
    }

    /// The key as SubjectPublicKeyInfo in PEM (RFC 7468 section 13), for verifiers that read no key set.
    pub fn to_pem(&self) -> Result<String, SigningKeyError> {
        let pem = self.pkey.public_key_to_pem()?;
        // PEM is ASCII.
        Ok(String::from_utf8_lossy(&pem).into_owned())
    }

    pub(super) fn pkey(&self) -> &PKey<Public> {
        &self.pkey
    }
}

/// RFC 7638 section 3: SHA-256 over the required members, sorted, without whitespace.
fn thumbprint(n: &str, e: &str) -> String {
    let members = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::signing_key::test_key;
    use super::*;
    use openssl::bn::BigNum;
    use openssl::rsa::Rsa;

    /// The modulus of RFC 7638 section 3.1.
    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_7638() {
        let n = BigNum::from_slice(&URL_SAFE_NO_PAD.decode(N).unwrap()).unwrap();
        let e = BigNum::from_u32(65_537).unwrap();
        let rsa = Rsa::from_public_components(n, e).unwrap();
        let key = PublicKey::of(&PKey::from_rsa(rsa).unwrap()).unwrap();
        assert_eq!(key.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(key.jwk().n, N);
        assert_eq!(key.jwk().e, "AQAB");
    }

    #[test]
    fn a_published_key_has_these_members_in_this_order_and_nothing_private() {
        let jwk = test_key().public().jwk();
        let expected = format!(
            r#"{{"kty":"RSA","use":"sig","alg":"RS512","kid":"{}","n":"{}","e":"AQAB"}}"#,
            test_key().public().kid(),
            jwk.n
        );
        assert_eq!(serde_json::to_string(&jwk).unwrap(), expected);
        assert_eq!(URL_SAFE_NO_PAD.decode(&jwk.n).unwrap().len(), 256);
    }
}
