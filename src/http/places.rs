//! The places of connections: who has one, who waits for one, and who makes room.
//!
//! Below `--max-connections` every connection has a place at once, as long as its peer has no more than
//! `--max-connections-per-peer`. A trusted proxy's are not bounded: it sends requests of many peers on
//! few connections that it keeps, so each counts for whom its last request came. Whoever comes when all are taken gets the place of a connection of the peer that has most, an idle one where
//! there is one; or waits, if nobody has more than they. Those who wait are few, and they are answered
//! about health at once: so it is seen that the server is alive while every place is taken.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use crate::model::network::{Networks, counted_address, site};

/// How many there are of everything.
#[derive(Clone, Copy, Debug)]
pub struct PlaceLimits {
    pub places: usize,
    pub per_peer: usize,
    /// How many connections wait for a place at most.
    pub waiting: usize,
}

pub struct Places {
    limits: PlaceLimits,
    proxies: Networks,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of whoever comes next.
    next: u64,
    connections: HashMap<u64, Entry>,
    waiting: usize,
    /// How many have a place, of each address and of each site.
    peers: HashMap<IpAddr, usize>,
    sites: HashMap<IpAddr, usize>,
}

#[derive(Clone)]
struct Entry {
    peer: IpAddr,
    /// Whether the peer is bounded: a proxy speaks for many.
    is_capped: bool,
    is_in: bool,
    signal: Arc<Signal>,
}

const WAITS: u8 = 0;
const IN: u8 = 1;
const OUT: u8 = 2;

/// What the connection's own task looks at.
struct Signal {
    standing: AtomicU8,
    is_answering: AtomicBool,
    task: AtomicWaker,
}

impl Signal {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            standing: AtomicU8::new(WAITS),
            is_answering: AtomicBool::new(false),
            task: AtomicWaker::new(),
        })
    }

    fn set(&self, standing: u8) {
        self.standing.store(standing, Ordering::Release);
        self.task.wake();
    }

    fn get(&self) -> u8 {
        self.standing.load(Ordering::Acquire)
    }
}

/// The place of one connection, or its wait for one; given back when it is dropped.
pub struct Place {
    places: Arc<Places>,
    number: u64,
    is_of_proxy: bool,
    signal: Arc<Signal>,
}

