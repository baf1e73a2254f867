//! A temporary password that somebody else is to be told: made here, hashed, and shown once.

use actix_web::HttpResponse;
use maud::html;

use crate::ambient::random_base62;
use crate::domain::hashers::Busy;
use crate::domain::password;
use crate::domain::users::PasswordHash;
use crate::http::hashing::hashed;
use crate::http::pages::clients::copied;
use crate::http::pages::parts::time;
use crate::http::pages::{PageCall, PageError};
use crate::model::password::TEMPORARY_TIME;
use crate::model::secret::Secret;

/// How long a temporary password is, in characters of base62.
const LENGTH: usize = 20;

/// A new temporary password with its hash; nothing when too many are being hashed.
pub async fn make(call: &PageCall) -> Result<Option<(Secret, PasswordHash)>, PageError> {
    let password = Secret::new(random_base62(LENGTH));
    let hashing = password.clone();
    match hashed(&call.app, &call.whom(), move || {
        password::hash(&hashing, true)
    })
    .await
    {
        Ok(hash) => Ok(Some((password, hash?))),
        Err(Busy) => Ok(None),
    }
}

/// The answer that shows it.
pub fn show(
    call: &PageCall,
    title: &str,
    login: &str,
    password: &Secret,
    on: &str,
) -> HttpResponse {
    let text = call.text();
    let says = &text.admin.users;
    let ends_at = call.now.plus_seconds(TEMPORARY_TIME);
    let body = html! {
        h1 { (title) }
        p.warning role="status" { (says.once) }
        p { (says.password_ends) " " (time(ends_at)) }
        dl.facts.card {
            div { dt { (says.login) } dd { (copied(text, "login", says.login, login)) } }
            div { dt { (says.password) } dd { (copied(text, "password", says.password, password.expose())) } }
        }
        p { a.button.main href=(on) { (says.done) } }
    };
    call.shell
        .answer(actix_web::http::StatusCode::OK, title, &body)
}
