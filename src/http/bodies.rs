//! The bodies that arrive: how much memory all of them hold together, and who makes room.
//!
//! A body that is sent slowly holds what has come of it for seconds. Beyond `--bodies-in-flight` the
//! sender that holds most gives up a body for whoever holds less: of strangers the site (IPv4 /24, IPv6
//! /48), there the address; of those who are known, a person or a service client, wherever they send
//! from. Each of the two kinds has half as soon as it wants that much.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use crate::model::network::{counted_address, site};

/// Who sends a body.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Sender {
    /// Whose token or session the request carries.
    Known(String),
    Stranger(IpAddr),
}

impl Sender {
    pub fn stranger(peer: IpAddr) -> Self {
        Self::Stranger(counted_address(peer))
    }

    fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// Those who are counted as one.
    fn site(&self) -> Self {
        match self {
            Self::Known(_) => self.clone(),
            Self::Stranger(address) => Self::Stranger(site(*address)),
        }
    }
}

pub struct Bodies {
    /// In bytes.
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of the next.
    next: u64,
    held: HashMap<u64, Entry>,
    /// What strangers, and what those who are known hold.
    sums: [usize; 2],
}

struct Entry {
    sender: Sender,
    bytes: usize,
    signal: Arc<Signal>,
}

#[derive(Default)]
struct Signal {
    is_out: AtomicBool,
    task: AtomicWaker,
}

/// What one body holds, until this is dropped.
pub struct Held {
    bodies: Arc<Bodies>,
    number: u64,
    signal: Arc<Signal>,
}

/// There is no room for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoRoom;

impl Bodies {
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            state: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For a body that begins; it holds nothing yet.
    pub fn begin(self: &Arc<Self>, sender: Sender) -> Held {
        let signal = Arc::<Signal>::default();
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        let entry = Entry {
            sender,
            bytes: 0,
            signal: signal.clone(),
        };
        state.held.insert(number, entry);
        drop(state);
        Held {
            bodies: self.clone(),
            number,
            signal,
        }
    }
}

impl State {
    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.held.remove(&number)?;
        self.sums[usize::from(entry.sender.is_known())] -= entry.bytes;
        Some(entry)
    }

    /// Which body makes room for `more` bytes of `newcomer`; none, if nobody holds more than they would.
    fn who_makes_room(&self, newcomer: &Sender, more: usize, limit: usize) -> Option<u64> {
        let own = usize::from(newcomer.is_known());
        let is_entitled = self.sums[own] + more <= limit / 2;
        let from = match is_entitled && self.sums[1 - own] > limit / 2 {
            true => 1 - own,
            false => own,
        };
        let mut senders: HashMap<&Sender, usize> = HashMap::new();
        let mut sites: HashMap<Sender, usize> = HashMap::new();
        let there = || {
            let held = self.held.iter();
            held.filter(|(_, entry)| usize::from(entry.sender.is_known()) == from)
        };
        for (_, entry) in there() {
            *senders.entry(&entry.sender).or_default() += entry.bytes;
            *sites.entry(entry.sender.site()).or_default() += entry.bytes;
        }
        let of_site = |of: &Sender| sites.get(&of.site()).copied().unwrap_or(0);
        let of_sender = |of: &Sender| senders.get(of).copied().unwrap_or(0);
        let mut largest =
            there()
                .filter(|(_, entry)| entry.bytes > 0)
                .max_by_key(|(n, entry)| {
                    (
                        of_site(&entry.sender),
                        of_sender(&entry.sender),
                        entry.bytes,
                        Reverse(**n),
                    )
                })?;
        if from == own && of_site(newcomer) + more >= of_site(&largest.1.sender) {
            // Among their own neighbours, that is.
            let neighbours = there()
                .filter(|(_, entry)| entry.bytes > 0 && entry.sender.site() == newcomer.site());
            largest = neighbours
                .max_by_key(|(n, entry)| (of_sender(&entry.sender), entry.bytes, Reverse(**n)))?;
            if of_sender(newcomer) + more >= of_sender(&largest.1.sender) {
                return None;
            }
        }
        Some(*largest.0)
    }
}

