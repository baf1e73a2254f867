//! Waits, without holding a thread, for what is done on the threads that hash passwords.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use crate::app::App;
use crate::domain::hashers::Place;

/// Where the outcome is left.
enum Slot<T> {
    Empty(Option<Waker>),
    Filled(T),
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

/// Has `work` done when its turn comes, and answers what it answers. If nobody waits any more by
/// then, it is not begun; once begun, it is finished.
///
/// # Panics
/// When `work` does: `dispatch` answers for it.
pub async fn hashed<T: Send + 'static>(
    app: &App,
    place: Place,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let slot = Arc::new(Mutex::new(Slot::Empty(None)));
    let filler = Filler(slot.clone());
    app.hashers.submit(place, move || {
        let is_awaited = Arc::strong_count(&filler.0) > 1;
        if is_awaited {
            let done = work();
            filler.put(Slot::Filled(done));
        }
    });
    poll_fn(move |context| {
        let mut here = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *here, Slot::Over) {
            Slot::Filled(done) => Poll::Ready(done),
            Slot::Over => panic!("the work does not panic"),
            Slot::Empty(_) => {
                *here = Slot::Empty(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    })
    .await
}
