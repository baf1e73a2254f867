//! Pages for people: HTML put together here, forms, sessions. Every route goes through [`open`] or
//! [`page`], which know who is there before the handler runs, and refuse a form that no page of
//! theirs sent.

mod actors;
pub mod admin;
pub mod assets;
pub mod clients;
pub mod code;
mod confirm;
mod cookies;
mod error;
mod form;
pub mod language;
mod layout;
mod no_authorization;
mod notice;
mod parts;
pub mod password;
pub mod profile;
mod qr;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;
mod text;
mod visit;

use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;

pub use error::PageError;
pub use layout::protect;
pub use no_authorization::no_authorization;
pub use visit::{PageCall, PageResult, Visit, without_controls};

use self::cookies::{Cookie, Cookies};
use self::form::{PageForm, check_site};
use self::layout::Shell;
use self::notice::Said;
use self::sign_in::way;
use self::text::Language;
use super::addresses::{is_open_address, is_page_address};
use super::bodies::Sender;
use super::dispatch::app;
use super::hop;
use super::log::LogLine;
use super::routes::Needs;
use crate::alarms::Alarm;
use crate::ambient::random_base62;
use crate::app::App;
use crate::domain::StoreError;
use crate::domain::sessions::{self as acts, SignedIn};
use crate::model::audit::Actor;
use crate::model::secret::Secret;
use crate::model::session::Stage;
use crate::model::timestamp::Timestamp;

/// How many base62 characters bind the forms of somebody who is not signed in: 256 bits.
const VISIT_LENGTH: usize = 43;

/// A page for anybody.
pub type OpenHandler = fn(Visit) -> LocalBoxFuture<'static, PageResult>;
/// A page for somebody who is signed in.
pub type PageHandler = fn(PageCall) -> LocalBoxFuture<'static, PageResult>;

/// Whether errors at this path are pages.
pub fn is_page(path: &str) -> bool {
    if matches!(path, "/" | "/.well-known/change-password") {
        return true;
    }
    let below = match path.strip_prefix("/console") {
        Some("") => return true,
        Some(below) => below.strip_prefix('/'),
        None => None,
    };
    below.is_some_and(|below| !matches!(below.split('/').next(), Some("api" | "sys")))
}

/// Lets `handler` answer anybody.
pub async fn open(handler: OpenHandler, http: HttpRequest, payload: Payload) -> HttpResponse {
    let (shell, arrived) = begin(&http).await;
    end(&http, &shell, async {
        let Arrived { mut visit, held } = arrived?;
        visit.form = read(&visit, payload, &held, None).await?;
        handler(visit).await
    })
    .await
}

/// Lets `handler` answer, if whoever is signed in may see the page.
pub async fn page(
    handler: PageHandler,
    needs: Needs,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let (shell, arrived) = begin(&http).await;
    end(&http, &shell, async {
        let Arrived { mut visit, held } = arrived?;
        let signed_in = match visit.session.take() {
            None => return to_sign_in(&visit),
            Some(waiting) if waiting.session.stage == Stage::Code => {
                return visit.lead(&way("/console/sign-in/code", &visit.shell.address));
            }
            Some(signed_in) => signed_in,
        };
        // What was shown to the browser before the sign-in is worth nothing in the session.
        let held = Held {
            visit: None,
            ..held
        };
        visit.form = read(&visit, payload, &held, Some(&signed_in)).await?;
        if signed_in.must_change_password && needs != Needs::AnySession {
            return visit.lead(&way("/console/profile/password", &visit.shell.address));
        }
        visit::check(needs, &signed_in)?;
        let call = PageCall {
            visit,
            signed_in,
            needs,
        };
        handler(call).await
    })
    .await
}

/// To the sign-in, and from there back to the page, if it is one that can be asked for. Only who
/// sent a form is told that it did nothing.
fn to_sign_in(visit: &Visit) -> PageResult {
    let address = &visit.shell.address;
    let is_get = matches!(*visit.http.method(), Method::GET | Method::HEAD);
    match is_get && is_page_address(address) {
        true => visit.lead(&way("/console/sign-in", address)),
        false => Err(PageError::SignedOut),
    }
}

/// The path that was asked for, with its query unless that cannot be led back to.
fn address(http: &HttpRequest) -> String {
    let path = http.path();
    let whole = format!("{path}?{}", http.query_string());
    let is_known = is_page_address(&whole) || is_open_address(&whole);
    match is_known && !http.query_string().is_empty() {
        true => whole,
        false => path.to_owned(),
    }
}

async fn end(
    http: &HttpRequest,
    shell: &Shell,
    answer: impl Future<Output = PageResult>,
) -> HttpResponse {
    answer.await.unwrap_or_else(|error| {
        LogLine::of(http).cause(error.cause());
        error.into_response(shell)
    })
}

/// What is wrong with a request that no handler is there for. Whoever is signed in keeps the way to
/// every other page. A page's path with slashes at its end leads to the page.
pub async fn nowhere(http: &HttpRequest, error: PageError) -> HttpResponse {
    if http.method().is_safe()
        && let Some(page) = without_slashes(http)
    {
        return shell(http, Cookies::read(http, &app(http).public_url), None).redirect(&page, None);
    }
    let (shell, _) = begin(http).await;
    match shell.is_signed_in() {
        true => end(http, &shell, async { Err(error) }).await,
        false => failure(http, error),
    }
}

