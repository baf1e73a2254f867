//! The signing keys in memory: one that signs, all that are published.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::secret::SecretBytes;
use crate::model::signing_key::SigningKeyState;
use crate::signing::{Jwk, MasterKey, Place, SigningKey};
use crate::store::{AnyConnection, StoreError, signing_keys};

/// The signing keys as they were at one place of the change log.
pub struct Keyring {
    active: Arc<SigningKey>,
    published: HashMap<String, Arc<SigningKey>>,
    /// In the order in which they are published: the one that signs first.
    order: Vec<String>,
}

/// Why the signing keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the signing key {0} in the database is damaged, or wrapped under another master key: \
         restore the database and keys/ from the same back-up"
    )]
    Damaged(String),
    #[error("the database has no active signing key: restore it from a back-up")]
    NoneActive,
}

impl Keyring {
    /// Reads and unwraps every key.
    pub fn load(c: &mut AnyConnection, master_key: &MasterKey) -> Result<Self, KeyringError> {
        let stored = signing_keys::list(c)?;
        let mut active = None;
        let mut published = HashMap::new();
        let mut order = Vec::new();
        for key in stored {
            let place = Place {
                table: signing_keys::TABLE,
                row: &key.kid,
            };
            let damaged = || KeyringError::Damaged(key.kid.clone());
            let der: SecretBytes = master_key
                .open(&place, &key.sealed)
                .map_err(|_| damaged())?;
            let parsed = Arc::new(SigningKey::from_pkcs8_der(&der).map_err(|_| damaged())?);
            if parsed.public().kid() != key.kid {
                return Err(damaged());
            }
            if key.state == SigningKeyState::Active {
                active = Some(parsed.clone());
                order.insert(0, key.kid.clone());
            } else {
                order.push(key.kid.clone());
            }
            published.insert(key.kid, parsed);
        }
        Ok(Self {
            active: active.ok_or(KeyringError::NoneActive)?,
            published,
            order,
        })
    }

    /// The key that signs.
    pub fn active(&self) -> &SigningKey {
        &self.active
    }

    /// The published key with this `kid`.
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.published.get(kid).map(AsRef::as_ref)
    }

    /// The public halves of all published keys (RFC 7517).
    pub fn jwks(&self) -> Vec<Jwk> {
        let key = |kid: &String| self.published[kid].public().jwk();
        self.order.iter().map(key).collect()
    }
}
