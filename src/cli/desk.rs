//! Where commands work beside a running server: the same database, the same acts.

use std::path::{Path, PathBuf};

use super::{CliError, host};
use crate::ambient::{Clock, SystemClock};
use crate::directory::Keyring;
use crate::domain::secret::DigestKeys;
use crate::domain::timekeeper::{Ahead, reach};
use crate::domain::unseal::unseal;
use crate::domain::{Act, Authority, DomainError};
use crate::model::audit::Actor;
use crate::model::ids::ClientId;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, Database, DatabaseUrl, client_secrets, clock_marks};

/// An open database with the schema that this version knows.
pub struct Desk {
    pub database: Database,
    pub keys_dir: PathBuf,
    pub now: Timestamp,
    /// The highest time that a server was sure of.
    highest: Option<Timestamp>,
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
            highest,
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

    /// That an end can be reckoned from the time that it is now: what is made by a clock that is set
    /// wrong would live on when it is set right. A server waits until it is sure; a command cannot.
    pub fn check_time(&self) -> Result<(), CliError> {
        let Some(highest) = self.highest else {
            return Ok(());
        };
        match reach(highest, self.now) {
            Ahead::Far => Err(CliError::ClockAhead {
                shown: self.now,
                highest,
                what: "an end that is reckoned from it could be wrong",
            }),
            Ahead::Somewhat | Ahead::Sure => Ok(()),
        }
    }

    /// That no secret of this client has ended by the clock alone: a rotation deletes for good what has
    /// ended.
    pub fn check_ended(&self, id: &ClientId) -> Result<(), CliError> {
        let Some(highest) = self.highest else {
            return Ok(());
        };
        let secrets = self.read(|c| Ok(client_secrets::list(c, id)?))?;
        let mut ends = secrets.iter().filter_map(|secret| secret.expires_at);
        let is_sure = reach(highest, self.now) == Ahead::Sure;
        match !is_sure && ends.any(|end| highest < end && end <= self.now) {
            true => Err(CliError::ClockAhead {
                shown: self.now,
                highest,
                what: "by it alone the client's older secret has ended, and would be deleted for good",
            }),
            false => Ok(()),
        }
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
