//! An application deleted.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::{HERE, find, path};
use crate::domain::applications;
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::Field;
use crate::http::pages::{PageCall, PageResult};
use crate::model::application::Application;

/// `GET /console/admin/applications/{id}/delete`: asks for the application's name.
pub async fn ask(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    Ok(show(&call, StatusCode::OK, &application, None))
}

/// `POST /console/admin/applications/{id}/delete`
pub async fn delete(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    if call.form.value("name")?.trim() != application.name {
        let wrong = Some(call.text().applications.differs);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(show(&call, status, &application, wrong));
    }
    let id = application.id;
    call.write(move |c, act, _| applications::delete(c, act, id))
        .await?;
    let name = &application.display_name;
    call.done(HERE, Notice::ApplicationDeleted, name)
}

fn show(
    call: &PageCall,
    status: StatusCode,
    application: &Application,
    wrong: Option<&str>,
) -> HttpResponse {
    let text = call.text();
    let says = &text.applications;
    let fields = html! {
        (Field {
            name: "name",
            label: &(says.type_name)(&application.name),
            error: wrong,
            autocomplete: "off",
            is_first: true,
            ..Field::default()
        }.show(text))
        div.row {
            button.danger type="submit" { (says.delete) }
            a href=(path(application.id, "")) { (text.shell.cancel) }
        }
    };
    let title = (says.delete_title)(&application.display_name);
    let body = html! {
        h1 { (title) }
        p.warning { (says.delete_lead) }
        (call.shell.form(&path(application.id, "delete"), "stack", &fields))
    };
    call.shell.answer(status, &title, &body)
}
