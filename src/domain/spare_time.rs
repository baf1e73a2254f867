//! Work that is done while the others of this machine leave a processor free.
//!
//! A thread that only stands behind the others, as `nice` has it, may keep the processor for some
//! milliseconds more when one of them wants it: as long as several tokens take. One of the class
//! "idle" (SCHED_IDLE of `sched(7)`) makes room at once; but while the others leave nothing it gets
//! next to nothing, and what it has begun is not finished for seconds. So such an idler works for
//! another thread, which waits for it, and does the work itself when that takes too long.
//!
//! What an idler holds, others may have to wait for: its work takes no lock for longer than a
//! moment, and no database.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::ambient::{Clock, SystemClock};

/// How long an idler is waited for: ten times as long as a hash takes on a processor of its own.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long nothing is given to one that was late: what is done twice is to be the exception.
const REST: Duration = Duration::from_secs(2);

type Work = Box<dyn FnOnce() + Send>;

/// The thread that works for another one.
struct Idler {
    work: Sender<Work>,
    is_at_work: Arc<AtomicBool>,
    patience: Duration,
    rests_until: Cell<Duration>,
}

thread_local! {
    /// This thread's.
    static IDLER: RefCell<Option<Idler>> = const { RefCell::new(None) };
}

/// As long as one of these is there, an idler works for this thread.
pub struct Idling(());

impl Idling {
    pub fn begin() -> Self {
        Self::with(PATIENCE)
    }

    fn with(patience: Duration) -> Self {
        IDLER.set(Idler::start(patience));
        Self(())
    }
}

impl Drop for Idling {
    /// Nobody waits until the idler has finished: that could be long.
    fn drop(&mut self) {
        IDLER.set(None);
    }
}

impl Idler {
    /// Nothing where no thread can be had.
    fn start(patience: Duration) -> Option<Self> {
        let (work, waiting) = channel();
        let started = thread::Builder::new().spawn(move || serve(&waiting));
        started.is_ok().then(|| Self {
            work,
            is_at_work: Arc::default(),
            patience,
            rests_until: Cell::default(),
        })
    }

    /// What `work` answers, if the idler is free and gets done with it in time.
    fn run<T: Send + 'static>(
        &self,
        work: Arc<impl Fn() -> T + Send + Sync + 'static>,
    ) -> Option<T> {
        let rests = SystemClock.monotonic() < self.rests_until.get();
        if rests || self.is_at_work.swap(true, Ordering::AcqRel) {
            return None;
        }
        let (tell, told) = channel();
        let is_awaited = Arc::new(AtomicBool::new(true));
        let (is_at_work, still) = (self.is_at_work.clone(), is_awaited.clone());
        let sent = self.work.send(Box::new(move || {
            let done = match still.load(Ordering::Acquire) {
                true => catch_unwind(AssertUnwindSafe(|| work())).ok(),
                false => None,
            };
            // Whoever is told may come with the next at once.
            is_at_work.store(false, Ordering::Release);
            if let Some(done) = done {
                let _ = tell.send(done);
            }
        }));
        let done = sent
            .ok()
            .and_then(|()| told.recv_timeout(self.patience).ok());
        if done.is_none() {
            // Perhaps it has not begun: it need not any more.
            is_awaited.store(false, Ordering::Release);
            self.rests_until.set(SystemClock.monotonic() + REST);
        }
        done
    }
}

fn serve(waiting: &Receiver<Work>) {
    stand_back();
    while let Ok(work) = waiting.recv() {
        work();
    }
}

/// Makes room for everybody. Where that is refused, the thread works all the same.
#[cfg(target_os = "linux")]
fn stand_back() {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };
    let _ = set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle),
    );
}

#[cfg(not(target_os = "linux"))]
fn stand_back() {}

/// What `work` answers: done by this thread's idler, or here, if there is none, it is at work, does
/// not get done in time, or panics.
pub fn run<T: Send + 'static>(work: impl Fn() -> T + Send + Sync + 'static) -> T {
    let work = Arc::new(work);
    let done = IDLER.with_borrow(|idler| idler.as_ref()?.run(work.clone()));
    done.unwrap_or_else(|| work())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    /// Longer than the machine is ever busy with something else.
    const LONG: Duration = Duration::from_secs(60);

    fn who() -> thread::ThreadId {
        run(|| thread::current().id())
    }

    #[test]
    fn an_idler_works_for_a_thread_for_as_long_as_it_wants() {
        let me = thread::current().id();
        assert_eq!(who(), me);
        let idling = Idling::with(LONG);
        let idler = who();
        assert_ne!(idler, me);
        assert_eq!(who(), idler);
        drop(idling);
        assert_eq!(who(), me);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_idler_makes_room_for_everybody() {
        let _idling = Idling::with(LONG);
        let stat = run(|| std::fs::read_to_string("/proc/thread-self/stat").unwrap());
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        // The 41st field of proc(5) is the policy, and 5 is SCHED_IDLE.
        assert_eq!(fields[41 - 3], "5", "{stat}");
    }

    #[test]
    fn what_is_not_done_in_time_is_done_here_and_what_was_not_begun_never() {
        let me = thread::current().id();
        let _idling = Idling::with(Duration::from_millis(1));
        let (go, wait) = sync_channel::<()>(0);
        // The idler is stuck with this one, until it is let go.
        IDLER.with_borrow(|idler| {
            let stuck = Box::new(move || wait.recv().unwrap());
            idler.as_ref().unwrap().work.send(stuck).unwrap();
        });
        let (tell, told) = channel();
        run(move || tell.send(thread::current().id()).unwrap());
        go.send(()).unwrap();
        assert_eq!(told.iter().collect::<Vec<_>>(), [me]);
        assert_eq!(who(), me, "it rests");
    }

    #[test]
    fn a_panic_is_the_callers() {
        let _idling = Idling::with(LONG);
        let panicked = catch_unwind(|| run(|| panic!("as planned")));
        assert!(panicked.is_err());
    }
}
