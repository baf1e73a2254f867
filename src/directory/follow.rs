//! How the directory follows the change log, and how it knows that the log still is the one it followed.
//!
//! A database can lose its last changes: a standby that lacked them is promoted, a backup is restored
//! under running processes. It then gives their numbers again, so a number that is "not lower" says
//! nothing of whether what is known here was read from the same history. Each place where it could be
//! taken for that, with what is compared instead, and the test that breaks without it:
//!
//! | place | what stands for the same history | test, in `tests/it` |
//! | --- | --- | --- |
//! | [`Directory::follow`]: the entry stood on | its number and its random mark, found in the log, and every entry between there and the head | `storage::lost::what_was_made_under_numbers_that_are_given_again_is_applied` |
//! | the same, where only what was read ahead of the log was lost: the entry stood on is there | the source of the log's connection: another one after it was opened again, and when another server, database or table answers on it | `storage::promoted` |
//! | the same, where nothing in the log shows it | the epoch, a random name of the history, which a restore changes | `storage::lost::another_epoch_is_read_afresh_though_every_entry_is_there` |
//! | the same, where the entry stood on was trimmed | nothing: all is read afresh. Trimming leaves the last entry, so whoever is up to date finds it | `storage::lost::the_last_entry_of_the_log_is_never_trimmed` |
//! | [`Directory::catch_up`]: what a writer read before its commit | the entry stood on is in it, by number and mark; or its head was applied here, by number and mark | `storage::lost::a_writer_that_meets_another_history_answers_by_it` |
//! | an entry kept on a miss ([`Directory::read_credentials`], `read_user`, `read_application`) | how often memory moved in this process, which counts loads afresh too: after one of them the position can be what it was before | `storage::lost::what_was_read_before_memory_was_emptied_is_not_kept` |
//! | what is known not to exist ([`Directory::is_unknown`]) | the same count | `storage::lost::an_id_that_is_known_not_to_exist_is_asked_for_in_another_history` |
//! | an application in memory that is not read again | the whole position, epoch and mark with it | `token::resource` |
//!
//! What stands for the same history elsewhere: an entity tag is a digest of what is shown, never a
//! number; a page of a list goes on by offset or by the time and random id of its last row; a batch of
//! uses is added to the row of its client's id, which is never given twice; a session is looked up by the
//! digest of its secret with every request, and a restore ends them all; a generation is one growing number, taken from the
//! database's clock, and never given twice.
//!
//! What nothing here can see: two servers that both take writes at the same time, and a transaction that
//! takes the rows of the same tables back to what they were, without a new epoch, where only what was
//! read within the last 250 ms is lost.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::{Directory, Keyring, KeyringError, PATIENCE, millis};
use crate::model::change::{Change, Entry, Position};
use crate::store::{AnyConnection, StoreError, changes};

/// How many changes are read at once, beside the one stood on.
const BATCH: i64 = 1000;

/// How many of the last places are remembered: more than writers of one process stand in line.
const REMEMBERED: usize = 1000;

/// Where memory stands: up to where the log was applied, and read from what.
pub(super) struct Standing {
    pub position: Position,
    /// What the log was read from.
    source: String,
    /// The places of this history that were applied last, by number and mark.
    applied: VecDeque<(i64, Option<String>)>,
    /// How often memory was moved on or emptied in this process.
    pub moves: u64,
}

impl Standing {
    pub fn new(position: Position, source: &str) -> Self {
        let mut standing = Self {
            source: source.to_owned(),
            applied: VecDeque::new(),
            moves: 0,
            position: position.clone(),
        };
        standing.move_to(position);
        standing
    }

    fn move_to(&mut self, position: Position) {
        if self.applied.len() == REMEMBERED {
            self.applied.pop_front();
        }
        self.applied
            .push_back((position.number, position.mark.clone()));
        self.position = position;
        self.moves += 1;
    }

    /// Stands nowhere: whatever the log says, it is not the one that was followed.
    pub fn leave(&mut self) {
        self.position.epoch.clear();
        self.applied.clear();
        self.moves += 1;
    }

    /// Whether this place of the same history was applied.
    fn has_applied(&self, place: &Position) -> bool {
        let is_it = |one: &&(i64, Option<String>)| one.0 == place.number && one.1 == place.mark;
        place.epoch == self.position.epoch
            && place.mark.is_some()
            && self.applied.iter().rev().any(|one| is_it(&one))
    }
}

/// Entries of the log that are to be applied after a commit.
pub struct Pending {
    head: Position,
    /// From the one stood on.
    entries: Vec<Entry>,
}

/// What follows this place in the entries from it on. Nothing if the place is not there as it was
/// applied, or an entry after it is missing.
fn after(position: &Position, mut entries: Vec<Entry>) -> Option<Vec<Entry>> {
    // No entry has the number 0, at which a log begins.
    if position.number > 0 || position.mark.is_some() {
        let at = entries.iter().position(|entry| position.is_at(entry))?;
        entries.drain(..=at);
    }
    let numbers = position.number.saturating_add(1)..;
    let is_whole = numbers.zip(&entries).all(|(n, entry)| entry.number == n);
    is_whole.then_some(entries)
}

