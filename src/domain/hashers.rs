//! The threads on which passwords are hashed for requests, and the line in front of them.
//!
//! A hash takes tens of milliseconds of a processor and 19 MiB. On the threads that wait for the
//! database, a thousand sign-ins at once would hold up everything else; here they wait in a line of
//! their own, which is short: whoever finds it full is told to come again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::password::{AT_ONCE, Warm};
use super::spare_time::Idling;

/// How many may wait or be hashed at once: a few seconds' work.
const PLACES: usize = 128;
/// How many threads there are at most.
const MOST_THREADS: usize = 2;
// Each may hash beside its idler: nobody waits for leave to hash that an idler has.
const _: () = assert!(2 * MOST_THREADS <= AT_ONCE);
/// How far they stand behind the threads that answer requests, as `nice` counts, when they do
/// themselves what no idler got done: far enough that tokens go before, not so far that a server
/// which is never idle lets nobody sign in.
const NICE: i32 = 10;

type Work = Box<dyn FnOnce() + Send>;

pub struct Hashers {
    /// Nothing only while it is dropped.
    line: Option<Sender<(Work, Place)>>,
    taken: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

/// A place in the line; it is given back when what it was taken for has ended.
#[must_use]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Hashers {
    /// For half of the processors.
    pub fn start() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let (line, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let threads = (0..(processors / 2).clamp(1, MOST_THREADS))
            .map(|_| {
                let waiting = waiting.clone();
                thread::spawn(move || {
                    stand_back();
                    work(&waiting);
                })
            })
            .collect();
        Self {
            line: Some(line),
            taken: Arc::default(),
            threads,
        }
    }

    /// A place in the line, if there is one.
    pub fn place(&self) -> Option<Place> {
        let taken = self.taken.fetch_add(1, Ordering::AcqRel);
        let place = Place(self.taken.clone());
        (taken < PLACES).then_some(place)
    }

    /// Has `work` done when its turn comes. The place belongs to the work: nobody who stops waiting
    /// for it gives it back early.
    pub fn submit(&self, place: Place, work: impl FnOnce() + Send + 'static) {
        if let Some(line) = &self.line {
            // The threads are there for as long as the line is.
            let _ = line.send((Box::new(work), place));
        }
    }
}

/// Gives this thread a lower priority. Elsewhere than on Linux it would be the whole process's.
fn stand_back() {
    if cfg!(target_os = "linux") {
        // It is a courtesy: where it is refused, the thread works all the same.
        let _ = rustix::process::setpriority_process(None, NICE);
    }
}

fn work(waiting: &Mutex<Receiver<(Work, Place)>>) {
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let _idling = Idling::begin();
    loop {
        // Others wait for their turn to wait here; the lock is not held while something is done.
        let next = lock().recv();
        let Ok(first) = next else {
            return;
        };
        let _warm = Warm::begin();
        let mut next = Some(first);
        while let Some((work, place)) = next {
            // A panic has been logged, and whoever waits sees that nothing comes.
            let _ = catch_unwind(AssertUnwindSafe(work));
            drop(place);
            // Nobody else can have the lock but whoever waits for something to come.
            next = waiting
                .try_lock()
                .ok()
                .and_then(|line| line.try_recv().ok());
        }
    }
}

impl Drop for Hashers {
    fn drop(&mut self) {
        self.line = None;
        for thread in self.threads.drain(..) {
            // It cannot have panicked.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn the_line_is_bounded_and_a_place_belongs_to_its_work() {
        let hashers = Hashers::start();
        let (go, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        for _ in 0..PLACES {
            let wait = wait.clone();
            let place = hashers.place().expect("there is one");
            hashers.submit(place, move || {
                let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
            });
        }
        assert!(hashers.place().is_none());
        drop(go);
        let (tell, told) = mpsc::channel();
        let place = loop {
            match hashers.place() {
                Some(place) => break place,
                None => thread::yield_now(),
            }
        };
        hashers.submit(place, || panic!("as planned"));
        let place = hashers.place().expect("there is one");
        hashers.submit(place, move || tell.send(1).expect("it is awaited"));
        assert_eq!(told.recv(), Ok(1), "a panic does not end the threads");
    }
}
