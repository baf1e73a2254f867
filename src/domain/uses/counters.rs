//! What clients do, in memory until it is written: one short lock for each token issued or checked,
//! and nothing allocated for a client that is noted already.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Noted;
use crate::domain::authenticate::Authenticated;
use crate::model::ids::ClientId;
use crate::model::scope::{Scope, ScopeSet};
use crate::model::timestamp::{Day, Timestamp};
use crate::model::uses::{LastUse, SECRETS_KEPT, Uses};

/// Of how many clients at once, about, something can wait to be written. The uses of more are lost.
pub const CAPACITY: usize = 100_000;
/// How often the row of one client is written at most.
const WRITE_EVERY: Duration = Duration::from_secs(10);
/// How many rows are written in one transaction: few enough that other writers are not held up.
const BATCH: usize = 250;
/// After how long without a use a client is not kept in mind any more.
const IDLE: Duration = Duration::from_secs(600);
/// How many locks share the clients.
const SHARDS: usize = 64;

/// Which clients are to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// Those whose last row update is long enough ago.
    Now,
    /// All: the process ends.
    All,
}

/// What clients did since it was last written.
pub struct UseCounters {
    shards: [Mutex<HashMap<ClientId, Counter>>; SHARDS],
    hasher: RandomState,
    lost: AtomicU64,
}

/// What one client did.
#[derive(Default)]
struct Counter {
    /// Nothing when all is written.
    pending: Option<Pending>,
    scopes: ScopeSet,
    // These two are emptied rather than dropped when they are written, so that what comes next
    // finds its place.
    issued: Vec<(Day, i64)>,
    secrets: Vec<(String, Option<LastUse>)>,
    /// On the monotonic clock.
    written_at: Option<Duration>,
}

#[derive(Clone, Copy)]
struct Pending {
    first_at: Timestamp,
    first_from: IpAddr,
    last: LastUse,
}

impl Default for UseCounters {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            lost: AtomicU64::new(0),
        }
    }
}

impl UseCounters {
    /// Notes that a token was issued, and whether an id_token with it.
    pub fn issued(&self, to: &Authenticated, openid: bool, peer: IpAddr, now: Timestamp) {
        self.note(&to.client.client.id, peer, now, |counter, last| {
            counter.add_issued(now.day(), 1);
            if let Some(secret) = to.secret() {
                counter.add_secret(&secret.id, last);
            }
            if openid {
                counter.scopes = counter.scopes | ScopeSet::of(&[Scope::OpenId]);
            }
        });
    }

    /// Notes a call with a token, and the scope without which it would have been refused.
    pub fn called(&self, by: &Authenticated, scope: Option<Scope>, peer: IpAddr, now: Timestamp) {
        self.note(&by.client.client.id, peer, now, |counter, _| {
            if let Some(scope) = scope {
                counter.scopes = counter.scopes | ScopeSet::of(&[scope]);
            }
        });
    }

    fn note(
        &self,
        id: &ClientId,
        from: IpAddr,
        now: Timestamp,
        add: impl FnOnce(&mut Counter, LastUse),
    ) {
        let at = now.minute();
        let last = LastUse { at, from };
        let mut shard = self.shard(id);
        if !shard.contains_key(id) {
            if shard.len() >= CAPACITY / SHARDS {
                self.lost.fetch_add(1, Ordering::Relaxed);
                return;
            }
            shard.insert(id.clone(), Counter::default());
        }
        if let Some(counter) = shard.get_mut(id) {
            counter.add_use(now, from, last);
            add(counter, last);
        }
    }

    /// What is due, in batches that are each small enough for one transaction; it counts as
    /// written at `now`, on the monotonic clock. Clients without a use for long are forgotten.
    pub fn take(&self, due: Due, now: Duration) -> Vec<Vec<Noted>> {
        let mut taken = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let is_crowded = shard.len() >= CAPACITY / SHARDS / 2;
            let keep = if is_crowded { WRITE_EVERY } else { IDLE };
            shard.retain(|id, counter| {
                let is_older = |counter: &Counter, than| {
                    let age = counter.written_at.map(|at| now.saturating_sub(at));
                    age.is_none_or(|age| age >= than)
                };
                if due == Due::All || is_older(counter, WRITE_EVERY) {
                    taken.extend(counter.take(id, now));
                }
                counter.pending.is_some() || !is_older(counter, keep)
            });
        }
        // Neighbours in the table share pages, which are written once for a batch.
        taken.sort_unstable_by(|a, b| a.client.as_str().cmp(b.client.as_str()));
        let mut batches = Vec::new();
        let mut rest = taken.into_iter().peekable();
        while rest.peek().is_some() {
            batches.push(rest.by_ref().take(BATCH).collect());
        }
        batches
    }

    /// Takes back what could not be written, for the next time.
    pub fn give_back(&self, batch: Vec<Noted>) {
        for Noted {
            client,
            first_from,
            uses,
        } in batch
        {
            let mut shard = self.shard(&client);
            let is_full = shard.len() >= CAPACITY / SHARDS;
            let counter = match shard.entry(client) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(_) if is_full => {
                    self.lost.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                Entry::Vacant(place) => place.insert(Counter::default()),
            };
            counter.add_use(uses.first_at, first_from, uses.last);
            counter.scopes = counter.scopes | uses.scopes;
            for (day, issued) in uses.days {
                counter.add_issued(day, issued);
            }
            for (secret, last) in uses.secrets {
                counter.add_secret(&secret, last);
            }
        }
    }

    /// How many uses were lost since this was last asked, because too much waited.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }

    fn shard(&self, id: &ClientId) -> MutexGuard<'_, HashMap<ClientId, Counter>> {
        let at = self.hasher.hash_one(id) as usize % SHARDS;
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counter {
    fn add_use(&mut self, at: Timestamp, from: IpAddr, last: LastUse) {
        let pending = self.pending.get_or_insert(Pending {
            first_at: at,
            first_from: from,
            last,
        });
        // Requests are noted when they end, so an earlier one can come later.
        if at < pending.first_at {
            (pending.first_at, pending.first_from) = (at, from);
        }
        pending.last = pending.last.or_later(last);
    }

    fn add_issued(&mut self, day: Day, tokens: i64) {
        match self.issued.iter_mut().find(|(known, _)| *known == day) {
            Some((_, count)) => *count += tokens,
            None => self.issued.push((day, tokens)),
        }
    }

    fn add_secret(&mut self, id: &str, last: LastUse) {
        if let Some((_, known)) = self.secrets.iter_mut().find(|(known, _)| known == id) {
            *known = Some(known.map_or(last, |known| known.or_later(last)));
            return;
        }
        if self.secrets.len() >= SECRETS_KEPT {
            self.secrets.remove(0);
        }
        self.secrets.push((id.to_owned(), Some(last)));
    }

    /// What waits to be written, if anything does.
    fn take(&mut self, id: &ClientId, now: Duration) -> Option<Noted> {
        let pending = self.pending.take()?;
        self.written_at = Some(now);
        let secrets = self.secrets.iter_mut();
        let uses = Uses {
            first_at: pending.first_at,
            last: pending.last,
            secrets: secrets
                .filter_map(|(id, last)| Some((id.clone(), last.take()?)))
                .collect(),
            scopes: std::mem::take(&mut self.scopes),
            days: self.issued.drain(..).collect(),
        };
        Some(Noted {
            client: id.clone(),
            first_from: pending.first_from,
            uses,
        })
    }
}

#[cfg(test)]
mod tests;
