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

use std::time::Duration;

use actix_web::web;

use crate::ambient::{request_id, within_request};
use crate::app::App;
use crate::domain::StoreError;

/// Runs `work`, which may wait for the database, on a thread where that holds nobody up.
///
/// # Panics
/// When `work` does: `dispatch` answers for it.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
async fn hop<T: Send + 'static>(
    app: &web::Data<App>,
    work: impl FnOnce(&App) -> T + Send + 'static,
) -> T {
    let app = app.clone();
    let id = request_id().unwrap_or_default();
    let done = web::block(move || within_request(&id, || work(&app))).await;
    done.expect("the work does not panic")
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
    let done = actix_web::rt::time::timeout(READ_TIME, hop(app, work)).await;
    done.unwrap_or_else(|_elapsed| {
        let why = "the database does not answer";
        Err(StoreError::Unavailable(why.to_owned()))
    })
}