fn without_slashes(http: &HttpRequest) -> Option<String> {
    let path = http.path().strip_suffix('/')?.trim_end_matches('/');
    let query = http.query_string();
    let whole = if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    };
    let address = [format!("{path}{whole}"), path.to_owned()];
    let is_known = |address: &String| is_page_address(address) || is_open_address(address);
    address.into_iter().find(is_known)
}

/// What is wrong where no handler answers, and nobody is known to be signed in: no route, another
/// method, a panic, the deadline.
pub fn failure(http: &HttpRequest, error: PageError) -> HttpResponse {
    let app = app(http);
    let cookies = Cookies::read(http, &app.public_url);
    LogLine::of(http).cause(error.cause());
    error.into_response(&shell(http, cookies, None))
}

/// A shell without anything to send in it.
fn shell(http: &HttpRequest, cookies: Cookies, signed_in: Option<SignedIn>) -> Shell {
    let chosen = cookies.value(Cookie::Language).and_then(Language::parse);
    let accepted = http.headers().get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    let language = chosen.unwrap_or_else(|| Language::negotiate(accepted.unwrap_or_default()));
    Shell {
        text: language.text(),
        said: cookies.value(Cookie::Notice).and_then(Said::from_cookie),
        cookies,
        path: http.path().to_owned(),
        address: address(http),
        request_id: LogLine::of(http).request_id(),
        form_token: None,
        new_visit: None,
        signed_in,
    }
}

/// What the browser holds that a form's token can be bound to.
struct Held {
    session: Option<Secret>,
    visit: Option<String>,
}

/// A request of which it is known who sent it; its form is not read yet.
struct Arrived {
    visit: Visit,
    held: Held,
}

/// Who is there; or why that cannot be known.
async fn begin(http: &HttpRequest) -> (Rc<Shell>, Result<Arrived, PageError>) {
    let app = app(http);
    let now = app.clock.now();
    let cookies = Cookies::read(http, &app.public_url);
    if !app.public_url.is_https() && !LogLine::of(http).peer().is_loopback() {
        let shell = Rc::new(shell(http, cookies, None));
        return (shell, Err(PageError::PlainHttp));
    }
    let token = cookies.value(Cookie::Session);
    let token = token.map(|token| Secret::new(token.to_owned()));
    let found = match &token {
        Some(token) => find(&app, token.clone(), now).await,
        None => Ok(None),
    };
    let session = match found {
        Ok(session) => session,
        Err(error) => {
            let shell = Rc::new(shell(http, cookies, None));
            return (shell, Err(error.into()));
        }
    };
    if let Some(found) = &session {
        LogLine::of(http).client(Actor::User(found.user.id).to_string());
    }
    let held = Held {
        session: token.filter(|_| session.is_some()),
        visit: cookies.value(Cookie::Visit).map(str::to_owned),
    };
    let whole = session.clone().filter(|s| s.session.stage == Stage::Whole);
    let mut shell = shell(http, cookies, whole);
    let visit = held.visit.clone();
    let visit = visit.unwrap_or_else(|| random_base62(VISIT_LENGTH));
    let form_token = form::token(&app.digest_keys, held.session.as_ref(), &visit);
    shell.form_token = Some(form_token);
    if held.session.is_none() && held.visit.is_none() {
        shell.new_visit = Some(visit);
    }
    let shell = Rc::new(shell);
    let visit = Visit {
        app,
        http: http.clone(),
        now,
        shell: shell.clone(),
        form: PageForm::empty(),
        session,
    };
    (shell, Ok(Arrived { visit, held }))
}

/// Whether a cookie can be one that [`begin`] made.
fn is_visit(value: &str) -> bool {
    value.len() == VISIT_LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The form in an unsafe request, if a page of this session, or of this visit, sent it.
async fn read(
    visit: &Visit,
    payload: Payload,
    held: &Held,
    signed_in: Option<&SignedIn>,
) -> Result<PageForm, PageError> {
    let http = &visit.http;
    if http.method().is_safe() {
        return Ok(PageForm::empty());
    }
    check_site(http, &visit.app.public_url)?;
    // No page of ours was opened by whoever holds neither: of their form nothing is read.
    let has_visit = held.visit.as_deref().is_some_and(is_visit);
    if held.session.is_none() && !has_visit {
        return Err(PageError::FormExpired);
    }
    let whole = visit.session.as_ref().or(signed_in);
    let whole = whole.filter(|s| s.session.stage == Stage::Whole);
    let sender = match whole {
        Some(signed_in) => Sender::Known(signed_in.user.login.clone()),
        None => Sender::stranger(LogLine::of(http).peer()),
    };
    let form = PageForm::read(http, payload, sender).await?;
    let keys = &visit.app.digest_keys;
    form.check_token(keys, held.session.as_ref(), held.visit.as_deref())?;
    Ok(form)
}

/// The session that `token` opens; that it was seen is written once a minute.
async fn find(
    app: &web::Data<App>,
    token: Secret,
    now: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    let work = move |app: &App| {
        let found = app.read(|c| acts::find(c, &app.digest_keys, &token, now))?;
        let seen = found.as_ref().filter(|f| f.session.is_to_be_seen(now));
        // It is a hint: who reads is not refused because nothing can be written.
        if let Some(seen) = seen.filter(|_| !app.alarms.is_raised(Alarm::WritesFail)) {
            let id = seen.session.id;
            if let Err(e) = app.database.write(|c| acts::see(c, id, now)) {
                tracing::debug!(cause = e.to_string(), "a session's last use is not written");
            }
        }
        Ok(found)
    };
    hop(app, work).await
}
