//! A client switched off and on, cut off, and deleted.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::place::{Place, client_id};
use crate::domain::clients;
use crate::domain::{Act, AnyConnection, DomainError};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::Field;
use crate::http::pages::{PageCall, PageResult};
use crate::model::client::Client;
use crate::model::ids::ClientId;

type Switch = fn(&mut AnyConnection, &Act, &ClientId) -> Result<Client, DomainError>;

pub async fn disable(call: PageCall, place: Place) -> PageResult {
    switch(call, place, clients::disable, Notice::ClientDisabled).await
}

pub async fn enable(call: PageCall, place: Place) -> PageResult {
    switch(call, place, clients::enable, Notice::ClientEnabled).await
}

pub async fn cut_off(call: PageCall, place: Place) -> PageResult {
    switch(call, place, clients::cut_off, Notice::ClientCutOff).await
}

async fn switch(call: PageCall, place: Place, act_on: Switch, notice: Notice) -> PageResult {
    let id = client_id(&call)?;
    let to = place.path(&id, "");
    let switched = call.write(move |c, act, _| {
        place.find(c, &act.authority, &id)?;
        act_on(c, act, &id)
    });
    let client = switched.await?;
    call.done(&to, notice, &client.name)
}

/// Asks for the client's name before it is deleted.
pub async fn ask(call: PageCall, place: Place) -> PageResult {
    let id = client_id(&call)?;
    let found = call.read(move |c, authority| place.find(c, authority, &id));
    let client = found.await?;
    Ok(show(&call, place, StatusCode::OK, &client, None))
}

pub async fn delete(call: PageCall, place: Place) -> PageResult {
    let id = client_id(&call)?;
    let asked = id.clone();
    let found = call.read(move |c, authority| place.find(c, authority, &asked));
    let client = found.await?;
    if call.form.value("name")?.trim() != client.name {
        let wrong = Some(call.text().clients.end.differs);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(show(&call, place, status, &client, wrong));
    }
    call.write(move |c, act, _| {
        place.find(c, &act.authority, &id)?;
        clients::delete(c, act, &id)
    })
    .await?;
    call.done(place.base(), Notice::ClientDeleted, &client.name)
}

fn show(
    call: &PageCall,
    place: Place,
    status: StatusCode,
    client: &Client,
    wrong: Option<&str>,
) -> HttpResponse {
    let text = call.text();
    let says = &text.clients.end;
    let fields = html! {
        (Field {
            name: "name",
            label: &(says.type_name)(&client.name),
            error: wrong,
            autocomplete: "off",
            is_first: true,
            ..Field::default()
        }.show(text))
        div.row {
            button.danger type="submit" { (says.button) }
            a href=(place.path(&client.id, "")) { (text.clients.form.cancel) }
        }
    };
    let title = (says.title)(&client.name);
    let body = html! {
        h1 { (title) }
        p.warning { (says.lead) }
        (call.shell.form(&place.path(&client.id, "delete"), "stack", &fields))
    };
    call.shell.answer(status, &title, &body)
}
