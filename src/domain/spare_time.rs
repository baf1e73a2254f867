//! Work that is done while nobody else wants the processor.
//!
//! A thread that only stands behind the others, as `nice` has it, keeps the processor for some
//! milliseconds more when one of them wants it: as long as five tokens take. One of the class "idle"
//! (SCHED_IDLE of `sched(7)`) makes room at once; but while the others leave nothing it gets next to
//! nothing, and what it has begun is not finished for seconds. So it works for another thread, which
//! waits for it, and does the work itself when that takes too long.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// How long a helper is waited for: ten times as long as a hash takes on a processor of its own.
const PATIENCE: Duration = Duration::from_millis(250);

type Work = Box<dyn FnOnce() + Send>;

/// The thread that works for another one.
struct Helper {
    work: Sender<Work>,
    is_at_work: Arc<AtomicBool>,
}

thread_local! {
    /// This thread's.
    static HELPER: RefCell<Option<Helper>> = const { RefCell::new(None) };
}

/// As long as one of these is there, this thread has a helper.
pub struct Helped(());

impl Helped {
    pub fn begin() -> Self {
        HELPER.set(Helper::start());
        Self(())
    }
}

impl Drop for Helped {
    /// Nobody waits until the helper has finished: that could be long.
    fn drop(&mut self) {
        HELPER.set(None);
    }
}

impl Helper {
    /// Nothing where no thread can be had.
    fn start() -> Option<Self> {
        let (work, waiting) = channel();
        let started = thread::Builder::new().spawn(move || serve(&waiting));
        started.is_ok().then(|| Self {
            work,
            is_at_work: Arc::default(),
        })
    }

    /// What `work` answers, if the helper is free and gets done with it in time.
    fn run<T: Send + 'static>(
        &self,
        work: Arc<impl Fn() -> T + Send + Sync + 'static>,
    ) -> Option<T> {
        if self.is_at_work.swap(true, Ordering::AcqRel) {
            return None;
        }
        let (tell, told) = channel();
        let is_at_work = self.is_at_work.clone();
        let sent = self.work.send(Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(|| work()));
            // Whoever is told may come with the next at once.
            is_at_work.store(false, Ordering::Release);
            if let Ok(done) = done {
                // Perhaps nobody waits any more.
                let _ = tell.send(done);
            }
        }));
        sent.ok().and_then(|()| told.recv_timeout(PATIENCE).ok())
    }
}

fn serve(waiting: &Receiver<Work>) {
    // Where it is refused the thread works all the same.
    let _ = set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle),
    );
    while let Ok(work) = waiting.recv() {
        work();
    }
}

/// What `work` answers: done by this thread's helper, or here, if there is none, it is at work, does
/// not get done in time, or panics.
pub fn run<T: Send + 'static>(work: impl Fn() -> T + Send + Sync + 'static) -> T {
    let work = Arc::new(work);
    let helped = HELPER.with_borrow(|helper| helper.as_ref()?.run(work.clone()));
    helped.unwrap_or_else(|| work())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    fn who() -> thread::ThreadId {
        run(|| thread::current().id())
    }

    #[test]
    fn a_thread_has_a_helper_for_as_long_as_it_wants() {
        let me = thread::current().id();
        assert_eq!(who(), me);
        let helped = Helped::begin();
        let helper = who();
        assert_ne!(helper, me);
        assert_eq!(who(), helper);
        drop(helped);
        assert_eq!(who(), me);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_helper_makes_room_for_everybody() {
        let _helped = Helped::begin();
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
    fn what_a_helper_does_not_get_done_is_done_here() {
        let me = thread::current().id();
        let _helped = Helped::begin();
        let helper = who();
        let both = Arc::new(Barrier::new(2));
        let stuck = both.clone();
        let done_by = run(move || {
            let me_now = thread::current().id();
            if me_now == helper {
                stuck.wait();
            }
            me_now
        });
        assert_eq!(done_by, me);
        assert_eq!(who(), me, "it is still at work");
        both.wait();
        while who() != helper {}
    }

    #[test]
    fn a_panic_is_the_callers() {
        let _helped = Helped::begin();
        let panicked = catch_unwind(|| run(|| panic!("as planned")));
        assert!(panicked.is_err());
        assert_ne!(who(), thread::current().id(), "the helper goes on");
    }
}
