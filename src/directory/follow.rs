//! How the directory follows the change log.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Directory, Keyring, KeyringError, millis};
use crate::model::change::{Change, Position};
use crate::store::{StoreError, changes};

/// How many changes are read at once.
const BATCH: i64 = 1000;

impl Directory {
    /// Applies every change that was committed before the call. A writer calls it after its commit
    /// and before it answers; the job that follows the log calls it every 250 ms.
    pub fn follow(&self) -> Result<(), KeyringError> {
        let _alone = self
            .following
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let started_at = self.clock.monotonic();
        loop {
            let position = self.read_position().clone();
            let (head, entries) = self.database.read(|c| {
                let head = changes::find_head(c)?;
                let entries = changes::list(c, position.number, BATCH)?;
                Ok::<_, StoreError>((head, entries))
            })?;
            let first = entries.first().map(|(number, _)| *number);
            let is_whole = first.unwrap_or(head.number.saturating_add(1)) == position.number + 1;
            if head.epoch != position.epoch || head.number < position.number || !is_whole {
                self.start_afresh(head)?;
                break;
            }
            let Some((last, _)) = entries.last() else {
                break;
            };
            let number = *last;
            self.apply(entries, Position { number, ..position })?;
            if number >= head.number {
                break;
            }
        }
        self.followed_at
            .store(millis(started_at), Ordering::Release);
        Ok(())
    }

    fn apply(&self, entries: Vec<(i64, Change)>, to: Position) -> Result<(), KeyringError> {
        if entries.iter().any(|(_, c)| *c == Change::Unknown) {
            return self.start_afresh(to);
        }
        // Loaded before the position moves: if it fails, the entry is met again.
        let keyring = match entries.iter().any(|(_, c)| *c == Change::SigningKeys) {
            true => Some(Keyring::load(&self.database, &self.master_key)?),
            false => None,
        };
        let mut position = self
            .position
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for (_, change) in entries {
            match change {
                Change::Client(id) => self.clients.invalidate(&id),
                Change::User(id) => self.users.invalidate(&id),
                Change::Application(uri) => self.applications.invalidate(&uri),
                Change::SigningKeys | Change::Unknown => {}
            }
        }
        if let Some(keyring) = keyring {
            self.keyring.store(keyring.into());
        }
        *position = to;
        Ok(())
    }

    /// Forgets everything: the log does not tell what changed since.
    fn start_afresh(&self, head: Position) -> Result<(), KeyringError> {
        let keyring = Keyring::load(&self.database, &self.master_key)?;
        let mut position = self
            .position
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        self.clients.invalidate_all();
        self.users.invalidate_all();
        self.applications.invalidate_all();
        self.unknown.invalidate_all();
        self.keyring.store(keyring.into());
        *position = head;
        Ok(())
    }
}
