//! A new access key or service client: its form, and the answer that shows the secret.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::fields::{Fields, preview_is_asked_for};
use super::offers::Offers;
use super::place::Place;
use super::secret;
use super::typed::{Ends, Limits, Typed, Wrong};
use crate::domain::DomainError;
use crate::domain::clients::{self, NewClient};
use crate::http::pages::{PageCall, PageError, PageResult};

/// The form, empty.
pub async fn form(call: PageCall, place: Place) -> PageResult {
    let offers = offers(&call, place).await?;
    let typed = Typed::empty();
    Ok(show(
        &call,
        place,
        StatusCode::OK,
        &typed,
        &Wrong::default(),
        &offers,
    ))
}

async fn offers(call: &PageCall, place: Place) -> Result<Offers, PageError> {
    call.read(move |c, authority| Offers::read(c, authority, place, None))
        .await
}

/// Makes what was asked for. The secret stands in this answer, and in no other.
pub async fn create(call: PageCall, place: Place) -> PageResult {
    let text = &call.text().clients;
    let typed = Typed::read(&call.form, place, &Typed::nothing(place))?;
    if preview_is_asked_for(&call)? {
        let offers = offers(&call, place).await?;
        let status = StatusCode::OK;
        return Ok(show(
            &call,
            place,
            status,
            &typed,
            &Wrong::default(),
            &offers,
        ));
    }
    let once = call.once()?;
    let wrong = match typed.parse(&text.form, call.now) {
        Err(wrong) => *wrong,
        // There is no end yet that could stay.
        Ok(limits) if limits.ends == Ends::Keep => Wrong {
            expiry: Some(text.form.date_wrong),
            ..Wrong::default()
        },
        Ok(limits) => {
            let problem = call.confirm_if_old().await?;
            match problem {
                Some(problem) => Wrong {
                    password: Some(problem),
                    ..Wrong::default()
                },
                None => {
                    let new = new_client(limits, place);
                    let made = call.write(move |c, act, app| {
                        let made = once.once(c, act.now, |c| {
                            clients::create(c, act, &app.digest_keys, new)
                        });
                        told(made)
                    });
                    match made.await? {
                        Ok(Some((client, secret))) => {
                            let title = (text.secret.made)(&client.name);
                            return secret::show(&call, place, &title, &client.id, &secret);
                        }
                        Ok(None) => {
                            return secret::already(
                                &call,
                                place.base(),
                                place.kind(call.text()).title,
                            );
                        }
                        Err((field, error)) => {
                            Wrong::of_field(field, call.text().refusal(&error), &text.form)
                        }
                    }
                }
            }
        }
    };
    let offers = offers(&call, place).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(show(&call, place, status, &typed, &wrong, &offers))
}

/// The field whose value the act does not take, none if it is another thing that stands in the way, and
/// why; nothing was changed.
pub type Refused = (&'static str, DomainError);

/// Tells a value that is refused from what a page cannot mend.
pub fn told<T>(done: Result<T, DomainError>) -> Result<Result<T, Refused>, DomainError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(error @ DomainError::Invalid { field, .. }) => Ok(Err((field, error))),
        Err(error @ DomainError::FailedPrecondition(_)) => Ok(Err(("", error))),
        Err(other) => Err(other),
    }
}

fn new_client(limits: Limits, place: Place) -> NewClient {
    NewClient {
        owner: place.owner(),
        name: limits.name,
        description: limits.description,
        scope: limits.scope,
        application_scopes: limits.application_scopes,
        audiences: limits.audiences,
        default_audience: limits.default_audience.map(Some),
        lifetime: limits.lifetime,
        allowed_networks: limits.networks,
        expires_at: match limits.ends {
            Ends::At(at) => Some(at),
            Ends::Never | Ends::Keep => None,
        },
        provisions_users: limits.provisions_users,
    }
}

fn show(
    call: &PageCall,
    place: Place,
    status: StatusCode,
    typed: &Typed,
    wrong: &Wrong,
    offers: &Offers,
) -> HttpResponse {
    let text = call.text();
    let kind = place.kind(text);
    let fields = Fields {
        call,
        place,
        typed,
        wrong,
        offers,
        client: None,
    };
    let inner = html! {
        (fields.show())
        (call.confirm_if_old_field(text.clients.form.current_password, wrong.password.as_deref()))
        (fields.preview())
        (call.once_field())
        div.row {
            button.main type="submit" { (kind.create) }
            (fields.preview_button())
            a href=(place.base()) { (text.clients.form.cancel) }
        }
    };
    let body = html! {
        h1 { (kind.new_title) }
        (call.shell.form(place.base(), "stack wide", &inner))
    };
    call.shell.answer(status, kind.new_title, &body)
}
