//! `/console/sign-in` and `/console/sign-out`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};
use maud::html;

use super::cookies::Cookie;
use super::notice::Notice;
use super::parts::{Field, alert};
use super::{PageCall, PageError, PageResult, Visit};
use crate::app::App;
use crate::domain::first_start::{first_sign_in_paths, forget_first_sign_in};
use crate::domain::hash_line::Whom;
use crate::domain::refusals::Refused;
use crate::domain::sessions::{self, Browser};
use crate::domain::sign_in::{self, Entered, Right, SignInRefusal, Verified};
use crate::http::addresses::is_page_address;
use crate::http::hashing::hashed;
use crate::http::log::LogLine;
use crate::model::audit::Actor;
use crate::model::ids::UserId;
use crate::model::session::Stage;

const HOME: &str = "/console/profile";

/// `GET /console/sign-in`
pub async fn show(visit: Visit) -> PageResult {
    let query = visit.query()?;
    let next = known(query.value("next")?);
    if visit.shell.is_signed_in() {
        return visit.lead(next);
    }
    Ok(form(&visit, StatusCode::OK, next, None))
}

/// `POST /console/sign-in`
pub async fn sign_in(visit: Visit) -> PageResult {
    let login = visit.form.value("login")?.trim().to_owned();
    let next = known(visit.form.value("next")?);
    let password = visit.form.secret("password")?;
    let text = &visit.text().account.sign_in;
    let is_known = visit.is_known_browser(&login).await?;
    let peer = LogLine::of(&visit.http).peer();
    let guard = &visit.app.sign_in_guard;
    if guard.is_too_often(&login, peer, visit.now) {
        return Ok(too_often(&visit, next));
    }
    let attempt = match guard.begin(&login, peer, is_known, visit.now) {
        Ok(attempt) => attempt,
        Err(seconds) => {
            LogLine::of(&visit.http).cause("too many failed sign-ins");
            let say = (text.slowed)(seconds);
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Ok(wait(form(&visit, status, next, Some(&say)), seconds));
        }
    };
    let named = login.clone();
    let whom = match is_known {
        true => Whom::Known(login.clone()),
        false => Whom::Stranger {
            peer,
            login: login.clone(),
        },
    };
    let (reader, now) = (visit.app.clone(), visit.now);
    // The read waits in the same line: on the threads for it, all who wait would come at once.
    let verified = hashed(&visit.app, &whom, move || {
        let candidate = reader.read(|c| sign_in::read(c, &named))?;
        Ok::<_, PageError>(candidate.verify(&password, now)?)
    });
    let Ok(verified) = verified.await else {
        guard.take_back(attempt);
        LogLine::of(&visit.http).cause("too many sign-ins at once");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Ok(wait(form(&visit, status, next, Some(text.busy)), 5));
    };
    let entered = match verified? {
        Verified::Right(_) if !guard.succeeded(&login, peer, visit.now) => {
            guard.take_back(attempt);
            return Ok(too_often(&visit, next));
        }
        Verified::Right(mut right) => {
            right.is_listed = guard.is_listed(&login, visit.now);
            if !right.is_listed {
                let whom = Refused::SignIns(right.user.id);
                let why = "more sign-ins within a minute than are listed";
                visit.app.refusals.note(whom, peer, why, visit.now);
            }
            enter(&visit, right).await?
        }
        Verified::Refused(user, refusal) => Err((user, refusal)),
    };
    match entered {
        Ok(entered) => {
            visit.app.sign_in_guard.take_back(attempt);
            welcome(&visit, &entered, next)
        }
        Err((user, refusal)) => {
            note(&visit, &login, user, refusal);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            // Whoever knows a password that is over learns no more than that.
            let says = match refusal {
                SignInRefusal::Ended => text.temporary_ended,
                _ => text.refused,
            };
            Ok(form(&visit, status, next, Some(says)))
        }
    }
}

/// The answer where one account signs in from one peer more often than anybody needs to.
fn too_often(visit: &Visit, next: &str) -> HttpResponse {
    LogLine::of(&visit.http).cause("too many sign-ins of one account within a second");
    let busy = visit.text().account.sign_in.busy;
    let status = StatusCode::TOO_MANY_REQUESTS;
    wait(form(visit, status, next, Some(busy)), 1)
}

/// `POST /console/sign-out`
pub async fn sign_out(call: PageCall) -> PageResult {
    let (user, id) = (call.signed_in.user.id, call.signed_in.session.id);
    call.write(move |c, act, _| sessions::end(c, act, user, id))
        .await?;
    let mut response = call.done("/console/sign-in", Notice::SignedOut, "")?;
    set(&mut response, &call.shell.cookies.clear(Cookie::Session));
    Ok(response)
}

/// The session that a right password begins; nothing if it is not right any more.
async fn enter(
    visit: &Visit,
    right: Right,
) -> Result<Result<Entered, (Option<UserId>, SignInRefusal)>, PageError> {
    let user = right.user.id;
    let browser = browser(visit);
    let before = visit.session.as_ref().map(|s| s.session.id);
    let (now, request_id) = (visit.now, visit.shell.request_id.clone());
    let entered = visit.hop(move |app| {
        let entered = app.write(|c| {
            let keys = &app.digest_keys;
            sign_in::enter(c, keys, right, &browser, before, now, &request_id)
        })?;
        if let Some(entered) = &entered {
            forget(app, entered);
        }
        Ok::<_, PageError>(entered)
    });
    let refused = (Some(user), SignInRefusal::WrongPassword);
    Ok(entered.await?.ok_or(refused))
}

