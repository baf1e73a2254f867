//! Waits, without holding a thread, for what is done on the threads that hash passwords.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use crate::app::App;
use crate::domain::hash_line::Whom;
use crate::domain::hashers::{Busy, Work};

/// Where the outcome is left.
enum Slot<T> {
    Empty(Option<Waker>),
    Filled(T),
    /// It had to make room.
    PushedOut,
    /// Nothing comes any more.
    Over,
}

/// The side that fills the slot; whoever waits is woken also when it is dropped unfilled.
struct Filler<T>(Arc<Mutex<Slot<T>>>);

impl<T> Filler<T> {
    fn put(&self, slot: Slot<T>) {
        let mut here = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Slot::Empty(waker) = &mut *here else {
            return;
        };
        let waker = waker.take();
        *here = slot;
        drop(here);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Filler<T> {
    fn drop(&mut self) {
        self.put(Slot::Over);
    }
}

/// What waits in the line.
struct Task<T, F> {
    filler: Filler<T>,
    work: F,
}

impl<T: Send, F: FnOnce() -> T + Send> Work for Task<T, F> {
    fn is_awaited(&self) -> bool {
        Arc::strong_count(&self.filler.0) > 1
    }

    fn run(self: Box<Self>) {
        let done = (self.work)();
        self.filler.put(Slot::Filled(done));
    }

    fn push_out(self: Box<Self>) {
        self.filler.put(Slot::PushedOut);
    }
}

/// Has `work` done for somebody when their turn comes, and answers what it answers. If nobody waits
/// any more by then, it is not begun; once begun, it is finished.
///
/// # Errors
/// When there is no place for it, or it has to make room for somebody who has less.
///
/// # Panics
/// When `work` does: `dispatch` answers for it.
pub async fn hashed<T: Send + 'static>(
    app: &App,
    whom: &Whom,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Busy> {
    let slot = Arc::new(Mutex::new(Slot::Empty(None)));
    let filler = Filler(slot.clone());
    app.hashers.submit(whom, Box::new(Task { filler, work }))?;
    poll_fn(move |context| {
        let mut here = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *here, Slot::Over) {
            Slot::Filled(done) => Poll::Ready(Ok(done)),
            Slot::PushedOut => Poll::Ready(Err(Busy)),
            Slot::Over => panic!("the work does not panic"),
            Slot::Empty(_) => {
                *here = Slot::Empty(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    })
    .await
}
