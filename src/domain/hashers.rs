//! The threads on which passwords are hashed for requests.
//!
//! A hash takes tens of milliseconds of a processor and 19 MiB. On the threads that wait for the
//! database, a thousand sign-ins at once would hold up everything else; here they wait in a line of
//! their own ([`super::hash_line`]), which is short: whoever finds no place in it is told to come again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::hash_line::{Joined, Line, Ticket, Waits, Whom};
use super::password::{AT_ONCE, Warm};
use super::spare_time::Idling;
use crate::ambient::{Clock, SystemClock};

/// How many threads there are at most.
const MOST_THREADS: usize = 2;
// Each may hash beside its idler: nobody waits for leave to hash that an idler has.
const _: () = assert!(2 * MOST_THREADS <= AT_ONCE);
/// How far they stand behind the threads that answer requests, as `nice` counts, when they do
/// themselves what no idler got done: far enough that tokens go before, not so far that a server
/// which is never idle lets nobody sign in.
const NICE: i32 = 10;

/// What is done when its turn comes.
pub trait Work: Send {
    /// Whether somebody still waits for it.
    fn is_awaited(&self) -> bool;
    fn run(self: Box<Self>);
    /// It had to make room: nothing is done.
    fn push_out(self: Box<Self>);
}

impl Waits for Box<dyn Work> {
    fn is_awaited(&self) -> bool {
        (**self).is_awaited()
    }
}

/// There is no place for a further one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many passwords are being hashed")]
pub struct Busy;

struct Shared {
    state: Mutex<State>,
    come: Condvar,
}

struct State {
    line: Line<Box<dyn Work>>,
    is_over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next, now or when there is one; nothing when it is over.
    fn wait(&self) -> Option<(Ticket, Box<dyn Work>)> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(called) = state.line.call(SystemClock.monotonic()) {
                return Some(called);
            }
            state = self
                .come
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next, if there is one, after the one of `done`.
    fn go_on(&self, (done, was_work): (Ticket, bool)) -> Option<(Ticket, Box<dyn Work>)> {
        let now = SystemClock.monotonic();
        let mut state = self.lock();
        state.line.end(done, was_work, now);
        match state.is_over {
            true => None,
            false => state.line.call(now),
        }
    }
}

pub struct Hashers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Hashers {
    /// For half of the processors; so many may wait or be hashed at once.
    pub fn start(places: usize) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let state = State {
            line: Line::new(places),
            is_over: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            come: Condvar::new(),
        });
        let threads = (0..(processors / 2).clamp(1, MOST_THREADS))
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || {
                    stand_back();
                    work(&shared);
                })
            })
            .collect();
        Self { shared, threads }
    }

    /// Has `work` done when its turn comes. The place belongs to the work: nobody who stops waiting
    /// for it gives it back early.
    pub fn submit(&self, whom: &Whom, work: Box<dyn Work>) -> Result<(), Busy> {
        let now = SystemClock.monotonic();
        let joined = self.shared.lock().line.join(whom, work, now);
        // Nobody is told under the lock.
        match joined {
            Joined::Full(_) => return Err(Busy),
            Joined::In => {}
            Joined::Instead(left) => left.into_iter().for_each(|work| work.push_out()),
        }
        self.shared.come.notify_one();
        Ok(())
    }
}

/// Gives this thread a lower priority. Elsewhere than on Linux it would be the whole process's.
fn stand_back() {
    if cfg!(target_os = "linux") {
        // It is a courtesy: where it is refused, the thread works all the same.
        let _ = rustix::process::setpriority_process(None, NICE);
    }
}

fn work(shared: &Shared) {
    let _idling = Idling::begin();
    while let Some(first) = shared.wait() {
        let _warm = Warm::begin();
        let mut next = Some(first);
        while let Some((ticket, work)) = next {
            let is_awaited = work.is_awaited();
            if is_awaited {
                // A panic has been logged, and whoever waits sees that nothing comes.
                let _ = catch_unwind(AssertUnwindSafe(|| work.run()));
            }
            next = shared.go_on((ticket, is_awaited));
        }
    }
}

impl Drop for Hashers {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.come.notify_all();
        for thread in self.threads.drain(..) {
            // It cannot have panicked.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;
    use std::sync::mpsc::{Sender, channel};

    /// Runs what is in it, and says so when it has to make room.
    struct Test<F>(F, Sender<&'static str>);

    impl<F: FnOnce() + Send> Work for Test<F> {
        fn is_awaited(&self) -> bool {
            true
        }

        fn run(self: Box<Self>) {
            (self.0)();
        }

        fn push_out(self: Box<Self>) {
            self.1.send("pushed out").unwrap();
        }
    }

    fn stranger() -> Whom {
        let (peer, login) = (IpAddr::from([192, 0, 2, 1]), "ivan".to_owned());
        Whom::Stranger { peer, login }
    }

    #[test]
    fn the_line_is_bounded_and_a_place_belongs_to_its_work() {
        const PLACES: usize = 8;
        let hashers = Hashers::start(PLACES);
        let (go, wait) = channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let (tell, told) = channel();
        let submit = |whom: &Whom, work: Box<dyn FnOnce() + Send>| {
            hashers.submit(whom, Box::new(Test(work, tell.clone())))
        };
        for _ in 0..PLACES {
            let wait = wait.clone();
            let stuck = Box::new(move || {
                let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
            });
            assert_eq!(submit(&stranger(), stuck), Ok(()));
        }
        assert_eq!(submit(&stranger(), Box::new(|| ())), Err(Busy));
        let olga = Whom::Known("olga".to_owned());
        assert_eq!(submit(&olga, Box::new(|| panic!("as planned"))), Ok(()));
        assert_eq!(told.recv(), Ok("pushed out"));
        drop(go);
        let done = tell.clone();
        let last = Box::new(move || done.send("done").unwrap());
        // Others may have to make room for it once more.
        assert_eq!(submit(&olga, last), Ok(()));
        let is_done = told.iter().any(|what| what == "done");
        assert!(is_done, "a panic does not end the threads");
    }
}