impl Directory {
    /// Applies every change that was committed before the call. The job that follows the log calls
    /// it every 250 ms.
    pub fn follow(&self) -> Result<(), KeyringError> {
        let alone = self.following.lock();
        self.follow_alone(&alone)
    }

    /// What the log holds beyond what is applied here, as the transaction of a writer sees it. It
    /// is read before the commit, so that nothing has to be read after it: the database can be
    /// away by then.
    pub fn pending(&self, c: &mut AnyConnection) -> Result<Pending, StoreError> {
        let applied = self.read_standing().position.number;
        Ok(Pending {
            head: changes::find_head(c)?,
            entries: changes::list(c, applied, BATCH + 1)?,
        })
    }

    /// Applies what a writer read before its commit; it calls this after that and before it
    /// answers.
    pub fn catch_up(&self, pending: Pending) -> Result<(), KeyringError> {
        // Whoever reads it now may wait for a database that hangs.
        let busy = || StoreError::Unavailable("another reads the change log".to_owned());
        let alone = self.alone_within(PATIENCE).ok_or_else(busy)?;
        let Pending { head, entries } = pending;
        let (position, is_applied) = {
            let standing = self.read_standing();
            (standing.position.clone(), standing.has_applied(&head))
        };
        // Others may have applied some of it meanwhile, or all.
        if is_applied {
            return Ok(());
        }
        match after(&position, entries) {
            Some(entries)
                if head.epoch == position.epoch
                    && entries.last().is_some_and(|last| head.is_at(last)) =>
            {
                self.apply(entries)
            }
            _ => self.follow_alone(&alone),
        }
    }

    pub(super) fn alone_within(&self, time: Duration) -> Option<MutexGuard<'_, ()>> {
        self.following.try_lock_for(time)
    }

    pub(super) fn follow_alone(&self, alone: &MutexGuard<'_, ()>) -> Result<(), KeyringError> {
        self.beat();
        let started_at = millis(self.clock.since_boot());
        let done = self.read_on(alone, started_at);
        let is_away = matches!(done, Err(KeyringError::Store(StoreError::Unavailable(_))));
        self.is_away.store(is_away, Ordering::Release);
        self.beat_after(Some(started_at));
        done
    }

    fn read_on(&self, _alone: &MutexGuard<'_, ()>, started_at: u64) -> Result<(), KeyringError> {
        loop {
            let (position, stood) = {
                let standing = self.read_standing();
                (standing.position.clone(), standing.source.clone())
            };
            let (head, entries, source) = self.database.read_log_and_source(|c, source| {
                let head = changes::find_head(c)?;
                let entries = match head == position {
                    true => Vec::new(),
                    false => changes::list(c, position.number, BATCH + 1)?,
                };
                Ok::<_, StoreError>((head, entries, source.to_owned()))
            })?;
            if head.epoch != position.epoch {
                self.start_afresh(head, &source, "its epoch is another")?;
                break;
            }
            if source != stood {
                self.start_afresh(head, &source, "its connection is another")?;
                break;
            }
            if head == position {
                break;
            }
            // One that was trimmed, by a clock that went wrong, can be missing anywhere.
            let new = after(&position, entries).filter(|new| !new.is_empty());
            let Some(new) = new else {
                self.start_afresh(
                    head,
                    &source,
                    "it lacks what was applied here, or what follows",
                )?;
                break;
            };
            let last = new.last().map_or(position.number, |entry| entry.number);
            self.apply(new)?;
            if last >= head.number {
                break;
            }
        }
        self.followed_at.store(started_at, Ordering::Release);
        Ok(())
    }

    /// Applies entries of the history that is stood in, which follow the one that is stood on.
    fn apply(&self, entries: Vec<Entry>) -> Result<(), KeyringError> {
        // Loaded before the position moves: if it fails, the entry is met again.
        let is_unknown = entries.iter().any(|e| e.change == Change::Unknown);
        let keyring = match is_unknown || entries.iter().any(|e| e.change == Change::SigningKeys) {
            true => Some(self.load_keyring()?),
            false => None,
        };
        let mut standing = self.write_standing();
        if is_unknown {
            self.invalidate_all();
        }
        for entry in entries {
            match entry.change {
                Change::Client(id) => self.clients.invalidate(&id),
                Change::User(id) => self.users.invalidate(&id),
                Change::Application(uri) => self.applications.invalidate(&uri),
                Change::SigningKeys | Change::Unknown => {}
            }
            let epoch = standing.position.epoch.clone();
            standing.move_to(Position {
                epoch,
                number: entry.number,
                mark: Some(entry.mark),
            });
        }
        if let Some(keyring) = keyring {
            self.keyring.store(keyring.into());
        }
        Ok(())
    }

    /// Forgets everything: the log does not tell what changed since.
    fn start_afresh(&self, head: Position, source: &str, why: &str) -> Result<(), KeyringError> {
        let keyring = self.load_keyring()?;
        {
            let mut standing = self.write_standing();
            self.invalidate_all();
            self.keyring.store(keyring.into());
            standing.applied.clear();
            standing.source = source.to_owned();
            standing.move_to(head);
        }
        tracing::info!(why, "the change log is read afresh");
        Ok(())
    }

    fn load_keyring(&self) -> Result<Keyring, KeyringError> {
        let load = |c: &mut AnyConnection| Keyring::load(c, &self.master_key);
        self.database.read_log(load)
    }
}
