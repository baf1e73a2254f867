//! Opens what the master key closes, or says why that cannot be done.

use std::path::Path;

use super::secret::DigestKeys;
use crate::signing::master_key::FILE_NAME;
use crate::signing::{DigestKey, KeyFileError, MasterKey, Place};
use crate::store::{Database, StoreError, digest_keys, instance};

/// What lies open once the master key is there.
pub struct Unsealed {
    pub master_key: MasterKey,
    pub digest_keys: DigestKeys,
}

/// Why it stays closed.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    #[error("the database was never set up: start `mintmark serve` once, which does it")]
    NotSetUp,
    #[error(
        "{path} is not the master key of this database: put back the one from the same back-up \
         as the database, or point --database-url and --keys-dir to what belongs together"
    )]
    AnotherMasterKey { path: String },
    #[error("a digest key in the database is damaged: restore the database from a back-up")]
    Damaged,
}

/// Checks that the master key is the database's own, and opens the digest keys.
pub fn unseal(database: &Database, keys_dir: &Path) -> Result<Unsealed, UnsealError> {
    let (fingerprint, sealed) = database.read(|c| {
        let fingerprint = instance::find(c)?.ok_or(UnsealError::NotSetUp)?;
        Ok::<_, UnsealError>((fingerprint, digest_keys::list(c)?))
    })?;
    let master_key = MasterKey::load(keys_dir)?;
    if master_key.fingerprint() != fingerprint {
        return Err(UnsealError::AnotherMasterKey {
            path: keys_dir.join(FILE_NAME).display().to_string(),
        });
    }
    let open = |(id, sealed): (String, String)| {
        let place = Place {
            table: digest_keys::TABLE,
            row: &id,
        };
        let bytes = master_key.open(&place, &sealed).ok()?;
        DigestKey::from_bytes(id, bytes).ok()
    };
    let keys: Option<Vec<DigestKey>> = sealed.into_iter().map(open).collect();
    Ok(Unsealed {
        digest_keys: keys.and_then(DigestKeys::new).ok_or(UnsealError::Damaged)?,
        master_key,
    })
}
