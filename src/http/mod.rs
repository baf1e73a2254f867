//! The only code that is async or knows actix: from a request's bytes to a verb of `domain/`, and
//! from what that answers to a response's bytes.

mod api;
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
mod pages;
mod peer;
mod routes;

pub use connection::watch;
pub use routes::{Needs, ROUTES, Route, mount};

use actix_web::web;

use crate::ambient::{request_id, within_request};
use crate::app::App;

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
