//! The directory: the in-memory copy of what the hot path decides from.
//!
//! It holds what is used, within a bound, and reads through on a miss. It follows the change log:
//! what an entry of the log names is forgotten, and read again when it is next needed. A read that
//! began before such an entry was applied is not kept, since it may show what was before.

mod awake;
mod follow;
mod keyring;
mod known;
mod silence;

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use arc_swap::ArcSwap;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use awake::Beats;
pub use keyring::{Keyring, KeyringError};
pub use known::{KnownApplication, KnownClient, KnownUser};

use follow::Standing;

use crate::ambient::Clock;
use crate::model::ids::{ClientId, UserId};
use crate::signing::MasterKey;
use crate::store::clients::Whose;
use crate::store::{
    AnyConnection, Database, Line, StoreError, application_users, applications, changes,
    client_secrets, clients, second_factors, users,
};

/// In how many lines those wait who read; one client is read by one at a time.
const LINES: usize = 64;

/// How old the last successful read of the change log may be before the database counts as away.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// How long one waits whose turn it is not to read the change log.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A client, with its owner if it has one.
pub type ClientAndOwner = (Arc<KnownClient>, Option<Arc<KnownUser>>);

/// How much the directory can be trusted now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freshness {
    /// The change log is being followed.
    Fresh,
    /// The database is away, but not for longer than the grace.
    Stale,
    /// The database is away for so long that a change could have been missed.
    Lost,
}

/// The in-memory copy.
pub struct Directory {
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    master_key: Arc<MasterKey>,
    outage_grace: Duration,
    clients: Cache<ClientId, Arc<KnownClient>>,
    users: Cache<UserId, Arc<KnownUser>>,
    applications: Cache<String, Arc<KnownApplication>>,
    /// Ids that were read and not found, each with the moves of memory at which that was so.
    unknown: Cache<u64, u64>,
    hasher: RandomState,
    keyring: ArcSwap<Keyring>,
    /// Up to where the log was applied. Read while an entry is kept, written while the log is
    /// applied, so that no entry is kept that the log has overtaken.
    standing: RwLock<Standing>,
    /// One follower at a time.
    following: parking_lot::Mutex<()>,
    lines: [Line; LINES],
    /// When the log was last read, in milliseconds since the machine was started.
    followed_at: AtomicU64,
    /// When the process was last known not to have slept since it read the log, likewise.
    awake_at: AtomicU64,
    beats: Mutex<Beats>,
    /// When it showed last that the database hangs, in milliseconds since the machine was started.
    hung_at: AtomicU64,
    /// Whether the database could not be reached when that was last tried.
    is_away: AtomicBool,
}

impl Directory {
    /// An empty directory that stands at the head of the log, with the signing keys loaded.
    ///
    /// `capacity` bounds each of clients, users and applications.
    pub fn open(
        database: Arc<Database>,
        clock: Arc<dyn Clock>,
        master_key: Arc<MasterKey>,
        capacity: u64,
        outage_grace: Duration,
    ) -> Result<Self, KeyringError> {
        let (standing, keyring) = database.read_log_and_source(|c, source| {
            let standing = Standing::new(changes::find_head(c)?, source);
            Ok::<_, KeyringError>((standing, Keyring::load(c, &master_key)?))
        })?;
        let now = millis(clock.since_boot());
        Ok(Self {
            database,
            clock,
            master_key,
            outage_grace,
            clients: bounded(capacity),
            users: bounded(capacity),
            applications: bounded(capacity),
            unknown: bounded(capacity),
            hasher: RandomState::new(),
            keyring: ArcSwap::from_pointee(keyring),
            standing: RwLock::new(standing),
            following: parking_lot::Mutex::new(()),
            lines: std::array::from_fn(|_| Line::default()),
            followed_at: AtomicU64::new(now),
            awake_at: AtomicU64::new(now),
            beats: Mutex::new(Beats::begin(now)),
            hung_at: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
        })
    }

    /// The signing keys as they are now.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    /// How much the directory can be trusted now.
    pub fn freshness(&self) -> Freshness {
        let age = self.age();
        match age {
            _ if age <= FRESH_FOR => Freshness::Fresh,
            _ if age <= self.outage_grace => Freshness::Stale,
            _ => Freshness::Lost,
        }
    }

    /// For how long what is in memory may still be used; the whole grace while the log is followed.
    pub fn grace_left(&self) -> Duration {
        match self.age() {
            age if age <= FRESH_FOR => self.outage_grace,
            age => self.outage_grace.saturating_sub(age),
        }
    }

    /// How long ago the log was last read.
    fn age(&self) -> Duration {
        let followed_at = Duration::from_millis(self.followed_at.load(Ordering::Acquire));
        self.clock.since_boot().saturating_sub(followed_at)
    }

