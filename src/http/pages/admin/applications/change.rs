//! An application's own words, its uri and its status, changed.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::{URI_GIVEN_UP, URI_TAKEN, find, path, refused, wrong};
use crate::domain::application_changes::{self, ApplicationUpdate};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{Field, alert};
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::application::Application;
use crate::model::application_status::StatusAct;
use crate::model::text::without_blanks;

/// Every act on the status, in the order in which they are offered.
pub const ACTS: [StatusAct; 4] = [
    StatusAct::Start,
    StatusAct::Stop,
    StatusAct::Suspend,
    StatusAct::Restore,
];

/// What is wrong, by the field.
type Wrong = HashMap<&'static str, &'static str>;

/// `GET /console/admin/applications/{id}/edit`
pub async fn form(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let typed = application.clone();
    let status = StatusCode::OK;
    Ok(show(&call, status, &application, &typed, &Wrong::new()))
}

/// `POST /console/admin/applications/{id}/edit`
pub async fn change(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let id = application.id;
    let text = |name: &str| Ok::<_, PageError>(without_blanks(call.form.value(name)?).to_owned());
    let typed = Application {
        display_name: text("display_name")?,
        description: text("description")?,
        uri: text("uri")?,
        ..application.clone()
    };
    let update = ApplicationUpdate {
        display_name: Some(typed.display_name.clone()),
        description: Some(typed.description.clone()),
        uri: Some(typed.uri.clone()).filter(|uri| *uri != application.uri),
        ..ApplicationUpdate::default()
    };
    let changed = call.write(move |c, act, app| {
        refused(application_changes::update(
            c,
            act,
            &app.public_url,
            id,
            update,
        ))
    });
    let says = &call.text().applications;
    let problem = match changed.await? {
        Ok(now) => {
            let to = path(id, "");
            let name = &now.application.display_name;
            return call.done(&to, Notice::ApplicationChanged, name);
        }
        Err(URI_TAKEN) => ("uri", says.uri_taken),
        Err(URI_GIVEN_UP) => ("uri", says.uri_given_up),
        Err(field) => (field, wrong(says, field)),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let wrong = Wrong::from([problem]);
    Ok(show(&call, status, &application, &typed, &wrong))
}

fn show(
    call: &PageCall,
    status: StatusCode,
    application: &Application,
    typed: &Application,
    wrong: &Wrong,
) -> HttpResponse {
    let text = call.text();
    let says = &text.applications;
    let fields = html! {
        @if let Some(wrong) = wrong.get("") { (alert(wrong)) }
        (Field {
            name: "display_name",
            label: says.display_name,
            value: &typed.display_name,
            error: wrong.get("display-name").copied(),
            limit: Some(100),
            ..Field::default()
        }.show(text))
        (Field {
            name: "description",
            label: says.description,
            value: &typed.description,
            error: wrong.get("description").copied(),
            limit: Some(1000),
            is_optional: true,
            ..Field::default()
        }.show(text))
        (Field {
            name: "uri",
            label: says.uri,
            hint: says.uri_hint,
            value: &typed.uri,
            error: wrong.get("uri").copied(),
            limit: Some(512),
            autocomplete: "off",
            ..Field::default()
        }.show(text))
        div.row {
            button.main type="submit" { (says.save) }
            a href=(path(application.id, "")) { (text.shell.cancel) }
        }
    };
    let title = (says.edit_title)(&application.display_name);
    let body = html! {
        h1 { (title) }
        (call.shell.form(&path(application.id, "edit"), "stack wide", &fields))
    };
    call.shell.answer(status, &title, &body)
}

/// `POST /console/admin/applications/{id}/status`
pub async fn set_status(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let asked = call.form.value("act")?;
    let found = ACTS.into_iter().find(|act| act.as_str() == asked);
    let status_act = found.ok_or(PageError::FormMalformed)?;
    let id = application.id;
    call.write(move |c, act, _| application_changes::set_status(c, act, id, status_act))
        .await?;
    let name = &application.display_name;
    call.done(&path(id, ""), Notice::ApplicationChanged, name)
}
