//! Pages take turns on their worker, and so do new connections, so that a token request on a
//! connection that is kept never waits for more than one of each.
//!
//! A worker runs what is ready in the order in which it became ready. A thousand forms that are sent
//! at once would all come before the next token; here one of them is at work at a time, and the next
//! is called behind everything that is ready by then.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use actix_web::rt::spawn;
use actix_web::rt::task::yield_now;

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    /// Whoever comes.
    Free,
    /// Nobody's, until what was ready before has run.
    Passing,
    /// Theirs who got this number.
    Called(u64),
}

/// Which line somebody stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    Pages,
    /// Those on which nothing was answered yet.
    NewConnections,
}

struct Line {
    turn: Turn,
    /// The number of whoever comes next.
    next: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Line {
    const fn new() -> RefCell<Self> {
        RefCell::new(Self {
            turn: Turn::Free,
            next: 0,
            waiting: BTreeMap::new(),
        })
    }
}

thread_local! {
    /// This worker's.
    static PAGES: RefCell<Line> = const { Line::new() };
    static NEW_CONNECTIONS: RefCell<Line> = const { Line::new() };
}

/// Does something with this worker's line.
fn with<T>(of: Of, work: impl FnOnce(&mut Line) -> T) -> T {
    match of {
        Of::Pages => PAGES.with_borrow_mut(work),
        Of::NewConnections => NEW_CONNECTIONS.with_borrow_mut(work),
    }
}

/// A place in a line, for whoever has one.
pub struct Place {
    of: Of,
    number: Option<u64>,
}

/// Runs `work` to its end, each step of it when it is a page's turn.
pub async fn in_turn<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut place = Place::new(Of::Pages);
    poll_fn(move |context| match place.take_turn(context) {
        true => work.as_mut().poll(context),
        false => Poll::Pending,
    })
    .await
}

impl Place {
    pub fn new(of: Of) -> Self {
        Self { of, number: None }
    }

    /// Whether it is one's turn, for one step that is done now; if not, one is woken when it is.
    pub fn take_turn(&mut self, context: &Context<'_>) -> bool {
        let (of, mine) = (self.of, &mut self.number);
        let is_up = with(of, |line| {
            let is_up = match (line.turn, *mine) {
                (Turn::Free, _) => true,
                (Turn::Called(called), Some(number)) => called == number,
                _ => false,
            };
            if is_up {
                line.turn = Turn::Passing;
                *mine = None;
                return true;
            }
            let number = *mine.get_or_insert_with(|| {
                line.next += 1;
                line.next
            });
            line.waiting.insert(number, context.waker().clone());
            false
        });
        if is_up {
            // Before the step, which may panic.
            spawn(async move {
                // Until it was looked for what came over the network meanwhile, too.
                yield_now().await;
                pass(of);
            });
        }
        is_up
    }
}

impl Drop for Place {
    /// Whoever leaves does not hold up those behind.
    fn drop(&mut self) {
        let Some(number) = self.number else {
            return;
        };
        let was_called = with(self.of, |line| {
            line.waiting.remove(&number);
            line.turn == Turn::Called(number)
        });
        if was_called {
            pass(self.of);
        }
    }
}

/// Calls the next.
fn pass(of: Of) {
    let next = with(of, |line| {
        let next = line.waiting.pop_first();
        line.turn = match &next {
            Some((number, _)) => Turn::Called(*number),
            None => Turn::Free,
        };
        next
    });
    if let Some((_, waker)) = next {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::panic::AssertUnwindSafe;
    use std::rc::Rc;

    use futures_util::FutureExt;
    use futures_util::future::{join_all, pending};

    #[actix_web::test]
    async fn something_else_waits_for_one_of_many_at_most() {
        let done = Rc::new(Cell::new(0));
        let pages: Vec<_> = (0..100)
            .map(|_| {
                let done = done.clone();
                spawn(in_turn(async move { done.set(done.get() + 1) }))
            })
            .collect();
        // Everybody is in the line by then.
        yield_now().await;
        let mut before = done.get();
        while before < 100 {
            yield_now().await;
            assert!(done.get() <= before + 1, "{} after {before}", done.get());
            before = done.get();
        }
        join_all(pages).await;
    }

    #[actix_web::test]
    async fn neither_who_panics_nor_who_leaves_holds_up_the_others() {
        let broken = AssertUnwindSafe(in_turn(async { panic!("as planned") })).catch_unwind();
        let broken = spawn(broken);
        let left = spawn(in_turn(pending::<()>()));
        let called = spawn(in_turn(async {}));
        yield_now().await;
        let mut waiting = Box::pin(in_turn(async {}));
        assert!(waiting.as_mut().now_or_never().is_none());
        let last = spawn(in_turn(async { 7 }));
        yield_now().await;
        left.abort();
        drop(waiting);
        assert!(broken.await.expect("it was caught").is_err());
        assert_eq!(last.await.expect("it ends"), 7);
        called.await.expect("it ends");
    }
}