    /// Whether the database could not be reached when the log was last to be read, or does not answer
    /// now. Unlike [`Freshness`], which allows for a moment's delay, it tells of an outage as soon as
    /// it shows.
    pub fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Acquire) || self.hangs()
    }

    /// The client, if it is in memory. No read.
    pub fn client(&self, id: &ClientId) -> Option<Arc<KnownClient>> {
        self.clients.get(id)
    }

    /// The user, if in memory. No read.
    pub fn user(&self, id: UserId) -> Option<Arc<KnownUser>> {
        self.users.get(&id)
    }

    /// The living application with this `uri`, if in memory. No read.
    pub fn application(&self, uri: &str) -> Option<Arc<KnownApplication>> {
        self.applications.get(uri)
    }

    /// Whether it is known, without a read, that there is no such client.
    pub fn is_unknown(&self, id: &str) -> bool {
        let unknown_at = self.unknown.get(&self.hasher.hash_one(id));
        unknown_at == Some(self.read_standing().moves)
    }

    /// Reads a client with its secrets, whether in memory or not, and keeps what it reads. A client
    /// that does not exist costs the same queries as one that does, and its owner is not read: how
    /// much there is of that one must not show in the time of a refusal.
    pub fn read_credentials(&self, id: &ClientId) -> Result<Option<Arc<KnownClient>>, StoreError> {
        let before = self.read_standing().moves;
        let (client, secrets) = self.read(id.as_str(), |c| {
            let client = clients::find(c, id, Whose::Any)?;
            let secrets = client_secrets::list(c, id)?;
            Ok::<_, StoreError>((client, secrets))
        })?;
        let known = client.map(|client| Arc::new(KnownClient { client, secrets }));
        let standing = self.read_standing();
        if standing.moves == before {
            match &known {
                Some(known) => self.clients.insert(id.clone(), known.clone()),
                None => {
                    let name = self.hasher.hash_one(id.as_str());
                    self.unknown.insert(name, before);
                }
            }
        }
        Ok(known)
    }

    /// Reads a client and its owner, whether they are in memory or not, and keeps what it reads. A
    /// key whose owner is gone is as good as gone itself.
    pub fn read_client(&self, id: &ClientId) -> Result<Option<ClientAndOwner>, StoreError> {
        let Some(client) = self.read_credentials(id)? else {
            return Ok(None);
        };
        let Some(owner) = client.client.owner else {
            return Ok(Some((client, None)));
        };
        let owner = self.read_user(owner)?;
        Ok(owner.map(|owner| (client, Some(owner))))
    }

    /// Reads a user, whether in memory or not, and keeps what it reads.
    pub fn read_user(&self, id: UserId) -> Result<Option<Arc<KnownUser>>, StoreError> {
        let before = self.read_standing().moves;
        let known = self.read(&id, |c| {
            let Some(user) = users::find(c, id)? else {
                return Ok::<_, StoreError>(None);
            };
            let keys = clients::list_names(c, id)?;
            let second_factor = !second_factors::list_confirmed(c, &[id])?.is_empty();
            Ok(Some(Arc::new(KnownUser {
                user,
                second_factor,
                keys,
            })))
        })?;
        let standing = self.read_standing();
        if let Some(known) = known.as_ref().filter(|_| standing.moves == before) {
            self.users.insert(id, known.clone());
        }
        Ok(known)
    }

    /// Reads a living application by its `uri`, and keeps what it reads. One that is in memory is
    /// read again only if something was changed that is not applied here yet: it can have ten
    /// thousand users, and anybody with a key can ask for it.
    pub fn read_application(&self, uri: &str) -> Result<Option<Arc<KnownApplication>>, StoreError> {
        let (position, before) = {
            let standing = self.read_standing();
            (standing.position.clone(), standing.moves)
        };
        let known = self.applications.get(uri);
        let known = self.read(uri, |c| {
            if known.is_some() && changes::find_head(c)? == position {
                return Ok::<_, StoreError>(known);
            }
            let Some(application) = applications::find_by_uri(c, uri)? else {
                return Ok(None);
            };
            let settings = application_users::list_settings(c, application.id)?;
            let known = KnownApplication::new(application, settings);
            Ok(Some(Arc::new(known)))
        })?;
        let standing = self.read_standing();
        if let Some(known) = known.as_ref().filter(|_| standing.moves == before) {
            self.applications.insert(uri.to_owned(), known.clone());
        }
        Ok(known)
    }

    /// Forgets everything, and every place in the log: for when a change was made whose entry
    /// cannot be read.
    pub fn forget(&self) {
        let mut standing = self.write_standing();
        standing.leave();
        self.invalidate_all();
    }

    fn invalidate_all(&self) {
        self.clients.invalidate_all();
        self.users.invalidate_all();
        self.applications.invalidate_all();
        self.unknown.invalidate_all();
    }

    /// How many clients are in memory, about.
    pub fn len(&self) -> u64 {
        self.clients.run_pending_tasks();
        self.clients.entry_count()
    }

    /// Whether no client is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn read_standing(&self) -> RwLockReadGuard<'_, Standing> {
        self.standing.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_standing(&self) -> RwLockWriteGuard<'_, Standing> {
        self.standing
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// That the database is not known to be away: those who ask then are many, and to wait for it
    /// would take every thread that may wait.
    pub fn check_reachable(&self) -> Result<(), StoreError> {
        match self.is_away() {
            false => Ok(()),
            true => Err(StoreError::Unavailable(
                "the change log could not be read a moment ago".to_owned(),
            )),
        }
    }

    /// Reads what has this name, one at a time.
    fn read<T>(
        &self,
        name: &(impl std::hash::Hash + ?Sized),
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check_reachable()?;
        let at = self.hasher.hash_one(name) as usize % LINES;
        self.database.read_in_line(&self.lines[at], work)
    }
}

fn bounded<K, V>(capacity: u64) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    // Least recently used: the default policy would turn new entries away from a full cache.
    Cache::builder()
        .max_capacity(capacity)
        .eviction_policy(EvictionPolicy::lru())
        .build()
}

fn millis(since: Duration) -> u64 {
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
