//! The resource API (RFC 6750): every route goes through [`call`], which knows the caller before
//! the handler runs.

pub mod access_tokens;
mod application_body;
pub mod application_changes;
pub mod application_user_lists;
pub mod application_users;
pub mod applications;
pub mod audit_events;
mod bearer;
mod client_acts;
mod client_body;
mod client_input;
pub mod clients;
mod error;
pub mod me;
mod query;
pub mod spaces;
mod user_body;
pub mod user_lists;
pub mod users;

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use bearer::Again;
pub use error::ApiError;

use super::dispatch::app;
use super::log::LogLine;
use super::own_turn::own_turn;
use super::routes::Needs;
use super::{body, hop};
use crate::app::App;
use crate::domain::bearer::Caller;
use crate::domain::hash_line::Whom;
use crate::domain::refusals::{BEYOND_BUDGET, Refused};
use crate::domain::{Act, AnyConnection, Authority, DomainError, Reading};
use crate::model::object::Object;
use crate::model::timestamp::Timestamp;

/// How large a JSON body may be, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// How long it may take to arrive; less than the deadline of the whole request.
const BODY_TIME: Duration = Duration::from_millis(9500);

/// One call whose caller is known and may make it.
pub struct ApiCall {
    pub app: web::Data<App>,
    pub http: HttpRequest,
    pub caller: Caller,
    pub now: Timestamp,
    needs: Needs,
    payload: Payload,
}

type Handler = fn(ApiCall) -> LocalBoxFuture<'static, Result<HttpResponse, ApiError>>;

/// Lets `handler` answer, if the request's token allows what the route needs.
pub async fn call(
    handler: Handler,
    needs: Needs,
    http: HttpRequest,
    mut payload: Payload,
) -> HttpResponse {
    let line = LogLine::of(&http);
    let app = app(&http);
    let now = app.clock.now();
    let refusing = app.clone();
    let mut known = None;
    let answer = match bearer::caller(&app, &http, needs, now).await {
        Err(error) => Err(error),
        Ok(ref caller) if bearer::has_token_in_form(&http, &mut payload, caller).await => {
            Err(ApiError::two_tokens())
        }
        Ok(caller) => {
            let id = &caller.authenticated.client.client.id;
            line.client(id.as_str());
            known = Some(id.clone());
            // Before anything of it is read: what is refused then costs next to nothing.
            let spent = match http.method().is_safe() {
                true => Ok(()),
                false => app
                    .write_budget
                    .spend(&caller.authority(), app.clock.monotonic()),
            };
            match spent {
                Err(over) => {
                    let client = caller.authenticated.client.client.id.clone();
                    let whom = Refused::ClientChange(client);
                    app.refusals.note(whom, line.peer(), BEYOND_BUDGET, now);
                    Err(ApiError::overspent(over))
                }
                Ok(()) => {
                    let call = ApiCall {
                        app,
                        http,
                        caller,
                        now,
                        needs,
                        payload,
                    };
                    handler(call).await
                }
            }
        }
    };
    answer.unwrap_or_else(|error| {
        line.cause(error.cause());
        if let Some(whom) = error.refused(known) {
            if let Some(id) = whom.client() {
                line.client(id.as_str());
            }
            let refusals = &refusing.refusals;
            refusals.note(whom, line.peer(), error.cause(), now);
        }
        error.into_response()
    })
}

impl ApiCall {
    /// The body, which must be a JSON object of the shape of `T`, and nothing else.
    pub async fn body<T: DeserializeOwned>(&mut self) -> Result<T, ApiError> {
        let payload = std::mem::replace(&mut self.payload, Payload::None);
        let media_type = "application/json";
        let sender = bearer::sender(&self.caller);
        let body = body::read(
            &self.http, payload, sender, media_type, BODY_LIMIT, BODY_TIME,
        )
        .await?;
        let read = serde_json::from_slice::<Object<T>>(&body);
        read.map(|Object(read)| read)
            .map_err(|e| ApiError::malformed_json(&e))
    }

    /// For whom a password is hashed here: a person with many keys is one.
    pub fn whom(&self) -> Whom {
        Whom::Known(bearer::name(&self.caller))
    }

    /// A part of the path that must be an id.
    pub fn id<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, ApiError> {
        let text = self.http.match_info().query(name);
        parse(text).ok_or_else(|| ApiError::not_a_uuid(text))
    }

    /// Runs `work` on a connection that only reads.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Authority) -> Result<T, DomainError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.read_as(Reading::Short, work).await
    }

    /// As [`Self::read`], of something that may be long.
    pub async fn read_as<T: Send + 'static>(
        &self,
        reading: Reading,
        work: impl FnOnce(&mut AnyConnection, &Authority) -> Result<T, DomainError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let authority = self.caller.authority();
        let read = move |app: &App| app.read_as(reading, |c| work(c, &authority));
        let done: Result<T, DomainError> = hop(&self.app, read).await;
        // What the caller might do before the process was suspended, they may not be able to do now.
        if self.app.directory.may_have_slept() {
            bearer::caller(&self.app, &self.http, self.needs, self.app.clock.now()).await?;
        }
        Ok(done?)
    }

    /// Runs `work` in one transaction, with the rights that the caller has there: the body may have
    /// taken its time to arrive, and the transaction waited for its turn.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Act, &App) -> Result<T, DomainError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let again = Again::of(&self.http, &self.caller, self.needs)?;
        let turn = own_turn(&self.app, &self.caller.authority()).await?;
        let now = self.now;
        let request_id = Some(LogLine::of(&self.http).request_id());
        let write = move |app: &App| {
            app.write(|c| {
                let act = Act {
                    authority: again.find(app, c)?.authority(),
                    now,
                    request_id,
                };
                Ok(work(c, &act, app)?)
            })
        };
        let done = hop(&self.app, write).await;
        turn.end(done.as_ref().is_err_and(ApiError::is_unavailable));
        done
    }
}

/// A successful answer; nobody may keep it.
fn ok(answer: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(answer)
}

/// What was made, where the console answers so; nobody may keep it.
fn created(answer: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(answer)
}

/// Done, and nothing to say about it.
fn no_content() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
