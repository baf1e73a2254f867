//! `/console/profile/password`: another password for oneself.

use actix_web::http::StatusCode;
use maud::html;

use super::confirm::FIELD;
use super::cookies::Cookie;
use super::notice::Notice;
use super::parts::{Field, alert};
use super::sign_in::{known, set};
use super::text::Password as Text;
use super::{PageCall, PageResult, Visit};
use crate::domain::browser::browser_proof;
use crate::domain::{password, users};
use crate::http::hashing::hashed;
use crate::model::password::{PasswordRuleError, check_password};
use crate::model::secret::Secret;

/// What is wrong with each field, and with the form.
#[derive(Default)]
struct Wrong {
    form: Option<String>,
    current: Option<String>,
    new: Option<&'static str>,
    repeat: Option<&'static str>,
}

/// `GET /.well-known/change-password`: where password managers lead whoever should change one (W3C,
/// "A Well-Known URL for Changing Passwords").
pub async fn well_known(visit: Visit) -> PageResult {
    visit.lead("/console/profile/password")
}

/// `GET /console/profile/password`
pub async fn show(call: PageCall) -> PageResult {
    let query = call.query()?;
    let next = known(query.value("next")?);
    Ok(form(&call, StatusCode::OK, &Wrong::default(), next))
}

/// `POST /console/profile/password`
pub async fn change(call: PageCall) -> PageResult {
    let text = &call.text().account.password;
    let next = known(call.form.value("next")?);
    let current = call.form.secret(FIELD)?;
    let new = call.form.secret("new_password")?;
    let mut wrong = Wrong {
        new: problem(text, &current, &new, &call.signed_in.user.login),
        ..Wrong::default()
    };
    if call.form.secret("repeat_password")?.expose() != new.expose() {
        wrong.repeat = Some(text.differs);
    }
    if wrong.new.is_none() && wrong.repeat.is_none() {
        wrong.current = call.confirm().await?;
        if wrong.current.is_none() {
            let whom = call.whom();
            let hashing = hashed(&call.app, &whom, move || password::hash(&new, false));
            let Ok(hash) = hashing.await else {
                wrong.form = Some(call.text().account.sign_in.busy.to_owned());
                return Ok(form(&call, StatusCode::SERVICE_UNAVAILABLE, &wrong, next));
            };
            let hash = hash?;
            let (keys, login) = (&call.app.digest_keys, &call.signed_in.user.login);
            // What every browser was known by so far ends with the password.
            let proof = browser_proof(keys, login, &hash.hash, call.now);
            let keep = call.signed_in.session.id;
            call.write(move |c, act, _| users::change_password(c, act, keep, &hash))
                .await?;
            let mut done = call.done(next, Notice::PasswordChanged, "")?;
            set(&mut done, &call.shell.cookies.set(Cookie::Browser, &proof));
            return Ok(done);
        }
    }
    Ok(form(&call, StatusCode::UNPROCESSABLE_ENTITY, &wrong, next))
}

fn problem(text: &Text, current: &Secret, new: &Secret, login: &str) -> Option<&'static str> {
    if new.expose().is_empty() {
        return Some(text.missing);
    }
    match check_password(new.expose(), login) {
        Err(PasswordRuleError::TooShort) => Some(text.too_short),
        Err(PasswordRuleError::TooLong) => Some(text.too_long),
        Err(PasswordRuleError::Control) => Some(text.control),
        Err(PasswordRuleError::Digits) => Some(text.digits),
        Err(PasswordRuleError::Login) => Some(text.login),
        Err(PasswordRuleError::Product) => Some(text.product),
        Err(PasswordRuleError::Common) => Some(text.common),
        Err(PasswordRuleError::Row) => Some(text.row),
        Err(PasswordRuleError::Repeated) => Some(text.repeated),
        Ok(()) if new.expose() == current.expose() => Some(text.same),
        Ok(()) => None,
    }
}

fn form(call: &PageCall, status: StatusCode, wrong: &Wrong, next: &str) -> actix_web::HttpResponse {
    let text = &call.text().account.password;
    let new = Field {
        kind: "password",
        autocomplete: "new-password",
        ..Field::default()
    };
    let fields = html! {
        @if let Some(wrong) = &wrong.form { (alert(wrong)) }
        input type="hidden" name="next" value=(next);
        (call.confirm_field(text.current, wrong.current.as_deref()))
        (Field {
            name: "new_password",
            label: text.new,
            hint: text.new_hint,
            error: wrong.new,
            ..new
        }.show(call.text()))
        (Field {
            name: "repeat_password",
            label: text.repeat,
            error: wrong.repeat,
            ..new
        }.show(call.text()))
        p.hint { (text.others_end) }
        div { button.main type="submit" { (text.button) } }
    };
    let body = html! {
        h1 { (text.title) }
        @if call.signed_in.must_change_password { p.warning { (text.temporary) } }
        (call.shell.form("/console/profile/password", "stack", &fields))
    };
    call.shell.answer(status, text.title, &body)
}
