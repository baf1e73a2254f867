//! Changes of an access key or a service client.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::create::told;
use super::fields::{Fields, preview_is_asked_for};
use super::offers::Offers;
use super::place::{Place, client_id};
use super::typed::{Ends, Limits, Typed, Wrong};
use crate::domain::DomainError;
use crate::domain::clients::{self, ClientUpdate};
use crate::http::pages::notice::Notice;
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::client::Client;
use crate::model::ids::ClientId;

async fn read(call: &PageCall, place: Place, id: ClientId) -> Result<(Client, Offers), PageError> {
    call.read(move |c, authority| {
        let client = place.find(c, authority, &id)?;
        let offers = Offers::read(c, authority, place, Some(&client))?;
        Ok((client, offers))
    })
    .await
}

pub async fn form(call: PageCall, place: Place) -> PageResult {
    let (client, offers) = read(&call, place, client_id(&call)?).await?;
    let typed = Typed::of(&client);
    let wrong = Wrong::default();
    Ok(show(
        &call,
        place,
        StatusCode::OK,
        &client,
        &typed,
        &wrong,
        &offers,
    ))
}

pub async fn change(call: PageCall, place: Place) -> PageResult {
    let id = client_id(&call)?;
    let (client, offers) = read(&call, place, id.clone()).await?;
    let typed = Typed::read(&call.form, place, &Typed::of(&client))?;
    if preview_is_asked_for(&call)? {
        let wrong = Wrong::default();
        let status = StatusCode::OK;
        return Ok(show(&call, place, status, &client, &typed, &wrong, &offers));
    }
    let text = &call.text().clients.form;
    // The mark is given like a new key: by whoever shows once more that it is they.
    let gives_mark = typed.provisions_users && !client.provisions_users;
    let wrong = match typed.parse(text, call.now) {
        Err(wrong) => *wrong,
        Ok(limits) if gives_mark && let Some(problem) = call.confirm_if_old().await? => {
            let _ = limits;
            Wrong {
                password: Some(problem),
                ..Wrong::default()
            }
        }
        Ok(limits) => {
            let update = update(limits, place);
            let asked = id.clone();
            let changed = call.write(move |c, act, _| {
                let before = place.find(c, &act.authority, &asked)?;
                if update.provisions_users == Some(true) && !before.provisions_users && !gives_mark
                {
                    return Err(DomainError::Changed);
                }
                if widens(place, &before, &update) {
                    return told(Err(DomainError::invalid("scope", "more than it has")));
                }
                told(clients::update(c, act, &asked, update))
            });
            match changed.await? {
                Ok(client) => {
                    let to = place.path(&id, "");
                    return call.done(&to, Notice::ClientChanged, &client.name);
                }
                Err((field, error)) => Wrong::of_field(field, call.text().refusal(&error), text),
            }
        }
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(show(&call, place, status, &client, &typed, &wrong, &offers))
}

/// Whether it would let an access key do what it could not: that takes another key, which is made
/// with the password. What a service client needs changes with its service.
fn widens(place: Place, before: &Client, update: &ClientUpdate) -> bool {
    let scope = update.scope.unwrap_or(before.scope);
    let granted = update.application_scopes.as_ref();
    let granted = granted.is_some_and(|now| !now.without(&before.application_scopes).is_empty());
    place.owner().is_some() && (granted || !scope.is_subset(before.scope))
}

fn update(limits: Limits, place: Place) -> ClientUpdate {
    let of_service = place == Place::Services;
    ClientUpdate {
        name: Some(limits.name),
        description: of_service.then_some(limits.description),
        scope: Some(limits.scope),
        application_scopes: Some(limits.application_scopes),
        audiences: of_service.then_some(limits.audiences),
        default_audience: of_service.then_some(limits.default_audience),
        lifetime: of_service.then_some(limits.lifetime),
        allowed_networks: Some(limits.networks),
        expires_at: match limits.ends {
            Ends::Keep => None,
            Ends::Never => Some(None),
            Ends::At(at) => Some(Some(at)),
        },
        provisions_users: Some(limits.provisions_users),
    }
}

fn show(
    call: &PageCall,
    place: Place,
    status: StatusCode,
    client: &Client,
    typed: &Typed,
    wrong: &Wrong,
    offers: &Offers,
) -> HttpResponse {
    let text = &call.text().clients.form;
    let fields = Fields {
        call,
        place,
        typed,
        wrong,
        offers,
        client: Some(client),
    };
    let inner = html! {
        (fields.show())
        (fields.preview())
        @if let Some(problem) = &wrong.password {
            (call.confirm_field(text.current_password, Some(problem)))
        }
        div.row {
            button.main type="submit" { (text.save) }
            (fields.preview_button())
            a href=(place.path(&client.id, "")) { (text.cancel) }
        }
    };
    let title = (text.edit_title)(&client.name);
    let body = html! {
        h1 { (title) }
        (call.shell.form(&place.path(&client.id, "edit"), "stack wide", &inner))
    };
    call.shell.answer(status, &title, &body)
}