impl Places {
    pub fn new(limits: PlaceLimits, proxies: Networks) -> Arc<Self> {
        Arc::new(Self {
            limits,
            proxies,
            state: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For a connection that was accepted from `peer`.
    pub fn open(self: &Arc<Self>, peer: IpAddr) -> Place {
        let is_of_proxy = self.proxies.contains(peer);
        let signal = Signal::new();
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let entry = Entry {
            peer: counted_address(peer),
            is_capped: !is_of_proxy,
            is_in: false,
            signal: signal.clone(),
        };
        let mut is_let_in = state.is_room(&self.limits, &entry);
        if !is_let_in && state.is_below_cap(&self.limits, &entry) {
            let victim = state.who_makes_room(&entry);
            is_let_in = victim.is_some();
            if let Some(victim) = victim {
                state.push_out(victim);
            }
        }
        if !is_let_in && state.waiting >= self.limits.waiting {
            let victim = state.who_stops_waiting();
            if let Some(victim) = victim {
                state.push_out(victim);
            }
        }
        state.connections.insert(number, entry);
        state.waiting += 1;
        if is_let_in {
            state.let_in(number);
        }
        drop(state);
        Place {
            places: self.clone(),
            number,
            is_of_proxy,
            signal,
        }
    }
}

impl State {
    fn has(map: &HashMap<IpAddr, usize>, of: IpAddr) -> usize {
        map.get(&of).copied().unwrap_or(0)
    }

    fn is_below_cap(&self, limits: &PlaceLimits, entry: &Entry) -> bool {
        !entry.is_capped || Self::has(&self.peers, entry.peer) < limits.per_peer
    }

    fn is_room(&self, limits: &PlaceLimits, entry: &Entry) -> bool {
        let taken = self.connections.len() - self.waiting;
        taken < limits.places && self.is_below_cap(limits, entry)
    }

    /// Counts a connection that has a place for its peer, or no more.
    fn count(&mut self, peer: IpAddr, is_more: bool) {
        for (map, of) in [(&mut self.peers, peer), (&mut self.sites, site(peer))] {
            let count = map.entry(of).or_default();
            match is_more {
                true => *count += 1,
                false => *count = count.saturating_sub(1),
            }
            if *count == 0 {
                map.remove(&of);
            }
        }
    }

    /// Gives a place to one who waits.
    fn let_in(&mut self, number: u64) {
        let Some(entry) = self.connections.get_mut(&number) else {
            return;
        };
        entry.is_in = true;
        entry.signal.set(IN);
        let peer = entry.peer;
        self.waiting -= 1;
        self.count(peer, true);
    }

    /// Takes a connection out, wherever it is.
    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.connections.remove(&number)?;
        match entry.is_in {
            true => self.count(entry.peer, false),
            false => self.waiting -= 1,
        }
        Some(entry)
    }

    fn push_out(&mut self, number: u64) {
        if let Some(entry) = self.remove(number) {
            entry.signal.set(OUT);
        }
    }

    /// Whose place a newcomer gets: one of the site that has most, there of the address that has most,
    /// idle rather than not, the oldest. Nobody's, if none has more than theirs would be with it.
    fn who_makes_room(&self, newcomer: &Entry) -> Option<u64> {
        let own = site(newcomer.peer);
        let (largest, most) = self.sites.iter().max_by_key(|(_, count)| **count)?;
        let from = match Self::has(&self.sites, own) + 1 < *most {
            true => *largest,
            // Among their own neighbours, that is.
            false => own,
        };
        let there = self.connections.iter();
        let there = there.filter(|(_, entry)| entry.is_in && site(entry.peer) == from);
        let (number, victim) = there.max_by_key(|(number, entry)| {
            let is_idle = !entry.signal.is_answering.load(Ordering::Relaxed);
            let peers = Self::has(&self.peers, entry.peer);
            (peers, is_idle, Reverse(**number))
        })?;
        let has_more = from != own
            || Self::has(&self.peers, newcomer.peer) + 1 < Self::has(&self.peers, victim.peer);
        has_more.then_some(*number)
    }

    /// Who gives up waiting for a newcomer: of the site that has most of those who wait, there of the
    /// address that has most, the oldest.
    fn who_stops_waiting(&self) -> Option<u64> {
        let waiting = || self.connections.iter().filter(|(_, entry)| !entry.is_in);
        let mut peers: HashMap<IpAddr, usize> = HashMap::new();
        let mut sites: HashMap<IpAddr, usize> = HashMap::new();
        for (_, entry) in waiting() {
            *peers.entry(entry.peer).or_default() += 1;
            *sites.entry(site(entry.peer)).or_default() += 1;
        }
        let most = waiting().max_by_key(|(number, entry)| {
            let of_site = Self::has(&sites, site(entry.peer));
            (of_site, Self::has(&peers, entry.peer), Reverse(**number))
        });
        most.map(|(number, _)| *number)
    }

    /// Gives places that are free to those who wait: first who has sent a request, then who has least.
    fn go_on(&mut self, limits: &PlaceLimits) {
        while self.waiting > 0 {
            let waiting = self.connections.iter().filter(|(_, entry)| !entry.is_in);
            let next = waiting.filter(|(_, entry)| self.is_room(limits, entry));
            let next = next.min_by_key(|(number, entry)| {
                let is_idle = !entry.signal.is_answering.load(Ordering::Relaxed);
                let of_site = Self::has(&self.sites, site(entry.peer));
                let of_peer = Self::has(&self.peers, entry.peer);
                (is_idle, of_site, of_peer, **number)
            });
            let Some(number) = next.map(|(number, _)| *number) else {
                return;
            };
            self.let_in(number);
        }
    }
}

impl Place {
    /// Notes whether a request is being answered on the connection.
    pub fn is_answering(&self, is_answering: bool) {
        let noted = &self.signal.is_answering;
        noted.store(is_answering, Ordering::Relaxed);
    }

    /// Notes for whom a request came: a proxy speaks for many on one connection.
    pub fn is_for(&self, peer: IpAddr) {
        if !self.is_of_proxy {
            return;
        }
        let peer = counted_address(peer);
        let mut state = self.places.lock();
        let Some(entry) = state.connections.get_mut(&self.number) else {
            return;
        };
        let (before, is_in) = (entry.peer, entry.is_in);
        entry.peer = peer;
        if is_in && before != peer {
            state.count(before, false);
            state.count(peer, true);
        }
    }

    pub fn is_in(&self) -> bool {
        self.signal.get() == IN
    }

    /// Is ready when the connection has a place.
    pub fn poll_in(&self, context: &Context<'_>) -> Poll<()> {
        self.poll(context, IN)
    }

    /// Is ready when it has to make room.
    pub fn poll_out(&self, context: &Context<'_>) -> Poll<()> {
        self.poll(context, OUT)
    }

    fn poll(&self, context: &Context<'_>, standing: u8) -> Poll<()> {
        // Both are asked in the connection's own task, which is woken at every change.
        self.signal.task.register(context.waker());
        match self.signal.get() == standing {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.lock();
        let had = state.remove(self.number);
        if had.is_some_and(|entry| entry.is_in) {
            state.go_on(&self.places.limits);
        }
    }
}

#[cfg(test)]
mod tests;