/// Deletes the file in which the first sign-in was kept. If that cannot be done the sign-in counts
/// all the same: the password in the file is about to be changed.
pub(super) fn forget(app: &App, entered: &Entered) {
    if entered.session.stage == Stage::Code {
        return;
    }
    let paths = first_sign_in_paths(&app.keys_dir, app.database.url());
    if let Err((file, error)) = forget_first_sign_in(&paths, &entered.user.login) {
        let (file, cause) = (file.display().to_string(), error.to_string());
        tracing::error!(
            file,
            cause,
            "the file of the first sign-in cannot be deleted"
        );
    }
}

fn browser(visit: &Visit) -> Browser {
    let agent = visit.http.headers().get("user-agent");
    let agent = agent.and_then(|agent| agent.to_str().ok());
    Browser {
        peer: LogLine::of(&visit.http).peer().to_string(),
        agent: agent.unwrap_or_default().to_owned(),
    }
}

/// Lets the browser have its session, and leads on: to the code, if one is still to come.
pub(super) fn welcome(visit: &Visit, entered: &Entered, next: &str) -> PageResult {
    LogLine::of(&visit.http).client(Actor::User(entered.user.id).to_string());
    let cookies = &visit.shell.cookies;
    let is_whole = entered.session.stage == Stage::Whole;
    // The line of the log says whose password it was, also where no code follows.
    LogLine::of(&visit.http).client(format!("user:{}", entered.user.id));
    let mut response = match (is_whole, entered.half_sign_ins) {
        (true, 0) => visit.lead(next)?,
        (true, count) => visit.done(next, Notice::HalfSignIns, &count.to_string())?,
        (false, _) => visit.lead(&with_next("/console/sign-in/code", next))?,
    };
    set(
        &mut response,
        &cookies.set(Cookie::Session, entered.token.expose()),
    );
    if let Some(proof) = &entered.proof {
        set(&mut response, &cookies.set(Cookie::Browser, proof));
    }
    Ok(response)
}

/// Notes a refusal: a known user's in the audit log, an unknown login only as a keyed hash, since
/// it may be a password in the wrong field.
pub(super) fn note(visit: &Visit, login: &str, user: Option<UserId>, refusal: SignInRefusal) {
    let line = LogLine::of(&visit.http);
    line.cause(refusal);
    match user {
        Some(id) => {
            let whom = Refused::User(id);
            visit
                .app
                .refusals
                .note(whom, line.peer(), refusal, visit.now);
            line.client(Actor::User(id).to_string());
        }
        None => {
            let hash = visit.app.digest_keys.newest().keyed_hash("login", login);
            line.client(format!("#{hash}"));
        }
    }
}

/// The address of a step of the sign-in that leads on to `next`. That can hold what means something
/// else in a query.
pub(super) fn with_next(step: &str, next: &str) -> String {
    let mut address = format!("{step}?next=");
    for c in next.chars() {
        match c {
            '%' => address.push_str("%25"),
            '&' => address.push_str("%26"),
            '+' => address.push_str("%2B"),
            '#' => address.push_str("%23"),
            other => address.push(other),
        }
    }
    address
}

/// The same, where `next` is not where everybody is led anyway.
pub(super) fn way(step: &str, next: &str) -> String {
    match known(next) {
        HOME => step.to_owned(),
        next => with_next(step, next),
    }
}

/// Where to go after the sign-in: only to a page of ours.
pub(super) fn known(next: &str) -> &str {
    match is_page_address(next) {
        true => next,
        false => HOME,
    }
}

/// The form. It does not show again what was sent: every refusal is the same, byte for byte.
fn form(visit: &Visit, status: StatusCode, next: &str, wrong: Option<&str>) -> HttpResponse {
    let text = &visit.text().account.sign_in;
    let public_url = &visit.app.public_url;
    let (origins, address) = (public_url.origins().join(" "), public_url.join("/console"));
    let fields = html! {
        @if let Some(wrong) = wrong { (alert(wrong)) }
        input type="hidden" name="next" value=(next);
        p.warning hidden data-origins=(origins) {
            (text.other_address) " " a href=(address) { (address) }
        }
        (Field {
            name: "login",
            label: text.login,
            autocomplete: "username",
            is_first: true,
            ..Field::default()
        }.show(visit.text()))
        (Field {
            name: "password",
            label: text.password,
            kind: "password",
            autocomplete: "current-password",
            ..Field::default()
        }.show(visit.text()))
        button.main type="submit" { (text.button) }
    };
    let body = html! {
        div.narrow {
            h1 { (text.title) }
            (visit.shell.form("/console/sign-in", "stack", &fields))
        }
    };
    visit.shell.answer(status, text.title, &body)
}

pub(super) fn wait(mut response: HttpResponse, seconds: u64) -> HttpResponse {
    let seconds = HeaderValue::from(seconds.max(1));
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

pub(super) fn set(response: &mut HttpResponse, cookie: &str) {
    // Made of what header values are made of.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
