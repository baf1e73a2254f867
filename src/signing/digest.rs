//! Digests of secrets for storage: HMAC-SHA-256 (RFC 2104) under subkeys of the digest key.

use std::fmt;
use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::memcmp;
use openssl::sha::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use super::derive::{Key, joined, subkey};
use crate::ambient::{fill_random, random_base62};
use crate::model::secret::SecretBytes;

/// 96 bits: enough that two texts never share a name, short enough for a log line.
const KEYED_HASH_BYTES: usize = 12;

/// What a keyed digest is for, besides client secrets. Each has a subkey of its own, so that what
/// was made for one is worth nothing for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// What a browser holds of a session, and what is kept of that.
    Session,
    /// The token that every form of one session carries.
    FormToken,
    /// That somebody signed in from a browser before.
    Browser,
    /// A code that helps somebody in who lost their second factor.
    RecoveryCode,
}

impl Purpose {
    const LABELS: [&str; 4] = ["session", "form token", "browser", "recovery code"];
}

/// 32 random bytes and an id; its subkeys digest what must be recognised but not kept.
pub struct DigestKey {
    id: String,
    bytes: Key,
    client_secrets: Hmac,
    names: Hmac,
    /// In the order of [`Purpose`].
    purposes: [Hmac; Purpose::LABELS.len()],
}

/// Why bytes are no digest key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DigestKeyError {
    #[error("a digest key has 32 bytes, this one has {0}")]
    Length(usize),
}

impl DigestKey {
    /// A new random key with a new random id (22 characters of `[0-9A-Za-z]`).
    pub fn generate() -> Self {
        let mut bytes: Key = Zeroizing::new([0; 32]);
        fill_random(bytes.as_mut_slice());
        Self::new(random_base62(22), bytes)
    }

    /// A key that was kept: its id and what [`DigestKey::expose_bytes`] gave.
    ///
    /// # Errors
    /// When there are not 32 bytes.
    pub fn from_bytes(id: String, bytes: SecretBytes) -> Result<Self, DigestKeyError> {
        let bytes = bytes.expose();
        let key = <[u8; 32]>::try_from(bytes).map_err(|_| DigestKeyError::Length(bytes.len()))?;
        Ok(Self::new(id, Zeroizing::new(key)))
    }

    fn new(id: String, bytes: Key) -> Self {
        Self {
            client_secrets: Hmac::new(&subkey(&bytes, "client secret")),
            names: Hmac::new(&subkey(&bytes, "keyed hash")),
            purposes: Purpose::LABELS.map(|label| Hmac::new(&subkey(&bytes, label))),
            id,
            bytes,
        }
    }

    /// What a row of digests names to say which key made them.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The 32 bytes, to be sealed.
    pub fn expose_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// What is stored of a client's secret. The client_id is part of it, so that a digest is worth
    /// nothing in another client's row. Takes well under a microsecond: these are 256 random bits,
    /// not passwords.
    pub fn client_secret_digest(&self, client_id: &str, secret: &str) -> Digest {
        let message = Zeroizing::new(joined([
            b"client secret",
            client_id.as_bytes(),
            secret.as_bytes(),
        ]));
        Digest(self.client_secrets.of(&message))
    }

    /// The digest of some values for a purpose.
    pub fn digest<const N: usize>(&self, purpose: Purpose, values: [&str; N]) -> Digest {
        let message = Zeroizing::new(joined(values.map(str::as_bytes)));
        Digest(self.purposes[purpose as usize].of(&message))
    }

    /// A name for `text` where the text itself must not stand, such as an unknown client_id in the
    /// log: the same for the same `label` and `text`, and 16 characters of Base64url.
    pub fn keyed_hash(&self, label: &str, text: &str) -> String {
        let hash = self.names.of(&joined([label.as_bytes(), text.as_bytes()]));
        URL_SAFE_NO_PAD.encode(&hash[..KEYED_HASH_BYTES])
    }
}

/// The digest of a secret. Compared with [`Digest::matches`] only, in constant time.
#[derive(Clone)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What no secret digests to: something to compare with where there is no row.
    pub const ZERO: Self = Self([0; 32]);

    /// As it is stored: Base64url, 43 characters.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads what [`Digest::to_text`] wrote; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Whether both are the same; takes equally long either way.
    pub fn matches(&self, other: &Self) -> bool {
        memcmp::eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[digest]")
    }
}

/// HMAC-SHA-256 with the two hash states that only depend on the key computed once. OpenSSL's own
/// HMAC sets itself up for each message: 2.0 us against 0.2 us here, and the token endpoint pays
/// it for every request.
struct Hmac {
    inner: Sha256,
    outer: Sha256,
}

