//! The line in front of the threads that hash passwords: who gets a place in it, who is called next, and
//! who has to make room.
//!
//! Whoever hashes costs the same, so what is shared out is hashes. Strangers are weighed by the site that
//! they come from, then by their address there, then by the login that they name; whoever is known here
//! (a browser in which the person signed in before, somebody who is signed in, a client with a token) by
//! the account alone. Of each, it counts what waits, what runs, and what was done within the last minutes,
//! the longer ago the less. Next is who had least so far; where the line is full, who has most makes room
//! for who has less. Between the two kinds the threads alternate, and each has half of the places as soon
//! as it wants them: neither a crowd of strangers nor one with many browsers holds up all the others.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use crate::model::network::{counted_address, site};
use crate::model::text::fold;

/// How long ago something was done when it counts half, in seconds.
const HALF_LIFE: f64 = 60.0;
/// What is left of it when it is forgotten.
const FORGOTTEN: f64 = 0.05;
/// How many names are remembered before what counts least is forgotten earlier.
const MOST_NAMES: usize = 20_000;

/// Who wants a password hashed.
#[derive(Clone, Debug)]
pub enum Whom {
    /// An account, or a client, that was told by more than what it says.
    Known(String),
    Stranger {
        peer: IpAddr,
        /// The login as it was sent, whether somebody has it or not.
        login: String,
    },
}

/// Something that waits in the line.
pub trait Waits {
    /// Whether somebody still wants it.
    fn is_awaited(&self) -> bool;
}

/// What came of joining the line.
pub enum Joined<T> {
    In,
    /// These had to make room.
    Instead(Vec<T>),
    /// There is no room.
    Full(T),
}

/// Whose turn it was; to be given back when their work is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket {
    is_known: bool,
    names: [u64; 3],
}

struct Waiting<T> {
    ticket: Ticket,
    number: u64,
    work: T,
}

#[derive(Clone, Copy, Default)]
struct Load {
    waiting: u32,
    running: u32,
    /// What was done until `at`, counted as much as it counted then.
    done: f64,
    at: Duration,
}

impl Load {
    fn done(&self, now: Duration) -> f64 {
        let ago = now.saturating_sub(self.at).as_secs_f64();
        self.done * (-ago / HALF_LIFE).exp2()
    }

    fn is_forgotten(&self, now: Duration) -> bool {
        self.waiting + self.running == 0 && self.done(now) < FORGOTTEN
    }
}

/// A line with a number of places, which those who are served keep until they are done.
pub struct Line<T> {
    places: usize,
    /// How many run, of strangers and of the known.
    running: [usize; 2],
    waiting: Vec<Waiting<T>>,
    next: u64,
    /// Whether the last who was called is known.
    was_known: bool,
    names: RandomState,
    loads: HashMap<u64, Load>,
}

impl<T: Waits> Line<T> {
    pub fn new(places: usize) -> Self {
        Self {
            places,
            running: [0; 2],
            waiting: Vec::new(),
            next: 0,
            was_known: false,
            names: RandomState::new(),
            loads: HashMap::new(),
        }
    }

    /// Takes a place, for whoever has less than somebody who waits if there is none.
    pub fn join(&mut self, whom: &Whom, work: T, now: Duration) -> Joined<T> {
        let ticket = self.ticket(whom);
        let mut left = Vec::new();
        if self.is_full() {
            left = self.drop_unawaited(now);
        }
        if self.is_full() {
            let Some(at) = self.who_makes_room(ticket, now) else {
                return Joined::Full(work);
            };
            left.push(self.leave(at, now).work);
        }
        self.load(ticket, |load| load.waiting += 1);
        let number = self.next;
        self.next += 1;
        self.waiting.push(Waiting {
            ticket,
            number,
            work,
        });
        match left.is_empty() {
            true => Joined::In,
            false => Joined::Instead(left),
        }
    }

    /// Whose turn it is.
    pub fn call(&mut self, now: Duration) -> Option<(Ticket, T)> {
        let wanted = !self.was_known;
        let is_there = self.waiting.iter().any(|w| w.ticket.is_known == wanted);
        let kind = if is_there { wanted } else { !wanted };
        let of_kind = self.waiting.iter().enumerate();
        let of_kind = of_kind.filter(|(_, w)| w.ticket.is_known == kind);
        let had = |load: Load| f64::from(load.running) + load.done(now);
        let first = of_kind.min_by(|(_, a), (_, b)| {
            let by_load = compare(self.weigh(a.ticket, had), self.weigh(b.ticket, had));
            by_load.then(a.number.cmp(&b.number))
        });
        let (at, _) = first?;
        let Waiting { ticket, work, .. } = self.leave(at, now);
        self.was_known = ticket.is_known;
        self.running[usize::from(ticket.is_known)] += 1;
        self.load(ticket, |load| load.running += 1);
        Some((ticket, work))
    }

