//! Client secrets: made, digested, and compared.

use std::hint::black_box;
use std::sync::Arc;

use crate::ambient::{random_base62, random_uuid};
use crate::model::client::ClientSecret;
use crate::model::ids::ClientId;
use crate::model::secret::Secret;
use crate::model::timestamp::Timestamp;
use crate::signing::{Digest, DigestKey, Purpose};

/// How a secret made here begins, so that a secret scanner recognises one.
pub const PREFIX: &str = "mms_";
/// 43 base62 characters are 256 random bits.
const RANDOM_LENGTH: usize = 43;

/// A new secret: the prefix, 43 random base62 characters, and 6 of their CRC-32.
pub fn generate() -> Secret {
    let random = random_base62(RANDOM_LENGTH);
    let check = checksum(&random);
    Secret::new(format!("{PREFIX}{random}{check}"))
}

/// The CRC-32 of `text` as 6 base62 characters: with it a scanner knows a secret offline.
fn checksum(text: &str) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[rest % 62];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// Whether a secret brought from elsewhere can be taken: 32 to 256 printable ASCII characters.
pub fn is_acceptable(secret: &Secret) -> bool {
    let text = secret.expose();
    (32..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The digest keys: the newest digests new secrets, every one recognises its own.
#[derive(Clone)]
pub struct DigestKeys {
    keys: Vec<Arc<DigestKey>>,
}

impl DigestKeys {
    /// Nothing when there is no key at all.
    pub fn new(keys: Vec<DigestKey>) -> Option<Self> {
        (!keys.is_empty()).then(|| Self {
            keys: keys.into_iter().map(Arc::new).collect(),
        })
    }

    /// The key for what is made now.
    pub fn newest(&self) -> &DigestKey {
        // `new` refuses an empty list.
        self.keys.last().expect("there is a digest key")
    }

    /// Every key, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &DigestKey> {
        self.keys.iter().rev().map(AsRef::as_ref)
    }

    /// Whether `presented`, as text, is the digest of `values` for `purpose` under one of the keys.
    pub fn is_digest<const N: usize>(
        &self,
        purpose: Purpose,
        values: [&str; N],
        presented: &str,
    ) -> bool {
        let presented = Digest::from_text(presented);
        presented.is_some_and(|presented| {
            self.iter()
                .any(|key| key.digest(purpose, values).matches(&presented))
        })
    }

    fn find(&self, id: &str) -> Option<&DigestKey> {
        self.keys.iter().map(AsRef::as_ref).find(|k| k.id() == id)
    }

    /// The row that recognises `secret` as this client's.
    pub fn row(&self, client_id: &ClientId, secret: &Secret, now: Timestamp) -> ClientSecret {
        let key = self.newest();
        let digest = key.client_secret_digest(client_id.as_str(), secret.expose());
        ClientSecret {
            id: random_uuid().to_string(),
            client_id: client_id.clone(),
            digest: digest.to_text(),
            digest_key_id: key.id().to_owned(),
            created_at: now,
            expires_at: None,
            quiet_for: None,
        }
    }

    /// The place of the living row whose secret is one of the `readings` of what was presented. The
    /// work is the same whether there are rows or not, and whichever row it is.
    pub fn recognise(
        &self,
        client_id: &str,
        readings: &[Secret],
        rows: &[ClientSecret],
        now: Timestamp,
    ) -> Option<usize> {
        let digest = |key: &DigestKey, reading: &Secret| {
            key.client_secret_digest(client_id, reading.expose())
        };
        let nothing = Digest::ZERO;
        let mut recognised = None;
        for reading in readings {
            let by_newest = digest(self.newest(), reading);
            if rows.is_empty() {
                // Compared all the same, so that an unknown client costs what a wrong secret costs.
                black_box(by_newest.matches(&nothing));
            }
            for (place, row) in rows.iter().enumerate() {
                let by_older;
                let presented = match self.find(&row.digest_key_id) {
                    Some(key) if key.id() == self.newest().id() => &by_newest,
                    Some(key) => {
                        by_older = digest(key, reading);
                        &by_older
                    }
                    None => continue,
                };
                let expected = Digest::from_text(&row.digest);
                let matches = expected.is_some_and(|expected| presented.matches(&expected));
                if matches && row.is_alive(now) {
                    recognised = Some(place);
                }
            }
        }
        recognised
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_carries_a_checksum_that_a_scanner_can_verify() {
        let secret = generate();
        let text = secret.expose();
        assert_eq!(text.len(), 4 + 43 + 6);
        let (random, check) = text[4..].split_at(43);
        assert_eq!(check, checksum(random));
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn only_the_living_secret_of_the_same_client_is_recognised() {
        let keys = DigestKeys::new(vec![DigestKey::generate(), DigestKey::generate()]).unwrap();
        let now = Timestamp::from_seconds(100);
        let id = ClientId::parse("mmk_a").unwrap();
        let right = generate();
        let mut row = keys.row(&id, &right, now);
        let wrong = Secret::new("wrong".to_owned());
        let recognises = |rows: &[ClientSecret], id: &str| {
            keys.recognise(id, &[wrong.clone(), right.clone()], rows, now)
        };
        let other = keys.row(&id, &generate(), now);
        assert_eq!(recognises(std::slice::from_ref(&row), "mmk_a"), Some(0));
        assert_eq!(recognises(&[other.clone(), row.clone()], "mmk_a"), Some(1));
        assert_eq!(recognises(&[row.clone(), other.clone()], "mmk_a"), Some(0));
        assert_eq!(recognises(std::slice::from_ref(&row), "mmk_b"), None);
        assert_eq!(recognises(&[], "mmk_a"), None);
        assert_eq!(
            keys.recognise(
                "mmk_a",
                std::slice::from_ref(&wrong),
                std::slice::from_ref(&row),
                now
            ),
            None
        );
        row.expires_at = Some(now);
        assert_eq!(recognises(&[other, row], "mmk_a"), None);
    }
}
