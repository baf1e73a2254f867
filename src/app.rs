//! What every request shares.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use crate::alarms::Alarms;
use crate::ambient::{Clock, request_id};
use crate::config::ServerSettings;
use crate::directory::{Directory, KeyringError};
use crate::domain::authenticate::Authentication;
use crate::domain::deletions::Deletions;
use crate::domain::guard::Guard;
use crate::domain::hashers::Hashers;
use crate::domain::refusals::Refusals;
use crate::domain::secret::DigestKeys;
use crate::domain::sign_in_guard::SignInGuard;
use crate::domain::timekeeper::Timekeeper;
use crate::domain::unseal::Unsealed;
use crate::domain::uses::UseCounters;
use crate::domain::write_budget::WriteBudget;
use crate::domain::write_turns::WriteTurns;
use crate::model::public_url::PublicUrl;
use crate::signing::MasterKey;
use crate::store::{AnyConnection, Database, Reading, StoreError, clock_marks};

/// How long a change may take in which the process was suspended, or the database hung, with the wait
/// for its turn.
const CHANGE_TIME: Duration = Duration::from_millis(1500);

/// What every request shares: made once, at start.
pub struct App {
    pub settings: ServerSettings,
    pub public_url: PublicUrl,
    pub database: Arc<Database>,
    pub directory: Directory,
    pub digest_keys: DigestKeys,
    pub master_key: Arc<MasterKey>,
    pub guard: Guard,
    pub sign_in_guard: SignInGuard,
    pub hashers: Hashers,
    pub refusals: Refusals,
    pub uses: UseCounters,
    pub write_budget: WriteBudget,
    pub write_turns: WriteTurns,
    /// How many requests did not wait any longer for a database that hangs.
    pub given_up: AtomicUsize,
    /// What is wrong with this process now.
    pub alarms: Arc<Alarms>,
    /// The time of day that everything is decided by.
    pub clock: Arc<dyn Clock>,
    /// What keeps it.
    pub time: Arc<Timekeeper>,
    /// Whether what is old may be deleted for good.
    pub deletions: Deletions,
    /// Where the first sign-in may be kept.
    pub keys_dir: PathBuf,
}

impl App {
    pub fn new(
        settings: ServerSettings,
        public_url: PublicUrl,
        database: Arc<Database>,
        unsealed: Unsealed,
        keys_dir: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeyringError> {
        let master_key = Arc::new(unsealed.master_key);
        let alarms: Arc<Alarms> = Arc::default();
        let highest = database.read(clock_marks::find)?;
        let time = Arc::new(Timekeeper::start(clock, alarms.clone(), highest));
        let clock: Arc<dyn Clock> = time.clone();
        let directory = Directory::open(
            database.clone(),
            clock.clone(),
            master_key.clone(),
            settings.directory_capacity,
            settings.outage_grace,
        )?;
        Ok(Self {
            directory,
            digest_keys: unsealed.digest_keys,
            master_key,
            guard: Guard::new(settings.guard),
            sign_in_guard: SignInGuard::new(settings.guard, settings.sign_ins_per_second),
            hashers: Hashers::start(settings.sign_in_places),
            refusals: Refusals::default(),
            uses: UseCounters::default(),
            write_budget: WriteBudget::new(settings.writes),
            write_turns: WriteTurns::default(),
            given_up: AtomicUsize::new(0),
            deletions: Deletions::new(time.clone(), alarms.clone()),
            alarms,
            time,
            settings,
            public_url,
            database,
            clock,
            keys_dir: keys_dir.to_owned(),
        })
    }

    /// Runs `work` on a connection that only reads.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_as(Reading::Short, work)
    }

    /// As [`Self::read`], of something that may be long.
    pub fn read_as<T, E: From<StoreError>>(
        &self,
        reading: Reading,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.directory.check_reachable()?;
        self.database.read_as(reading, work)
    }

    /// Runs `work` in one transaction, and answers only when what it changed is in force here.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.directory.check_reachable()?;
        let began = self.clock.since_boot();
        let (done, pending) = self.database.write(|c| {
            let done = work(c)?;
            let pending = self.directory.pending(c)?;
            self.check_awaited_since(began)?;
            Ok::<_, E>((done, pending))
        })?;
        // The change is made, and to deny it would be wrong. What memory holds may now be what was
        // before it, so nothing of it is used any more.
        if let Err(e) = self.directory.catch_up(pending) {
            self.directory.forget();
            let (request_id, cause) = (request_id(), e.to_string());
            tracing::error!(request_id, cause, "the change log cannot be read");
        }
        Ok(done)
    }

    /// That the change still is awaited. Whoever asked for it has given up, or asked again elsewhere,
    /// when the process was suspended in the middle of it, and was told that it is not made when the
    /// database hung.
    fn check_awaited_since(&self, began: Duration) -> Result<(), StoreError> {
        let took = self.clock.since_boot().saturating_sub(began);
        let what = match took > CHANGE_TIME {
            true if self.directory.may_have_slept_since(began) => "the process was suspended",
            true if self.directory.hung_since(began) => "the database did not answer",
            _ => return Ok(()),
        };
        let seconds = took.as_secs();
        Err(StoreError::Unavailable(format!(
            "{what} in the middle of the change, which began {seconds} s ago"
        )))
    }

    /// What client authentication decides from.
    pub fn authentication(&self) -> Authentication<'_> {
        Authentication {
            directory: &self.directory,
            digest_keys: &self.digest_keys,
            guard: &self.guard,
        }
    }
}