    /// Notes that what was called is done, and takes its place back; `was_work` is whether anything had
    /// to be done.
    pub fn end(&mut self, ticket: Ticket, was_work: bool, now: Duration) {
        let running = &mut self.running[usize::from(ticket.is_known)];
        *running = running.saturating_sub(1);
        let done = if was_work { 1.0 } else { 0.0 };
        self.load(ticket, |load| {
            load.running = load.running.saturating_sub(1);
            load.done = load.done(now) + done;
            load.at = now;
        });
        self.forget(now);
    }

    fn is_full(&self) -> bool {
        self.running.iter().sum::<usize>() + self.waiting.len() >= self.places
    }

    fn ticket(&self, whom: &Whom) -> Ticket {
        let name =
            |kind: &str, of: &dyn std::fmt::Display| self.names.hash_one((kind, of.to_string()));
        match whom {
            Whom::Known(account) => Ticket {
                is_known: true,
                names: [name("known", &fold(account)); 3],
            },
            Whom::Stranger { peer, login } => Ticket {
                is_known: false,
                names: [
                    name("site", &site(*peer)),
                    name("peer", &counted_address(*peer)),
                    name("login", &fold(login)),
                ],
            },
        }
    }

    /// Changes what is noted of each name of a ticket, once.
    fn load(&mut self, ticket: Ticket, change: impl Fn(&mut Load)) {
        let names = match ticket.is_known {
            true => &ticket.names[..1],
            false => &ticket.names[..],
        };
        for name in names {
            change(self.loads.entry(*name).or_default());
        }
    }

    fn weigh(&self, ticket: Ticket, weight: impl Fn(Load) -> f64) -> [f64; 3] {
        let load = |name| self.loads.get(&name).copied().unwrap_or_default();
        ticket.names.map(|name| weight(load(name)))
    }

    /// Who has most among those of the kind that has more, if they have more than `newcomer` with one
    /// more place: where there are several, the last to come.
    fn who_makes_room(&self, newcomer: Ticket, now: Duration) -> Option<usize> {
        let of = |kind| {
            let waiting = self.waiting.iter().filter(|w| w.ticket.is_known == kind);
            self.running[usize::from(kind)] + waiting.count()
        };
        let (known, strangers) = (of(true), of(false));
        let kind = match known.cmp(&strangers) {
            Ordering::Greater => true,
            Ordering::Less => false,
            // Whoever comes would make theirs the greater one.
            Ordering::Equal => newcomer.is_known,
        };
        let has = |load: Load| f64::from(load.waiting + load.running) + load.done(now);
        let of_kind = self.waiting.iter().enumerate();
        let of_kind = of_kind.filter(|(_, w)| w.ticket.is_known == kind);
        let (at, most) = of_kind.max_by(|(_, a), (_, b)| {
            let by_load = compare(self.weigh(a.ticket, has), self.weigh(b.ticket, has));
            by_load.then(a.number.cmp(&b.number))
        })?;
        if kind != newcomer.is_known {
            return Some(at);
        }
        // What the two share weighs on both alike: the one who comes would add to it and the other take
        // from it.
        let shares = |n: usize| most.ticket.names[n] == newcomer.names[n];
        let (mine, theirs) = (self.weigh(newcomer, has), self.weigh(most.ticket, has));
        let differs = (0..3).filter(|n| !shares(*n));
        let mut compared = differs.map(|n| (mine[n] + 1.0).total_cmp(&theirs[n]));
        let first = compared.find(|ordering| *ordering != Ordering::Equal);
        (first == Some(Ordering::Less)).then_some(at)
    }

    fn leave(&mut self, at: usize, now: Duration) -> Waiting<T> {
        let left = self.waiting.swap_remove(at);
        self.load(left.ticket, |load| {
            load.waiting = load.waiting.saturating_sub(1);
        });
        self.forget_those(left.ticket, now);
        left
    }

    /// Takes out whatever nobody wants any more.
    fn drop_unawaited(&mut self, now: Duration) -> Vec<T> {
        let mut left = Vec::new();
        let mut at = 0;
        while let Some(waiting) = self.waiting.get(at) {
            match waiting.work.is_awaited() {
                true => at += 1,
                false => left.push(self.leave(at, now).work),
            }
        }
        left
    }

    fn forget_those(&mut self, ticket: Ticket, now: Duration) {
        for name in ticket.names {
            if self
                .loads
                .get(&name)
                .is_some_and(|load| load.is_forgotten(now))
            {
                self.loads.remove(&name);
            }
        }
    }

    /// Keeps what is noted within its bound.
    fn forget(&mut self, now: Duration) {
        if self.loads.len() <= MOST_NAMES {
            return;
        }
        self.loads.retain(|_, load| !load.is_forgotten(now));
        if self.loads.len() > MOST_NAMES {
            self.loads.retain(|_, load| load.waiting + load.running > 0);
        }
    }
}

fn compare(a: [f64; 3], b: [f64; 3]) -> Ordering {
    let mut each = a.iter().zip(&b).map(|(a, b)| a.total_cmp(b));
    let first = each.find(|ordering| *ordering != Ordering::Equal);
    first.unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests;
