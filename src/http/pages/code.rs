//! `/console/sign-in/code`: the second factor, after a right password.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::notice::Notice;
use super::parts::{Field, alert};
use super::sign_in::{forget, known, note, wait, way, welcome};
use super::{PageError, PageResult, Visit};
use crate::domain::sign_in::{self, AfterCode, SignInRefusal};
use crate::http::log::LogLine;
use crate::model::session::Stage;

const HERE: &str = "/console/sign-in/code";

/// `GET /console/sign-in/code`
pub async fn show(visit: Visit) -> PageResult {
    let query = visit.query()?;
    let next = known(query.value("next")?);
    match visit.session.as_ref().map(|s| s.session.stage) {
        None => visit.lead(&way("/console/sign-in", next)),
        Some(Stage::Whole) => visit.lead(next),
        Some(Stage::Code) => Ok(form(&visit, StatusCode::OK, next, None)),
    }
}

/// `POST /console/sign-in/code`
pub async fn sign_in(visit: Visit) -> PageResult {
    let next = known(visit.form.value("next")?);
    let waiting = visit.session.as_ref();
    let waiting = waiting.filter(|s| s.session.stage == Stage::Code);
    let Some(waiting) = waiting else {
        return visit.done(&way("/console/sign-in", next), Notice::SignInAgain, "");
    };
    let (user, id, login) = (
        waiting.user.id,
        waiting.session.id,
        waiting.user.login.clone(),
    );
    let text = &visit.text().account.sign_in;
    let is_known = visit.is_known_browser(&login).await?;
    let peer = LogLine::of(&visit.http).peer();
    let attempt = match visit
        .app
        .sign_in_guard
        .begin(&login, peer, is_known, visit.now)
    {
        Ok(attempt) => attempt,
        Err(seconds) => {
            let say = (text.slowed)(seconds);
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Ok(wait(form(&visit, status, next, Some(&say)), seconds));
        }
    };
    let code = visit.form.secret("code")?;
    let (now, request_id) = (visit.now, visit.shell.request_id.clone());
    let after = visit.hop(move |app| {
        let after = app.write(|c| {
            let (keys, master_key) = (&app.digest_keys, &app.master_key);
            let code = code.expose();
            sign_in::enter_with_code(c, keys, master_key, id, code, now, &request_id)
        })?;
        if let AfterCode::Entered(entered) = &after {
            forget(app, entered);
        }
        Ok::<_, PageError>(after)
    });
    match after.await? {
        AfterCode::Entered(entered) => {
            visit.app.sign_in_guard.take_back(attempt);
            welcome(&visit, &entered, next)
        }
        AfterCode::Wrong => {
            note(&visit, &login, Some(user), SignInRefusal::WrongCode);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(form(&visit, status, next, Some(text.code_wrong)))
        }
        AfterCode::Wait(seconds) => {
            note(&visit, &login, Some(user), SignInRefusal::WrongCode);
            let say = (text.code_wait)(seconds);
            let response = form(&visit, StatusCode::TOO_MANY_REQUESTS, next, Some(&say));
            Ok(wait(response, u64::try_from(seconds).unwrap_or(1)))
        }
        AfterCode::Over => {
            note(&visit, &login, Some(user), SignInRefusal::WrongCode);
            visit.done(&way("/console/sign-in", next), Notice::SignInAgain, "")
        }
    }
}

fn form(visit: &Visit, status: StatusCode, next: &str, wrong: Option<&str>) -> HttpResponse {
    let text = &visit.text().account.sign_in;
    let fields = html! {
        @if let Some(wrong) = wrong { (alert(wrong)) }
        input type="hidden" name="next" value=(next);
        (Field {
            name: "code",
            label: text.code,
            hint: text.code_hint,
            autocomplete: "one-time-code",
            limit: Some(40),
            is_first: true,
            ..Field::default()
        }.show(visit.text()))
        button.main type="submit" { (text.code_button) }
        p { a href=(way("/console/sign-in", next)) { (text.start_again) } }
    };
    let body = html! {
        div.narrow {
            h1 { (text.code_title) }
            (visit.shell.form(HERE, "stack", &fields))
        }
    };
    visit.shell.answer(status, text.code_title, &body)
}