impl Held {
    /// Takes so many bytes more, if there are or somebody makes room.
    pub fn take(&self, more: usize) -> Result<(), NoRoom> {
        let limit = self.bodies.limit;
        let mut state = self.bodies.lock();
        let Some(entry) = state.held.get(&self.number) else {
            return Err(NoRoom);
        };
        let sender = entry.sender.clone();
        while state.sums.iter().sum::<usize>() + more > limit {
            let victim = state.who_makes_room(&sender, more, limit);
            let victim = victim.and_then(|number| state.remove(number));
            let victim = victim.ok_or(NoRoom)?;
            victim.signal.is_out.store(true, Ordering::Release);
            victim.signal.task.wake();
        }
        // It may have been its own that had to go.
        let entry = state.held.get_mut(&self.number).ok_or(NoRoom)?;
        entry.bytes += more;
        state.sums[usize::from(sender.is_known())] += more;
        Ok(())
    }

    /// Is ready when it has to make room.
    pub fn poll_out(&self, context: &Context<'_>) -> Poll<()> {
        self.signal.task.register(context.waker());
        match self.signal.is_out.load(Ordering::Acquire) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.bodies.lock().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(peer: [u8; 4]) -> Sender {
        Sender::stranger(peer.into())
    }

    fn known(name: &str) -> Sender {
        Sender::Known(name.to_owned())
    }

    /// So many bodies of ten bytes, of which it answers those that found room.
    fn many(bodies: &Arc<Bodies>, count: usize, sender: &Sender) -> Vec<Held> {
        let held = (0..count).map(|_| bodies.begin(sender.clone()));
        held.filter(|held| held.take(10).is_ok()).collect()
    }

    fn are_in(of: &[Held]) -> usize {
        let is_out = |held: &&Held| !held.signal.is_out.load(Ordering::Relaxed);
        of.iter().filter(is_out).count()
    }

    #[test]
    fn whoever_holds_most_makes_room_for_whoever_holds_less() {
        let bodies = Bodies::new(100);
        let attack = many(&bodies, 20, &stranger([192, 0, 2, 1]));
        assert_eq!(attack.len(), 10, "no more than there is room for");
        let neighbour = many(&bodies, 1, &stranger([192, 0, 2, 9]));
        let honest = many(&bodies, 3, &stranger([198, 51, 100, 1]));
        assert_eq!(
            (are_in(&attack), are_in(&neighbour), are_in(&honest)),
            (6, 1, 3)
        );
        drop(attack);
        assert_eq!(bodies.lock().sums, [40, 0]);
        drop((neighbour, honest));
        assert_eq!(bodies.lock().sums, [0, 0]);
    }

    #[test]
    fn strangers_leave_half_to_those_who_are_known_and_so_the_other_way_round() {
        let bodies = Bodies::new(100);
        let strangers: Vec<Held> = (0..10)
            .flat_map(|n| many(&bodies, 1, &stranger([198, 18, n, 1])))
            .collect();
        let one = many(&bodies, 10, &known("ivan"));
        assert_eq!((are_in(&strangers), are_in(&one)), (5, 5));
        let other = many(&bodies, 2, &known("olga"));
        assert_eq!(
            (are_in(&strangers), are_in(&one), are_in(&other)),
            (5, 3, 2)
        );
        assert!(many(&bodies, 1, &stranger([203, 0, 113, 1])).is_empty());
    }

    #[test]
    fn a_body_that_made_room_takes_no_more() {
        let bodies = Bodies::new(20);
        let large = many(&bodies, 2, &stranger([192, 0, 2, 1]));
        let _other = many(&bodies, 1, &stranger([198, 51, 100, 1]));
        let context = Context::from_waker(std::task::Waker::noop());
        assert!(large[0].poll_out(&context).is_ready() && large[1].poll_out(&context).is_pending());
        assert_eq!(large[0].take(1), Err(NoRoom));
    }
}
