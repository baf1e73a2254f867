//! How the directory follows the change log.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use super::{Directory, Keyring, KeyringError, millis};
use crate::model::change::{Change, Position};
use crate::store::{AnyConnection, StoreError, changes};

/// How many changes are read at once.
const BATCH: i64 = 1000;

/// Entries of the log that are to be applied after a commit.
pub struct Pending {
    head: Position,
    entries: Vec<(i64, Change)>,
}

impl Directory {
    /// Applies every change that was committed before the call. The job that follows the log calls
    /// it every 250 ms.
    pub fn follow(&self) -> Result<(), KeyringError> {
        let alone = self.alone();
        self.follow_alone(&alone)
    }

    /// What the log holds beyond what is applied here, as the transaction of a writer sees it. It
    /// is read before the commit, so that nothing has to be read after it: the database can be
    /// away by then.
    pub fn pending(&self, c: &mut AnyConnection) -> Result<Pending, StoreError> {
        let applied = self.read_position().number;
        Ok(Pending {
            head: changes::find_head(c)?,
            entries: changes::list(c, applied, BATCH)?,
        })
    }

    /// Applies what a writer read before its commit; it calls this after that and before it
    /// answers.
    pub fn catch_up(&self, pending: Pending) -> Result<(), KeyringError> {
        let alone = self.alone();
        let Pending { head, mut entries } = pending;
        let position = self.read_position().clone();
        // Others may have applied some of it meanwhile.
        entries.retain(|(number, _)| *number > position.number);
        let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        if head.epoch != position.epoch || position.number + count < head.number {
            return self.follow_alone(&alone);
        }
        match entries.is_empty() {
            true => Ok(()),
            false => self.apply(entries, head),
        }
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.following
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn follow_alone(&self, alone: &MutexGuard<'_, ()>) -> Result<(), KeyringError> {
        let done = self.read_on(alone);
        let is_away = matches!(done, Err(KeyringError::Store(StoreError::Unavailable(_))));
        self.is_away.store(is_away, Ordering::Release);
        done
    }

    fn read_on(&self, _alone: &MutexGuard<'_, ()>) -> Result<(), KeyringError> {
        let started_at = self.clock.monotonic();
        loop {
            let position = self.read_position().clone();
            let (head, entries) = self.database.read_log(|c| {
                let head = changes::find_head(c)?;
                let entries = changes::list(c, position.number, BATCH)?;
                Ok::<_, StoreError>((head, entries))
            })?;
            // One that was trimmed, by a clock that went wrong, can be missing anywhere.
            let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
            let last = entries.last().map_or(head.number, |(number, _)| *number);
            let is_whole = position.number.checked_add(count) == Some(last);
            if head.epoch != position.epoch || !is_whole {
                self.start_afresh(head)?;
                break;
            }
            if entries.is_empty() {
                break;
            }
            let to = Position {
                number: last,
                ..position
            };
            self.apply(entries, to)?;
            if last >= head.number {
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
            true => Some(self.load_keyring()?),
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
        let keyring = self.load_keyring()?;
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

    fn load_keyring(&self) -> Result<Keyring, KeyringError> {
        let load = |c: &mut AnyConnection| Keyring::load(c, &self.master_key);
        self.database.read_log(load)
    }
}
