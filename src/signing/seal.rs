//! Wrapping of keys for the database: AES-256-GCM (NIST SP 800-38D) under the master key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use thiserror::Error;

use super::derive::joined;
use super::master_key::MasterKey;
use crate::ambient::random_bytes;
use crate::model::secret::SecretBytes;

const VERSION: &str = "v1.";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Where a sealed value is kept. It opens there only, so that nobody who can write to the database
/// can move one key into the place of another.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The row's primary key.
    pub row: &'a str,
}

/// Why a sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    #[error("the sealed value is not one that this version of mintmark wrote")]
    Malformed,
    #[error("the sealed value was altered, moved, or sealed under another master key")]
    Refused,
}

impl MasterKey {
    /// Wraps `plaintext` for `place`: `v1.` and the Base64url of nonce, ciphertext and tag. Each
    /// call gives another text; the nonces are random, good for 2^32 values under one key.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> String {
        let mut sealed = random_bytes::<NONCE_BYTES>().to_vec();
        let mut tag = [0; TAG_BYTES];
        let ciphertext = encrypt_aead(
            Cipher::aes_256_gcm(),
            self.sealing.as_slice(),
            Some(&sealed),
            &self.associated_data(place),
            plaintext,
            &mut tag,
        )
        .expect("AES-256-GCM takes a 32-byte key, a 12-byte nonce and any plaintext of ours");
        sealed.extend_from_slice(&ciphertext);
        sealed.extend_from_slice(&tag);
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Unwraps what [`MasterKey::seal`] made for the same `place`.
    ///
    /// # Errors
    /// [`SealError::Malformed`] when it has another form, [`SealError::Refused`] when it is not
    /// what this key sealed for this place.
    pub fn open(&self, place: &Place<'_>, sealed: &str) -> Result<SecretBytes, SealError> {
        let bytes = sealed
            .strip_prefix(VERSION)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .ok_or(SealError::Malformed)?;
        let (nonce, rest) = bytes
            .split_at_checked(NONCE_BYTES)
            .ok_or(SealError::Malformed)?;
        let (ciphertext, tag) = rest
            .split_last_chunk::<TAG_BYTES>()
            .ok_or(SealError::Malformed)?;
        decrypt_aead(
            Cipher::aes_256_gcm(),
            self.sealing.as_slice(),
            Some(nonce),
            &self.associated_data(place),
            ciphertext,
            tag,
        )
        .map(SecretBytes::new)
        .map_err(|_| SealError::Refused)
    }

    fn associated_data(&self, place: &Place<'_>) -> Vec<u8> {
        joined([
            VERSION.as_bytes(),
            place.table.as_bytes(),
            place.row.as_bytes(),
            self.fingerprint.as_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    const HERE: Place<'_> = Place {
        table: "signing_key",
        row: "k1",
    };

    fn master_key(byte: u8) -> MasterKey {
        MasterKey::from_key(&Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_sealed_value_opens_in_its_place() {
        let key = master_key(1);
        for plaintext in [&b""[..], b"x", &[9; 2000]] {
            let sealed = key.seal(&HERE, plaintext);
            assert!(sealed.starts_with("v1."));
            assert_eq!(key.open(&HERE, &sealed).unwrap().expose(), plaintext);
        }
        assert_ne!(key.seal(&HERE, b"x"), key.seal(&HERE, b"x"));
    }

    #[test]
    fn a_sealed_value_opens_nowhere_else() {
        let key = master_key(1);
        let sealed = key.seal(&HERE, b"a private key");
        for (table, row) in [
            ("signing_key", "k2"),
            ("digest_key", "k1"),
            ("signing_keyk", "1"),
            ("", "signing_keyk1"),
        ] {
            let error = key.open(&Place { table, row }, &sealed).unwrap_err();
            assert_eq!(error, SealError::Refused, "{table} {row}");
        }
        let error = master_key(2).open(&HERE, &sealed).unwrap_err();
        assert_eq!(error, SealError::Refused);
    }

    #[test]
    fn any_altered_bit_is_refused() {
        let key = master_key(1);
        let sealed = key.seal(&HERE, b"secret");
        let bytes = URL_SAFE_NO_PAD.decode(&sealed[3..]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let text = format!("v1.{}", URL_SAFE_NO_PAD.encode(altered));
            assert_eq!(key.open(&HERE, &text).unwrap_err(), SealError::Refused);
        }
    }

    #[test]
    fn another_form_is_malformed() {
        let key = master_key(1);
        let sealed = key.seal(&HERE, b"secret");
        let short = format!("v1.{}", URL_SAFE_NO_PAD.encode([0; 27]));
        for text in [
            "",
            "v1.",
            "v1.*",
            &sealed[3..],
            &sealed.replace("v1.", "v2."),
            &format!("{sealed}="),
            &short,
        ] {
            let error = key.open(&HERE, text).unwrap_err();
            assert_eq!(error, SealError::Malformed, "{text}");
        }
    }
}
