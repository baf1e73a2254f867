//! One request from its arrival to its answer: request id, deadline, panics, the log line.

use std::borrow::Cow;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::ConnectionType;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;

use super::api::{self, ApiError};
use super::connection::Answering;
use super::health;
use super::log::LogLine;
use super::oauth::OAuthError;
use super::pages::{self, PageError};
use super::peer::peer;
use super::routes::{Handler, Route, allow};
use super::turns::in_turn;
use crate::ambient::{random_uuid, within_request};
use crate::app::App;

/// How long a request may take from its head to its answer; less at the token endpoint.
const DEADLINE: Duration = Duration::from_secs(10);
const TOKEN_DEADLINE: Duration = Duration::from_secs(5);

/// Paths whose errors have the form of RFC 6749.
pub(super) const OAUTH_PREFIX: &str = "/console/sys/";

/// For a year, this host alone (RFC 6797). Only over our own TLS: what a proxy speaks, it says itself.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers a request by its row of the route table, or says that there is none.
pub(super) async fn dispatch(
    route: Option<&'static Route>,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let answering = Answering::begin(http.head()).await;
    let app = app(&http);
    let started_at = app.clock.monotonic();
    let request_id = random_uuid().simple().to_string();
    let line = LogLine::new(
        request_id.clone(),
        peer(&http, &app.settings.trusted_proxies),
    );
    answering.is_for(line.peer());
    http.extensions_mut().insert(line.clone());

    let is_about_health = route.is_some_and(|route| health::PATHS.contains(&route.path));
    // Whoever waits for a place is answered about health all the same, and that is all.
    let is_last = is_about_health && !answering.has_place();
    let mut work = pin!(async {
        match is_about_health || answering.wait_for_place().await {
            true => answer(route, http.clone(), payload).await,
            false => failure(&http, Failure::Full, &line),
        }
    });
    let work = poll_fn(|context| within_request(&request_id, || work.as_mut().poll(context)));
    let work = AssertUnwindSafe(work).catch_unwind();
    let mut response = match actix_web::rt::time::timeout(deadline(&http), work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => failure(&http, Failure::Panic, &line),
        Err(_elapsed) => failure(&http, Failure::Deadline, &line),
    };
    if is_last {
        close(&mut response);
    }
    // A UUID's digits are a header value.
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if app.settings.tls {
        let headers = response.headers_mut();
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    let took = app.clock.monotonic().saturating_sub(started_at);
    let pattern = match route {
        Some(route) => Some(Cow::Borrowed(route.path)),
        None => http.match_pattern().map(Cow::Owned),
    };
    let status = response.status().as_u16();
    line.write(http.method(), pattern.as_deref(), status, took);
    answering.noted(response)
}

async fn answer(route: Option<&Route>, http: HttpRequest, payload: Payload) -> HttpResponse {
    let Some(route) = route else {
        return no_route(&http).await;
    };
    match route.handler {
        Handler::Plain(handler) => handler(http, payload).await,
        Handler::Api(handler) => api::call(handler, route.needs, http, payload).await,
        Handler::Open(handler) => in_turn(pages::open(handler, http, payload)).await,
        Handler::Page(handler) => in_turn(pages::page(handler, route.needs, http, payload)).await,
        Handler::Asset(asset) => asset.answer(&http),
    }
}

async fn no_route(http: &HttpRequest) -> HttpResponse {
    let allowed = http.match_pattern().and_then(|pattern| allow(&pattern));
    let is_page = pages::is_page(http.path());
    let Some(allowed) = allowed else {
        if is_page {
            return pages::nowhere(http, PageError::NotFound).await;
        }
        return ApiError::not_found("There is nothing at this path.").into_response();
    };
    let mut response = match is_oauth(http) {
        true if allowed == "POST" => OAuthError::MethodNotAllowed.into_response(),
        true => OAuthError::UnknownMethod.into_response(),
        false if is_page => pages::nowhere(http, PageError::MethodNotAllowed).await,
        false => ApiError::method_not_allowed().into_response(),
    };
    // Made of method names, which are header values.
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// What went wrong before a handler could answer for itself.
enum Failure {
    Panic,
    Deadline,
    /// Every connection that there may be is there.
    Full,
}

fn failure(http: &HttpRequest, failure: Failure, line: &LogLine) -> HttpResponse {
    line.cause(match failure {
        Failure::Panic => "a panic",
        Failure::Deadline => "the deadline",
        Failure::Full => "too many connections",
    });
    let mut response = match (failure, is_oauth(http)) {
        (failure, _) if pages::is_page(http.path()) => {
            let error = match failure {
                Failure::Panic => PageError::Internal("a panic".to_owned()),
                Failure::Deadline => PageError::Unavailable("the deadline".to_owned()),
                Failure::Full => PageError::Unavailable("too many connections".to_owned()),
            };
            pages::failure(http, error)
        }
        (Failure::Panic, true) => OAuthError::ServerError.into_response(),
        (Failure::Panic, false) => ApiError::internal("a panic").into_response(),
        (Failure::Deadline | Failure::Full, true) => OAuthError::Unavailable.into_response(),
        (Failure::Deadline, false) => ApiError::unavailable("the deadline").into_response(),
        (Failure::Full, false) => ApiError::unavailable("too many connections").into_response(),
    };
    // Whatever is left of the request's body is not waited for.
    close(&mut response);
    response
}

fn close(response: &mut HttpResponse) {
    response
        .head_mut()
        .set_connection_type(ConnectionType::Close);
}

fn deadline(http: &HttpRequest) -> Duration {
    match is_oauth(http) {
        true => TOKEN_DEADLINE,
        false => DEADLINE,
    }
}

fn is_oauth(http: &HttpRequest) -> bool {
    http.path().starts_with(OAUTH_PREFIX)
}

/// What every request shares.
///
/// # Panics
/// Never in a running server: `server` hands the app to every worker before it listens.
pub(super) fn app(http: &HttpRequest) -> web::Data<App> {
    http.app_data::<web::Data<App>>()
        .expect("the server carries the app")
        .clone()
}