impl Hmac {
    fn new(key: &Key) -> Self {
        let keyed = |pad: u8| {
            let mut block = Zeroizing::new([pad; 64]);
            for (byte, key_byte) in block.iter_mut().zip(key.iter()) {
                *byte ^= key_byte;
            }
            let mut state = Sha256::new();
            state.update(block.as_slice());
            state
        };
        Self {
            inner: keyed(0x36),
            outer: keyed(0x5c),
        }
    }

    fn of(&self, message: &[u8]) -> [u8; 32] {
        let mut inner = self.inner.clone();
        inner.update(message);
        let mut outer = self.outer.clone();
        outer.update(&inner.finish());
        outer.finish()
    }
}

impl Drop for Hmac {
    fn drop(&mut self) {
        // `Sha256` cannot be zeroized; `black_box` keeps the overwriting from being optimised away.
        self.inner = Sha256::new();
        self.outer = Sha256::new();
        black_box(&*self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;

    fn key(byte: u8) -> DigestKey {
        DigestKey::from_bytes("k".to_owned(), SecretBytes::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn the_hmac_is_the_one_that_openssl_computes() {
        let mut bytes: Key = Zeroizing::new([0; 32]);
        for length in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000] {
            fill_random(bytes.as_mut_slice());
            let message = vec![b'm'; length];
            let pkey = PKey::hmac(bytes.as_slice()).unwrap();
            let mut signer = Signer::new(MessageDigest::sha256(), &pkey).unwrap();
            let expected = signer.sign_oneshot_to_vec(&message).unwrap();
            assert_eq!(Hmac::new(&bytes).of(&message), expected[..], "{length}");
        }
    }

    #[test]
    fn a_digest_depends_on_the_key_the_client_and_the_secret() {
        let digest = key(1).client_secret_digest("client", "secret");
        assert!(digest.matches(&key(1).client_secret_digest("client", "secret")));
        assert!(!digest.matches(&key(2).client_secret_digest("client", "secret")));
        assert!(!digest.matches(&key(1).client_secret_digest("clien", "tsecret")));
        assert!(!digest.matches(&key(1).client_secret_digest("client", "secreT")));
    }

    #[test]
    fn a_digest_is_what_the_storage_format_says() {
        // HKDF subkey "client secret" of 32 bytes 0x01, then HMAC, computed with Python. A change
        // here would make every stored digest useless.
        let digest = key(1).client_secret_digest("client", "secret");
        assert_eq!(
            digest.to_text(),
            "W4bf1jHcFYx3kGW4YFDnJ03WoBlvjr-vpdqHKoFmZEU"
        );
    }

    #[test]
    fn a_digest_for_one_purpose_is_none_for_another() {
        let of = |purpose| key(1).digest(purpose, ["a", "b"]);
        assert!(of(Purpose::Session).matches(&of(Purpose::Session)));
        assert!(!of(Purpose::Session).matches(&of(Purpose::FormToken)));
        assert!(!of(Purpose::FormToken).matches(&of(Purpose::Browser)));
        let slid = key(1).digest(Purpose::Session, ["ab", ""]);
        assert!(!of(Purpose::Session).matches(&slid));
        let last = Purpose::LABELS[Purpose::RecoveryCode as usize];
        assert_eq!(last, "recovery code");
    }

    #[test]
    fn a_digest_is_written_and_read_back() {
        let digest = key(1).client_secret_digest("client", "secret");
        let text = digest.to_text();
        assert_eq!(text.len(), 43);
        assert!(Digest::from_text(&text).unwrap().matches(&digest));
        for wrong in ["", &text[1..], &format!("{text}="), &format!("{text}A")] {
            assert!(Digest::from_text(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{digest:?}"), "[digest]");
    }

    #[test]
    fn a_key_is_kept_and_brought_back() {
        let new = DigestKey::generate();
        let bytes = SecretBytes::new(new.expose_bytes().to_vec());
        let kept = DigestKey::from_bytes(new.id().to_owned(), bytes).unwrap();
        let digest = new.client_secret_digest("c", "s");
        assert!(kept.client_secret_digest("c", "s").matches(&digest));
        let other = DigestKey::generate();
        assert_ne!(other.id(), new.id());
        assert!(!other.client_secret_digest("c", "s").matches(&digest));
        let short = DigestKey::from_bytes("k".to_owned(), SecretBytes::new(vec![0; 31]));
        assert_eq!(short.err(), Some(DigestKeyError::Length(31)));
    }

    #[test]
    fn a_keyed_hash_names_a_text_under_its_label() {
        let hash = key(1).keyed_hash("client_id", "mmk_x");
        assert_eq!(hash.len(), 16);
        assert_eq!(hash, key(1).keyed_hash("client_id", "mmk_x"));
        assert_ne!(hash, key(1).keyed_hash("login", "mmk_x"));
        assert_ne!(hash, key(1).keyed_hash("client_id", "mmk_y"));
        assert_ne!(hash, key(2).keyed_hash("client_id", "mmk_x"));
    }
}
