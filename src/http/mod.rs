//! The only code that is async or knows actix: from a request's bytes to a verb of `domain/`, and
//! from what that answers to a response's bytes.

mod addresses;
mod api;
mod authorization;
mod authorize;
mod bodies;
mod body;
mod connection;
mod contract;
mod dispatch;
mod docs;
mod etag;
mod form;
mod hashing;
mod health;
mod log;
mod oauth;
mod own_turn;
mod pages;
mod peer;
mod places;
mod routes;
mod turns;

pub use bodies::Bodies;
pub use connection::watch;
pub use places::{PlaceLimits, Places};
pub use routes::{Needs, ROUTES, Route, mount};

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web;

use crate::ambient::{request_id, within_request};
use crate::app::App;
use crate::domain::StoreError;

/// How long work goes on before it is asked whether the database answers at all, and how often after
/// that.
const WORK_TIME: Duration = Duration::from_millis(1250);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Runs `work`, which may wait for the database, on a thread where that holds nobody up. A database that
/// hangs is not waited for: the thread is, by nobody. Such threads are as few as there are connections
/// to the database; whoever waits for one of these gives up by themselves.
///
/// # Panics
/// When `work` does: `dispatch` answers for it.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
async fn hop<T, E>(
    app: &web::Data<App>,
    work: impl FnOnce(&App) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let left = Arc::new(AtomicBool::new(false));
    let (shared, is_left) = (app.clone(), left.clone());
    let id = request_id().unwrap_or_default();
    let mut done = pin!(web::block(move || {
        // Nobody waits for what did not begin in time.
        match is_left.load(Ordering::Acquire) {
            true => Err(unanswered().into()),
            false => within_request(&id, || work(&shared)),
        }
    }));
    let mut time = WORK_TIME;
    loop {
        match timeout(time, done.as_mut()).await {
            Ok(done) => return done.expect("the work does not panic"),
            Err(_elapsed) if app.directory.is_away() => {
                left.store(true, Ordering::Release);
                app.given_up.fetch_add(1, Ordering::Relaxed);
                return Err(unanswered().into());
            }
            Err(_elapsed) => time = LOOK_EVERY,
        }
    }
}

fn unanswered() -> StoreError {
    StoreError::Unavailable("the database does not answer".to_owned())
}

/// Has the change log read, if the process may have slept since: before anything is decided from memory.
async fn awake(app: &web::Data<App>) -> Result<(), StoreError> {
    match app.directory.may_have_slept() {
        true => hop_briefly(app, |app| app.directory.wake()).await,
        false => Ok(()),
    }
}

/// How long what is read for the hot path may take: a little longer than the database is waited for,
/// less than a caller may wait to hear that it is away.
const READ_TIME: Duration = Duration::from_millis(1900);

/// As [`hop`], for one thing that is read by its key. A database that hangs, where one that is gone
/// would fail, is not waited for: the thread is, by nobody.
async fn hop_briefly<T: Send + 'static>(
    app: &web::Data<App>,
    work: impl FnOnce(&App) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = timeout(READ_TIME, hop(app, work)).await;
    done.unwrap_or_else(|_elapsed| Err(unanswered()))
}
