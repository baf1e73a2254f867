//! Where commands work beside a running server: the same database, the same acts.

use std::path::{Path, PathBuf};

use super::{CliError, host};
use crate::ambient::{Clock, SystemClock};
use crate::directory::Keyring;
use crate::domain::secret::DigestKeys;
use crate::domain::unseal::unseal;
use crate::domain::{Act, Authority, DomainError};
use crate::model::audit::Actor;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, Database, DatabaseUrl, clock_marks};

/// An open database with the schema that this version knows.
pub struct Desk {
    pub database: Database,
    pub keys_dir: PathBuf,
    pub now: Timestamp,
}

impl Desk {
    pub fn open(url: &DatabaseUrl, keys_dir: &Path) -> Result<Self, CliError> {
        // Opening would make the file, and an empty database beside the real one helps nobody.
        if let DatabaseUrl::Sqlite(path) = url
            && !path.exists()
        {
            return Err(CliError::Other(format!(
                "there is no database at {}: start `mintmark serve` once, or point --database-url \
                 to the one that you mean",
                path.display()
            )));
        }
        let database = Database::open(url, 1)?;
        if let Some(problem) = database.schema()?.problem() {
            return Err(CliError::Other(problem));
        }
        // What had ended does not live again because a clock went back.
        let highest = database.read(clock_marks::find)?;
        let now = SystemClock.now();
        Ok(Self {
            database,
            keys_dir: keys_dir.to_owned(),
            now: highest.map_or(now, |highest| highest.max(now)),
        })
    }

    /// The digest keys: for what makes or takes a secret.
    pub fn digest_keys(&self) -> Result<DigestKeys, CliError> {
        Ok(unseal(&self.database, &self.keys_dir)?.digest_keys)
    }

    /// The signing keys, opened.
    pub fn keyring(&self) -> Result<Keyring, CliError> {
        let master_key = unseal(&self.database, &self.keys_dir)?.master_key;
        let loaded = self.database.read(|c| Keyring::load(c, &master_key));
        loaded.map_err(|e| CliError::Other(e.to_string()))
    }

    /// Reads.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, DomainError>,
    ) -> Result<T, CliError> {
        Ok(self.database.read(work)?)
    }

    /// Acts, in one transaction; a running server notices within a second.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Act) -> Result<T, DomainError>,
    ) -> Result<T, CliError> {
        let act = Act {
            authority: Authority::unlimited(Actor::CommandLine(host::user())),
            now: self.now,
            request_id: None,
        };
        Ok(self.database.write(|c| work(c, &act))?)
    }
}
